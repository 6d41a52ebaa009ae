"""The counter on a real file: codes over restarts, two clerks at once, papers, ratings."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice import Applicant, Engine
from oneservice.case import (
    APPLICANT,
    LEVELS,
    WITH_APPLICANT,
    Actor,
    Case,
    CaseChannel,
    CaseStatus,
    FollowUpStage,
    Holder,
    HolderKind,
    ParcelState,
    SubCaseStatus,
    VisitPurpose,
    fold_records,
    read_record,
    recount_trips,
)
from oneservice.catalog import Catalog, bundled_catalog_dir, load_answers, load_catalog
from oneservice.certificates import Verdict, bundle_parts, examine_bundle
from oneservice.certificates.bundle import Sealed
from oneservice.engine import RedeemedCode
from oneservice.errors import (
    CodeRefusedError,
    ForgedCertificateError,
    IllegalInputError,
    NotAllowedError,
)
from oneservice.exchange import Telling, export_case
from oneservice.sandbox import PROMPT

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
CLERK, OTHER = Actor.clerk("w-3"), Actor.clerk("w-4")
OFFICER = Actor.officer("o-17")
WINDOW = Holder(kind=HolderKind.WINDOW, id="w-3")
DESK = Holder(kind=HolderKind.OFFICER, id="o-17")
AT_WINDOW: Any = {"channel": CaseChannel.WINDOW, "place": "hall-1/w-3"}
Open = Callable[..., AbstractAsyncContextManager[Engine]]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog([bundled_catalog_dir()])


@pytest.fixture
def open_engine(tmp_path: Path, catalog: Catalog) -> Open:
    def opened(**parts: Any) -> AbstractAsyncContextManager[Engine]:
        parts = {"start": START, "catalog": catalog, "behaviours": PROMPT, **parts}
        return Engine.sandbox(tmp_path / "cases.db", **parts)

    return opened


async def hand_in(engine: Engine, region: str = "990101", **others: Any) -> Case:
    given = load_answers(EXAMPLES / "tea-kiosk.yaml")
    plan = engine.plan(given.thing, answers=given.answers, region=region)
    known = {field.group or field.id for field in plan.form}
    return await engine.submit(
        plan,
        Applicant(**given.applicant.model_dump()),
        fields={key: value for key, value in given.fields.items() if key in known},
        materials={key: given.material_bytes(key) for key in given.materials},
        **others,
    )


async def code_for(engine: Engine, case: Case, **parts: Any) -> str:
    issued = await engine.counter.code(
        case.id, **{"for_channel": CaseChannel.WINDOW, "by": APPLICANT} | parts
    )
    assert issued.text not in repr(issued)
    return issued.text


# --- codes --------------------------------------------------------------------------------------


async def test_a_case_begun_online_goes_on_at_a_window(open_engine: Open) -> None:
    async with open_engine() as engine:
        case = await hand_in(engine)
        code = await code_for(engine, case)
        assert len(code.replace("-", "")) == 8
        found = await engine.counter.redeem(code.lower(), **AT_WINDOW, clerk=CLERK)
        assert found.case_id == case.id
        assert found.session.is_open(engine.now())
        case = await engine.case(case.id)
        assert case.counter.session(CLERK, "hall-1/w-3", engine.now()) == found.session
        with pytest.raises(CodeRefusedError):
            await engine.counter.redeem(code, **AT_WINDOW, clerk=CLERK)


async def test_two_clerks_at_once_cannot_both_win(open_engine: Open) -> None:
    async with open_engine() as engine:
        case = await hand_in(engine)
        for _ in range(5):
            code = await code_for(engine, case)
            clerks = [Actor.clerk(f"w-{number}") for number in range(8)]
            answers = await asyncio.gather(
                *(engine.counter.redeem(code, **AT_WINDOW, clerk=one) for one in clerks),
                return_exceptions=True,
            )
            won = [one for one in answers if isinstance(one, RedeemedCode)]
            assert len(won) == 1
            assert sum(isinstance(one, CodeRefusedError) for one in answers) == 7
        case = await engine.case(case.id)
        assert len(case.counter.sessions) == 5


async def test_guessing_ends_after_five_tries_however_fast(open_engine: Open) -> None:
    async with open_engine() as engine:
        case = await hand_in(engine)
        code = await code_for(engine, case)
        wrong = [code[:5] + tail for tail in ("0000", "1111", "2222", "3333", "4444", "6666")]
        tries = [one for one in wrong if one != code][:5]
        answers = await asyncio.gather(
            *(engine.counter.redeem(one, **AT_WINDOW, clerk=CLERK) for one in (*tries, code)),
            return_exceptions=True,
        )
        assert {type(one) for one in answers} == {CodeRefusedError}
        assert len({str(one) for one in answers}) == 1
        await engine.progress()
        case = await engine.case(case.id)
        assert case.counter.code is None
        assert not case.counter.sessions


async def test_every_refusal_reads_the_same(open_engine: Open) -> None:
    async with open_engine() as engine:
        case = await hand_in(engine)
        code = await code_for(engine, case)
        used = await code_for(engine, case)
        await engine.counter.redeem(used, **AT_WINDOW, clerk=CLERK)
        fresh = await code_for(engine, case)
        texts = set()
        for typed, channel in (
            (code, CaseChannel.WINDOW),  # void: another one was given out
            (used, CaseChannel.WINDOW),
            (fresh, CaseChannel.KIOSK),  # for another channel
            (fresh[:5] + "0000", CaseChannel.WINDOW),
            ("2222-2222", CaseChannel.WINDOW),
            ("not a code", CaseChannel.WINDOW),
        ):
            with pytest.raises(CodeRefusedError) as caught:
                await engine.counter.redeem(typed, channel=channel, place="hall-1/w-3", clerk=CLERK)
            texts.add(str(caught.value))
        await engine.wait_until(engine.now() + timedelta(minutes=30))
        with pytest.raises(CodeRefusedError) as caught:
            await engine.counter.redeem(fresh, **AT_WINDOW, clerk=CLERK)
        assert texts == {str(caught.value)}


async def test_a_restart_forgets_no_code_and_no_try(open_engine: Open) -> None:
    async with open_engine() as engine:
        case = await hand_in(engine)
        first = await engine.settled(case.id, until=engine.now())
        code = await code_for(engine, first)
        for _ in range(4):
            with pytest.raises(CodeRefusedError):
                await engine.counter.redeem(code[:5] + "XXXX", **AT_WINDOW, clerk=CLERK)
        await engine.progress()
        at = engine.now()
    async with open_engine(start=at + timedelta(minutes=1)) as engine:
        again = await engine.case(case.id)
        assert again.counter.code is not None
        assert again.counter.code.wrong_tries == 4
        found = await engine.counter.redeem(code, **AT_WINDOW, clerk=CLERK)
        assert found.case_id == case.id
    async with open_engine(start=at + timedelta(minutes=2)) as engine:
        with pytest.raises(CodeRefusedError):
            await engine.counter.redeem(code, **AT_WINDOW, clerk=CLERK)


async def test_an_erased_case_leaves_no_code_in_memory(open_engine: Open) -> None:
    by: Any = {"by": Actor.operator("op-7"), "why": "asked for"}
    async with open_engine() as engine:
        gone, left = await hand_in(engine), await hand_in(engine)
        code = await code_for(engine, gone)
        other = await code_for(engine, left)
        await engine.operators.erase(gone.id, **by, is_forced=True)
        live = engine.counter._codes._live.values()
        assert [one.case_id for one in live] == [left.id]
        with pytest.raises(CodeRefusedError):
            await engine.counter.redeem(code, **AT_WINDOW, clerk=CLERK)
        found = await engine.counter.redeem(other, **AT_WINDOW, clerk=CLERK)
        assert found.case_id == left.id


async def test_at_a_kiosk_the_applicant_acts(open_engine: Open) -> None:
    async with open_engine() as engine:
        case = await hand_in(engine)
        code = await code_for(engine, case, for_channel=CaseChannel.KIOSK)
        found = await engine.counter.redeem(
            code, channel=CaseChannel.KIOSK, place="mall-2/k-1", clerk=APPLICANT
        )
        assert found.session.place == "mall-2/k-1"
        with pytest.raises(NotAllowedError, match="asking for a code is not for the role"):
            await code_for(engine, case, by=CLERK)
        for nobody in (APPLICANT, OFFICER):
            with pytest.raises(NotAllowedError, match="no code was looked at"):
                await engine.counter.redeem("2222-2222", **AT_WINDOW, clerk=nobody)


async def test_codes_of_many_cases_find_their_own(open_engine: Open) -> None:
    async with open_engine() as engine:
        cases = [await hand_in(engine) for _ in range(6)]
        codes = [await code_for(engine, one) for one in cases]
        assert len({one[:4] for one in codes}) == 6
        for case, code in zip(reversed(cases), reversed(codes), strict=True):
            found = await engine.counter.redeem(code, **AT_WINDOW, clerk=CLERK)
            assert found.case_id == case.id


# --- journeys and papers ------------------------------------------------------------------------


async def test_no_journey_is_provable_and_so_is_each(open_engine: Open) -> None:
    async with open_engine() as engine:
        case = await engine.settled((await hand_in(engine)).id)
        assert case.status is CaseStatus.CONCLUDED
        statement = await engine.counter.trips(case.id)
        assert statement.trips.count == 0
        assert statement == recount_trips(case.id, await engine.journal(case.id))
        await engine.counter.visit(
            case.id, **AT_WINDOW, purpose=VisitPurpose.COLLECT_RESULT, by=CLERK, ticket="A017"
        )
        later = await engine.counter.trips(case.id)
        assert later.trips.by_purpose == ((VisitPurpose.COLLECT_RESULT, 1),)
        assert later.last_seq > statement.last_seq
        assert later == recount_trips(case.id, await engine.journal(case.id))


async def test_an_original_goes_from_hand_to_hand_and_home(open_engine: Open) -> None:
    async with open_engine() as engine:
        case = await engine.settled((await hand_in(engine)).id)
        material = (await engine.plan_of(case.id)).materials[0].id
        papers = engine.counter.papers
        here: Any = {"place": "hall-1/w-3", "by": CLERK}
        await papers.take(
            case.id, "bag-1", material=material, description="执照正本一份", taker=WINDOW, **here
        )
        with pytest.raises(IllegalInputError, match="no material"):
            await papers.take(
                case.id, "bag-2", material="m_x", description="x", taker=WINDOW, **here
            )
        (finding,) = await engine.counter.findings(case.id)
        assert finding.problem == "original-still-held"
        await papers.move(case.id, "bag-1", giver=WINDOW, taker=DESK, place="hall-1", by=OFFICER)
        with pytest.raises(IllegalInputError, match="is with officer:o-17"):
            await papers.give_back(case.id, "bag-1", giver=WINDOW, **here)
        parcel: Any = {"carrier": "ems", "tracking": "EA123456785CN", "seal_no": "s-1"}
        await papers.send(
            case.id,
            **parcel,
            content=b"one licence",
            giver=DESK,
            taker=WITH_APPLICANT,
            originals=["bag-1"],
            **here,
        )
        case = await papers.courier_told(
            case.id,
            "ems:EA123456785CN",
            ParcelState.DELIVERED,
            happened_at=engine.now(),
            by=CLERK,
            content=b"one licence",
        )
        original = case.counter.original("bag-1")
        assert original is not None
        assert original.is_at_rest
        assert await engine.counter.text(case.id, original.description) == "执照正本一份"
        assert not await engine.counter.findings(case.id)


@pytest.mark.parametrize("comment", ["x" * 4001, "half a character: \ud83d"])
async def test_what_can_be_kept_is_a_page_of_text(open_engine: Open, comment: str) -> None:
    async with open_engine() as engine:
        case = await engine.settled((await hand_in(engine)).id)
        with pytest.raises(IllegalInputError, match="written down") as caught:
            await engine.counter.ratings.rate(case.id, "food_permit", 5, comment=comment)
        assert "half a character: " not in str(caught.value)
        assert not (await engine.case(case.id)).counter.ratings


async def test_a_parcel_that_does_not_arrive_is_told_by_the_clock(open_engine: Open) -> None:
    async with open_engine() as engine:
        case = await engine.settled((await hand_in(engine)).id)
        granted = next(one.id for one in case.granted if one.spec.kind == "decision")
        await engine.counter.papers.send(
            case.id,
            carrier="ems",
            tracking="EA1",
            content=b"a permit",
            seal_no="s-1",
            giver=WINDOW,
            taker=WITH_APPLICANT,
            place="hall-1",
            by=CLERK,
            results=[granted],
        )
        await engine.wait_until(engine.now() + timedelta(days=30))
        await engine.progress()
        (finding,) = await engine.counter.findings(case.id)
        assert finding.problem == "parcel-overdue"
        assert "ems:EA1" in finding.text
        assert finding in await engine.findings(case.id)


# --- ratings ------------------------------------------------------------------------------------

STAGES: list[tuple[FollowUpStage, dict[str, Any]]] = [
    (FollowUpStage.CONTACTED, {}),
    (FollowUpStage.VERIFIED, {"is_founded": True, "report": "两次要求同一材料"}),
    (FollowUpStage.CORRECTED, {}),
    (FollowUpStage.ANSWERED, {"report": "已道歉并改进"}),
]


async def test_a_bad_rating_is_followed_up_after_the_case_has_ended(open_engine: Open) -> None:
    async with open_engine() as engine:
        case = await engine.settled((await hand_in(engine)).id)
        rated = next(
            one.id for one in case.sub_cases.values() if one.status is SubCaseStatus.GRANTED
        )
        ratings = engine.counter.ratings
        case = await ratings.rate(case.id, rated, 1, comment="等了三次")
        assert await ratings.rate(case.id, rated, 1, comment="等了三次") == case  # told again
        assert "等了三次" not in str(await engine.journal(case.id))
        rating = case.counter.rating(rated)
        assert rating is not None
        assert rating.given[0].comment is not None
        assert await engine.counter.text(case.id, rating.given[0].comment) == "等了三次"
        await engine.wait_until(engine.now() + timedelta(days=40))
        await engine.progress()
        (finding,) = await engine.counter.findings(case.id)
        assert finding.problem == "follow-up-overdue"
        for stage, parts in STAGES:
            case = await ratings.follow_up(case.id, rated, stage, by=OFFICER, **parts)
        assert not await engine.counter.findings(case.id)
        case = await ratings.rate(case.id, rated, 4)
        rating = case.counter.rating(rated)
        assert rating is not None
        assert LEVELS[rating.level] == ("满意", "satisfied")
        assert rating.follow_up is not None
        assert rating.follow_up.closed_because == "rated_again"
        told, _, _ = fold_records(case.id, await engine.journal(case.id))
        assert told.counter == case.counter


@pytest.mark.parametrize(("region", "days"), [("990101", 15), ("980201", 5)])
async def test_the_limit_is_that_of_the_region(open_engine: Open, region: str, days: int) -> None:
    async with open_engine(region=region) as engine:
        case = await engine.settled((await hand_in(engine, region=region)).id)
        rated = next(one.id for one in case.granted if one.spec.kind != "bundle" and one.attempt)
        case = await engine.counter.ratings.rate(case.id, rated, 2)
        rating = case.counter.rating(rated)
        assert rating is not None
        assert rating.follow_up is not None
        assert rating.follow_up.terms.days == days
        plan = await engine.plan_of(case.id)
        assert rating.follow_up.terms.lead == plan.lead_department


# --- people's data ------------------------------------------------------------------------------


def files_in(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.iterdir()]


async def test_no_code_and_no_word_is_in_logs_journals_or_errors(
    open_engine: Open, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    word = "哎呀九千八百"
    with caplog.at_level(logging.DEBUG):
        async with open_engine() as engine:
            case = await engine.settled((await hand_in(engine)).id)
            code = await code_for(engine, case)
            with pytest.raises(CodeRefusedError) as caught:
                await engine.counter.redeem(code[:5] + "0000", **AT_WINDOW, clerk=CLERK)
            rated = next(one.id for one in case.granted if one.attempt)
            await engine.counter.ratings.rate(case.id, rated, 2, comment=word)
            await engine.counter.redeem(code, **AT_WINDOW, clerk=OTHER)
            journal = b"".join(await engine.journal(case.id)).decode()
    bare = code.replace("-", "")
    for text in (caplog.text, str(caught.value), repr(caught.value), journal):
        assert code not in text
        assert bare not in text
        assert word not in text
    assert not [one for one in files_in(tmp_path) if bare.encode() in one]


async def test_the_exchange_row_tells_the_rating_that_counts(open_engine: Open) -> None:
    async with open_engine() as engine:
        case = await engine.settled((await hand_in(engine)).id)
        rated = next(one.id for one in case.granted if one.spec.kind == "decision")
        ratings = engine.counter.ratings
        case = await ratings.rate(case.id, rated, 2)
        for stage, parts in STAGES:
            case = await ratings.follow_up(case.id, rated, stage, by=OFFICER, **parts)
        case = await ratings.rate(case.id, rated, 4)
        lines = await engine.journal(case.id)
        plan = await engine.plan_of(case.id)
    prev, events = None, []
    for seq, line in enumerate(lines, 1):
        record = read_record(line, case_id=case.id, seq=seq, prev=prev)
        prev = record.digest
        events.append(record.event)
    told = {one.project_no: one.satisfaction for one in export_case(case, events, plan).results}
    assert told.pop(f"{case.id}-{rated}") == "2"  # the exchange counts from the best
    assert set(told.values()) == {None}
    mine = export_case(case, events, plan, telling=Telling(ratings={rated: 5})).results
    assert "1" in {one.satisfaction for one in mine}


async def test_the_sealed_bundle_states_the_journeys_and_is_counted_again(
    open_engine: Open,
) -> None:
    async with open_engine() as engine:
        none = await engine.settled((await hand_in(engine)).id)
        case = await hand_in(engine)
        await engine.counter.visit(case.id, **AT_WINDOW, purpose=VisitPurpose.HAND_IN, by=CLERK)
        await engine.settled(case.id)
        await engine.counter.visit(
            case.id, **AT_WINDOW, purpose=VisitPurpose.COLLECT_RESULT, by=CLERK
        )
        assert engine.trust is not None
        for case_id, trips in ((none.id, 0), (case.id, 1)):
            bundle = await engine.bundle(case_id)
            assert bundle.certificate.claims.result["trips"] == trips
            report = examine_bundle(bundle, trust=engine.trust, at=engine.now())
            assert report.verdict is Verdict.VALID
    sealed = Sealed.of(bundle.certificate)
    lied = bundle_parts._trips(bundle, replace(sealed, trips=0))
    assert isinstance(lied.error, ForgedCertificateError)
    assert bundle_parts._trips(bundle, replace(sealed, trips=None)).error is None
