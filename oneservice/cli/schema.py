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
\b
For editors with a YAML language server, begin a catalog file with:
  # yaml-language-server: $schema=catalog.schema.json

Exit codes: 0 fine, 2 wrong use.
"""


@click.command("schema", epilog=_EPILOG, short_help="Print the JSON Schema of catalog files.")
@click.option("--protocol", is_flag=True, help="Print the adapter protocol as OpenAPI 3.1 instead.")
@click.option("--json", "_as_json", is_flag=True, help="Changes nothing: a schema is JSON.")
def command(*, protocol: bool, _as_json: bool) -> None:
    """Print the JSON Schema (draft 2020-12) of catalog files, for editors.

    It knows shapes: keys, types, choices. Meaning is checked by 'oneservice lint'.
    """
    if protocol:
        from oneservice.departments import openapi_document  # noqa: PLC0415 - few ask for it

        print_json(openapi_document())
    else:
        print_json(catalog_schema())
