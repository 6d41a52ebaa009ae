"""What the deciding region's log and lists say of a result lies in the other region's bundle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import parse_object
from oneservice.certificates import (
    Bundle,
    Certificate,
    Claims,
    Cryptosuite,
    SigningKey,
    TrustStore,
    issue,
)
from oneservice.departments import Accepted, Granted, Submission
from oneservice.engine import Vouchers
from oneservice.tlog import EntryLog, LogKeeper, TileLog
from oneservice.transparency import Entry, EntryKind, LogProof, NoteSigner

SIGNER = NoteSigner.generate("980200.example/log")
OFFICE = "https://police.980201.example/issuer"
KEY = SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
STEP = "birth_registration"


def paper(number: str = "1") -> Certificate:
    claims = Claims(
        id=f"https://police.980201.example/entries/{number}",
        type=STEP,
        title={"zh": "出生登记", "en": "Entry of birth"},
        issuer_id=OFFICE,
        issuer_name={"zh": "公安", "en": "Police"},
        issuer_region="980201",
        holder_name="陆小禾",
        valid_from=date(2026, 9, 28),
    )
    return issue(
        claims,
        key=KEY,
        verification_method=f"{OFFICE}#{KEY.public_multibase}",
        created=datetime(2026, 9, 28, 1, tzinfo=UTC),
    )


class Log:
    """The log of the deciding region, which may hang."""

    def __init__(self, log: EntryLog) -> None:
        self.log = log
        self.hangs = False
        self.asked = 0

    async def enter(self, entries: Sequence[Entry]) -> tuple[str, ...]:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        return await self.log.enter(entries)


@asynccontextmanager
async def with_log(pair: Any, folder: Path) -> AsyncIterator[Log]:
    """Let the office over there grant a certificate, and its region's log vouch for it."""

    def decide(submission: Submission) -> Any:
        one = paper(submission.id).content
        return Accepted(), Granted(number="HK-1", certificate=dict(one))

    pair.home.decide[STEP] = decide
    list_key = SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)
    pair.more["trust"] = TrustStore(
        territory="970301",
        version=1,
        issued_at=SINCE,
        expires_at=SINCE + timedelta(days=900),
        issuers=(),
    ).signed(key=list_key, signer_id="https://trust.example", created=SINCE)
    async with LogKeeper(TileLog.create(folder / "log", SIGNER)) as keeper, EntryLog(keeper) as log:
        found = Log(log)
        pair.home_more["vouchers"] = Vouchers(log=found)
        async with pair.open():
            yield found


async def bundled(pair: Any, case: Any) -> tuple[Bundle, Certificate]:
    """Return the bundle of the region that accepted, and what was decided elsewhere in it."""
    bundle = await pair.birth.engine.bundle(case.id)
    (found,) = [one for one in bundle.certificates if one.claims.type == STEP]
    return bundle, found


async def test_the_log_of_the_region_that_decided_proves_it_offline(
    pair: Any, tmp_path: Path
) -> None:
    async with with_log(pair, tmp_path):
        case = await pair.apply()
        await pair.carry()
        bundle, decided = await bundled(pair, case)
        read = Bundle.parse(bundle.dump())
        (proof,) = read.enclosed(decided).log_proofs
        entry = Entry(kind=EntryKind.CERTIFICATE, digest=decided.digest, salt=proof.salt)
        LogProof.parse(proof.text.encode()).check(entry.encode(), log=SIGNER.key, witnesses=())
        # It is that of their own bundle, and it names nothing else of theirs.
        (theirs,) = await pair.home.engine.cases()
        own = await pair.home.engine.enclosures(
            theirs.case_id, of=[decided.digest], patience_s=60.0
        )
        told = parse_object(own)["certificates"]
        assert list(told) == [decided.digest]
        assert told[decided.digest]["log_proofs"][0]["salt"] == proof.salt


async def test_a_log_that_hangs_holds_up_no_result_and_is_let_be(
    pair: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oneservice.engine.vouching.PATIENCE_S", 0.05)
    monkeypatch.setattr("oneservice.federation.outgoing._PATIENCE_S", 0.05)
    async with with_log(pair, tmp_path) as log:
        log.hangs = True
        case = await pair.apply()
        await pair.carry()
        bundle, decided = await bundled(pair, case)
        assert bundle.enclosed(decided).is_empty
        asked = log.asked
        (theirs,) = await pair.home.engine.cases()
        there = await pair.home.engine.case(theirs.case_id)
        (filed,) = await pair.office.submissions(states=frozenset({"granted"}))
        told = await pair.office._pump._outgoing._vouched(there, [decided])
        assert (told, log.asked, filed.state) == ((), asked, "granted")
