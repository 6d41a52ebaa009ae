"""``--held``: certificates that people have already, looked at before the plan is made; offline.

Whose rules count is the region of the plan; who may be believed, the lists that ``--trust`` names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from oneservice.certificates import Wanted, recognise_paper
from oneservice.cli.inspection import Kind, opened
from oneservice.cli.options import OFFICE_ZONE
from oneservice.cli.verify_relying import registers, relied_on
from oneservice.clocks import SystemClock
from oneservice.engine import holdings_of
from oneservice.errors import FileUnusableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from oneservice.catalog import EffectiveThing
    from oneservice.certificates import HeldPaper
    from oneservice.plan import Holdings, Plan

__all__ = ["Held", "read_held"]

_ENTRY: Final = re.compile(r"([a-z][a-z0-9_]{0,47})\.([1-9][0-9]{0,2})=(.+)", re.DOTALL)
_PAPERS: Final = frozenset({Kind.CERTIFICATE, Kind.SD_JWT})


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
    """The papers that were given, each with what it is worth."""

    given: tuple[_Given, ...]
    papers: tuple[HeldPaper, ...]

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

    def strangers(self, thing: EffectiveThing) -> list[str]:
        """Return the names of files that no step and no material of ``thing`` has a use for."""
        used = {name for material in thing.thing.materials for name in material.accepts}
        for step in thing.thing.steps:
            used |= set(step.spared_by.certificates if step.spared_by is not None else ())
        pairs = zip(self.given, self.papers, strict=True)
        return [f"{one.file}" for one, paper in pairs if paper.type not in used]

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
    trust_files: Sequence[Path],
    status_files: Sequence[Path],
) -> Held:
    """Return what the papers of ``--held`` are worth in ``region``.

    They are looked at as of the end of the day ``on``; of a day to come nobody can tell yet, so as
    of now.

    Raises:
        click.UsageError: no trust list is named.
        FileUnusableError: a file cannot be read, or is no certificate.
        TrustListError: a list is unusable.
    """
    trust = relied_on(trust_files, root=None, memory=None)
    if trust is None:
        msg = "--held needs --trust: without a trust list nobody vouches for a paper"
        raise click.UsageError(msg)
    now = SystemClock().now()
    wanted = Wanted(
        region=region,
        trust=trust,
        at=min(now, datetime.combine(on, time(23, 59, 59), OFFICE_ZONE).astimezone(now.tzinfo)),
        status=registers(status_files, trust=trust),
    )
    given = tuple(map(_Given.of, texts))
    papers = tuple(recognise_paper(_paper(one.file), wanted=wanted) for one in given)
    return Held(given=given, papers=papers)


def _paper(file: Path) -> bytes:
    found = opened(file)
    if found.kind not in _PAPERS:
        msg = f"{file}: a {found.kind.value} is no certificate that somebody holds"
        raise FileUnusableError(msg, remedy="give the certificate itself, or an SD-JWT")
    return found.data
