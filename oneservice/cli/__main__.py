"""``python -m oneservice.cli``: the command line without an installed script."""

from oneservice.cli import main

if __name__ == "__main__":
    main()
