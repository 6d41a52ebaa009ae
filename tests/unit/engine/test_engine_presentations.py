"""A wallet shows a paper for one occasion: our word, our name, once, whatever crashes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.recognising import Train, make_train
from oneservice import Applicant, Engine
from oneservice.catalog import bundled_catalog_dir, load_answers, load_catalog
from oneservice.certificates import (
    Certificate,
    Cryptosuite,
    Entitlement,
    ListedKey,
    SdJwt,
    SigningKey,
    TrustBook,
    TrustedIssuer,
    VerifyingKey,
    combine,
    issue_sd_jwt,
)
from oneservice.clocks import VirtualClock
from oneservice.engine import (
    KeySigner,
    PresentationRequest,
    TrustAtHand,
    holdings_of,
    materials_of,
    paper_levels,
)
from oneservice.errors import IllegalInputError
from oneservice.ports import SealHolder
from oneservice.sandbox import SandboxSeals, SimulatedDepartments

NOW = datetime(2026, 9, 28, 1, tzinfo=UTC)
KIND = "property_certificate"
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "data_change.yaml"
OWNER = Applicant(name="旅客0", code="P000000", kind="person")


@pytest.fixture(scope="module")
def train() -> Train:
    return make_train(Cryptosuite.ECDSA_JCS_2019, people=20, kind=KIND)


@pytest.fixture(scope="module")
def wallet(train: Train) -> Wallet:
    return Wallet(train)


class Wallet:
    """A paper of the train as an SD-JWT, bound to a key that its holder has."""

    def __init__(self, train: Train) -> None:
        self.key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
        office = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
        claims = Certificate.parse(train.shown[0].paper).claims
        claims = replace(claims, issuer_id="https://980000.example/wallets")
        opened = datetime(2026, 1, 1, tzinfo=UTC)
        listed = ListedKey.for_certificates(
            claims.issuer_id, office.public_multibase, valid_from=opened
        )
        issuer = TrustedIssuer(
            id=claims.issuer_id,
            name={"zh": "局"},
            region="980000",
            keys=(listed,),
            entitlements=(Entitlement(type=KIND, region="980000", valid_from=opened),),
        )
        self.trust: TrustBook = combine(
            [
                replace(one, issuers=(*one.issuers, issuer)) if one.territory == "980000" else one
                for one in train.trust.lists
            ]
        )
        self.paper = issue_sd_jwt(
            replace(claims, status=None),
            key=office,
            key_id=listed.id,
            issued_at=NOW - timedelta(days=1),
            holder_key=VerifyingKey.from_multibase(self.key.public_multibase),
            salts=iter(f"{number:022}" for number in range(100)),
        )

    def shows(self, asked: PresentationRequest, **changes: Any) -> bytes:
        told = {"audience": asked.audience, "nonce": asked.nonce, "at": NOW, **changes}
        chosen: SdJwt = self.paper.disclosing(("holder_name",), ("holder_code",))
        return chosen.bound(key=told.pop("key", self.key), **told).dump()


def opened(path: Path, train: Train, wallet: Wallet, **more: Any) -> Any:
    clock = VirtualClock(NOW)
    catalog = load_catalog([bundled_catalog_dir()])
    things = {one.thing.id: one for one in catalog.things("990101", NOW.date())}
    seals = SandboxSeals(things, region="990101")
    departments = SimulatedDepartments(clock=clock, seals=seals)
    holder = SealHolder(id="https://c.invalid/1", name={"en": "Centre"}, region="990101")
    known = TrustAtHand(trust=wallet.trust, status=train.status)
    return Engine.embedded(
        path / "cases.db",
        region="990101",
        departments=departments,
        signer=KeySigner(holder, SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)),
        catalog=catalog,
        clock=clock,
        **({"at_hand": lambda: known} | more),
    )


async def test_what_a_wallet_shows_stands_for_a_paper(
    tmp_path: Path, train: Train, wallet: Wallet
) -> None:
    answers = load_answers(EXAMPLE).answers
    async with opened(tmp_path, train, wallet) as engine:
        asked = await engine.presentations.ask([KIND], purpose="data_change")
        assert (asked.audience, asked.types) == ("urn:oneservice:engine:990101", (KIND,))
        assert asked.until == NOW + timedelta(minutes=5)
        paper = await engine.presentations.receive(asked.id, wallet.shows(asked), holder=OWNER)
        assert (paper.code, paper.valid_until) == ("recognised", date(2027, 1, 31))
        plan = engine.plan("data_change", answers=answers, holdings=holdings_of([paper]))
        (document,) = materials_of(plan, [paper])["m_premises"]
        assert (document.media_type, document.level) == ("application/dc+sd-jwt", "sealed")
        levels = {one.material: one for one in paper_levels(plan)}
        assert levels["m_premises"].level == "sealed"
        assert "不动产权证书跨省互认协议" in levels["m_premises"].why[0].zh
        others = [one for one in levels.values() if one.level == "none"]
        assert all(not one.why for one in others)


async def test_a_recording_is_not_taken_twice(tmp_path: Path, train: Train, wallet: Wallet) -> None:
    async with opened(tmp_path, train, wallet) as engine:
        asked = await engine.presentations.ask([KIND], purpose="data_change")
        shown = wallet.shows(asked)
        assert (await engine.presentations.receive(asked.id, shown)).counts
        with pytest.raises(IllegalInputError) as caught:
            await engine.presentations.receive(asked.id, shown)
        assert caught.value.status == "answered"
        other = await engine.presentations.ask([KIND], purpose="data_change")
    async with opened(tmp_path, train, wallet) as engine:  # after a crash it is still spent
        with pytest.raises(IllegalInputError) as caught:
            await engine.presentations.receive(asked.id, shown)
        assert caught.value.status == "answered"
        # What was asked for before is still asked for, and takes no other occasion's answer.
        paper = await engine.presentations.receive(other.id, shown)
        assert paper.code == "holder_unproven"
        with pytest.raises(IllegalInputError):
            await engine.presentations.receive(other.id, wallet.shows(other))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"audience": "https://thief.example"}, "holder_unproven"),
        ({"nonce": "0" * 64}, "holder_unproven"),
        ({"at": NOW - timedelta(minutes=6)}, "holder_unproven"),
        ({"key": SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)}, "forged"),
    ],
)
async def test_only_the_holder_shows_it_to_us_now(
    tmp_path: Path, train: Train, wallet: Wallet, changes: Any, code: str
) -> None:
    async with opened(tmp_path, train, wallet) as engine:
        asked = await engine.presentations.ask([KIND], purpose="data_change")
        paper = await engine.presentations.receive(asked.id, wallet.shows(asked, **changes))
        assert (paper.code, paper.counts) == (code, False)


async def test_without_a_proof_of_holding_it_is_a_copy(
    tmp_path: Path, train: Train, wallet: Wallet
) -> None:
    async with opened(tmp_path, train, wallet) as engine:
        asked = await engine.presentations.ask([KIND], purpose="data_change")
        assert not (await engine.presentations.receive(asked.id, wallet.paper.dump())).counts
        again = await engine.presentations.ask([KIND], purpose="data_change")
        signed = train.shown[train.truths.index("recognised")].paper
        assert not (await engine.presentations.receive(again.id, signed)).counts


async def test_a_smudged_code_may_be_scanned_again_and_time_ends_it(
    tmp_path: Path, train: Train, wallet: Wallet
) -> None:
    async with opened(tmp_path, train, wallet) as engine:
        desk = engine.presentations
        asked = await desk.ask([KIND], purpose="data_change")
        assert (await desk.receive(asked.id, b"?")).code == "malformed"
        assert (await desk.receive(asked.id, wallet.shows(asked))).counts
        late = await desk.ask([KIND], purpose="data_change")
        await engine.wait_until(late.until)
        for name in (late.id, "p0"):
            with pytest.raises(IllegalInputError) as caught:
                await desk.receive(name, wallet.shows(late))
            assert caught.value.status == "ended"
        await desk.ask([KIND], purpose="data_change")
        store = engine._driver.store
        assert await kept_of(store) == [await store.cursor("presentation:2")]  # swept, but the last


async def kept_of(store: Any) -> list[str]:
    """Return what is kept of the first requests of an engine."""
    found = [await store.cursor(f"presentation:{number}") for number in range(100)]
    return [one for one in found if one is not None]


async def test_what_was_asked_before_a_restart_is_swept_once_it_has_ended(
    tmp_path: Path, train: Train, wallet: Wallet
) -> None:
    hour = timedelta(hours=1)
    async with opened(tmp_path, train, wallet) as engine:
        for _ in range(40):
            await engine.presentations.ask([KIND], purpose="data_change")
        long = await engine.presentations.ask([KIND], purpose="data_change", within=hour)
        assert len(await kept_of(engine._driver.store)) == 41
    async with opened(tmp_path, train, wallet) as engine:
        await engine.wait_until(NOW + timedelta(minutes=6))
        for _ in range(3):
            await engine.presentations.ask([KIND], purpose="data_change")
        store = engine._driver.store
        kept = await kept_of(store)
        assert len(kept) == 4
        assert long.id in kept[0]  # it lives still, and nothing behind it is looked at
        shown = wallet.shows(long, at=NOW + timedelta(minutes=6))
        assert (await engine.presentations.receive(long.id, shown)).counts
        await engine.wait_until(NOW + 2 * hour)
        await engine.presentations.ask([KIND], purpose="data_change")
        assert len(await kept_of(store)) == 1
        rows = await store._rows("SELECT count(*) FROM feeds WHERE department GLOB ?", ("pres*",))
        assert rows[0][0] == 2  # the last request, and the numbers: nothing is left of the others


async def test_no_word_is_found_by_its_number_alone(
    tmp_path: Path, train: Train, wallet: Wallet
) -> None:
    async with opened(tmp_path, train, wallet) as engine:
        asked = await engine.presentations.ask([KIND], purpose="data_change")
        number, _, _ = asked.id.partition("-")
        for name in (number, f"{number}-", f"{number}-{'0' * 24}", "p-1-x", "p999999-x", ""):
            with pytest.raises(IllegalInputError) as caught:
                await engine.presentations.receive(name, wallet.shows(asked))
            assert caught.value.status == "ended"
        assert (await engine.presentations.receive(asked.id, wallet.shows(asked))).counts


async def test_what_is_asked_is_named_and_short(
    tmp_path: Path, train: Train, wallet: Wallet
) -> None:
    async with opened(tmp_path, train, wallet) as engine:
        for types, within in (((), timedelta(minutes=1)), ((KIND,), timedelta(hours=2))):
            with pytest.raises(IllegalInputError):
                await engine.presentations.ask(types, purpose="x", within=within)
        other = await engine.presentations.ask(["driving-licence"], purpose="x")
        paper = await engine.presentations.receive(other.id, wallet.shows(other))
        assert paper.code == "other_type"
    unjudging = tmp_path / "unjudging"
    unjudging.mkdir()
    async with opened(unjudging, train, wallet, at_hand=None) as engine:
        with pytest.raises(IllegalInputError, match="at_hand"):
            await engine.presentations.ask([KIND], purpose="x")
