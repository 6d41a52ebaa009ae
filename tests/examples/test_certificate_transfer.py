"""The composed thing `certificate_transfer`: one case, two offices, a certificate that moves."""

from __future__ import annotations

import importlib.util
import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from oneservice import Applicant, CaseStatus, Engine
from oneservice.catalog import load_catalog
from oneservice.certificates import Cryptosuite, LifeState, SigningKey
from oneservice.cli.demo_regions.country import prepare
from oneservice.cli.demo_regions.keys import HOME
from oneservice.cli.demo_regions.lists import own_list
from oneservice.clocks import VirtualClock
from oneservice.departments import (
    DepartmentEndpoint,
    Ed25519EventKey,
    HttpDepartments,
    VerifyingKey,
    running,
)
from oneservice.engine import KeySigner
from oneservice.ports import SealHolder

ROOT = Path(__file__).resolve().parents[2]


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = found
    spec.loader.exec_module(found)
    return found


world = _module(ROOT / "tests" / "faults" / "moving_world.py")
offices = _module(ROOT / "examples" / "moving" / "offices.py")


@pytest.mark.parametrize("is_recognised", [True, False])
async def test_one_case_moves_a_certificate(tmp_path: Path, *, is_recognised: bool) -> None:
    clock = VirtualClock(world.START)
    a = await world.opened(world.GIVING, tmp_path, clock=clock)
    b = await world.opened(world.RECEIVING, tmp_path, clock=clock)
    await a.issue_old()
    clock.advance(timedelta(minutes=1))
    await a.publish()
    leaving, arriving = a.leaving, b.arriving

    def continues(_: str) -> Any:
        return world.paper_claims(world.NEW, world.RECEIVING) if is_recognised else None

    async def from_receiving(move: str) -> bytes | None:
        return arriving.letter(move)

    async def from_giving(move: str) -> bytes | None:
        return leaving.letter(move)

    keys = [Ed25519EventKey.generate(f"office-{number}") for number in range(2)]
    out = offices.giving_office(
        leaving,
        other=world.RECEIVING,
        fetch=from_receiving,
        store=tmp_path / "out.db",
        event_key=keys[0],
        clock=clock,
    )
    into = offices.receiving_office(
        arriving,
        other=world.GIVING,
        fetch=from_giving,
        continues=continues,
        store=tmp_path / "in.db",
        event_key=keys[1],
        clock=clock,
    )
    prepare(tmp_path / "land")
    holder = SealHolder(id="https://centre.example/issuer", name={"en": "Centre"}, region="980201")
    seal = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    async with running(out) as out_url, running(into) as in_url:
        ways = {
            name: DepartmentEndpoint(
                base_url=url,
                keys=(VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key),),
                per_minute=100_000,
            )
            for name, url, key in (
                ("certificates-giving", out_url, keys[0]),
                ("certificates-receiving", in_url, keys[1]),
            )
        }
        async with (
            HttpDepartments(ways, clock=clock) as departments,
            Engine.embedded(
                tmp_path / "cases.db",
                region="980201",
                departments=departments,
                signer=KeySigner(holder, seal),
                catalog=load_catalog([ROOT / "examples" / "moving"]),
                trust=own_list(tmp_path / "land", HOME),
                clock=clock,
                feed_every=timedelta(minutes=1),
            ) as engine,
        ):
            plan = engine.plan("certificate_transfer", answers={})
            applicant = Applicant(name="程远", code="990101198703151057", kind="person")
            case = await engine.submit(plan, applicant, fields={"certificate": world.OLD})
            for _ in range(12):
                await engine.progress()
                clock.advance(timedelta(hours=3))
            ended = await engine.case(case.id)
    states = [a.register.record(world.OLD).state, b.register.record(world.NEW)]
    if is_recognised:
        assert ended.status is CaseStatus.CONCLUDED
        assert states[0] is LifeState.TRANSFERRED
        assert states[1].state is LifeState.VALID
        assert ended.sub_cases["transfer_in"].outcome["number"] == world.NEW
    else:
        assert states == [LifeState.VALID, None]  # nothing was ever held
        assert str(ended.sub_cases["transfer_check"].status) == "refused"
    await a.close()
    await b.close()
