"""Certificates that move between the regions of a world, by post that fails.

The desks, their books and registers are the real ones, on files that last as long as the world; a
desk dies before or after any of its writes, and is reached only while its region lives. Letters get
lost, come twice, late, in another order or bent. Clocks of regions differ. At no moment may two
papers of one right count, and in the end exactly one must.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oneservice.certificates import (
    TRANSFER_NOTICE,
    Act,
    CertificateRecord,
    Claims,
    Entitlement,
    LifeState,
    ListedKey,
    Move,
    Operation,
    SigningKey,
    TrustedIssuer,
    TrustStore,
)
from oneservice.errors import IllegalInputError, VerificationError
from oneservice.ports import Clock, SealHolder
from oneservice.runtimes import (
    ArrivalDesk,
    DepartureDesk,
    MoveRecord,
    MovingBook,
    MovingOffice,
    StatusRegister,
)
from oneservice.sandbox import SimulatedCrash
from oneservice.simulation.audit import InvariantBrokenError, Violation
from oneservice.simulation.faults import AT_BORDER, AT_DISK, FaultKind, FaultPlan
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


class _Book(MovingBook):
    """A book whose desk dies before or after a write."""

    desk: _Desk

    def begin(self, *given: Any) -> None:
        with self.desk.writing():
            super().begin(*given)

    def step(self, *given: Any, **more: Any) -> MoveRecord:
        with self.desk.writing():
            return super().step(*given, **more)


class _Register(StatusRegister):
    """A register whose desk dies before or after a write."""

    desk: _Desk

    async def perform(self, *given: Any, **more: Any) -> CertificateRecord:
        with self.desk.writing():
            return await super().perform(*given, **more)

    async def perform_in_turn(self, *given: Any, **more: Any) -> CertificateRecord:
        with self.desk.writing():
            return await super().perform_in_turn(*given, **more)


@dataclass(slots=True)
class _Writing:
    """One write: what the plan has in store strikes before or after it."""

    desk: _Desk
    strikes_after: bool = False

    def __enter__(self) -> None:
        plan = self.desk.house.plan
        fault, crossing = plan.at("moves", AT_DISK, self.desk.now())
        if fault in _CRASHES:
            if plan.chance.happens(f"{crossing}/before", 500):
                self._die()
            self.strikes_after = True

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self.strikes_after and kind is None:
            self._die()

    def _die(self) -> None:
        self.desk.house.die()
        raise SimulatedCrash


class _Desk:
    """Both desks of the office that gives and takes certificates in one region."""

    def __init__(
        self, house: House, office: MovingOffice, book: _Book, register: _Register
    ) -> None:
        self.house = house
        self.url = office.holder.id
        self.book, self.register = book, register
        self.book.desk = self.register.desk = self
        self._clock = office.clock
        self.leaving = DepartureDesk(office=office, book=book, register=register)
        self.arriving = ArrivalDesk(office=office, book=book, register=register)

    def now(self) -> datetime:
        return self._clock.now()

    def writing(self) -> _Writing:
        return _Writing(self)

    def counts(self, identifier: str) -> bool:
        """Say whether the register calls a certificate good."""
        record = self.register.record(identifier)
        return record is not None and record.state is LifeState.VALID


class Moves:
    """All moves of a world; :meth:`live` carries them to their ends."""

    def __init__(self, houses: Mapping[str, House], *, plan: FaultPlan, clock: Clock) -> None:
        self._houses = houses
        self._plan = plan
        self._clock = clock
        self._desks: dict[str, _Desk] = {}
        self.checks: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.is_over = False

    async def live(self, visits: Mapping[int, datetime]) -> None:
        """Move a certificate for every fifth visit, and come to an end with each.

        Raises:
            InvariantBrokenError: two papers counted, or none in the end.
        """
        with TemporaryDirectory() as folder, ExitStack() as stack:
            await self._open(Path(folder), stack)
            moving = [self._move(one, at) for one, at in visits.items() if one % _EVERY == 1]
            try:
                await asyncio.gather(*moving)
            finally:
                self.is_over = True
                for desk in self._desks.values():
                    await desk.register.close()

    def two_never_count(self, move: Move, giving: _Desk, receiving: _Desk) -> None:
        """Of a certificate that moves, the old paper and the new one never count at one moment."""
        self.checks["two-never-count"] += 1
        if giving.counts(move.certificate) and receiving.counts(_new(move)):
            raise _broken("two-never-count", move, "both papers count")

    def one_counts_in_the_end(self, move: Move, giving: _Desk, receiving: _Desk) -> None:
        """When a move has ended exactly one paper counts, unless a region left in between."""
        self.checks["one-counts-in-the-end"] += 1
        if giving.house.has_left or receiving.house.has_left:
            self.counts["moves that a leaving region cut short"] += 1
            return
        counts = [giving.counts(move.certificate), receiving.counts(_new(move))]
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
                    receiving, receiving.arriving.promise(move, _claims(move, abroad))
                )
            await self._post(move, receiving, giving, receiving.arriving.letter(name))
            await self._post(move, giving, receiving, giving.leaving.letter(name))
            for desk in (giving.leaving, receiving.arriving):
                owner = giving if desk is giving.leaving else receiving
                await self._tried(owner, desk.go_on_with_all())
            self.two_never_count(move, giving, receiving)
        self.one_counts_in_the_end(move, giving, receiving)

    async def _post(self, move: Move, sender: _Desk, to: _Desk, letter: bytes | None) -> None:
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

    async def _hear(self, to: _Desk, letter: bytes, move: Move) -> None:
        desk = to.leaving if to.url == move.giving else to.arriving
        self.counts["letters"] += await self._tried(to, desk.hear(letter))

    async def _tried(self, desk: _Desk, work: Awaitable[object]) -> bool:
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

    def _has_ended(self, move: Move, giving: _Desk, receiving: _Desk) -> bool:
        if giving.house.has_left or receiving.house.has_left:
            return True
        known = giving.book.record(move.id), receiving.book.record(move.id)
        return all(one is not None and one.state.is_final for one in known)

    # --- the offices ---------------------------------------------------------------------------

    async def _open(self, folder: Path, stack: ExitStack) -> None:
        keys = {name: _key(name) for name in self._houses}
        trust = _trust(keys)
        for name, house in self._houses.items():
            url, key = _url(name), keys[name]
            office = MovingOffice(
                holder=SealHolder(id=url, name={"en": "Health office"}, region=name),
                key=key,
                key_id=f"{url}#{key.public_multibase}",
                trust=lambda: trust,
                clock=house.engine_clock,
            )
            book = stack.enter_context(_Book(folder / f"{name}.moves"))
            register = await _Register.open(
                folder / f"{name}.db", uri=f"{url}/status/1", entries=_ENTRIES
            )
            assert isinstance(register, _Register)  # noqa: S101 - it opens what it is
            self._desks[name] = _Desk(house, office, book, register)


def _claims(move: Move, region: str) -> Claims:
    return Claims(
        id=_new(move),
        type=_TYPE,
        title={"en": "Health certificate"},
        issuer_id=move.receiving,
        issuer_name={"en": "Health office"},
        issuer_region=region,
        holder_name="Nobody",
        valid_from=date(2026, 10, 1),
        valid_until=_UNTIL,
    )


def _new(move: Move) -> str:
    return f"{move.certificate}:moved"


def _url(region: str) -> str:
    return f"https://certificates.example/{region}/health"


def _key(region: str) -> SigningKey:
    seed = hashlib.sha256(f"simulated, no secret: {region}".encode()).digest()
    return SigningKey(Ed25519PrivateKey.from_private_bytes(seed))


def _trust(keys: Mapping[str, SigningKey]) -> TrustStore:
    return TrustStore(
        territory="000000",
        version=1,
        issued_at=_SINCE,
        expires_at=_SINCE + timedelta(days=10_000),
        issuers=tuple(
            TrustedIssuer(
                id=_url(name),
                name={"en": name},
                region=name,
                keys=(
                    ListedKey.for_certificates(_url(name), key.public_multibase, valid_from=_SINCE),
                ),
                entitlements=tuple(
                    Entitlement(type=kind, region=name, valid_from=_SINCE)
                    for kind in (_TYPE, TRANSFER_NOTICE)
                ),
            )
            for name, key in keys.items()
        ),
    )


def _broken(invariant: str, move: Move, problem: str) -> InvariantBrokenError:
    found = Violation(invariant=invariant, case_id=move.id, problem=problem)
    return InvariantBrokenError(found)


MOVING: Final = (Moves.two_never_count, Moves.one_counts_in_the_end)
