"""``oneservice conform``: does this adapter keep the protocol's promises? Over the wire."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from oneservice.canonical import parse_object
from oneservice.cli.conform_page import show_report, show_result
from oneservice.cli.options import FILE, json_option
from oneservice.cli.pages import Page, print_json
from oneservice.cli.reading import keep_inputs, read_file, write_file
from oneservice.cli.refusals import FINDING, FINE
from oneservice.conformance import (
    Identity,
    Target,
    as_html,
    as_json,
    as_junit,
    conform,
    statements_of,
)
from oneservice.departments import EventKey, event_key_from_pem, tls_context

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Mapping

    from oneservice.conformance import Report, Result

__all__ = ["command"]

_MAX_KEY_BYTES: Final = 65_536
_MAX_APPLICATION_BYTES: Final = 1_048_576
_CALLERS: Final = 2

_EPILOG = """\
\b
Examples:
  oneservice conform http://127.0.0.1:8080/oneservice/v1
  oneservice conform https://dept.example/oneservice/v1 \\
      --key portal-2026=portal.pem --key other=other.pem --html report.html
  oneservice conform http://127.0.0.1:8080/oneservice/v1 --only P-07
  oneservice conform http://127.0.0.1:8080/oneservice/v1 \\
      --hook ./kill-and-start.sh
  oneservice conform --list

For staging systems: the kit files applications, whose ids begin with conform-,
for a person who does not exist. With the test step 'conform' it sees all
states; docs/conform.md has its table of words. Without it, what cannot be
brought about is "not applicable", and the report says what is wanting.

--json writes one object: {"conforming", "counts", "statements": [{"number",
"title", "clause", "verdict", "why", "cure", "exchanges"}]}.

Exit codes: 0 nothing is broken, 1 a statement is, 2 it cannot be tried, or
wrong use.
"""


@click.command("conform", epilog=_EPILOG, short_help="Try an adapter against the protocol.")
@click.argument("url", metavar="URL", required=False)
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="[KEYID=]FILE",
    help="Private key (PEM) of the caller as whom to sign; a second one is another caller's. "
    "KEYID defaults to the file's name without its ending.",
)
@click.option("--next-key", metavar="[KEYID=]FILE", help="A second key of the first caller.")
@click.option("--withdrawn-key", metavar="[KEYID=]FILE", help="A key that counts no more.")
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="NAME:VALUE",
    help="A field of every request, such as a token; may be repeated. Reports do not show it.",
)
@click.option(
    "--other-header",
    "other_headers",
    multiple=True,
    metavar="NAME:VALUE",
    help="The same, of the other caller.",
)
@click.option("--anchors", type=FILE, metavar="FILE", help="Trust anchors (PEM) of the adapter.")
@click.option(
    "--certificate", type=FILE, metavar="FILE", help="Client certificate with its key (PEM)."
)
@click.option(
    "--step", "step_id", metavar="STEP", help="Step to file.  [default: conform, else the first]"
)
@click.option(
    "--application",
    type=FILE,
    metavar="FILE",
    help="JSON: fields, materials and whatever else an application for STEP must have.",
)
@click.option("--only", multiple=True, metavar="P-07", help="Try this one; may be repeated.")
@click.option(
    "--callback",
    "callbacks",
    multiple=True,
    metavar="NAME=URL",
    help="A callback address that is registered for the caller, and where the kit can listen.",
)
@click.option(
    "--ending-callback",
    metavar="NAME=URL",
    help="Another one, which is answered 410: the adapter never rings there again.",
)
@click.option("--listen", metavar="HOST", help="Address of this machine that the adapter reaches.")
@click.option(
    "--hook", metavar="COMMAND", help="Kills the adapter (SIGKILL), starts it again, returns."
)
@click.option("--log", type=FILE, metavar="FILE", help="The adapter's log of requests.")
@click.option("--junit", type=FILE, metavar="FILE", help="Write JUnit XML, too.")
@click.option("--html", type=FILE, metavar="FILE", help="Write a page to read and send, too.")
@click.option("--list", "is_list", is_flag=True, help="List the statements and end.")
@json_option
def command(
    *,
    url: str | None,
    keys: tuple[str, ...],
    next_key: str | None,
    withdrawn_key: str | None,
    headers: tuple[str, ...],
    other_headers: tuple[str, ...],
    anchors: Path | None,
    certificate: Path | None,
    step_id: str | None,
    application: Path | None,
    only: tuple[str, ...],
    callbacks: tuple[str, ...],
    ending_callback: str | None,
    listen: str | None,
    hook: str | None,
    log: Path | None,
    junit: Path | None,
    html: Path | None,
    is_list: bool,
    as_json: bool,
) -> None:
    """Try every statement that binds a department, against the live adapter at URL.

    URL is the base address, which ends in /oneservice/v1. Each statement holds, is broken (with
    the exchange that shows it, the clause and the likely cure), or cannot be told with what was
    given. Personal data is masked in every report.
    """
    if is_list:
        _list(only, as_json=as_json)
        return
    if url is None:
        raise click.UsageError("name the adapter's base address, such as https://…/oneservice/v1")
    for out in (junit, html):
        keep_inputs(out, (application, log, anchors, certificate))
    named = _pairs((*callbacks, *((ending_callback,) if ending_callback else ())))
    target = Target(
        url=url,
        step_id=step_id,
        next_key=_key(next_key),
        withdrawn_key=_key(withdrawn_key),
        application=_application(application),
        tls=_tls(anchors, certificate),
        callbacks=named,
        ending_callback=ending_callback.partition("=")[0] if ending_callback else None,
        listen_host=listen,
        hook=hook,
        log=log,
    )
    report = _run(_with_callers(target, keys, headers, other_headers), only, is_told=not as_json)
    _write(report, junit=junit, html=html, is_json=as_json)
    raise click.exceptions.Exit(FINE if report.is_conforming else FINDING)


def _run(target: Target, only: tuple[str, ...], *, is_told: bool) -> Report:
    page = Page() if is_told else None

    def tell(result: Result) -> None:
        if page is not None:
            show_result(page, result)

    return asyncio.run(conform(target, only=only, on_result=tell if is_told else None))


def _write(report: Report, *, junit: Path | None, html: Path | None, is_json: bool) -> None:
    if junit is not None:
        write_file(junit, as_junit(report))
    if html is not None:
        write_file(html, as_html(report))
    if is_json:
        print_json(as_json(report))
    else:
        show_report(Page(), report)


def _with_callers(
    target: Target, keys: tuple[str, ...], headers: tuple[str, ...], others: tuple[str, ...]
) -> Target:
    if len(keys) > _CALLERS:
        raise click.UsageError("--key is given at most twice: the caller, and another caller")
    found = [_key(one) for one in keys]
    first = found[0] if found else None
    second = found[1] if len(found) == _CALLERS else None
    caller = Identity(key=first, headers=dict(_field(one) for one in headers))
    other = Identity(key=second, headers=dict(_field(one) for one in others))
    has_other = second is not None or bool(others)
    return replace(target, caller=caller, other=other if has_other else None)


def _key(given: str | None) -> EventKey | None:
    """Return the private key in a file, under the id by which the adapter knows it."""
    if given is None:
        return None
    keyid, equals, name = given.rpartition("=")
    path = Path(name)
    data = read_file(path, max_bytes=_MAX_KEY_BYTES)
    return event_key_from_pem(data, keyid=keyid if equals else path.stem)


def _application(path: Path | None) -> Mapping[str, object]:
    if path is None:
        return {}
    return parse_object(read_file(path, max_bytes=_MAX_APPLICATION_BYTES))


def _tls(anchors: Path | None, certificate: Path | None) -> ssl.SSLContext | None:
    if anchors is None and certificate is None:
        return None
    return tls_context(anchors=anchors, certificate=certificate)


def _pairs(given: Iterable[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    if not all(name and equals for name, equals, _ in pairs):
        raise click.UsageError("a callback is written NAME=URL, as it was registered")
    return {name: url for name, _, url in pairs}


def _field(given: str) -> tuple[str, str]:
    name, colon, value = given.partition(":")
    if not name.strip() or not colon:
        raise click.UsageError("a header is written NAME:VALUE")
    return name.strip(), value.strip()


def _list(only: tuple[str, ...], *, as_json: bool) -> None:
    found = statements_of(only)
    if as_json:
        names = ("number", "title", "clause", "cure")
        print_json([{name: getattr(one, name) for name in names} for one in found])
        return
    page = Page()
    for one in found:
        page.point(f"{one.title} (section {one.clause})", mark=one.number, indent=0)
