"""Certificates that move between the regions of a world, by post that fails.

The desks, their books and registers are the real ones, on files that last as long as the world; a
desk dies before or after any of its writes, and is reached only while its region lives. Letters get
lost, come twice, late, in another order or bent. Clocks of regions differ. At no moment may two
papers of one right count, and in the end exactly one must.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Mapping
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from oneservice.certificates import (
    Act,
    Move,
    Operation,
)
from oneservice.errors import IllegalInputError, VerificationError
from oneservice.ports import Clock
from oneservice.runtimes import (
    StatusRegister,
)
from oneservice.sandbox import SimulatedCrash
from oneservice.simulation.audit import InvariantBrokenError, Violation
from oneservice.simulation.faults import AT_BORDER, FaultKind, FaultPlan
from oneservice.simulation.regions_desks import Desk, claims_of, new_name, opened_desks
from oneservice.simulation.regions_house import House

__all__ = ["MOVING", "Moves"]

_TYPE: Final = "health_certificate"
_ENTRIES: Final = 131_072
_SINCE: Final = datetime(2020, 1, 1, tzinfo=UTC)
_UNTIL: Final = date(2027, 9, 30)
_EVERY: Final = 5
"""One visit in so many brings a certificate that moves."""
_REFUSED: Final = 150
"""Of 1,000 moves, how many the receiving office does not take in."""
_CRASHES: Final = frozenset({FaultKind.CRASH, FaultKind.TORN_WRITE, FaultKind.LOST_WRITE})


class Moves:
    """All moves of a world; :meth:`live` carries them to their ends."""

    def __init__(self, houses: Mapping[str, House], *, plan: FaultPlan, clock: Clock) -> None:
        self._houses = houses
        self._plan = plan
        self._clock = clock
        self._desks: dict[str, Desk] = {}
        self.checks: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.is_over = False

    async def live(self, visits: Mapping[int, datetime]) -> None:
        """Move a certificate for every fifth visit, and come to an end with each.

        Raises:
            InvariantBrokenError: two papers counted, or none in the end.
        """
        with TemporaryDirectory() as folder, ExitStack() as stack:
            self._desks = await opened_desks(self._houses, Path(folder), stack)
            moving = [self._move(one, at) for one, at in visits.items() if one % _EVERY == 1]
            try:
                await asyncio.gather(*moving)
            finally:
                self.is_over = True
                for desk in self._desks.values():
                    await desk.register.close()

    def two_never_count(self, move: Move, giving: Desk, receiving: Desk) -> None:
        """Of a certificate that moves, the old paper and the new one never count at one moment."""
        self.checks["two-never-count"] += 1
        if giving.counts(move.certificate) and receiving.counts(new_name(move)):
            raise _broken("two-never-count", move, "both papers count")

    def one_counts_in_the_end(self, move: Move, giving: Desk, receiving: Desk) -> None:
        """When a move has ended exactly one paper counts, unless a region left in between."""
        self.checks["one-counts-in-the-end"] += 1
        if giving.house.has_left or receiving.house.has_left:
            self.counts["moves that a leaving region cut short"] += 1
            return
        counts = [giving.counts(move.certificate), receiving.counts(new_name(move))]
        if sum(counts) != 1:
            raise _broken("one-counts-in-the-end", move, f"{sum(counts)} papers count")
        self.counts["certificates moved" if counts[1] else "certificates kept"] += 1

    # --- one move ------------------------------------------------------------------------------

    async def _move(self, number: int, at: datetime) -> None:
        chance, name = self._plan.chance, f"move-{number}"
        regions = sorted(self._houses)
        home = chance.choice(f"{name}/from", regions)
        abroad = chance.choice(f"{name}/to", [one for one in regions if one != home])
        giving, receiving = self._desks[home], self._desks[abroad]
        old = f"urn:simulated:{home}:{number}"
        move = Move(id=name, certificate=old, giving=giving.url, receiving=receiving.url)
        until = datetime(2027, 9, 30, 15, 59, 59, tzinfo=UTC)
        issued = Act(operation=Operation.NEW, at=_SINCE, id=old, valid_until=until)
        await StatusRegister.perform(giving.register, None, issued, ground="sample")
        await self._clock.wait_until(at)
        refuses = chance.happens(f"{name}/refused", _REFUSED)
        looks = 0
        while not self._has_ended(move, giving, receiving):
            looks += 1
            pause = chance.between(f"{name}/look {looks}", 30, 400)
            await self._clock.wait_until(self._clock.now() + timedelta(minutes=pause))
            await self._tried(giving, giving.leaving.begin(move))
            if refuses:
                await self._tried(receiving, receiving.arriving.refuse(move, reason="no room"))
            else:
                await self._tried(
                    receiving, receiving.arriving.promise(move, claims_of(move, abroad))
                )
            await self._post(move, receiving, giving, receiving.arriving.letter(name))
            await self._post(move, giving, receiving, giving.leaving.letter(name))
            for desk in (giving.leaving, receiving.arriving):
                owner = giving if desk is giving.leaving else receiving
                await self._tried(owner, desk.go_on_with_all())
            self.two_never_count(move, giving, receiving)
        self.one_counts_in_the_end(move, giving, receiving)

    async def _post(self, move: Move, sender: Desk, to: Desk, letter: bytes | None) -> None:
        """Carry a letter, or meet what the plan has in store for it."""
        way = (sender.house.region, to.house.region)
        if letter is None or self._is_cut(way):
            return
        boundary = f"{way[0]}>{way[1]}/letter/{move.id}"
        fault, crossing = self._plan.at(boundary, AT_BORDER, self._clock.now())
        chance = self._plan.chance
        match fault:
            case FaultKind.DROP_REQUEST | FaultKind.REFUSE | FaultKind.PUSH_BACK:
                return
            case FaultKind.DELAY | FaultKind.REORDER:
                minutes = chance.between(f"{crossing}/late", 10, 6000)
                await self._clock.wait_until(self._clock.now() + timedelta(minutes=minutes))
            case FaultKind.LIE | FaultKind.TRUNCATE:
                at = chance.below(f"{crossing}/at", len(letter))
                letter = letter[:at] + bytes([letter[at] ^ 1]) + letter[at + 1 :]
            case FaultKind.DUPLICATE:
                await self._hear(to, letter, move)
            case _:
                pass
        await self._hear(to, letter, move)

    async def _hear(self, to: Desk, letter: bytes, move: Move) -> None:
        desk = to.leaving if to.url == move.giving else to.arriving
        self.counts["letters"] += await self._tried(to, desk.hear(letter))

    async def _tried(self, desk: Desk, work: Awaitable[object]) -> bool:
        """Have a desk do something, while its region lives; what it may refuse it may refuse."""
        if not desk.house.is_alive:
            asyncio.ensure_future(work).cancel()
            return False
        try:
            await work
        except (IllegalInputError, VerificationError):
            return False
        except SimulatedCrash:
            self.counts["desks that died"] += 1
            return False
        return True

    def _is_cut(self, way: tuple[str, str]) -> bool:
        return bool(self._houses[way[0]].wires.cut.get(way))

    def _has_ended(self, move: Move, giving: Desk, receiving: Desk) -> bool:
        if giving.house.has_left or receiving.house.has_left:
            return True
        known = giving.book.record(move.id), receiving.book.record(move.id)
        return all(one is not None and one.state.is_final for one in known)


def _broken(invariant: str, move: Move, problem: str) -> InvariantBrokenError:
    found = Violation(invariant=invariant, case_id=move.id, problem=problem)
    return InvariantBrokenError(found)


MOVING: Final = (Moves.two_never_count, Moves.one_counts_in_the_end)
