"""``oneservice schema``: shapes for machines, of catalog files and of the adapter protocol."""

from __future__ import annotations

import click

from oneservice.catalog import catalog_schema
from oneservice.cli.pages import print_json

__all__ = ["command"]

_EPILOG = """\
\b
Examples:
  oneservice schema > catalog.schema.json
  oneservice schema --protocol > openapi.json
  oneservice schema --flows > flows.arazzo.json
\b
For editors with a YAML language server, begin a catalog file with:
  # yaml-language-server: $schema=catalog.schema.json

Exit codes: 0 fine, 2 wrong use.
"""


@click.command("schema", epilog=_EPILOG, short_help="Print the JSON Schema of catalog files.")
@click.option("--protocol", is_flag=True, help="Print the adapter protocol as OpenAPI 3.1 instead.")
@click.option("--flows", is_flag=True, help="Print its flows as Arazzo 1.1 instead.")
@click.option("--json", "_as_json", is_flag=True, help="Changes nothing: a schema is JSON.")
def command(*, protocol: bool, flows: bool, _as_json: bool) -> None:
    """Print the JSON Schema (draft 2020-12) of catalog files, for editors.

    It knows shapes: keys, types, choices. Meaning is checked by 'oneservice lint'.
    """
    if protocol and flows:
        msg = "--protocol and --flows are two documents: ask for one"
        raise click.UsageError(msg)
    if protocol or flows:
        from oneservice.departments import (  # noqa: PLC0415 - few ask for it
            arazzo_document,
            openapi_document,
        )

        print_json(openapi_document() if protocol else arazzo_document())
    else:
        print_json(catalog_schema())
