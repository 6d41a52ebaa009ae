"""A cook's health certificate of another province spares her examination, in plan and case."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.recognising import Train, make_train, resident_code
from oneservice import Applicant, Engine
from oneservice.canonical import canonical, digest, parse_object
from oneservice.case import (
    Actor,
    CaseOpened,
    CaseStatus,
    Spared,
    read_record,
    submission_body,
)
from oneservice.catalog import AnswersFile, bundled_catalog_dir, load_answers, load_catalog
from oneservice.certificates import (
    Cryptosuite,
    HeldPaper,
    RecognitionLevel,
    recognise_many,
)
from oneservice.engine import MigrateOrder, holdings_of, materials_of, paper_levels
from oneservice.engine.sparing import Occasion, looked_at_again
from oneservice.errors import FormIncompleteError, HoldingsChangedError
from oneservice.plan import (
    GroupEntry,
    HeldLevel,
    HolderFields,
    Plan,
    build_plan,
    explain_step,
    masked,
    parse_plan,
    plan_digest,
)
from oneservice.workdays import announced_calendar

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "noodle-shop.yaml"
START = datetime(2026, 9, 28, 1, tzinfo=UTC)
HEALTH = "health_certificate"
PEOPLE = 60
Look = Callable[[datetime], tuple[HeldPaper, ...]]


@pytest.fixture(scope="module")
def train() -> Train:
    return make_train(Cryptosuite.ECDSA_JCS_2019, people=PEOPLE, kind=HEALTH, code=resident_code)


@pytest.fixture(scope="module")
def shop() -> AnswersFile:
    return load_answers(EXAMPLE)


def shown_as(train: Train, *truths: str) -> tuple[Any, ...]:
    """Return papers of these truths, each one of its own."""
    left = dict(enumerate(train.truths))
    found = []
    for truth in truths:
        number = next(number for number, one in left.items() if one == truth)
        del left[number]
        found.append(train.shown[number])
    return tuple(found)


def looking(train: Train, shown: Iterable[Any]) -> Look:
    """Return what looks at these papers at an instant, over the registers at hand."""
    papers = tuple(shown)

    def look(at: datetime) -> tuple[HeldPaper, ...]:
        return recognise_many(papers, wanted=replace(train.wanted, at=at))

    return look


@pytest.fixture
def look(train: Train) -> Look:
    """Return what looks at the certificate of one person, which counts."""
    return looking(train, shown_as(train, "recognised"))


def staffed(papers: Iterable[HeldPaper]) -> dict[str, dict[int, tuple[HeldPaper, ...]]]:
    return {"staff": {number: (one,) for number, one in enumerate(papers, 1)}}


def planned(engine: Engine, shop: AnswersFile, papers: Iterable[HeldPaper] = ()) -> Plan:
    return engine.plan(
        "restaurant", answers=shop.answers, holdings=holdings_of(people=staffed(papers))
    )


@asynccontextmanager
async def with_plan(
    folder: Path, shop: AnswersFile, papers: Iterable[HeldPaper]
) -> AsyncIterator[tuple[Engine, Plan]]:
    """Yield an engine, and a plan made with these papers of the staff."""
    async with Engine.sandbox(folder / "cases.db", start=START) as engine:
        yield engine, planned(engine, shop, papers)


def handed_in(
    shop: AnswersFile, plan: Plan, brought: Iterable[HeldPaper], staff: Iterable[HeldPaper] = ()
) -> dict[str, Any]:
    """Return the form and the papers; the first entries of the staff are the holders of papers."""
    papers = tuple(brought)
    holders = [one.holder for one in (tuple(staff) or papers) if one.holder is not None]
    rows = list(shop.fields["staff"])
    for number, holder in enumerate(holders):
        rows[number] = {**rows[number], "staff_name": holder.name, "staff_id_no": holder.code}
    wanted = {one.group or one.id for one in plan.form}
    known = {one.id for one in plan.form if one.group == "staff"}
    rows = [{name: row[name] for name in row if name in known} for row in rows]
    fields = {name: value for name, value in shop.fields.items() if name in wanted}
    return {
        "applicant": Applicant(name="Noodles", code=shop.applicant.code),
        "fields": fields | ({"staff": rows} if known else {}),
        "materials": {
            **{one.id: shop.material_bytes(one.id) for one in plan.missing},
            **materials_of(plan, papers),
        },
    }


async def submitted(
    engine: Engine,
    shop: AnswersFile,
    plan: Plan,
    brought: Iterable[HeldPaper],
    staff: Iterable[HeldPaper] = (),
    **more: Any,
) -> Any:
    return await engine.submit(plan, **{**handed_in(shop, plan, brought, staff), **more})


async def test_one_of_three_holds_a_certificate(
    tmp_path: Path, look: Look, shop: AnswersFile
) -> None:
    papers = look(START)
    async with with_plan(tmp_path, shop, papers) as (engine, plan):
        names = [one.id for one in plan.steps if one.step_id == "health_cert"]
        assert names == ["health_cert-2", "health_cert-3"]
        # What two steps of the case still yield is not looked up: no level is told of it.
        assert "m_health" not in {one.material for one in paper_levels(plan)}
        case = await submitted(engine, shop, plan, papers, papers=look)
        hot = await engine._driver.hot(case.id)
        assert set(hot.form.groups["staff"][1]) == {"staff_name", "staff_id_no", "staff_post"}
        assert hot.form.groups["staff"][0] == {}, "of whom nothing is filed nothing is kept"
        case = await engine.settled(case.id)
        assert case.status is CaseStatus.CONCLUDED
        assert "health_cert-1" not in case.sub_cases
        assert (await engine.plan_of(case.id)).digest == plan.digest


async def test_who_all_hold_one_are_not_examined_and_the_office_has_their_certificates(
    tmp_path: Path, train: Train, shop: AnswersFile
) -> None:
    look = looking(train, shown_as(train, "recognised", "recognised", "recognised"))
    papers = look(START)
    async with with_plan(tmp_path, shop, papers) as (engine, plan):
        assert not [one for one in plan.steps if one.step_id == "health_cert"]
        asked = {one.id: one for one in plan.form if one.group == "staff"}
        assert set(asked) == {"staff_name", "staff_id_no"}, "whose the papers are, and no more"
        assert {one.compared for one in asked.values()} == {(1, 2, 3)}
        assert {(one.steps, one.kept_entries) for one in asked.values()} == {((), ())}
        (level,) = [one for one in paper_levels(plan) if one.material == "m_health"]
        assert (level.level, level.instead) == ("sealed", ())
        assert len(level.why) == 3
        assert all("nothing to be done" in one.en for one in level.why)
        case = await submitted(engine, shop, plan, papers, papers=look)
        hot = await engine._driver.hot(case.id)
        assert list(hot.form.groups.get("staff", ())) in ([], [{}, {}, {}]), "nothing is kept"
        told = parse_object(submission_body(case, plan, hot.form, "food_permit", 1))
        (health,) = [one for one in told["materials"] if one["material"] == "m_health"]
        assert {one["digest"] for one in health["documents"]} == {
            one.held.digest for one in plan.skipped if one.held is not None
        }
        assert (await engine.settled(case.id)).status is CaseStatus.CONCLUDED


async def test_the_journal_says_by_which_paper_and_rule(
    tmp_path: Path, look: Look, shop: AnswersFile
) -> None:
    papers = look(START)
    async with with_plan(tmp_path, shop, papers) as (engine, plan):
        case = await submitted(engine, shop, plan, papers, papers=look)
        (line, *_) = await engine.journal(case.id)
        opened = read_record(line, case_id=case.id, seq=1, prev=None).event
        assert isinstance(opened, CaseOpened)
        recognition = papers[0].recognition
        assert recognition is not None
        assert recognition.rule is not None
        held = next(one.held for one in plan.skipped if one.held is not None)
        assert opened.spared == (
            Spared(
                sub_case_id="health_cert-1",
                type=HEALTH,
                reference=held.reference,
                paper=held.digest,
                level="sealed",
                issuer_region="980000",
                rule=digest(recognition.rule.as_json()),
                holder=opened.spared[0].holder,
                salt=opened.spared[0].salt,
            ),
        )
        holder = papers[0].holder
        assert holder is not None
        assert opened.spared[0].is_of(name=holder.name, code=holder.code)
        assert not opened.spared[0].is_of(name=holder.name, code=resident_code(7))
        assert len(opened.spared[0].salt) == 32
        assert holder.code not in str(opened)
        hot = await engine._driver.hot(case.id)
        paper = await engine._driver.store.blob(case.id, opened.spared[0].paper)
        assert paper == materials_of(plan, papers)["m_health"][0].content
        rows = parse_object(hot.form.dump())["materials"]["m_health"]
        assert [row["digest"] for row in rows] == [opened.spared[0].paper]
        assert "旅客" not in str(opened), "nobody is named"


@pytest.mark.parametrize("truth", ["revoked", "expired", "forged", "not_recognised"])
async def test_what_does_not_count_spares_nothing_and_says_what_to_do(
    tmp_path: Path, train: Train, shop: AnswersFile, truth: str
) -> None:
    papers = looking(train, shown_as(train, truth))(START)
    async with with_plan(tmp_path, shop, papers) as (_, plan):
        pass
    assert not [one for one in plan.skipped if one.held is not None]
    assert papers[0].instead is not None
    for language in ("zh", "en"):
        told = explain_step(plan, "health_cert-1", language=language)
        assert papers[0].words[language] in told
        assert papers[0].instead[language] in told


async def test_taken_back_between_plan_and_opening(
    tmp_path: Path, train: Train, shop: AnswersFile
) -> None:
    """Yesterday it counted; today its issuer took it back: nothing is opened or written."""
    good, bad = shown_as(train, "recognised", "revoked")
    papers = looking(train, [good])(START)
    asked: list[datetime] = []

    def look(at: datetime) -> tuple[HeldPaper, ...]:
        asked.append(at)
        (no,) = recognise_many([bad], wanted=replace(train.wanted, at=at))
        return (replace(no, reference=papers[0].reference),)

    async with with_plan(tmp_path, shop, papers) as (engine, plan):
        with pytest.raises(HoldingsChangedError, match="health_cert-1: its issuer took it back"):
            await submitted(engine, shop, plan, papers, papers=look)
        assert asked == [engine._driver.now()]
        assert await engine.cases() == ()
        again = planned(engine, shop, look(START))
        case = await submitted(engine, shop, again, (), papers=look)
        assert "health_cert-1" in case.sub_cases


async def test_nobody_looked_again(tmp_path: Path, look: Look, shop: AnswersFile) -> None:
    papers = look(START)
    async with with_plan(tmp_path, shop, papers) as (engine, plan):
        with pytest.raises(HoldingsChangedError, match="give submit 'papers'") as refused:
            await submitted(engine, shop, plan, papers)
        assert refused.value.sub_cases == ("health_cert-1",)


async def test_nobody_asked_whose_it_is(tmp_path: Path, train: Train, shop: AnswersFile) -> None:
    """A certificate says who holds it: whoever does not compare takes a stranger's."""
    (mine,) = shown_as(train, "recognised")
    papers = looking(train, [mine])(START)
    assert papers[0].holder == mine.holder
    unasked = looking(train, [replace(mine, holder=None)])
    assert unasked(START)[0].holder is None
    async with with_plan(tmp_path, shop, papers) as (engine, plan):
        with pytest.raises(HoldingsChangedError, match="nobody compared whose certificate"):
            await submitted(engine, shop, plan, papers, papers=unasked)
        assert await engine.cases() == ()


async def test_the_paper_itself_comes_with_the_form(
    tmp_path: Path, look: Look, shop: AnswersFile
) -> None:
    papers = look(START)
    async with with_plan(tmp_path, shop, papers) as (engine, plan):
        with pytest.raises(FormIncompleteError, match="m_health: lacks 1 of the 1 certificates"):
            await submitted(engine, shop, plan, (), papers, papers=look)


async def test_the_same_visit_again_needs_no_second_look(
    tmp_path: Path, look: Look, shop: AnswersFile
) -> None:
    papers = look(START)

    def never(_: datetime) -> tuple[HeldPaper, ...]:
        raise AssertionError

    async with with_plan(tmp_path, shop, papers) as (engine, plan):
        case = await submitted(engine, shop, plan, papers, papers=look, key="visit-1")
        again = await submitted(engine, shop, plan, papers, papers=never, key="visit-1")
        assert again.id == case.id


async def test_a_plan_that_lay_too_long_spares_less(
    tmp_path: Path, look: Look, shop: AnswersFile
) -> None:
    """By the end of the later case less than the rest that the rule asks for would be left."""
    ends = START.date() + timedelta(days=60)
    short = tuple(replace(one, valid_until=ends) for one in look(START))
    async with with_plan(tmp_path, shop, short) as (engine, plan):
        assert [one.id for one in plan.skipped if one.held is not None] == ["health_cert-1"]
        await engine.wait_until(START + timedelta(days=21))
        with pytest.raises(HoldingsChangedError, match="too little is left"):
            await submitted(engine, shop, plan, short, papers=lambda _: short)


@pytest.mark.parametrize("law", ["moved", "gone"])
async def test_a_plan_that_lay_too_long_while_the_law_moved(
    tmp_path: Path, look: Look, shop: AnswersFile, law: str
) -> None:
    """What is left is told by the law that the plan is pinned to; where nobody knows it, no."""
    ends = START.date() + timedelta(days=60)
    short = tuple(replace(one, valid_until=ends) for one in look(START))
    since = START + timedelta(days=2 if law == "moved" else -2)
    (tmp_path / "more.yaml").write_text(
        f"""format: oneservice-catalog/1
region: "990100"
effective_from: {since.date()}
overlays:
  - thing: restaurant
    change_items:
      - {{id: health_cert, promised: {{days: 4}}}}
"""
    )
    catalog = load_catalog([bundled_catalog_dir(), tmp_path / "more.yaml"])
    late = START + timedelta(days=21)
    before = catalog if law == "moved" else load_catalog([bundled_catalog_dir()])
    async with Engine.sandbox(tmp_path / "a.db", start=START, catalog=before) as engine:
        plan = planned(engine, shop, short)
        assert [one.id for one in plan.skipped if one.held is not None] == ["health_cert-1"]
    async with Engine.sandbox(tmp_path / "b.db", start=late, catalog=catalog) as engine:
        why = "too little is left" if law == "moved" else "not published any more"
        with pytest.raises(HoldingsChangedError, match=f"health_cert-1: .*{why}"):
            await submitted(engine, shop, plan, short, papers=lambda _: short)
        assert await engine.cases() == ()


async def test_a_register_s_entry_that_was_sealed_since_is_better_not_worse(
    tmp_path: Path, look: Look, shop: AnswersFile
) -> None:
    papers = look(START)
    async with with_plan(tmp_path, shop, papers) as (_, plan):
        (skipped,) = [one for one in plan.skipped if one.held is not None]
        assert skipped.held is not None
        collected = replace(skipped, held=replace(skipped.held, level=HeldLevel.COLLECTED))
        weaker = replace(plan, skipped=(collected,))
        (spared,) = looked_at_again(weaker, lambda _: papers, Occasion(at=START))
        assert spared.level == "sealed"
        faint = tuple(replace(one, level=RecognitionLevel.COLLECTED) for one in papers)
        with pytest.raises(HoldingsChangedError, match="only collected now"):
            looked_at_again(plan, lambda _: faint, Occasion(at=START))


async def test_departments_are_asked_first_about_a_plan_that_spares_a_step(
    tmp_path: Path, look: Look, shop: AnswersFile
) -> None:
    papers = look(START)
    async with with_plan(tmp_path, shop, papers) as (engine, plan):
        report = await engine.check(plan, **handed_in(shop, plan, papers))
        assert not report.problems
        assert {one.why for one in report.unasked} == {"not-offered"}, "all steps are looked at"
        assert await engine.cases() == ()
        case = await submitted(engine, shop, plan, papers, papers=look, precheck=True)
        assert "health_cert-1" not in case.sub_cases
        with pytest.raises(HoldingsChangedError, match="give submit 'papers'"):
            await submitted(engine, shop, plan, papers, precheck=True)


def test_whose_a_paper_is_stands_beside_it(look: Look) -> None:
    papers = look(START)
    (known,) = holdings_of(papers, people={"staff": {}}).certificates
    assert (known.level, known.entry) == (HeldLevel.SEALED, None)
    (known,) = holdings_of(people=staffed(papers)).certificates
    assert known.entry == GroupEntry(group="staff", number=1)


async def test_a_colleague_s_certificate_spares_nobody_else(
    tmp_path: Path, train: Train, shop: AnswersFile
) -> None:
    """The portal named the holder rightly, and brought the paper to the wrong entry of the form."""
    mine, colleague = shown_as(train, "recognised", "recognised")
    look = looking(train, [mine])
    papers = look(START)
    other = looking(train, [colleague])(START)
    async with with_plan(tmp_path, shop, papers) as (engine, plan):
        with pytest.raises(FormIncompleteError) as refused:
            await submitted(engine, shop, plan, papers, other, papers=look)
        (place,) = refused.value.problems
        assert place == "staff[0].staff_id_no"
        assert "is not whose certificate spares health_cert-1" in str(refused.value)
        for one in (*papers, *other):
            assert one.holder is not None
            assert one.holder.code not in str(refused.value)
            assert one.holder.name not in str(refused.value)
        assert await engine.cases() == ()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"staff_name": "别人"}, "is not whose certificate spares health_cert-1"),
        ({"staff_name": ""}, r"staff\[0\].staff_name: is missing: it says whose certificate"),
        ({"staff_id_no": None}, r"staff\[0\].staff_id_no: is missing: it says whose certificate"),
        ({"staff_id_no": "990101199006081116"}, r"staff\[0\].staff_id_no: .*check"),
    ],
)
async def test_the_entry_says_who_the_holder_is(
    tmp_path: Path, look: Look, shop: AnswersFile, changes: dict[str, Any], problem: str
) -> None:
    papers = look(START)
    async with with_plan(tmp_path, shop, papers) as (engine, plan):
        given = handed_in(shop, plan, papers)
        given["fields"]["staff"][0] |= changes
        with pytest.raises(FormIncompleteError, match=problem):
            await engine.submit(plan, papers=look, **given)


async def test_how_a_number_is_written_is_nothing(
    tmp_path: Path, train: Train, shop: AnswersFile
) -> None:
    with_x = next(
        one
        for one, truth in zip(train.shown, train.truths, strict=True)
        if truth == "recognised" and one.holder is not None and one.holder.code.endswith("X")
    )
    look = looking(train, [with_x])
    papers = look(START)
    async with with_plan(tmp_path, shop, papers) as (engine, plan):
        given = handed_in(shop, plan, papers)
        row = given["fields"]["staff"][0]
        row["staff_id_no"] = f" {row['staff_id_no'].lower()} "
        case = await engine.submit(plan, papers=look, **given)
        assert "health_cert-1" not in case.sub_cases


def as_before(plan: Plan, paper: HeldPaper) -> Plan:
    """Return ``plan`` as it was made before: the whole number, and no fields to compare."""
    document = plan.as_json()
    for part in (*document["skipped"], *document["materials"]):
        for held in (part.get("held"), *part.get("spared_by", ())):
            if held is not None:
                held["reference"] = paper.reference
        part.pop("whose", None)
    for field in document["form"]:
        field.pop("compared", None)
    document["digest"] = plan_digest(document)
    return parse_plan(document)


async def test_a_plan_of_before_the_comparison_opens_as_it_did(
    tmp_path: Path, look: Look, shop: AnswersFile
) -> None:
    """It has the whole number and no fields to compare; the record has the digest all the same."""
    papers = look(START)
    async with with_plan(tmp_path, shop, papers) as (engine, plan):
        old = as_before(plan, papers[0])
        given = handed_in(shop, old, papers)
        given["fields"]["staff"][0] = {}
        case = await engine.submit(old, papers=look, **given)
        (line, *_) = await engine.journal(case.id)
        opened = read_record(line, case_id=case.id, seq=1, prev=None).event
        assert isinstance(opened, CaseOpened)
        assert opened.spared[0].reference == papers[0].reference
        assert opened.spared[0].holder is not None


async def test_a_case_of_before_moves_to_a_plan_that_has_the_ends_of_the_number(
    tmp_path: Path, look: Look, shop: AnswersFile
) -> None:
    papers = look(START)
    async with with_plan(tmp_path, shop, papers) as (engine, plan):
        old = as_before(plan, papers[0])
        case = await engine.submit(old, papers=look, **handed_in(shop, old, papers))
        order = MigrateOrder(case_id=case.id, answers={"area": "90"})
        await engine.operators.act(order, by=Actor.operator("op-1"), why="it is larger")
        now = await engine.plan_of(case.id)
        (spared,) = [one for one in now.skipped if one.held is not None]
        assert spared.held is not None
        assert spared.held.reference == masked(papers[0].reference)


def test_a_plan_shows_the_ends_of_a_number_and_no_more(train: Train, shop: AnswersFile) -> None:
    """Plans are shown around, and are kept for years."""
    definition = load_catalog([bundled_catalog_dir()]).thing(
        "restaurant", region="990101", on=START.date()
    )
    papers = looking(train, shown_as(train, "recognised", "recognised"))(START)
    plan = build_plan(
        definition,
        shop.answers,
        on=START.date(),
        calendar=announced_calendar(),
        holdings=holdings_of(people=staffed(papers)),
    )
    text = canonical(plan.as_json()).decode()
    for one in papers:
        assert one.reference not in text
        assert masked(one.reference) in text
    # Two papers of one type whose numbers end alike stay two, by their bytes.
    given = materials_of(plan, papers)["m_health"]
    assert len({one.content for one in given}) == 2


def test_of_two_that_look_the_same_by_the_ends_neither_is_taken_for_the_other(
    train: Train, shop: AnswersFile
) -> None:
    """The bytes are others by now, as of a presentation made anew, and the numbers end alike."""
    definition = load_catalog([bundled_catalog_dir()]).thing(
        "restaurant", region="990101", on=START.date()
    )
    shown = looking(train, shown_as(train, *["recognised"] * 4))(START)
    first, second, *others = (
        replace(one, reference=f"H-{number % 2}") for number, one in enumerate(shown)
    )
    plan = build_plan(
        definition,
        shop.answers,
        on=START.date(),
        calendar=announced_calendar(),
        holdings=holdings_of(people=staffed([first, second])),
    )
    assert len(materials_of(plan, [first, second])["m_health"]) == 2
    assert "m_health" not in materials_of(plan, others)


OWN_LAW = """format: oneservice-catalog/1
region: "990100"
effective_from: 2026-01-01
overlays:
  - thing: restaurant
    change_steps:
      - id: signboard
        spared_by:
          certificates: [health_certificate]
          legal_basis: [{law: {zh: 示例规定, en: Sample rule}, article: 第一条, is_sample: true}]
"""


async def test_the_applicants_own_certificate_is_compared_with_the_applicant(
    tmp_path: Path, look: Look, shop: AnswersFile
) -> None:
    (tmp_path / "own.yaml").write_text(OWN_LAW, encoding="utf-8")
    catalog = load_catalog([bundled_catalog_dir(), tmp_path / "own.yaml"])
    papers = look(START)
    holder = papers[0].holder
    assert holder is not None
    async with Engine.sandbox(tmp_path / "cases.db", start=START, catalog=catalog) as engine:
        plan = engine.plan("restaurant", answers=shop.answers, holdings=holdings_of(papers))
        (skipped,) = [one for one in plan.skipped if one.held is not None]
        assert skipped.id == "signboard"
        assert skipped.whose == HolderFields(code="applicant.code", name="applicant.name")
        given = handed_in(shop, plan, papers)
        given["fields"]["staff"] = shop.fields["staff"]
        with pytest.raises(FormIncompleteError) as refused:
            await engine.submit(plan, papers=look, **given)
        assert set(refused.value.problems) == {"applicant.code"}
        given["applicant"] = Applicant(name=holder.name, code=holder.code, kind="person")
        case = await engine.submit(plan, papers=look, **given)
        assert "signboard" not in case.sub_cases
