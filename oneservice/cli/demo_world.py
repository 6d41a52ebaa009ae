"""The world of the demonstration: a folder with offices, keys, a clock, and their servers.

Everything is made once and found again by the next run, so that a demonstration that was killed
goes on where it was. The trust list is made out of band, from what the offices wrote into their
own folders; nothing that a server says about itself is trusted.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import oneservice_adapters as offices
from oneservice.canonical import canonical
from oneservice.catalog import Catalog
from oneservice.certificates import (
    BUNDLE_TYPE,
    Cryptosuite,
    Entitlement,
    ListedKey,
    SigningKey,
    TrustedIssuer,
    TrustStore,
    controller_document,
)
from oneservice.cli.demo_folder import DemoFolder
from oneservice.cli.demo_signers import signed_by_two
from oneservice.cli.demo_vouching import Keys, Seal, keys_of, running_witnesses, vouching
from oneservice.cli.reading import MAX_TRUST_BYTES, read_file
from oneservice.clocks import FileClock
from oneservice.departments import DepartmentEndpoint, HttpDepartments, event_keys_of
from oneservice.engine import Engine
from oneservice.errors import JournalLockedError
from oneservice.ports import SealHolder

__all__ = ["FIRST_MORNING", "demo_engine"]

Stories: TypeAlias = Mapping[str, Mapping[str, str]]
"""How steps go at their departments: by department and step, a word of the offices."""

FIRST_MORNING: Final = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
"""Monday, 28 September 2026, 09:00 in Beijing: the day of the worked scenarios."""
_KEYS_SINCE: Final = datetime(2026, 1, 1, tzinfo=UTC)
_FEED_EVERY: Final = timedelta(hours=2)
_GOING_HOME_S: Final = 15.0
_YEARS_LISTED: Final = 10
_MAX_PEM_BYTES: Final = 65_536
_LEAD: Final = "government-service-centre"
_LEAD_NAME: Final = {"zh": "示例一区政务服务中心", "en": "Government Service Centre"}


@asynccontextmanager
async def demo_engine(
    folder: DemoFolder,
    *,
    catalog: Catalog,
    region: str,
    departments: Collection[str],
    pace_s_per_day: float,
    stories: Stories | None = None,
) -> AsyncIterator[Engine]:
    """Start the offices on loopback and open the engine over them.

    Args:
        folder: of this demonstration.
        catalog: the published definitions.
        region: which the offices serve.
        departments: the offices that the case needs.
        pace_s_per_day: real seconds that a virtual day takes.
        stories: how offices behave, by department and step; by default as they should.
    """
    clock = FileClock(folder.clock, start=FIRST_MORNING, pace_s_per_day=pace_s_per_day)
    seal, lead = _lead(folder, region)
    keys = keys_of(folder, region)
    cards = [
        offices.prepare_office(folder.office(name), name, region) for name in sorted(departments)
    ]
    trust = _trust_list(folder, lead, cards, region, seal=seal, keys=keys)
    with (
        running_witnesses(folder, keys) as witnesses,
        _running_offices(folder, departments, region, stories or {}) as addresses,
    ):
        endpoints = {
            name: DepartmentEndpoint(
                base_url=address,
                keys=event_keys_of(trust, name),
                per_minute=100_000,  # a virtual minute holds many more calls than a real one
            )
            for name, address in addresses.items()
        }
        homes = {
            card.register_uri.rpartition("/status/")[0]: _origin(addresses[card.department])
            for card in cards
        }
        async with (
            HttpDepartments(endpoints, clock=clock) as ports,
            vouching(
                folder,
                keys,
                seal,
                witnesses=witnesses,
                homes=homes,
                clock=clock,
            ) as vouched,
            Engine.embedded(
                folder.database,
                region=region,
                departments=ports,
                signer=vouched.signer,
                catalog=catalog,
                trust=trust,
                clock=clock,
                feed_every=_FEED_EVERY,
                vouchers=vouched.vouchers,
            ) as engine,
        ):
            yield engine


@contextlib.contextmanager
def _running_offices(
    folder: DemoFolder, departments: Collection[str], region: str, stories: Stories
) -> Iterator[Mapping[str, str]]:
    """Run every office as a process of its own; they end with this one, however it ends."""

    def start(name: str) -> offices.OfficeProcess:
        process = offices.start_process(
            name,
            folder.office(name),
            region=region,
            clock=folder.clock,
            stories=stories.get(name),
        )
        return stack.enter_context(process)

    with contextlib.ExitStack() as stack:
        started = {name: start(name) for name in sorted(departments)}
        yield {
            name: _address(process, again=partial(start, name)) for name, process in started.items()
        }


def _origin(address: str) -> str:
    """Return the root of the server that listens at ``address``."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _address(process: offices.OfficeProcess, *, again: Callable[[], offices.OfficeProcess]) -> str:
    """Return where an office listens; one of an earlier, killed run may still be going home.

    Only that is waited for: nobody else runs in this folder, and whatever else kept an office from
    starting would do so again.
    """
    give_up = time.monotonic() + _GOING_HOME_S
    while True:
        try:
            return process.url
        except JournalLockedError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.2)
            process = again()


def _lead(folder: DemoFolder, region: str) -> tuple[Seal, TrustedIssuer]:
    """Return the seal of the office that hands out the results, made once."""
    path = folder.office(_LEAD) / "seal-key.pem"
    if not path.exists():
        folder.write(
            f"offices/{_LEAD}/{path.name}",
            SigningKey.generate(Cryptosuite.ECDSA_JCS_2019).to_pem(None),
            mode=0o600,
        )
    key = SigningKey.from_pem(read_file(path, max_bytes=_MAX_PEM_BYTES))
    holder = SealHolder(
        id=f"https://{_LEAD}.{region}.example/issuer",
        name=_LEAD_NAME,
        region=region,
        is_sandbox=True,
    )
    listed = ListedKey.for_certificates(holder.id, key.public_multibase, valid_from=_KEYS_SINCE)
    entitled = Entitlement(type=BUNDLE_TYPE, region=region, valid_from=_KEYS_SINCE)
    issuer = TrustedIssuer(
        id=holder.id,
        name=holder.name,
        region=region,
        department=_LEAD,
        keys=(listed,),
        entitlements=(entitled,),
    )
    book = folder.office(_LEAD) / "seal-book.db"
    return Seal.of(holder, key, book, since=_KEYS_SINCE), issuer


def _trust_list(
    folder: DemoFolder,
    lead: TrustedIssuer,
    cards: Collection[offices.OfficeCard],
    region: str,
    *,
    seal: Seal,
    keys: Keys,
) -> TrustStore:
    """Return the region's trust list, made from the cards that lie in the offices' folders."""
    if folder.trust_list.exists():
        return TrustStore.parse(read_file(folder.trust_list, max_bytes=MAX_TRUST_BYTES))
    issuers = (lead, *(card.trusted_issuer(since=_KEYS_SINCE) for card in cards))
    unsigned = TrustStore(
        territory=region,
        version=1,
        issued_at=FIRST_MORNING,
        expires_at=FIRST_MORNING.replace(year=FIRST_MORNING.year + _YEARS_LISTED),
        issuers=issuers,
        logs=(keys.listed_log(_KEYS_SINCE),),
        witnesses=keys.listed_witnesses(region, _KEYS_SINCE),
        seals=(seal.listed(_KEYS_SINCE),),
    )
    trust = signed_by_two(folder, unsigned, since=FIRST_MORNING)
    for issuer in issuers:
        name = issuer.department or issuer.id
        folder.write(f"controllers/{name}.json", canonical(controller_document(issuer)))
    folder.write(folder.trust_list.name, trust.dump())
    return trust
