"""``trust check``, ``show`` and ``diff``: what an auditor, or the next signer, wants to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from oneservice.certificates import (
    SignedEdition,
    TrustStore,
    check_successor,
    compare_editions,
    lint_recognition,
    within_territory,
)
from oneservice.cli.options import FILE, json_option, language_of, language_option
from oneservice.cli.pages import Page, counted, print_json
from oneservice.cli.reading import MAX_TRUST_BYTES, read_file
from oneservice.cli.refusals import FINDING, FINE
from oneservice.cli.trust_files import is_draft, read_list
from oneservice.cli.trust_options import at_option, root_option
from oneservice.cli.trust_page import (
    edition_facts,
    list_facts,
    show_list,
    show_signatures,
    tell_changes,
)
from oneservice.cli.trust_words import say
from oneservice.clocks import SystemClock
from oneservice.errors import TrustListError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from oneservice.plan import Language

__all__ = ["check", "diff", "show"]

_MAX_FILES: Final = 2


@click.command("check", short_help="May this edition be relied on, and follow that?")
@click.argument("files", type=FILE, nargs=-1, required=True, metavar="[OLD] NEW")
@root_option
@at_option
@language_option
@json_option
def check(
    *,
    files: tuple[Path, ...],
    root: str | None,
    at: datetime | None,
    language: str,
    as_json: bool,
) -> None:
    """Check an edition: signatures, dates, territory, rules; and whether NEW may follow OLD.

    Exit code 1: something forbids to rely on it. Notes alone do not.
    """
    if len(files) > _MAX_FILES:
        msg = "give one edition, or the older one and then the newer one"
        raise click.UsageError(msg)
    old = read_list(files[0]) if len(files) == _MAX_FILES else None
    new, missing = _looked_at(files[-1], root)
    moment = at or SystemClock().now()
    findings = [_finding("missing", {"zh": one, "en": one}, is_error=True) for one in missing]
    if old is not None:
        breaches = check_successor(old, new)
        findings += [_finding(one.kind.value, one.words, is_error=True) for one in breaches]
    findings += _oddities(new, moment)
    if as_json:
        print_json({"file": str(files[-1]), "digest": _digest(new), "findings": findings})
    else:
        _show_findings(files[-1], findings, language_of(language))
    is_bad = any(one["is_error"] for one in findings)
    raise click.exceptions.Exit(FINDING if is_bad else FINE)


def _looked_at(path: Path, root: str | None) -> tuple[TrustStore, tuple[str, ...]]:
    """Return a list, and the signatures that it lacks; only a complete one can have a root."""
    if is_draft(path):
        msg = f"{path}: a draft; 'oneservice trust sign' without --key makes an edition to look at"
        raise TrustListError(msg)
    try:
        edition = SignedEdition.parse(read_file(path, max_bytes=MAX_TRUST_BYTES))
    except TrustListError:
        return read_list(path, root=root), ()  # of format 1; or the error that names the reason
    if edition.lacking:
        return TrustStore.proposed(edition), edition.lacking
    return read_list(path, root=root), ()


def _digest(store: TrustStore) -> str | None:
    return None if store.document is None else store.digest


def _oddities(store: TrustStore, at: datetime) -> Iterator[dict[str, Any]]:
    if at > store.expires_at:
        words = {
            "zh": "名单已过期，不能据此作出判断",
            "en": "it has expired; nothing can be told by it",
        }
        yield _finding("expired", words, is_error=True)
    elif store.next_update_at is not None and at > store.next_update_at:
        words = {"zh": "承诺的下一版已经逾期", "en": "the promised next edition is overdue"}
        yield _finding("overdue", words)
    if at < store.issued_at:
        words = {"zh": "名单此时尚未签发", "en": "it was not issued yet at that moment"}
        yield _finding("not_yet", words)
    for one in within_territory(store)[1]:
        words = {"zh": f"超出本名单的地区：{one.what}", "en": f"{one.what}: {one.why}"}
        yield _finding("outside_territory", words, is_error=True)
    for found in lint_recognition(store.recognition, territory=store.territory, at=at):
        if found.code != "outside_territory":
            words = {name: f"{found.place}: {text}" for name, text in found.words.items()}
            yield _finding(found.code, words, is_error=found.is_error)
    if store.roots and store.roots[-1].threshold == 1:
        words = {
            "zh": "只需一人签署：任何一把签署密钥失窃，整个名单即失去意义",
            "en": "one signature is enough: whoever steals one signer's key can say anything",
        }
        yield _finding("threshold_one", words)


def _finding(code: str, words: Any, *, is_error: bool = False) -> dict[str, Any]:
    return {"code": code, "is_error": is_error, "words": dict(words)}


def _show_findings(path: Path, findings: list[dict[str, Any]], language: Language) -> None:
    page = Page()
    errors = sum(one["is_error"] for one in findings)
    notes = len(findings) - errors
    counts = {"errors": counted(errors, "error"), "notes": counted(notes, "note")}
    plain = {"error_count": errors, "note_count": notes}
    page.line(say("findings", language, path=path, **counts, **plain))
    for one in findings:
        mark = "!" if one["is_error"] else "-"
        page.point(f"{one['words'][language]} [{one['code']}]", mark=mark)


@click.command("show", short_help="Show what a list says, as of a moment.")
@click.argument("trust_list", type=FILE, metavar="LIST")
@root_option
@at_option
@language_option
@json_option
def show(
    *, trust_list: Path, root: str | None, at: datetime | None, language: str, as_json: bool
) -> None:
    """Show who may issue what as of a moment, with which keys, and who signed the list.

    An edition whose signatures are not complete is shown, too, and said to be none. Exit code 1:
    it is none.
    """
    store, missing = _looked_at(trust_list, root)
    moment = at or SystemClock().now()
    edition = None
    if store.roots:
        edition = SignedEdition.parse(read_file(trust_list, max_bytes=MAX_TRUST_BYTES))
    if as_json:
        signed = {} if edition is None else {"signatures": edition_facts(edition)}
        print_json({"file": str(trust_list), **list_facts(store, moment), **signed})
    else:
        page = Page()
        show_list(page, store, moment, language_of(language))
        if edition is not None:
            page.head(say("signatures", language_of(language)))
            show_signatures(page, edition, language_of(language))
    raise click.exceptions.Exit(FINDING if missing else FINE)


@click.command("diff", short_help="Tell what changed, and what to ask about it.")
@click.argument("old_file", type=FILE, metavar="OLD")
@click.argument("new_file", type=FILE, metavar="NEW")
@language_option
@json_option
def diff(*, old_file: Path, new_file: Path, language: str, as_json: bool) -> None:
    """Tell in plain words what changed between two editions, and what an auditor should ask.

    Exit code 1: NEW changes what must not change, and may not follow OLD.
    """
    old, (new, _) = read_list(old_file), _looked_at(new_file, None)
    tell_changes(old, new, compare_editions(old, new), language=language, as_json=as_json)
