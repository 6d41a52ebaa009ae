"""``oneservice lint``: every finding of every catalog file, with its place and its remedy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from oneservice.catalog import (
    CODES,
    Finding,
    Severity,
    as_sarif,
    bundled_catalog_dir,
    lint,
    read_catalog,
)
from oneservice.cli.options import FILE, json_option
from oneservice.cli.pages import counted, print_json
from oneservice.cli.reading import keep_inputs, write_file
from oneservice.cli.refusals import FINDING, FINE
from oneservice.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["command"]

_EPILOG = """\
\b
Examples:
  oneservice lint                          the catalogs that come with it
  oneservice lint catalogs/                a folder with all files below it
  oneservice lint catalogs --json          for a pipeline
  oneservice lint catalogs/ --sarif -      for an editor or a code host
  oneservice lint --codes                  what each code means

Exit codes: 0 no errors (warnings and notes may be), 1 errors, 2 wrong use.
"""


@click.command("lint", epilog=_EPILOG, short_help="Check catalog files, naming place and remedy.")
@click.argument("paths", type=FILE, nargs=-1, metavar="[PATH]...")
@click.option(
    "--sarif", type=FILE, metavar="FILE", help="Also write SARIF 2.1.0 there; '-': only that."
)
@click.option("--codes", is_flag=True, help="List every code that a finding may carry.")
@json_option
def command(paths: tuple[Path, ...], *, sarif: Path | None, codes: bool, as_json: bool) -> None:
    """Check catalog files and folders, and name place and remedy of every finding.

    Give all files that belong together at once: an overlay is checked against what it changes.
    Without PATH the bundled catalogs are checked.

    What is said about conditions, steps and their inputs is proven for every combination of
    answers; a note tells where there are too many to try them all.
    """
    if codes:
        _list_codes(as_json=as_json)
        return
    keep_inputs(sarif, paths)
    catalog, findings = read_catalog(paths or bundled_catalog_dir())
    if catalog is not None:
        findings = lint(catalog)
    if sarif is not None:
        _write_sarif(sarif, findings)
    if sarif is None or str(sarif) != "-":
        count = None if catalog is None else len(catalog.documents)
        _tell(findings, count, as_json=as_json)
    errors = any(finding.severity is Severity.ERROR for finding in findings)
    raise click.exceptions.Exit(FINDING if errors else FINE)


def _tell(findings: Sequence[Finding], files: int | None, *, as_json: bool) -> None:
    """Print the findings; ``files`` is None where not all could be read."""
    counts = {
        severity: sum(finding.severity is severity for finding in findings) for severity in Severity
    }
    if as_json:
        report: dict[str, Any] = {f"{severity}s": count for severity, count in counts.items()}
        print_json(report | {"findings": [_as_json(finding) for finding in findings]})
        return
    for finding in findings:
        where, what = finding.source, f"{finding.severity} {finding.code}"
        click.echo(f"{where}: {what} {finding.text}\n    remedy: {finding.remedy}")
    if files is None:
        click.echo("Meaning was not checked: first mend what cannot be read.")
    head = "" if files is None else f"{counted(files, 'file')}: "
    told = [severity for severity in Severity if counts[severity] or severity is not Severity.NOTE]
    click.echo(head + ", ".join(counted(counts[severity], severity) for severity in told))


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


def _write_sarif(file: Path, findings: Sequence[Finding]) -> None:
    log = as_sarif(findings, version=__version__)
    if str(file) == "-":
        print_json(log)
        return
    text = json.dumps(log, ensure_ascii=False, indent=2)
    write_file(file, f"{text}\n".encode())


def _list_codes(*, as_json: bool) -> None:
    if as_json:
        rows = [
            {"code": code.code, "severity": str(code.severity), "meaning": code.meaning}
            for code in CODES.values()
        ]
        print_json({"codes": rows})
        return
    width = max(map(len, CODES))
    severity = None
    for code in CODES.values():
        if code.severity is not severity:
            severity = code.severity
            click.echo(f"{severity}s:")
        click.echo(f"  {code.code:{width}}  {code.meaning}")
