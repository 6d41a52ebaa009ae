"""``oneservice lint``: every finding of every catalog file, with its place and its remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from oneservice.catalog import Finding, Severity, bundled_catalog_dir, lint, read_catalog
from oneservice.cli.options import FILE, json_option
from oneservice.cli.pages import counted, print_json
from oneservice.cli.refusals import FINDING, FINE

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]

_EPILOG = """\
\b
Examples:
  oneservice lint                          the catalogs that come with it
  oneservice lint catalogs/990100          a folder with all files below it
  oneservice lint restaurant.yaml --json   for an editor or a pipeline

Exit codes: 0 no errors (warnings may be), 1 errors, 2 wrong use.
"""


@click.command("lint", epilog=_EPILOG, short_help="Check catalog files, naming place and remedy.")
@click.argument("paths", type=FILE, nargs=-1, metavar="[PATH]...")
@json_option
def command(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Check catalog files and folders, and name place and remedy of every finding.

    Give all files that belong together at once: an overlay is checked against what it changes.
    Without PATH the bundled catalogs are checked.
    """
    catalog, findings = read_catalog(paths or bundled_catalog_dir())
    if catalog is not None:
        findings = lint(catalog)
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    warnings = len(findings) - errors
    if as_json:
        print_json(
            {
                "errors": errors,
                "warnings": warnings,
                "findings": [_as_json(finding) for finding in findings],
            }
        )
    else:
        for finding in findings:
            where, what = finding.source, f"{finding.severity} {finding.code}"
            click.echo(f"{where}: {what} {finding.text}\n    remedy: {finding.remedy}")
        if catalog is None:
            click.echo("Meaning was not checked: first mend what cannot be read.")
        count = "" if catalog is None else f"{counted(len(catalog.documents), 'file')}: "
        click.echo(f"{count}{counted(errors, 'error')}, {counted(warnings, 'warning')}")
    raise click.exceptions.Exit(FINDING if errors else FINE)


def _as_json(finding: Finding) -> dict[str, Any]:
    file, line, column = finding.source.rsplit(":", 2)
    return {
        "file": file,
        "line": int(line),
        "column": int(column),
        "severity": str(finding.severity),
        "code": finding.code,
        "text": finding.text,
        "remedy": finding.remedy,
    }
