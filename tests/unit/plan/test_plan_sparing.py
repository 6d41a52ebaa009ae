"""A step whose result somebody holds already: which is spared, which is not, and what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from oneservice.catalog import HeldLevel, Text
from oneservice.plan import (
    GroupEntry,
    HeldCertificate,
    HolderFields,
    Holdings,
    ReasonKind,
    explain_field,
    explain_material,
    explain_plan,
    explain_step,
    holdings_in,
    masked,
    parse_plan,
    reduction,
    to_mermaid,
    to_svg,
)

MONDAY = date(2026, 9, 28)
LAW = [{"law": {"zh": "办法", "en": "Measures"}, "article": "第三条"}]
LATE = date(2027, 6, 30)


def spared(*types, **more):
    return {"certificates": types or ("card",), "legal_basis": LAW, **more}


def card(number=None, *, group="crew", until=LATE, reference=None, kind="card", **more):
    return HeldCertificate(
        type=kind,
        reference=reference or f"CARD-2026-{number or 0:04}",
        valid_until=until,
        level=more.pop("level", HeldLevel.SEALED),
        entry=None if number is None else GroupEntry(group=group, number=number),
        **more,
    )


@pytest.fixture
def crew(kit):
    """A check for each of the crew, whose cards the permit gets; then the bundle."""

    def plan(*held, people=3, rule=None, on=MONDAY, **parts):
        result = {"type": "card", "title": kit_text("card"), "yields": ["m_cards"]}
        return kit.plan(
            {"people": people},
            on=on,
            holdings=Holdings(certificates=held),
            items=(kit.item("check", 5, result=result), kit.item("permit", 8)),
            situations=(kit.question("people", "int", minimum=0),),
            steps=(
                {"id": "permit", "attaches": ["check"]},
                {
                    "id": "check",
                    "for_each": {"count": "people", "group": "crew"},
                    "spared_by": rule or spared(),
                },
                {"id": "bundle", "kind": "bundle", "requires": ["permit", "check"]},
            ),
            fields=(
                kit.field("person", "check", group="crew"),
                kit.field("shop", "permit"),
                *parts.pop("more_fields", ()),
            ),
            materials=(
                kit.material("m_cards", "permit", source="step", yielded_by="check"),
                *parts.pop("materials", ()),
            ),
            **parts,
        )

    def kit_text(words):
        return {"zh": f"〔{words}〕", "en": words}

    return plan


def taken(plan, step="check"):
    return [one.id for one in plan.steps if one.step_id == step]


def spares(plan):
    return [one.id for one in plan.skipped if one.held is not None]


def not_held(plan, name):
    step = next(one for one in plan.steps if one.id == name)
    return [one.text.en for one in step.reasons if one.kind is ReasonKind.NOT_HELD]


def test_who_holds_one_is_spared_and_the_others_keep_their_numbers(crew) -> None:
    plan = crew(card(2))
    assert taken(plan) == ["check-1", "check-3"]
    assert [one.instance for one in plan.steps if one.step_id == "check"] == [1, 3]
    assert spares(plan) == ["check-2"]
    (permit,) = [one for one in plan.steps if one.id == "permit"]
    assert permit.attaches == ("check-1", "check-3")
    (cards,) = plan.materials
    assert cards.yielded_by == ("check-1", "check-3")
    assert [one.entry.number for one in cards.spared_by] == [2]
    assert not cards.must_bring
    person = plan.form[0]
    assert (person.instances, person.entries, person.asked_entries) == (3, (1, 3), (1, 3))
    assert parse_plan(plan.as_json()) == plan


def test_all_hold_one_and_nothing_of_the_step_is_left_but_what_it_yields(crew) -> None:
    plan = crew(card(1), card(2), card(3))
    assert taken(plan) == []
    assert spares(plan) == ["check-1", "check-2", "check-3"]
    assert [one.id for one in plan.form] == ["shop"]
    (cards,) = plan.materials
    assert cards.yielded_by == ()
    assert len(cards.spared_by) == 3
    assert reduction(plan) is None
    assert next(one for one in plan.steps if one.id == "bundle").requires == ("permit",)


def test_what_is_behind_a_spared_step_stays_behind_what_that_one_waits_for(kit) -> None:
    """Order is law: the survey comes before the building also where the permit is held already."""

    def plan(*held):
        return kit.plan(
            {},
            on=MONDAY,
            holdings=Holdings(certificates=held),
            items=tuple(kit.item(name, 5) for name in ("survey", "permit", "seal", "building")),
            steps=(
                {"id": "survey"},
                {"id": "permit", "requires": ["survey"], "spared_by": spared()},
                {"id": "seal", "requires": ["permit", "survey"], "spared_by": spared("stamp")},
                {"id": "building", "requires": ["seal", "permit"]},
            ),
        )

    whole = plan()
    waits = [
        (
            plan(card()),
            ("survey", "seal", "building"),
            {"seal": ("survey",), "building": ("seal", "survey")},
        ),
        (
            plan(card(kind="stamp")),
            ("survey", "permit", "building"),
            {"permit": ("survey",), "building": ("permit", "survey")},
        ),
        (plan(card(), card(kind="stamp")), ("survey", "building"), {"building": ("survey",)}),
    ]
    for shorter, taken_steps, behind in waits:
        assert tuple(one.id for one in shorter.steps) == taken_steps
        for one in shorter.steps:
            assert set(one.requires) == set(behind.get(one.id, ()))
        starts = {one.id: one.starts_on for one in shorter.steps}
        assert starts["building"] > starts["survey"]
        assert shorter.due.on <= whole.due.on


def test_the_reason_names_rule_law_and_number_masked(crew) -> None:
    basis = Text(zh="互认规则", en="a rule counts it")
    plan = crew(card(1, issuer_region="510000", basis=basis))
    (skipped,) = [one for one in plan.skipped if one.held is not None]
    told, law, whose = skipped.reasons
    assert told.kind is ReasonKind.HELD
    for part in ("510000", "CARD****0001", "2027-06-30", "a rule counts it"):
        assert part in told.text.en
    assert skipped.held.reference == "CARD****0001"
    assert "CARD-2026" not in str(plan.as_json())
    assert "only the portal has compared" in whose.text.en, "the crew has no number in the form"
    assert skipped.whose is None
    assert told.because == "CARD****0001"
    weak = crew(card(1, level=HeldLevel.COLLECTED))
    (why,) = [
        one
        for step in weak.steps
        if step.id == "check-1"
        for one in step.reasons
        if one.kind is ReasonKind.NOT_HELD
    ]
    assert why.because == "CARD****0001"
    assert law.clause == "办法 第三条"
    assert explain_step(plan, "check-1").startswith("- check-1")
    both = explain_step(plan, "check", language="zh")
    assert "+ check ×2" in both
    assert "- check-1" in both
    assert explain_plan(plan).count("- check-1") == 1
    assert "1 held already, the rest yielded by check ×2" in explain_material(plan, "m_cards")
    assert "person ×2" in explain_field(plan, "person")


def test_pictures_show_what_is_held(crew) -> None:
    plan = crew(card(1), card(2))
    picture = to_mermaid(plan)
    assert '    s_m_cards[/"m_cards ×2<br/>held already"/]:::held' in picture
    assert "    s_m_cards -.-> s_permit" in picture
    assert "spared by what is held: check ×2" in to_svg(plan, language="en")
    plain = crew()
    assert "held" not in to_mermaid(plain)
    assert "held" not in to_svg(plain, language="en")


@pytest.mark.parametrize(
    ("until", "is_spared"),
    [(date(2026, 10, 13), False), (date(2026, 10, 14), True), (None, True)],
)
def test_it_must_be_good_until_the_case_ends(crew, until, is_spared) -> None:
    assert crew().due.on == date(2026, 10, 15)
    plan = crew(card(1, until=until), on=date(2026, 9, 27))
    assert plan.due.on == date(2026, 10, 14)
    assert (spares(plan) == ["check-1"]) is is_spared
    if not is_spared:
        (why,) = not_held(plan, "check-1")
        assert "ends on 2026-10-13, and this case on 2026-10-14" in why
        assert "the step is taken anew" in why


@pytest.mark.parametrize(
    ("rest", "first_good"),
    [
        ({"days": 30, "unit": "natural_days"}, date(2026, 11, 14)),
        ({"days": 5}, date(2026, 10, 22)),
        ({"days": 0}, date(2026, 10, 15)),
    ],
)
def test_the_rule_may_ask_for_a_rest(crew, rest, first_good) -> None:
    rule = spared(valid_for=rest)
    good = crew(card(1, until=first_good), rule=rule)
    assert spares(good) == ["check-1"]
    short = crew(card(1, until=first_good - timedelta(days=1)), rule=rule)
    assert spares(short) == []
    if rest["days"]:
        assert f"it must be good to {first_good}" in not_held(short, "check-1")[0]


def test_one_paper_spares_one_person(crew) -> None:
    plan = crew(card(1, reference="CARD-7"), card(2, reference="CARD-7"))
    assert spares(plan) == ["check-1"]
    assert "stands for another person already" in not_held(plan, "check-2")[0]
    assert "check-2: the same card" in explain_step(plan, "check")
    second = card(2, reference="CARD-8", until=LATE - timedelta(days=9))
    own = crew(card(1, reference="CARD-7"), card(2, reference="CARD-7"), second)
    assert spares(own) == ["check-1", "check-2"], "an own paper beside it counts"


def test_only_what_is_firm_enough_spares(crew) -> None:
    weak = card(1, level=HeldLevel.COLLECTED)
    plan = crew(weak)
    assert spares(plan) == []
    assert "ask the issuing office for the sealed certificate" in not_held(plan, "check-1")[0]
    assert spares(crew(card(1, level=None))) == [], "what nobody tells is not sealed"
    assert spares(crew(weak, rule=spared(at_least="collected"))) == ["check-1"]


def test_what_is_refused_says_what_to_do_instead(crew) -> None:
    refusal = Text(zh="没有互认规则。请在本地区申领", en="no rule counts it; apply here")
    plan = crew(card(3, refusal=refusal))
    assert spares(plan) == []
    assert "no rule counts it; apply here" in not_held(plan, "check-3")[0]
    assert not_held(plan, "check-1") == []
    assert "请在本地区申领" in explain_step(plan, "check", language="zh")


def test_of_several_the_longest_counts_and_another_kind_does_not(crew) -> None:
    short, long = card(1, until=date(2026, 9, 30)), card(1, reference="CARD-2026-LONG")
    plan = crew(short, long, card(2, kind="other"))
    assert spares(plan) == ["check-1"]
    assert plan.skipped[0].held.reference == "CARD****LONG"
    assert not_held(plan, "check-2") == []
    assert plan == crew(long, card(2, kind="other"), short)


def test_other_groups_and_the_applicants_own_spare_nobody_in_the_group(crew) -> None:
    plain = crew()
    assert crew(card(1, group="guests")).digest == plain.digest
    assert crew(card()).digest == plain.digest
    assert crew(card(4)).digest == plain.digest


def test_a_step_that_does_not_repeat_is_spared_by_the_applicants_own(kit) -> None:
    result = {"type": "card", "title": {"zh": "卡", "en": "card"}, "yields": ["m_card"]}

    def plan(*held):
        return kit.plan(
            items=(kit.item("card", 10, result=result), kit.item("permit", 2)),
            steps=(
                {"id": "card", "spared_by": spared()},
                {"id": "permit", "requires": ["card"]},
            ),
            fields=(kit.field("photo", "card"), kit.field("shop", "permit", "card")),
            materials=(kit.material("m_card", "permit"),),
            holdings=Holdings(certificates=held),
        )

    whole, left = plan(), plan(card())
    assert [one.id for one in whole.steps] == ["card", "permit"]
    assert whole.materials[0].yielded_by == ("card",)
    assert [one.id for one in left.steps] == ["permit"]
    assert [(one.id, one.instance) for one in left.skipped] == [("card", None)]
    assert left.promised_working_days == 2 < whole.promised_working_days
    assert [one.id for one in left.form] == ["shop"]
    assert left.missing == (), "what the step would have yielded is there, nobody brings it"
    assert "you hold it already" in explain_material(left, "m_card")
    assert spares(plan(card(1))) == [], "somebody else's is not the applicant's"
    short = plan(card(until=date(2026, 1, 31)))
    assert "the step is taken anew" in explain_step(short, "card")


def test_what_is_left_out_makes_the_case_shorter_and_so_lets_more_be_left_out(kit) -> None:
    """Each paper ends before the whole case would; without these steps the case ends in time."""

    def plan(*held):
        return kit.plan(
            items=(kit.item("a", 20), kit.item("b", 20), kit.item("c", 1)),
            steps=(
                {"id": "a", "spared_by": spared("first")},
                {"id": "b", "spared_by": spared("second"), "requires": ["a"]},
                {"id": "c", "requires": ["b"]},
            ),
            holdings=Holdings(certificates=held),
        )

    soon, later = date(2026, 9, 29), date(2026, 11, 6)
    assert spares(plan(card(kind="first", until=soon), card(kind="second", until=soon))) == [
        "a",
        "b",
    ]
    only = plan(card(kind="first", until=soon))
    assert spares(only) == [], "b takes twenty days, and the paper ends tomorrow"
    mixed = plan(card(kind="first", until=soon), card(kind="second", until=date(2026, 9, 27)))
    assert spares(mixed) == [], "b comes back, and with it a"
    assert spares(plan(card(kind="first", until=later))) == ["a"]


def test_instances_in_pairs_and_in_one_another_do_not_wait_for_what_is_spared(kit) -> None:
    plan = kit.plan(
        {"vans": 2, "drivers": 2},
        situations=(
            kit.question("vans", "int", minimum=0),
            kit.question("drivers", "int", minimum=0),
        ),
        steps=(
            {
                "id": "test",
                "for_each": {"count": "vans", "group": "van"},
                "spared_by": spared("report"),
            },
            {"id": "van", "for_each": {"count": "vans", "group": "van"}, "requires": ["test"]},
            {
                "id": "driver",
                "for_each": {"count": "drivers", "group": "driver", "within": "van"},
                "requires": ["van"],
                "spared_by": spared("licence"),
            },
            {"id": "bundle", "kind": "bundle", "requires": ["van", "driver"]},
        ),
        fields=(kit.field("plate", "test", "van", group="van"),),
        holdings=Holdings(
            certificates=(
                card(1, group="van", kind="report"),
                card(2, group="driver", kind="licence"),
                card(3, group="driver", kind="licence", reference="L-3"),
            )
        ),
    )
    steps = {one.id: one for one in plan.steps}
    assert spares(plan) == ["test-1", "driver-2", "driver-3"]
    assert steps["van-1"].requires == ()
    assert steps["van-2"].requires == ("test-2",)
    assert [
        (one.id, one.within, one.requires) for one in plan.steps if one.step_id == "driver"
    ] == [
        ("driver-1", "van-1", ("van-1",)),
        ("driver-4", "van-2", ("van-2",)),
    ]
    assert plan.form[0].entries == (), "the permit of each van needs its plate all the same"
    assert steps["bundle"].requires == ("van-1", "van-2", "driver-1", "driver-4")


def test_the_time_of_others_counts_before_a_paper_does(kit) -> None:
    def plan(until):
        return kit.plan(
            items=(kit.item("build", 40), kit.item("card", 1), kit.item("permit", 2)),
            steps=(
                {"id": "build", "kind": "external"},
                {"id": "card", "spared_by": spared()},
                {"id": "permit", "requires": ["build", "card"]},
            ),
            holdings=Holdings(certificates=(card(until=until),)),
        )

    assert spares(plan(LATE)) == ["card"]
    ends = plan(LATE).expected.on
    assert spares(plan(ends)) == ["card"]
    assert spares(plan(ends - timedelta(days=1))) == []


def test_a_plan_tells_what_it_rests_on(crew) -> None:
    held = (card(1), card(3))
    plan = crew(*held, card(2, until=MONDAY))
    shown = tuple(replace(one, reference=masked(one.reference)) for one in held)
    assert holdings_in(plan) == Holdings(certificates=shown)
    assert spares(crew(*holdings_in(plan).certificates)) == spares(plan)


def test_two_papers_whose_numbers_end_alike_stay_two_in_a_plan_made_anew(crew) -> None:
    """Of numbers a plan has the ends; by their bytes, or their entries, papers are told apart."""
    short = (card(1, reference="CARD-1"), card(2, reference="CARD-2"))
    assert {masked(one.reference) for one in short} == {"****"}
    plan = crew(*short)
    assert spares(plan) == ["check-1", "check-2"]
    assert spares(crew(*holdings_in(plan).certificates)) == spares(plan)
    one = "sha256:" + "1" * 64
    twice = crew(card(1, reference="A", digest=one), card(2, reference="B", digest=one))
    assert spares(twice) == ["check-1"], "the same bytes are the same paper"


def person(name, kind, **more):
    return {
        "id": name,
        "title": {"zh": f"〔{name}〕", "en": name},
        "type": kind,
        "steps": ["check"],
        "group": "crew",
        **more,
    }


def compared(crew, *fields, held=(1, 3)):
    plan = crew(*(card(number) for number in held), more_fields=fields)
    return plan, {one.id: one for one in plan.form if one.group == "crew"}


NUMBER = person("number", "citizen_number")
NAME = person("who", "text", value_kind="person_name")


def test_of_whom_a_paper_spares_only_who_it_is_is_asked(crew) -> None:
    plan, form = compared(crew, NUMBER, NAME)
    whose = {one.id: one.whose for one in plan.skipped if one.held is not None}
    assert set(whose.values()) == {HolderFields(code="number", name="who")}
    for name in ("number", "who"):
        field = form[name]
        assert (field.entries, field.compared) == ((2,), (1, 3))
        assert (field.kept_entries, field.asked_entries) == ((2,), (1, 2, 3))
        assert "not kept" in explain_field(plan, name)
    assert (form["person"].compared, form["person"].asked_entries) == ((), (2,))
    assert parse_plan(plan.as_json()) == plan


def test_where_all_are_spared_the_form_still_asks_who_they_are(crew) -> None:
    plan, form = compared(crew, NUMBER, NAME, held=(1, 2, 3))
    assert set(form) == {"number", "who"}
    for field in form.values():
        assert (field.steps, field.kept_entries, field.asked_entries) == ((), (), (1, 2, 3))
    assert parse_plan(plan.as_json()) == plan
    assert all(not {"number", "who"} & {*step.fields} for step in plan.steps), "no office is told"


@pytest.mark.parametrize(
    "fields",
    [
        (),
        (NAME,),
        (NUMBER, person("other", "citizen_number")),
        (person("number", "citizen_number", when="people > 1"),),
    ],
    ids=["nothing", "a name", "two numbers", "a number at times"],
)
def test_without_the_one_number_of_a_person_the_plan_says_that_nobody_compares(
    crew, fields
) -> None:
    plan, _ = compared(crew, *fields)
    for one in plan.skipped:
        if one.held is not None:
            assert one.whose is None
            assert "only the portal has compared" in one.reasons[-1].text.en
    assert all(one.compared == () for one in plan.form)


def test_the_reason_says_of_whom_it_is_only_compared(crew) -> None:
    """The second has no certificate: an office needs that name, and the case keeps it."""
    plan, form = compared(crew, NUMBER)
    (why,) = (one for one in form["number"].reasons if "compare" in one.text.en)
    assert why.text.en.startswith("of #1, #3 asked only to compare")
    assert why.text.zh.startswith("第 1、3 人的仅用于核对")
    assert "of #1, #3 asked only" in explain_field(plan, "number")
