"""What ``build_plan`` does with definitions of every shape, one rule at a time."""

from __future__ import annotations

from datetime import date

import pytest

from oneservice.catalog import LimitUnit
from oneservice.errors import (
    AnswersInvalidError,
    CalendarUnknownError,
    DependencyCycleError,
    RuleEvaluationError,
    UnknownReferenceError,
)
from oneservice.plan import MAX_INSTANCES, ReasonKind, build_plan
from oneservice.workdays import national_calendar


def by_id(plan):
    return {step.id: step for step in plan.steps}


# --- steps ------------------------------------------------------------------------------------


def test_a_rule_switches_a_step_on_and_says_why(kit) -> None:
    parts = {
        "situations": [kit.question("area", "decimal"), kit.question("karaoke", default=False)],
        "steps": [{"id": "fire", "when": "area >= 300 || karaoke"}],
    }
    (step,) = kit.plan({"area": 420}, **parts).steps
    reason = step.reasons[0]
    assert (reason.kind, reason.rule) == (ReasonKind.RULE, "area >= 300 || karaoke")
    assert reason.because == "area 420 >= 300"

    (skipped,) = kit.plan({"area": "80.50"}, **parts).skipped
    assert skipped.step_id == "fire"
    assert "area 80.5 >= 300" in skipped.reasons[0].because
    assert "karaoke" in skipped.reasons[0].because


def test_each_clause_of_the_law_is_a_reason(kit) -> None:
    law = {"law": {"zh": "食品安全法", "en": "Food Safety Law"}, "article": "第三十五条"}
    items = (kit.item("food", legal_basis=[law]),)
    (step,) = kit.plan(items=items, steps=[{"id": "food"}]).steps
    assert [reason.kind for reason in step.reasons] == [ReasonKind.ALWAYS, ReasonKind.LAW]
    assert step.reasons[1].clause == "食品安全法 第三十五条"
    assert step.reasons[1].text.en == "Food Safety Law, art. 35"


def test_a_dependency_on_an_inactive_step_is_dropped(kit) -> None:
    plan = kit.plan(
        {"new": False},
        situations=[kit.question("new")],
        steps=[{"id": "register", "when": "new"}, {"id": "permit", "requires": ["register"]}],
    )
    assert by_id(plan)["permit"].requires == ()


def test_steps_come_after_what_they_require_whatever_the_order_in_the_file(kit) -> None:
    plan = kit.plan(
        steps=[
            {"id": "bundle", "kind": "bundle", "requires": ["permit", "sign"]},
            {"id": "sign", "requires": ["check"]},
            {"id": "permit", "requires": ["check"]},
            {"id": "check"},
        ]
    )
    assert [step.id for step in plan.steps] == ["check", "sign", "permit", "bundle"]


def test_the_first_limit_that_fits_counts(kit) -> None:
    step = {
        "id": "fire",
        "limits": [
            {
                "when": 'track == "promise"',
                "promised": kit.days(1),
                "title": {"zh": "快", "en": "q"},
            },
            {"when": "true", "promised": kit.days(3), "statutory": kit.days(4)},
        ],
    }
    choices = [{"value": v, "title": {"zh": v, "en": v}} for v in ("promise", "ordinary")]
    parts = {
        "items": (kit.item("fire", 7, statutory=kit.days(10)),),
        "situations": [kit.question("track", "enum", choices=choices)],
        "steps": [step],
    }
    fast = kit.plan({"track": "promise"}, **parts).steps[0]
    assert (fast.promised.days, fast.statutory.days) == (1, 10)
    assert fast.reasons[1].because == 'track == "promise"'
    slow = kit.plan({"track": "ordinary"}, **parts).steps[0]
    assert (slow.promised.days, slow.statutory.days) == (3, 4)


def test_a_circle_is_named(kit) -> None:
    steps = [{"id": "a", "requires": ["b"]}, {"id": "b", "requires": ["a"]}, {"id": "c"}]
    with pytest.raises(DependencyCycleError) as caught:
        kit.plan(steps=steps)
    assert caught.value.cycle in {("a", "b", "a"), ("b", "a", "b")}


def test_a_circle_through_an_inactive_step_is_none(kit) -> None:
    steps = [{"id": "a", "requires": ["b"]}, {"id": "b", "requires": ["a"], "when": "on"}]
    plan = kit.plan({"on": False}, situations=[kit.question("on")], steps=steps)
    assert [step.id for step in plan.steps] == ["a"]


@pytest.mark.parametrize("how", ["requires", "attaches"])
def test_an_undeclared_step_is_an_error_with_its_name(kit, how: str) -> None:
    with pytest.raises(UnknownReferenceError, match="'permti', which is not declared"):
        kit.plan(steps=[{"id": "permit"}, {"id": "sign", how: ["permti"]}])


def test_a_rule_that_nothing_settles_is_an_error_with_its_path(kit) -> None:
    parts = {
        "situations": [
            kit.question("mall"),
            kit.question("floor", "int", visible_when="mall"),
        ],
        "steps": [{"id": "sign", "when": "floor > 1"}],
    }
    with pytest.raises(RuleEvaluationError, match=r"thing\.steps\.sign\.when"):
        kit.plan({"mall": False}, **parts)


def test_a_plan_without_active_steps_is_empty_but_whole(kit) -> None:
    plan = kit.plan(
        {"on": False}, situations=[kit.question("on")], steps=[{"id": "a", "when": "on"}]
    )
    assert (plan.steps, plan.critical_path, plan.promised_working_days) == ((), (), 0)
    assert plan.due.on == kit.monday


# --- repeated steps ---------------------------------------------------------------------------


def staff_parts(kit):
    return {
        "situations": [kit.question("staff", "int", default=0)],
        "steps": [
            {"id": "health", "for_each": {"count": "staff", "group": "people"}},
            {"id": "permit", "attaches": ["health"]},
            {"id": "bundle", "kind": "bundle", "requires": ["permit", "health"]},
        ],
        "fields": [
            kit.field("person", "health", group="people"),
            kit.field("shop", "permit", "health"),
        ],
        "materials": [
            kit.material("m_health", "permit", source="step", yielded_by="health"),
        ],
    }


def test_a_repeated_step_has_one_sub_case_for_each(kit) -> None:
    plan = kit.plan({"staff": 3}, **staff_parts(kit))
    names = ("health-1", "health-2", "health-3")
    steps = by_id(plan)
    assert [(steps[name].step_id, steps[name].instance) for name in names] == [
        ("health", 1),
        ("health", 2),
        ("health", 3),
    ]
    assert steps["permit"].attaches == names
    assert steps["permit"].requires == ()
    assert steps["bundle"].requires == ("permit", *names)
    form = {field.id: field for field in plan.form}
    assert (form["person"].instances, form["person"].steps) == (3, names)
    assert form["shop"].instances == 0
    assert plan.materials[0].yielded_by == names


def test_nobody_to_repeat_over_switches_the_step_off(kit) -> None:
    plan = kit.plan({"staff": 0}, **staff_parts(kit))
    assert [skipped.step_id for skipped in plan.skipped] == ["health"]
    assert plan.skipped[0].reasons[0].because == "staff = 0"
    assert [field.id for field in plan.form] == ["shop"]
    assert plan.materials == ()


def test_the_number_of_instances_is_bounded(kit) -> None:
    assert len(kit.plan({"staff": MAX_INSTANCES}, **staff_parts(kit)).steps) == MAX_INSTANCES + 2
    with pytest.raises(AnswersInvalidError, match="case of their own") as caught:
        kit.plan({"staff": MAX_INSTANCES + 1}, **staff_parts(kit))
    assert set(caught.value.problems) == {"staff"}


def test_a_group_that_no_step_repeats_over_is_an_error(kit) -> None:
    parts = {"steps": [{"id": "a"}], "fields": [kit.field("who", "a", group="people")]}
    with pytest.raises(UnknownReferenceError, match="'people', over which no step repeats"):
        kit.plan(**parts)


# --- form and materials -----------------------------------------------------------------------


def test_a_field_is_asked_once_for_all_and_not_for_inactive_steps_only(kit) -> None:
    plan = kit.plan(
        {"sign": False},
        situations=[kit.question("sign")],
        steps=[{"id": "food"}, {"id": "fire"}, {"id": "board", "when": "sign"}],
        fields=[
            kit.field("name", "food", "fire", "board"),
            kit.field("width", "board"),
            kit.field("lit", "food", when="sign"),
        ],
    )
    assert [(field.id, field.steps) for field in plan.form] == [("name", ("food", "fire"))]
    assert [step.fields for step in plan.steps] == [("name",), ("name",)]
    assert plan.form[0].reasons[0].text.en == "used by: food; fire"


def test_an_answer_fills_its_field(kit) -> None:
    plan = kit.plan(
        {"area": "82.50"},
        situations=[kit.question("area", "decimal")],
        steps=[{"id": "food"}],
        fields=[kit.field("area", "food", answer="area")],
    )
    assert plan.form[0].value == "82.5"
    assert plan.form[0].reasons[-1].kind is ReasonKind.ANSWER
    assert plan.answers == {"area": "82.5"}


def test_a_hidden_question_hides_its_field_even_with_a_default(kit) -> None:
    parts = {
        "situations": [
            kit.question("mall"),
            kit.question("floor", "int", visible_when="mall", default=1),
        ],
        "steps": [{"id": "food"}],
        "fields": [kit.field("floor", "food", answer="floor")],
    }
    assert kit.plan({"mall": False, "floor": 7}, **parts).form == ()
    assert kit.plan({"mall": True, "floor": 7}, **parts).form[0].value == 7


def test_what_an_active_step_yields_is_not_asked_for(kit) -> None:
    result = {"type": "licence", "title": {"zh": "证", "en": "l"}, "yields": ["m_licence"]}
    parts = {
        "items": (kit.item("register", result=result),),
        "situations": [kit.question("has")],
        "steps": [{"id": "register", "when": "!has"}, {"id": "food", "requires": ["register"]}],
        "materials": [kit.material("m_licence", "register", "food")],
    }
    (made,) = kit.plan({"has": False}, **parts).materials
    assert (made.yielded_by, made.steps, made.must_bring) == (("register",), ("food",), False)
    assert ReasonKind.YIELDED in {reason.kind for reason in made.reasons}
    (held,) = kit.plan({"has": True}, **parts).materials
    assert (held.yielded_by, held.steps, held.must_bring) == ((), ("food",), True)


def test_a_step_never_waits_for_its_own_result(kit) -> None:
    plan = kit.plan(
        steps=[{"id": "register"}],
        materials=[kit.material("m", "register", source="step", yielded_by="register")],
    )
    assert plan.materials == ()


# --- days -------------------------------------------------------------------------------------


def test_the_critical_path_is_the_longest_not_the_sum(kit) -> None:
    items = (kit.item("check", 0), kit.item("food", 8), kit.item("sign", 5), kit.item("bundle", 1))
    plan = kit.plan(
        items=items,
        steps=[
            {"id": "check", "kind": "check"},
            {"id": "food", "requires": ["check"]},
            {"id": "sign", "requires": ["check"]},
            {"id": "bundle", "kind": "bundle", "requires": ["food", "sign"]},
        ],
    )
    assert plan.critical_path == ("check", "food", "bundle")
    assert plan.promised_working_days == 9
    assert plan.due.on == date(2026, 10, 15)
    assert [step.id for step in plan.steps if step.is_critical] == ["check", "food", "bundle"]


def test_steps_on_the_spot_stay_on_the_path_also_at_its_end(kit) -> None:
    items = (kit.item("check", 0), kit.item("receipt", 0))
    steps = [{"id": "check"}, {"id": "receipt", "requires": ["check"]}]
    plan = kit.plan(items=items, steps=steps)
    assert plan.critical_path == ("check", "receipt")
    assert (plan.promised_working_days, plan.due.on) == (0, kit.monday)
    longer = kit.plan(items=(*items, kit.item("food", 2)), steps=[*steps, {"id": "food"}])
    assert longer.critical_path == ("food",)


def test_two_longest_paths_are_both_critical(kit) -> None:
    items = (kit.item("a", 3), kit.item("b", 3), kit.item("end", 1))
    steps = [{"id": "a"}, {"id": "b"}, {"id": "end", "requires": ["a", "b"]}]
    plan = kit.plan(items=items, steps=steps)
    assert all(step.is_critical for step in plan.steps)
    assert plan.critical_path == ("a", "end")


def test_a_follow_up_and_what_waits_for_it_are_no_part_of_the_promise(kit) -> None:
    items = (kit.item("fire", 1), kit.item("follow", 20), kit.item("report", 2))
    steps = [
        {"id": "fire"},
        {"id": "follow", "kind": "follow_up", "requires": ["fire"]},
        {"id": "report", "requires": ["follow"]},
    ]
    plan = kit.plan(items=items, steps=steps)
    assert (plan.promised_working_days, plan.due.on) == (1, date(2026, 9, 29))
    assert by_id(plan)["follow"].starts_on == date(2026, 9, 29)
    assert by_id(plan)["follow"].due.on == date(2026, 11, 2)
    assert not by_id(plan)["follow"].is_critical


def test_natural_days_count_with_the_working_days_in_them(kit) -> None:
    items = (kit.item("notice", 20, unit="natural_days"), kit.item("close", 1))
    steps = [{"id": "notice"}, {"id": "close", "requires": ["notice"]}]
    plan = kit.plan(items=items, steps=steps)
    assert by_id(plan)["notice"].promised.unit is LimitUnit.NATURAL_DAYS
    assert by_id(plan)["notice"].due.on == date(2026, 10, 18)
    # 09-29, 09-30, 10-08 to 10-10 and 10-12 to 10-16 are worked, then the closing day.
    assert plan.promised_working_days == 10 + 1
    assert plan.due.on == date(2026, 10, 19)


def test_longer_natural_days_beat_shorter_working_days_by_the_calendar(kit) -> None:
    items = (kit.item("notice", 12, unit="natural_days"), kit.item("food", 5))
    plan = kit.plan(items=items, steps=[{"id": "food"}, {"id": "notice"}])
    # Before the long holiday five working days end on 10-10, twelve natural days too.
    assert by_id(plan)["food"].due.on == by_id(plan)["notice"].due.on == date(2026, 10, 10)
    assert all(step.is_critical for step in plan.steps)


def test_beyond_the_announced_years_days_are_provisional(kit) -> None:
    items = (kit.item("food", 8, statutory=kit.days(10)), kit.item("sign", 1), kit.item("end", 1))
    steps = [{"id": "food"}, {"id": "sign"}, {"id": "end", "requires": ["food", "sign"]}]
    plan = kit.plan(items=items, steps=steps, on=date(2026, 12, 28))
    steps = by_id(plan)
    assert not steps["sign"].due.is_provisional
    assert steps["food"].due.is_provisional
    assert steps["food"].statutory_due.is_provisional
    assert steps["end"].due.is_provisional  # it starts on a provisional day
    assert plan.due.is_provisional
    assert plan.joint_cap_due.is_provisional


def test_natural_days_after_a_provisional_day_are_provisional(kit) -> None:
    items = (kit.item("food", 8), kit.item("notice", 10, unit="natural_days"))
    steps = [{"id": "food"}, {"id": "notice", "requires": ["food"]}]
    plan = kit.plan(items=items, steps=steps, on=date(2026, 12, 28))
    assert by_id(plan)["notice"].due.is_provisional
    assert plan.promised_working_days > 8


def test_a_plan_cannot_start_in_an_unannounced_year(kit) -> None:
    with pytest.raises(CalendarUnknownError, match="install a newer calendar") as caught:
        kit.plan(steps=[{"id": "food"}], on=date(2031, 1, 6))
    assert caught.value.year == 2031


def test_a_step_may_start_on_a_day_that_is_not_worked(kit) -> None:
    plan = kit.plan(items=(kit.item("food", 1),), steps=[{"id": "food"}], on=date(2026, 10, 3))
    assert plan.steps[0].due.on == date(2026, 10, 8)


# --- the visit --------------------------------------------------------------------------------


def test_a_track_decided_on_papers_joins_no_visit(kit) -> None:
    parts = {
        "situations": [kit.question("papers")],
        "steps": [
            {"id": "food"},
            {
                "id": "fire",
                "limits": [{"when": "papers", "promised": kit.days(1), "is_on_papers": True}],
            },
            {"id": "sign"},
        ],
        "joint_inspection": ["food", "fire"],
    }
    assert kit.plan({"papers": True}, **parts).joint_inspection == ("food",)
    assert kit.plan({"papers": False}, **parts).joint_inspection == ("food", "fire")


# --- what the digest covers -------------------------------------------------------------------


def test_every_input_is_in_the_digest(kit) -> None:
    parts = {"situations": [kit.question("n", "int")], "steps": [{"id": "a"}]}
    thing = kit.thing(**parts)
    other = kit.thing(**parts, materials=[kit.material("m", "a")])
    elsewhere = kit.thing(**parts, region="990102")
    calendar = national_calendar()
    later = calendar.regional(extra_days_off=(date(2026, 10, 30),))
    plans = [
        build_plan(thing, {"n": 1}, on=kit.monday, calendar=calendar),
        build_plan(thing, {"n": 2}, on=kit.monday, calendar=calendar),
        build_plan(thing, {"n": 1}, on=date(2026, 9, 29), calendar=calendar),
        build_plan(thing, {"n": 1}, on=kit.monday, calendar=later),
        build_plan(other, {"n": 1}, on=kit.monday, calendar=calendar),
        build_plan(elsewhere, {"n": 1}, on=kit.monday, calendar=calendar),
    ]
    assert len({plan.digest for plan in plans}) == len(plans)
