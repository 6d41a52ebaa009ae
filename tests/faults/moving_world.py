"""Two offices of two regions, each with its own keys, clock, register and book: for moves.

:func:`play` plays one side over standard input and output, an order a line, so that it can be
killed wherever it is.
"""

from __future__ import annotations

import base64
import json
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oneservice.certificates import (
    TRANSFER_NOTICE,
    Act,
    Claims,
    Cryptosuite,
    Entitlement,
    ListedKey,
    ListIssuer,
    Move,
    Operation,
    SigningKey,
    TrustedIssuer,
    TrustStore,
    issue,
)
from oneservice.certificates import Certificate as Paper
from oneservice.clocks import VirtualClock
from oneservice.errors import OneServiceError
from oneservice.ports import SealHolder
from oneservice.runtimes import (
    ArrivalDesk,
    DepartureDesk,
    MovingBook,
    MovingOffice,
    StatusRegister,
)
from oneservice.tlog import EntryLog, LogKeeper, TileLog
from oneservice.transparency import NoteSigner

START = datetime(2026, 9, 28, 1, tzinfo=UTC)
LISTS_LAST = timedelta(hours=12)
GIVING = "https://certificates.example/990101/market-regulation"
RECEIVING = "https://certificates.example/980201/market-regulation"
REGIONS = {GIVING: "990101", RECEIVING: "980201"}
TYPE = "health_certificate"
OLD = "urn:a:health:1"
NEW = "urn:b:health:1"
MOVE = Move(id="m1", certificate=OLD, giving=GIVING, receiving=RECEIVING)


def key_of(office: str, folder: Path) -> SigningKey:
    """The office's key, kept in a file so that it outlives the process."""
    path = folder / f"{REGIONS[office]}.key"
    if not path.exists():
        made = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
        path.write_bytes(made.to_pem(None))
    return SigningKey.from_pem(path.read_bytes())


def listed(folder: Path) -> TrustStore:
    """One list that names both offices: what the two regions exchange."""
    since = START - timedelta(days=100)
    return TrustStore(
        territory="000000",
        version=1,
        issued_at=since,
        expires_at=since + timedelta(days=4000),
        issuers=tuple(
            TrustedIssuer(
                id=office,
                name={"en": region},
                region=region,
                keys=(
                    ListedKey.for_certificates(
                        office, key_of(office, folder).public_multibase, valid_from=since
                    ),
                ),
                entitlements=tuple(
                    Entitlement(type=type_, region=region, valid_from=since)
                    for type_ in (TYPE, TRANSFER_NOTICE)
                ),
            )
            for office, region in REGIONS.items()
        ),
    )


def paper_claims(identifier: str, office: str, **more: Any) -> Claims:
    """What a certificate of the story states."""
    return Claims(
        id=identifier,
        type=TYPE,
        title={"en": "Health certificate"},
        issuer_id=office,
        issuer_name={"en": "Office"},
        issuer_region=REGIONS[office],
        holder_name="Cook",
        valid_from=date(2026, 9, 1),
        valid_until=date(2027, 8, 31),
        **more,
    )


@dataclass(slots=True, kw_only=True)
class Side:
    """One office, open."""

    office: MovingOffice
    register: StatusRegister
    book: MovingBook
    publisher: ListIssuer
    clock: VirtualClock

    @property
    def leaving(self) -> DepartureDesk:
        """Its desk for what goes."""
        return DepartureDesk(office=self.office, book=self.book, register=self.register)

    @property
    def arriving(self) -> ArrivalDesk:
        """Its desk for what comes."""
        return ArrivalDesk(office=self.office, book=self.book, register=self.register)

    async def publish(self) -> list[bytes]:
        """Publish its lists, and return them."""
        now = self.clock.now()
        edition = await self.register.publish(self.publisher, at=now, lifetime=LISTS_LAST, ttl_s=60)
        return list(edition.documents.values())

    async def close(self) -> None:
        """Close everything."""
        await self.register.close()
        self.book.close()

    async def issue_old(self) -> Paper:
        """Issue what is to move."""
        now = self.clock.now()
        until = datetime(2027, 8, 31, 15, 59, 59, tzinfo=UTC)
        act = Act(operation=Operation.NEW, at=now, id=OLD, valid_until=until)
        await self.register.perform(None, act, ground="-")
        claims = paper_claims(OLD, GIVING, status=self.register.entry(OLD))
        office = self.office
        return issue(claims, key=office.key, verification_method=office.key_id, created=now)


def log_of(office: str, folder: Path) -> TileLog:
    """The log of the office's region, with a worthless key."""
    path = folder / f"{REGIONS[office]}-log"
    name = f"{REGIONS[office]}.example/log"
    signer = NoteSigner(name, Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32)))
    if (path / "private" / "log.json").exists():
        return TileLog(path, signer)
    return TileLog.create(path, signer)


async def opened(
    office: str,
    folder: Path,
    *,
    clock: VirtualClock | None = None,
    log: EntryLog | None = None,
) -> Side:
    """Open an office whose files are in ``folder``."""
    region, key = REGIONS[office], key_of(office, folder)
    clock = clock or VirtualClock(START)
    trust = listed(folder)
    key_id = f"{office}#{key.public_multibase}"
    uri = f"https://certificates.example/{region}/status/1"
    return Side(
        office=MovingOffice(
            holder=SealHolder(id=office, name={"en": "Office"}, region=region),
            key=key,
            key_id=key_id,
            trust=lambda: trust,
            clock=clock,
            log=log,
        ),
        register=await StatusRegister.open(folder / f"{region}.db", uri=uri, entries=131_072),
        book=MovingBook(folder / f"{region}.moves"),
        publisher=ListIssuer(id=office, key=key, key_id=key_id),
        clock=clock,
    )


def asked(side: Side, order: dict[str, Any], *, refuses: bool) -> Any:
    """Return what one line of the other process asks for, to be awaited."""
    letter = base64.b64decode(order.get("letter", ""))
    if refuses and order["do"] == "hear" and side.office.holder.id == RECEIVING:
        return side.arriving.refuse(MOVE, reason="full")
    match order["do"]:
        case "begin":
            return side.leaving.begin(MOVE)
        case "promise":
            return side.arriving.promise(MOVE, paper_claims(NEW, RECEIVING))
        case "hear" if side.office.holder.id == GIVING:
            return side.leaving.hear(letter)
        case "hear":
            return side.arriving.hear(letter)
        case "go on" if side.office.holder.id == GIVING:
            return side.leaving.go_on_with_all()
        case _:
            return side.arriving.go_on_with_all()


async def play(folder: Path, office: str, *, refuses: bool) -> None:
    """Answer each line with where the move stands, and the letter for the other side."""
    async with AsyncExitStack() as stack:
        keeper = await stack.enter_async_context(LogKeeper(log_of(office, folder)))
        log = await stack.enter_async_context(EntryLog(keeper))
        clock = VirtualClock(START)
        side = await opened(office, folder, clock=clock, log=log)
        await answer(side, office, clock, refuses=refuses)
        await side.close()


async def answer(side: Side, office: str, clock: VirtualClock, *, refuses: bool) -> None:
    """Answer as long as there are lines."""
    if side.register.record(OLD) is None and office == GIVING:
        await side.issue_old()
    if side.register.edition() is None and office == GIVING:
        await side.publish()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        clock.set(START + timedelta(hours=order["hours"]))
        wrong = ""
        try:
            await asked(side, order, refuses=refuses)
        except OneServiceError as error:
            wrong = f"{error.code}: {error}"
        desk = side.leaving if office == GIVING else side.arriving
        known, letter = side.book.record(MOVE.id), desk.letter(MOVE.id)
        told = {
            "state": None if known is None else known.state.value,
            "letter": base64.b64encode(letter or b"").decode("ascii"),
            "wrong": wrong,
        }
        print(json.dumps(told), flush=True)
