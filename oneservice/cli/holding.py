"""``--held``: certificates that people have already, looked at before the plan is made; offline.

Whose rules count is the region of the plan; who may be believed, the lists that ``--trust`` names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from oneservice.certificates import (
    Evidence,
    PublishedStatus,
    StatusList,
    Wanted,
    recognise_paper,
    told_of_moves,
)
from oneservice.cli.inspection import Kind, opened
from oneservice.cli.options import OFFICE_ZONE
from oneservice.cli.plan_held import told_of
from oneservice.cli.verify_relying import registers, relied_on
from oneservice.clocks import SystemClock
from oneservice.engine import holdings_of
from oneservice.errors import FileUnusableError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from oneservice.catalog import EffectiveThing
    from oneservice.certificates import Certificate, HeldPaper, SdJwt
    from oneservice.cli.plan_words import Words
    from oneservice.plan import Holdings, Plan

__all__ = ["Held", "read_held"]

_ENTRY: Final = re.compile(r"([a-z][a-z0-9_]{0,47})\.([1-9][0-9]{0,2})=(.+)", re.DOTALL)
_PAPERS: Final = frozenset({Kind.CERTIFICATE, Kind.SD_JWT, Kind.EVIDENCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """One ``--held`` as it was typed, and whose paper it is; ``group`` empty: the applicant's."""

    text: str
    file: Path
    group: str
    number: int

    @classmethod
    def of(cls, text: str) -> _Given:
        found = _ENTRY.fullmatch(text)
        if found is None:
            return cls(text=text, file=Path(text), group="", number=0)
        return cls(text=text, file=Path(found[3]), group=found[1], number=int(found[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The papers that were given, each with what it is worth.

    ``lists`` are the status lists at hand for each of them, ``at`` the moment of looking.
    """

    given: tuple[_Given, ...]
    papers: tuple[HeldPaper, ...]
    lists: tuple[tuple[StatusList, ...], ...]
    at: datetime

    @property
    def holdings(self) -> Holdings:
        """What the plan is to know of them."""
        own: list[HeldPaper] = []
        people: dict[str, dict[int, list[HeldPaper]]] = {}
        for one, paper in zip(self.given, self.papers, strict=True):
            if one.group:
                people.setdefault(one.group, {}).setdefault(one.number, []).append(paper)
            else:
                own.append(paper)
        return holdings_of(own, people=people)

    def told(self, thing: EffectiveThing, plan: Plan, words: Words) -> list[str]:
        """Return one line for each paper: for what it counts, or why for nothing."""
        return [
            f"{one.text}: "
            + told_of(
                paper,
                entry=(one.group, one.number) if one.group else None,
                lists=lists,
                at=self.at,
                thing=thing,
                plan=plan,
                words=words,
            )
            for one, paper, lists in zip(self.given, self.papers, self.lists, strict=True)
        ]

    def refuse_nobodys(self, thing: EffectiveThing, plan: Plan) -> None:
        """Refuse a paper of an entry that the form does not have.

        Raises:
            click.UsageError: no such group, or fewer entries.
        """
        counts = _entries(thing, plan)
        for one in self.given:
            if one.group and one.number > counts.get(one.group, 0):
                known = ", ".join(f"{name}.1 to {name}.{n}" for name, n in counts.items() if n)
                msg = f"--held {one.text}: nobody is meant by {one.group}.{one.number}; "
                raise click.UsageError(msg + (f"there are {known}" if known else "nobody is named"))


def _entries(thing: EffectiveThing, plan: Plan) -> dict[str, int]:
    """Return how many entries each repeated group has for these answers."""
    groups = {step.id: step.for_each.group for step in thing.thing.steps if step.for_each}
    counts = dict.fromkeys(groups.values(), 0)
    taken = ((one.step_id, one.instance) for one in plan.steps)
    spared = ((one.step_id, one.instance) for one in plan.skipped)
    for name, number in (*taken, *spared):
        if name in groups:
            counts[groups[name]] = max(counts[groups[name]], number or 0)
    return counts


def read_held(
    texts: Iterable[str],
    *,
    region: str,
    on: date,
    at: datetime | None = None,
    trust_files: Sequence[Path],
    status_files: Sequence[Path],
) -> Held:
    """Return what the papers of ``--held`` are worth in ``region``.

    They are looked at as of ``at``. Where it is not told, the day ``on`` counts: of today and of
    days to come nobody can tell more than now; of a past day its end or, where the status lists at
    hand stopped speaking in the course of it, the last second of which they tell.

    Raises:
        click.UsageError: no trust list is named.
        FileUnusableError: a file cannot be read, or is no certificate.
        TrustListError: a list is unusable.
    """
    trust = relied_on(trust_files, root=None, memory=None)
    if trust is None:
        msg = "--held needs --trust: without a trust list nobody vouches for a paper"
        raise click.UsageError(msg)
    given = tuple(map(_Given.of, texts))
    documents = [_paper(one.file) for one in given]
    register = registers(status_files, trust=trust)
    own = () if register is None else register.lists
    lists = tuple((*own, *enclosed) for _, enclosed in documents)
    moment = at or _moment(on, [one for each in lists for one in each])
    wanted = Wanted(region=region, trust=trust, at=moment, status=register)
    papers = []
    for (paper, enclosed), known in zip(documents, lists, strict=True):
        more = PublishedStatus(lists=known, trust=trust) if enclosed else register
        papers.append(recognise_paper(paper, wanted=replace(wanted, status=more)))
    return Held(given=given, papers=told_of_moves(papers), lists=lists, at=moment)


def _moment(on: date, lists: Iterable[StatusList]) -> datetime:
    now = SystemClock().now()
    end = datetime.combine(on, time(23, 59, 59), OFFICE_ZONE).astimezone(UTC)
    if end >= now:
        return now
    last: dict[str, datetime] = {}
    for one in lists:
        last[one.uri] = max(one.expires_at, last.get(one.uri, one.expires_at))
    start = datetime.combine(on, time(), OFFICE_ZONE)
    ends = [each - timedelta(seconds=1) for each in last.values() if start < each <= end]
    return min((end, *ends))


def _paper(file: Path) -> tuple[bytes | Certificate | SdJwt, tuple[StatusList, ...]]:
    """Return the paper, and the status lists that came beside it."""
    found = opened(file)
    if found.kind not in _PAPERS:
        msg = f"{file}: a {found.kind.value} is no certificate that somebody holds"
        raise FileUnusableError(msg, remedy="give the certificate itself, or an SD-JWT")
    if found.kind is not Kind.EVIDENCE:
        return found.data, ()
    try:
        evidence = Evidence.parse(found.data)
        enclosed = evidence.enclosures.status_lists
        return evidence.certificate, tuple(StatusList.parse(one.data) for one in enclosed)
    except VerificationError as error:
        msg = f"{file}: {error}"
        raise FileUnusableError(msg, remedy="fetch the evidence file again") from error
