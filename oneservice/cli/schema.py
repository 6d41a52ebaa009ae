"""``oneservice schema``: what editors need to complete and check a catalog file while one types."""

from __future__ import annotations

import click

from oneservice.catalog import catalog_schema
from oneservice.cli.pages import print_json

__all__ = ["command"]

_EPILOG = """\
\b
Examples:
  oneservice schema > catalog.schema.json
\b
For editors with a YAML language server, begin a catalog file with:
  # yaml-language-server: $schema=catalog.schema.json

Exit codes: 0 fine, 2 wrong use.
"""


@click.command("schema", epilog=_EPILOG, short_help="Print the JSON Schema of catalog files.")
@click.option("--json", "_as_json", is_flag=True, help="Changes nothing: a schema is JSON.")
def command(*, _as_json: bool) -> None:
    """Print the JSON Schema (draft 2020-12) of catalog files, for editors.

    It knows shapes: keys, types, choices. Meaning is checked by 'oneservice lint'.
    """
    print_json(catalog_schema())
