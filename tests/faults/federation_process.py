"""A region as a process of its own: its police, its engine, its counter for other regions.

Started with a folder, a port and the caller's public key; it dies with its standard input, or when
somebody kills it, and goes on from its files.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from oneservice import Engine
from oneservice.certificates import Cryptosuite, SigningKey
from oneservice.clocks import SystemClock
from oneservice.departments import (
    Accepted,
    AdapterApp,
    Caller,
    Callers,
    CorrectionRequested,
    Decision,
    DepartmentEndpoint,
    Ed25519EventKey,
    Granted,
    HttpDepartments,
    Submission,
    VerifyingKey,
    running,
    serve,
)
from oneservice.engine import KeySigner
from oneservice.federation import Offer, RegionOffice
from oneservice.ports import SealHolder

OFFICE, HOME, POLICE = "region-980200", "980201", "public-security"


def kept(path: Path, keyid: str) -> Ed25519EventKey:
    if not path.exists():
        path.write_bytes(Ed25519EventKey.generate(keyid).to_pem())
    return Ed25519EventKey.from_pem(path.read_bytes(), keyid=keyid)


def police(folder: Path, key: Ed25519EventKey) -> AdapterApp:
    app = AdapterApp(POLICE, store=folder / "police.db", event_key=key)

    @app.step("birth_registration")
    def register(submission: Submission) -> Any:
        if str(submission.fields["child_name"]).endswith("补"):
            return CorrectionRequested(materials=("m_marriage",))
        return Accepted()

    @app.before_read
    async def grant(now: datetime) -> list[Decision]:
        del now
        found = []
        for one in await app.submissions():
            accepted = () if one.was_accepted else (Accepted(),)
            if one.correction_id is None:
                outcomes = (*accepted, Granted(number=f"HK-{one.case_id}"))
                found.append(Decision(submission_id=one.id, outcomes=outcomes))
        return found

    return app


def tell(url: str) -> None:
    print(url, flush=True)


async def main(folder: Path, port: int, caller: str) -> None:
    key, counter = kept(folder / "police.pem", "police"), kept(folder / "counter.pem", "counter")
    app = police(folder, key)
    theirs = VerifyingKey(keyid="neighbour", alg="ed25519", public_key=bytes.fromhex(caller))
    async with contextlib.AsyncExitStack() as stack:
        url = await stack.enter_async_context(running(app))
        way = DepartmentEndpoint(
            base_url=url,
            keys=(VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key),),
            per_minute=100_000,
        )
        ports = await stack.enter_async_context(HttpDepartments({POLICE: way}, clock=SystemClock()))
        seal = KeySigner(
            SealHolder(id="https://c.invalid/home", name={"en": "Centre"}, region=HOME),
            SigningKey.generate(Cryptosuite.EDDSA_JCS_2022),
        )
        engine = await stack.enter_async_context(
            Engine.embedded(
                folder / "cases.db",
                region=HOME,
                departments=ports,
                signer=seal,
                feed_every=timedelta(milliseconds=200),
            )
        )
        office = RegionOffice(
            engine,
            department=OFFICE,
            store=folder / "counter.db",
            event_key=counter,
            callers=Callers(Caller(id="neighbour", keys=(theirs,))),
            offers=(Offer.item("newborn", "birth_registration"),),
        )
        carrying = asyncio.create_task(engine.run())
        try:
            await serve(office, port=port, until_stdin_closes=True, on_listening=tell)
        finally:
            carrying.cancel()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
