"""The offices that give certificates away and take them in: real desks on files, which may die."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oneservice.certificates import (
    TRANSFER_NOTICE,
    CertificateRecord,
    Claims,
    Entitlement,
    LifeState,
    ListedKey,
    Move,
    SigningKey,
    TrustedIssuer,
    TrustStore,
)
from oneservice.ports import SealHolder
from oneservice.runtimes import (
    ArrivalDesk,
    DepartureDesk,
    MoveRecord,
    MovingBook,
    MovingOffice,
    StatusRegister,
)
from oneservice.sandbox import SimulatedCrash
from oneservice.simulation.faults import AT_DISK, FaultKind
from oneservice.simulation.regions_house import House

__all__ = ["Desk", "claims_of", "new_name", "opened_desks"]

_TYPE: Final = "health_certificate"
_ENTRIES: Final = 131_072
_SINCE: Final = datetime(2020, 1, 1, tzinfo=UTC)
_UNTIL: Final = date(2027, 9, 30)
_CRASHES: Final = frozenset({FaultKind.CRASH, FaultKind.TORN_WRITE, FaultKind.LOST_WRITE})


class _Book(MovingBook):
    """A book whose desk dies before or after a write."""

    desk: Desk

    def begin(self, *given: Any) -> None:
        with self.desk.writing():
            super().begin(*given)

    def step(self, *given: Any, **more: Any) -> MoveRecord:
        with self.desk.writing():
            return super().step(*given, **more)


class _Register(StatusRegister):
    """A register whose desk dies before or after a write."""

    desk: Desk

    async def perform(self, *given: Any, **more: Any) -> CertificateRecord:
        with self.desk.writing():
            return await super().perform(*given, **more)

    async def perform_in_turn(self, *given: Any, **more: Any) -> CertificateRecord:
        with self.desk.writing():
            return await super().perform_in_turn(*given, **more)


@dataclass(slots=True)
class _Writing:
    """One write: what the plan has in store strikes before or after it."""

    desk: Desk
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


class Desk:
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
        """Return what the office takes for the present."""
        return self._clock.now()

    def writing(self) -> _Writing:
        """Do one write in the block, if nothing strikes."""
        return _Writing(self)

    def counts(self, identifier: str) -> bool:
        """Say whether the register calls a certificate good."""
        record = self.register.record(identifier)
        return record is not None and record.state is LifeState.VALID


async def opened_desks(
    houses: Mapping[str, House], folder: Path, stack: ExitStack
) -> dict[str, Desk]:
    """Open the office of each region on files in ``folder``; ``stack`` closes the books."""
    desks: dict[str, Desk] = {}
    keys = {name: _key(name) for name in houses}
    trust = _trust(keys)
    for name, house in houses.items():
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
        desks[name] = Desk(house, office, book, register)
    return desks


def claims_of(move: Move, region: str) -> Claims:
    """Return what the new certificate will state."""
    return Claims(
        id=new_name(move),
        type=_TYPE,
        title={"en": "Health certificate"},
        issuer_id=move.receiving,
        issuer_name={"en": "Health office"},
        issuer_region=region,
        holder_name="Nobody",
        valid_from=date(2026, 10, 1),
        valid_until=_UNTIL,
    )


def new_name(move: Move) -> str:
    """Return the identifier of the new certificate."""
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
