"""``regions check``, ``show``, ``diff`` and ``callers``: what a region reads before it acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from oneservice.canonical import write_instant
from oneservice.certificates import (
    RegionDirectory,
    check_successor,
    compare_editions,
    disagreements,
)
from oneservice.cli.options import FILE, json_option, language_of, language_option
from oneservice.cli.pages import Page, counted, print_json
from oneservice.cli.refusals import FINDING, FINE
from oneservice.cli.regions_files import caller_of, look_at, read_directory
from oneservice.cli.regions_words import say_region
from oneservice.cli.trust_files import read_list
from oneservice.cli.trust_memory import remembered
from oneservice.cli.trust_options import at_option, root_option
from oneservice.cli.trust_page import edition_facts, show_signatures, tell_changes
from oneservice.clocks import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from oneservice.certificates import ListedRegion, TrustStore
    from oneservice.plan import Language

__all__ = ["callers", "check", "diff", "show"]

_MAX_FILES: Final = 2


@click.command("check", short_help="May this edition be acted on, and follow that?")
@click.argument("files", type=FILE, nargs=-1, required=True, metavar="[OLD] NEW")
@click.option("--trust-list", type=FILE, metavar="FILE", help="Own trust list: do the two agree?")
@click.option(
    "--memory",
    type=FILE,
    metavar="FILE",
    help="What was relied on before; an older edition is refused, this one remembered.",
)
@root_option
@at_option
@language_option
@json_option
def check(
    *,
    files: tuple[Path, ...],
    trust_list: Path | None,
    memory: Path | None,
    root: str | None,
    at: datetime | None,
    language: str,
    as_json: bool,
) -> None:
    """Check an edition: signatures, dates, whether NEW may follow OLD, whether lists agree.

    Exit code 1: something forbids to act on it. Notes alone do not.
    """
    if len(files) > _MAX_FILES:
        msg = "give one edition, or the older one and then the newer one"
        raise click.UsageError(msg)
    new, edition = look_at(files[-1], root=root)
    old = read_directory(files[0]) if len(files) == _MAX_FILES else None
    own = None if trust_list is None else read_list(trust_list)
    moment = at or SystemClock().now()
    findings = [
        {"code": "missing", "is_error": True, "words": {"zh": one, "en": one}}
        for one in edition.lacking
    ]
    findings += _findings(new, old, own, moment)
    if memory is not None and not edition.lacking:
        (new,) = remembered(memory, (new,))
    is_bad = any(one["is_error"] for one in findings)
    if as_json:
        print_json({"file": str(files[-1]), "digest": edition.digest, "findings": findings})
    else:
        _show_findings(files[-1], findings, language_of(language))
    raise click.exceptions.Exit(FINDING if is_bad else FINE)


def _findings(
    new: RegionDirectory, old: RegionDirectory | None, own: TrustStore | None, at: datetime
) -> Iterator[dict[str, Any]]:
    if old is not None:
        for one in check_successor(old, new):
            yield {"code": one.kind.value, "is_error": True, "words": dict(one.words)}
    if at > new.expires_at:
        words = {"zh": "目录已过期，不能据此行事", "en": "it has expired; nobody may act on it"}
        yield {"code": "expired", "is_error": True, "words": words}
    if at < new.issued_at:
        words = {"zh": "目录此时尚未签发", "en": "it was not issued yet at that moment"}
        yield {"code": "not_yet", "is_error": True, "words": words}
    if own is not None:
        yield from (one.as_json() for one in disagreements(new, own, at=at))


def _show_findings(path: Path, findings: list[dict[str, Any]], language: Language) -> None:
    page = Page()
    errors = sum(one["is_error"] for one in findings)
    notes = len(findings) - errors
    counts = {"errors": counted(errors, "error"), "notes": counted(notes, "note")}
    plain = {"error_count": errors, "note_count": notes}
    page.line(say_region("findings", language, path=path, **counts, **plain))
    for one in findings:
        place = f"{one['region']}: " if "region" in one else ""
        mark = "!" if one["is_error"] else "-"
        page.point(f"{place}{one['words'][language]} [{one['code']}]", mark=mark)


@click.command("show", short_help="Show which regions take part, as of a moment.")
@click.argument("directory", type=FILE, metavar="DIRECTORY")
@root_option
@at_option
@language_option
@json_option
def show(
    *, directory: Path, root: str | None, at: datetime | None, language: str, as_json: bool
) -> None:
    """Show which regions take part as of a moment, where they are, and what they offer.

    An edition whose signatures are not complete is shown, too, and said to be none. Exit code 1:
    it is none, or it has expired.
    """
    seen, edition = look_at(directory, root=root)
    moment = at or SystemClock().now()
    is_expired = moment > seen.expires_at
    if as_json:
        facts = {"is_expired": is_expired, "at": write_instant(moment)}
        present = [one.as_json() for one in seen.regions if one.is_within(moment)]
        print_json({"file": str(directory), **facts, "regions": present, **edition_facts(edition)})
    else:
        _show(seen, moment, language_of(language))
        page = Page()
        page.head(say_region("signatures", language_of(language)))
        show_signatures(page, edition, language_of(language))
    raise click.exceptions.Exit(FINDING if edition.lacking or is_expired else FINE)


def _show(seen: RegionDirectory, at: datetime, language: Language) -> None:
    page = Page()
    page.title(say_region("title", language, territory=seen.territory, version=seen.version))
    issued, expires = write_instant(seen.issued_at), write_instant(seen.expires_at)
    page.point(say_region("dates", language, issued=issued, expires=expires))
    if at > seen.expires_at:
        page.point(say_region("expired", language), mark="!")
    for one in seen.regions:
        page.head(f"{one.region} {one.name.get(language) or next(iter(one.name.values()))}")
        if one.is_within(at):
            _show_region(page, one, at, language)
        else:
            page.point(say_region("absent", language), mark="!")


def _show_region(page: Page, one: ListedRegion, at: datetime, language: Language) -> None:
    for end in one.endpoints:
        kind = say_region(end.kind, language)
        page.point(say_region("endpoint", language, kind=kind, url=end.url))
    for peer in one.trust_lists:
        if peer.is_within(at):
            facts = {"threshold": peer.threshold, "keys": len(peer.keys), "url": peer.url}
            page.point(say_region("list", language, **facts))
    for key in one.keys:
        use = say_region(key.use, language)
        state = say_region("good" if key.is_good(at) else "not good", language)
        page.point(say_region("key", language, use=use, id=key.id, state=state))
    for offer in one.offers:
        if offer.is_within(at):
            kind = say_region(offer.kind, language)
            page.point(say_region("offer", language, kind=kind, name=offer.name), mark="+")
    for rule in one.recognises:
        if rule.covers(at):
            facts = {"type": rule.type, "region": rule.issuer_region}
            page.point(say_region("rule", language, **facts), mark="+")


@click.command("diff", short_help="Tell what changed, and what to ask about it.")
@click.argument("old_file", type=FILE, metavar="OLD")
@click.argument("new_file", type=FILE, metavar="NEW")
@language_option
@json_option
def diff(*, old_file: Path, new_file: Path, language: str, as_json: bool) -> None:
    """Tell in plain words what changed between two editions, and what to ask about it.

    Exit code 1: NEW changes what must not change, and may not follow OLD.
    """
    old, (new, _) = read_directory(old_file), look_at(new_file, root=None)
    tell_changes(old, new, compare_editions(old, new), language=language, as_json=as_json)


@click.command("callers", short_help="Write who may call an adapter, for serving.")
@click.argument("directory", type=FILE, metavar="DIRECTORY")
@click.option("--own", metavar="REGION", help="The region that serves; it is left out.")
@root_option
@at_option
@json_option
def callers(
    *, directory: Path, own: str | None, root: str | None, at: datetime | None, as_json: bool
) -> None:
    """Write the other regions as the registry of callers with which an adapter is served.

    Each may sign with the keys that are good now; a region that left is none. Give each what it may
    file ("steps", "regions") where not all is for all. An expired directory is refused. The
    registry is JSON with or without --json.
    """
    del as_json
    moment = at or SystemClock().now()
    seen = read_directory(directory, root=root)
    seen.refuse_expired(moment)
    found = (caller_of(one, moment) for one in seen.regions if one.region != own)
    print_json([one for one in found if one is not None])
