"""What changed between two editions of a trust list, and what may not have.

Theory of operation: *what an edition says about the time up to its own issue is final*. Whoever
judged a certificate by it then must come to the same end by any later edition. So entries are
never removed, what they are never changes, and the days on which they counted may change only
after the day on which the older edition was issued. There is one exception, because thieves do not
announce themselves: a key may be reported stolen since any moment, however long ago. Such a report
is never taken back, and may only be moved to an earlier moment.

Everything else is for people to judge; so that they can, each change comes in plain words, and
with the question that an auditor should ask about it.

References:
    certificates page, section 2; ETSI TS 119 612, section 5.5.10 (service history), of which our
    dated entries are the plain form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias, TypeVar

from oneservice.canonical import write_instant
from oneservice.certificates.claims import LocalText
from oneservice.certificates.directory import RegionDirectory
from oneservice.certificates.directory_compared import COMPARED_REGIONS
from oneservice.certificates.trust import TrustStore
from oneservice.certificates.trust_change_words import change_words, question_words
from oneservice.certificates.trust_compared import COMPARED, Compared, Named, grouped
from oneservice.certificates.trust_memory import SeenEdition, is_led_from
from oneservice.errors import TrustHistoryError

__all__ = ["ChangeKind", "TrustChange", "check_successor", "compare_editions", "require_successor"]

_Edition: TypeAlias = TrustStore | RegionDirectory
_E = TypeVar("_E", TrustStore, RegionDirectory)


class ChangeKind(StrEnum):
    """What happened to an entry, or to the edition; from ``REMOVED`` on, what must not happen."""

    ADDED = "added"
    BACKDATED = "backdated"
    """Added, with a first day before the older edition was issued: it was not known then."""
    ENDED = "ended"
    PROLONGED = "prolonged"
    STOLEN = "stolen"
    RENAMED = "renamed"
    SIGNERS = "signers"
    REMOVED = "removed"
    REWRITTEN = "rewritten"
    REPORT_WITHDRAWN = "report_withdrawn"
    NOT_NEWER = "not_newer"
    ISSUED_EARLIER = "issued_earlier"
    OTHER_TERRITORY = "other_territory"
    OTHER_HISTORY = "other_history"
    OTHER_SIGNERS = "other_signers"

    @property
    def is_breach(self) -> bool:
        """Whether an edition in which it happened may not follow the older one."""
        return self in _BREACHES


_BREACHES: Final = frozenset(list(ChangeKind)[list(ChangeKind).index(ChangeKind.REMOVED) :])


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustChange:
    """One change.

    Args:
        kind: what happened.
        what: kind of entry: ``issuer``, ``key``, ``entitlement``, ``log`` …; ``edition`` itself.
        name: which one.
        facts: what it was and is, as texts, for the words.
    """

    kind: ChangeKind
    what: str
    name: str
    facts: Mapping[str, str]

    @property
    def is_breach(self) -> bool:
        """Whether it forbids to follow."""
        return self.kind.is_breach

    @property
    def words(self) -> LocalText:
        """What changed, in zh and en."""
        return change_words(self.kind.value, self.what, self.name, self.facts)

    @property
    def question(self) -> LocalText | None:
        """What an auditor should ask about it, in zh and en; ``None``: nothing special."""
        return question_words(self.kind.value, self.what)

    def as_json(self) -> dict[str, Any]:
        """Return the change as ``trust diff --json`` prints it."""
        return {
            "kind": self.kind.value,
            "what": self.what,
            "name": self.name,
            "is_breach": self.is_breach,
            "words": dict(self.words),
            "question": None if self.question is None else dict(self.question),
            **dict(self.facts),
        }


def require_successor(old: _E, new: _E) -> None:
    """Return if ``new`` may follow ``old``.

    Raises:
        TrustHistoryError: it may not; the text names all that is in the way.
    """
    breaches = check_successor(old, new)
    if breaches:
        listed = "; ".join(one.words["en"] for one in breaches)
        msg = f"edition {new.version} cannot follow edition {old.version}: {listed}"
        raise TrustHistoryError(msg)


def check_successor(old: _E, new: _E) -> tuple[TrustChange, ...]:
    """Return what forbids ``new`` to follow ``old``; empty: it may."""
    return tuple(one for one in compare_editions(old, new) if one.is_breach)


def compare_editions(old: _E, new: _E) -> tuple[TrustChange, ...]:
    """Return all changes from ``old`` to ``new``: those of the edition first, then of entries.

    Both are trust lists, or both are directories of regions.
    """
    return (*_of_edition(old, new), *_of_entries(old, new, _compared(old)))


def _compared(edition: _Edition) -> Mapping[str, Named]:
    return COMPARED_REGIONS if isinstance(edition, RegionDirectory) else COMPARED


def _of_edition(old: _Edition, new: _Edition) -> Iterator[TrustChange]:
    def change(kind: ChangeKind, before: object, after: object) -> TrustChange:
        facts = {"before": str(before), "after": str(after)}
        return TrustChange(kind=kind, what="edition", name=str(new.version), facts=facts)

    if old.territory != new.territory:
        yield change(ChangeKind.OTHER_TERRITORY, old.territory, new.territory)
    if new.version <= old.version:
        yield change(ChangeKind.NOT_NEWER, old.version, new.version)
    if new.issued_at < old.issued_at:
        moments = write_instant(old.issued_at), write_instant(new.issued_at)
        yield change(ChangeKind.ISSUED_EARLIER, *moments)
    if new.roots and old.document is not None and not _names(new, old):
        yield change(ChangeKind.OTHER_HISTORY, old.version, new.version)
    if old.roots != new.roots[: len(old.roots)] or _is_cut_off(old, new):
        yield change(ChangeKind.OTHER_SIGNERS, _signers(old), _signers(new))
    elif len(new.roots) > max(1, len(old.roots)):
        yield change(ChangeKind.SIGNERS, _signers(old), _signers(new))


def _is_cut_off(old: _Edition, new: _Edition) -> bool:
    is_signed = old.document is not None and new.document is not None
    return is_signed and not is_led_from(SeenEdition.of(old), new)


def _names(new: _Edition, old: _Edition) -> bool:
    kept = {one.version: one.digest for one in new.past}
    expected = {one.version: one.digest for one in old.past} | {old.version: old.digest}
    return all(kept.get(version) == digest for version, digest in expected.items())


def _signers(store: _Edition) -> str:
    if not store.roots:
        return "?"
    last = store.roots[-1]
    names = ", ".join(one.name for one in last.signers)
    return f"{last.threshold}/{len(last.signers)} ({names})"


def _of_entries(
    old: _Edition, new: _Edition, compared: Mapping[str, Named]
) -> Iterator[TrustChange]:
    final = old.issued_at
    for what, named in compared.items():
        before, after = grouped(named(old)), grouped(named(new))
        for name, one in before.items():
            if name not in after:
                yield _change(ChangeKind.REMOVED, what, name, _days(one.entry), "")
            else:
                yield from _between(what, one, after[name], final)
        for name, one in after.items():
            if name not in before:
                is_backdated = what != "issuer" and one.entry.valid_from < final
                kind = ChangeKind.BACKDATED if is_backdated else ChangeKind.ADDED
                yield _change(kind, what, name, "", _days(one.entry) or one.loose["name"])


def _between(what: str, old: Compared, new: Compared, final: datetime) -> Iterator[TrustChange]:
    name = old.name
    for member in old.fixed:
        if old.fixed[member] != new.fixed.get(member):
            before, after = str(old.fixed[member]), str(new.fixed.get(member))
            yield _change(ChangeKind.REWRITTEN, what, name, before, after)
    for member, before in old.loose.items():
        if before != new.loose[member]:
            yield _change(ChangeKind.RENAMED, what, name, before, new.loose[member])
    if what != "issuer":
        yield from _of_days(what, name, old.entry, new.entry, final)


def _of_days(what: str, name: str, old: Any, new: Any, final: datetime) -> Iterator[TrustChange]:
    days = (_days(old), _days(new))
    is_start_moved = old.valid_from != new.valid_from
    is_end_moved = old.valid_until != new.valid_until
    if (is_start_moved and min(old.valid_from, new.valid_from) <= final) or (
        is_end_moved and _earlier(old.valid_until, new.valid_until) < final
    ):
        yield _change(ChangeKind.REWRITTEN, what, name, *days)
    elif is_end_moved:
        is_ended = new.valid_until is not None and (
            old.valid_until is None or new.valid_until < old.valid_until
        )
        kind = ChangeKind.ENDED if is_ended else ChangeKind.PROLONGED
        yield _change(kind, what, name, *days)
    elif is_start_moved:
        yield _change(ChangeKind.PROLONGED, what, name, *days)
    before, after = getattr(old, "compromised_at", None), getattr(new, "compromised_at", None)
    if before != after:
        is_worse = after is not None and (before is None or after < before)
        kind = ChangeKind.STOLEN if is_worse else ChangeKind.REPORT_WITHDRAWN
        yield _change(kind, what, name, _moment(before), _moment(after))


def _earlier(one: datetime | None, other: datetime | None) -> datetime:
    """Return the earlier of two ends of which at least one is set."""
    return min(end for end in (one, other) if end is not None)


def _change(kind: ChangeKind, what: str, name: str, before: str, after: str) -> TrustChange:
    return TrustChange(kind=kind, what=what, name=name, facts={"before": before, "after": after})


def _days(entry: Any) -> str:
    if not hasattr(entry, "valid_from"):
        return ""
    return f"{_moment(entry.valid_from)}/{_moment(entry.valid_until) or '..'}"


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else write_instant(moment)
