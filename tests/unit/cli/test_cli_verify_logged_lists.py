"""``oneservice verify``: the proof of a log that lies beside a status list."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from oneservice.certificates import (
    Claims,
    Cryptosuite,
    Entitlement,
    ListedKey,
    ListedLog,
    ListedWitness,
    ListIssuer,
    Publication,
    SigningKey,
    StatusEntry,
    TrustedIssuer,
    TrustStore,
    issue,
    write_status_lists,
)
from oneservice.clocks import VirtualClock
from oneservice.errors import FileUnusableError
from oneservice.ports import WebAnswer, WebRequest
from oneservice.tlog import EntryLog, LogKeeper, TileLog, Witness, prove_lists
from oneservice.transparency import KnownWitness, NoteSigner, SignatureType, WitnessPolicy

Run = Callable[..., Result]
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
SIGNED = datetime(2026, 10, 14, 2, tzinfo=UTC)
AT = "2026-10-15T00:00:00Z"
OFFICE = "https://990101.example/health"
REGISTER = f"{OFFICE}/status/1"
KEY = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
METHOD = f"{OFFICE}#{KEY.public_multibase}"
LOG = NoteSigner.generate("990101.example/log")
WITNESS = NoteSigner.generate("audit.example/w", type=SignatureType.COSIGNATURE_V1)


class _Web:
    """One witness, asked without a socket."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    async def exchange(self, request: WebRequest) -> WebAnswer:
        answer = self._witness.add_checkpoint(request.body)
        return WebAnswer(status=answer.status, headers={}, body=answer.body)


def listed(*, has_log: bool) -> TrustStore:
    """The list of the region, with its log and the witness of it, or without either."""
    return TrustStore(
        territory="990101",
        version=1,
        issued_at=SINCE,
        expires_at=SINCE + timedelta(days=3650),
        issuers=(
            TrustedIssuer(
                id=OFFICE,
                name={"en": "Health"},
                region="990101",
                keys=(ListedKey.for_certificates(OFFICE, KEY.public_multibase, valid_from=SINCE),),
                entitlements=(
                    Entitlement(type="health_certificate", region="990101", valid_from=SINCE),
                ),
            ),
        ),
        logs=(ListedLog(origin=LOG.key.name, vkey=LOG.key.vkey, valid_from=SINCE),) * has_log,
        witnesses=(
            ListedWitness(
                name=WITNESS.key.name, vkey=WITNESS.key.vkey, role="audit-office", valid_from=SINCE
            ),
        )
        * has_log,
    )


async def laid_down(folder: Path, files: list[Path]) -> int:
    """Log what lies there; the log is opened anew each time."""
    clock = VirtualClock(SIGNED + timedelta(minutes=1))
    policy = WitnessPolicy(
        witnesses=(KnownWitness(name="audit", key=WITNESS.key, url="http://w"),), quorum="audit"
    )
    path = folder / "log"
    tiles = TileLog(path, LOG) if path.exists() else TileLog.create(path, LOG)
    with Witness(folder / "w", signers=[WITNESS], logs=[LOG.key], clock=clock) as witness:
        keeper = LogKeeper(tiles, policy=policy, web=_Web(witness))
        async with keeper, EntryLog(keeper) as log:
            await prove_lists(files, log)
            await prove_lists(files, log, anew=True)
            return keeper.log.size


@pytest.fixture
def story(tmp_path: Path) -> Any:
    """A certificate, two editions of its register with their proofs, and trust lists."""

    def words(edition: Path, *, has_log: bool = True) -> tuple[Any, ...]:
        trust = tmp_path / f"trust-{has_log}.json"
        made = listed(has_log=has_log)
        signer = "https://trust.example/a"
        trust.write_bytes(made.signed(key=KEY, signer_id=signer, created=SINCE).dump())
        return ("verify", tmp_path / "paper.json", "--trust", trust, "--status", edition)

    place = StatusEntry(uri=REGISTER, index=7)
    claims = Claims(
        id="urn:oneservice:health:990101:1",
        type="health_certificate",
        title={"en": "Health certificate"},
        issuer_id=OFFICE,
        issuer_name={"en": "Health"},
        issuer_region="990101",
        holder_name="A cook",
        valid_from=date(2026, 9, 28),
        status=place,
    )
    paper = issue(claims, key=KEY, verification_method=METHOD, created=SIGNED)
    (tmp_path / "paper.json").write_bytes(paper.dump())
    files = []
    for number in (1, 2):
        made = write_status_lists(
            bytes(131_072 // 4),
            uri=REGISTER,
            issuer=ListIssuer(id=OFFICE, key=KEY, key_id=METHOD),
            issued_at=SIGNED - timedelta(hours=3 - number),
            expires_at=SIGNED + timedelta(days=2),
            ttl_s=600,
        )
        files.append(tmp_path / f"{number}.jwt")
        files[-1].write_bytes(made[Publication.TOKEN])
    assert asyncio.run(laid_down(tmp_path, files)) == 2
    assert asyncio.run(laid_down(tmp_path, files)) == 2, "each edition has one place"
    return words


def register_of(result: Result) -> dict[str, Any]:
    (told,) = [json.loads(line) for line in result.stdout.splitlines()]
    (status,) = [one for one in told["checks"] if one["name"] == "status"]
    found: dict[str, Any] = status["evidence"]["register"]
    return found


def test_since_when_a_list_existed_is_told(run: Run, story: Any, tmp_path: Path) -> None:
    proven = run(*story(tmp_path / "2.jwt"), "--at", AT, "--json")
    assert proven.exit_code == 0, proven.stdout
    assert register_of(proven)["list_proven_at"] == "2026-10-14T02:01:00Z"
    page = run(*story(tmp_path / "2.jwt"), "--at", AT)
    assert "2026-10-14" in page.stdout
    (tmp_path / "2.jwt.tlog-proof").unlink()
    bare = run(*story(tmp_path / "2.jwt"), "--at", AT, "--json")
    assert "list_proven_at" not in register_of(bare)


def test_a_log_that_nobody_lists_proves_nothing(run: Run, story: Any, tmp_path: Path) -> None:
    told = run(*story(tmp_path / "2.jwt", has_log=False), "--at", AT, "--json")
    assert told.exit_code == 0
    assert "list_proven_at" not in register_of(told)


def test_the_proof_of_another_edition_is_refused(run: Run, story: Any, tmp_path: Path) -> None:
    other = (tmp_path / "1.jwt.tlog-proof").read_bytes()
    for wrong in (other, b"no proof at all"):
        (tmp_path / "2.jwt.tlog-proof").write_bytes(wrong)
        told = run(*story(tmp_path / "2.jwt"), "--at", AT)
        assert told.exit_code == 2
        assert "2.jwt.tlog-proof" in told.stderr


async def test_what_cannot_be_read_or_written_is_told(tmp_path: Path) -> None:
    async with (
        LogKeeper(TileLog.create(tmp_path / "log", LOG)) as keeper,
        EntryLog(keeper) as log,
    ):
        with pytest.raises(FileUnusableError, match="cannot be read"):
            await prove_lists([tmp_path / "none.jwt"], log)
        (tmp_path / "a.jwt").write_bytes(b"a list")
        (tmp_path / "a.jwt.tlog-proof").mkdir()
        with pytest.raises(FileUnusableError, match="cannot be written"):
            await prove_lists([tmp_path / "a.jwt"], log, anew=True)
