"""Ways to an office, journeys, fees, the region that decides, tracks; and what they say."""

from __future__ import annotations

import pytest

from oneservice.errors import AnswersConflictError, AnswersInvalidError, DutyUnknownError
from oneservice.plan import Holdings, ReasonKind, explain_plan, explain_step, parse_plan


def say(words):
    return {"zh": f"〔{words}〕", "en": words}


ONLINE = {
    "kind": "online",
    "where": say("the site"),
    "url": "https://example.invalid/",
    "when": "!abroad",
    "otherwise": say("who lives abroad is seen in person"),
}
KIOSK = {"kind": "kiosk", "where": say("the hall"), "when": "!abroad"}
WINDOW = {"kind": "window", "where": say("the hall"), "visits": 1}
LAW = [{"law": say("The Law"), "article": "第一条", "since": "2020-01-01", "is_sample": True}]


@pytest.fixture
def reached(kit):
    def plan(abroad, **more):
        return kit.plan(
            {"abroad": abroad},
            items=(kit.item("a", channels=[ONLINE, KIOSK, WINDOW]),),
            steps=({"id": "a"},),
            situations=(kit.question("abroad"),),
            **more,
        )

    return plan


def test_the_first_open_way_is_taken_and_the_next_one_is_its_equivalent(reached) -> None:
    step = reached(False).steps[0]
    assert (step.channel.kind, step.equivalent_channel.kind) == ("online", "kiosk")
    assert step.needs_no_visit


def test_a_fallback_says_why(reached) -> None:
    plan = reached(True)
    step = plan.steps[0]
    assert (step.channel.kind, step.equivalent_channel) == ("window", None)
    assert [one.is_open for one in step.channels] == [False, False, True]
    text = explain_step(plan, "a")
    assert "closed: online, the site <https://example.invalid/>" in text
    assert "who lives abroad is seen in person: abroad  [!abroad]" in text
    assert "not open for these answers: abroad  [!abroad]" in text
    assert "hand in: window, the hall, 1 visit" in text
    assert "不可用：网上" in explain_step(plan, "a", language="zh")


def test_no_trip_is_proved_and_unpublished_ways_prove_nothing(kit, reached) -> None:
    assert reached(False).trip_count == 0
    assert "no trip is needed" in explain_plan(reached(False))
    assert reached(True).trip_count == 1
    assert kit.plan(steps=({"id": "a"},)).trip_count is None
    asked = kit.plan(steps=({"id": "a", "kind": "check"}, {"id": "b", "kind": "notify"}))
    assert asked.trip_count == 0


def test_one_journey_serves_one_place_and_results_are_another(kit) -> None:
    items = tuple(kit.item(name, channels=[WINDOW]) for name in ("a", "b", "all"))
    elsewhere = {"kind": "window", "where": say("the station"), "visits": 2}
    plan = kit.plan(
        items=(*items, kit.item("c", channels=[elsewhere])),
        steps=(
            {"id": "a"},
            {"id": "b"},
            {"id": "c"},
            {"id": "all", "kind": "bundle", "requires": ("a", "b", "c")},
        ),
    )
    assert [(trip.where.en, trip.visits, trip.steps) for trip in plan.trips] == [
        ("the hall", 1, ("a", "b")),
        ("the station", 2, ("c",)),
        ("the hall", 1, ("all",)),
    ]
    assert plan.trip_count == 4


def test_fees_add_up_exactly_for_each_instance(kit) -> None:
    fees = [
        {"title": say("card"), "amount": "0.10", "legal_basis": LAW, "is_reducible": True},
        {"title": say("stamp"), "amount": "5", "legal_basis": LAW, "when": "count > 2"},
    ]
    plan = kit.plan(
        {"count": 3},
        items=(kit.item("a", fees=fees),),
        steps=({"id": "a", "for_each": {"count": "count", "group": "people"}},),
        situations=(kit.question("count", "int"),),
    )
    (total,) = plan.fees
    assert (total.amount, total.reducible, total.currency) == ("15.30", "0.30", "CNY")
    text = explain_step(plan, "a")
    assert "fee: stamp 5.00 CNY" in text
    assert "count 3 > 2" in text
    assert "law: The Law, art. 1 (since 2020-01-01, sample)" in text
    assert "依据 《〔The Law〕》第一条（2020-01-01 起，示例）" in explain_step(
        plan, "a", language="zh"
    )


@pytest.mark.parametrize(
    ("routing", "region"),
    [
        ({"of": "home", "reason": say("who registered her")}, "980201001"),
        ({"of": "home", "level": "county", "reason": say("who registered her")}, "980201"),
        ({"of": "home", "level": "city", "reason": say("who registered her")}, "980200"),
        ({"of": "home", "when": "count > 9", "reason": say("who registered her")}, "990101"),
        ({"of": "typed", "reason": say("who registered her")}, "990101"),
        ({"of": "copied", "level": "province", "reason": say("who registered her")}, "980000"),
    ],
)
def test_where_one_is_registered_decides_who_decides(kit, routing, region) -> None:
    plan = kit.plan(
        {"home": "980201001", "count": 1},
        steps=({"id": "a", "region": routing},),
        situations=(kit.question("home", "region"), kit.question("count", "int")),
        fields=(
            kit.field("typed", "a", type="region"),
            kit.field("copied", "a", type="region", answer="home"),
        ),
    )
    step = plan.steps[0]
    assert step.region == region
    routed = [one for one in step.reasons if one.kind is ReasonKind.ROUTED]
    assert bool(routed) == ("when" not in routing)
    assert step.region_from == (routing["of"] if routed else None)


def test_instances_go_pair_by_pair_and_the_inner_with_the_outer(kit) -> None:
    plan = kit.plan(
        {"cars": 2, "drivers": 2},
        steps=(
            {"id": "check", "for_each": {"count": "cars", "group": "car"}},
            {"id": "permit", "requires": ("check",), "for_each": {"count": "cars", "group": "car"}},
            {
                "id": "driver",
                "requires": ("permit",),
                "for_each": {"count": "drivers", "group": "driver", "within": "permit"},
            },
            {"id": "all", "requires": ("driver",)},
        ),
        situations=(kit.question("cars", "int"), kit.question("drivers", "int")),
        fields=(kit.field("name", "driver", group="driver"),),
    )
    steps = {step.id: step for step in plan.steps}
    assert steps["permit-2"].requires == ("check-2",)
    assert [steps[f"driver-{n}"].within for n in (1, 2, 3, 4)] == [
        "permit-1",
        "permit-1",
        "permit-2",
        "permit-2",
    ]
    assert steps["driver-3"].requires == ("permit-2",)
    assert steps["all"].requires == ("driver-1", "driver-2", "driver-3", "driver-4")
    assert plan.form[0].instances == 4
    assert parse_plan(plan.as_json()) == plan


def test_nested_repetition_is_bounded_in_all(kit) -> None:
    with pytest.raises(AnswersInvalidError, match="400 is more than"):
        kit.plan(
            {"cars": 20, "drivers": 20},
            steps=(
                {"id": "permit", "for_each": {"count": "cars", "group": "car"}},
                {
                    "id": "driver",
                    "for_each": {"count": "drivers", "group": "driver", "within": "permit"},
                },
            ),
            situations=(kit.question("cars", "int"), kit.question("drivers", "int")),
        )


def choices(*names):
    return [{"value": name, "title": say(name)} for name in names]


@pytest.fixture
def report(kit):
    def plan(trouble):
        return kit.plan(
            {"trouble": trouble, "where": "990101001"},
            items=(kit.item("assign", 0), kit.item("handle", 5), kit.item("rewire", 4)),
            steps=(
                {"id": "assign", "kind": "check"},
                {"id": "handle", "is_by_duty": True, "requires": ("assign",)},
                {"id": "other", "item": "rewire", "requires": ("handle",)},
            ),
            situations=(
                kit.question("trouble", "enum", choices=choices("dark", "sparks", "odd")),
                kit.question("where", "region"),
            ),
            dispatch={
                "kind": "trouble",
                "where": "where",
                "accept_hours": 4,
                "duties": [
                    {"id": "lamp", "department": "office", "item": "handle", "kinds": ["dark"]},
                    {
                        "id": "line",
                        "department": "office",
                        "item": "rewire",
                        "level": "city",
                        "kinds": ["sparks"],
                        "handle": {"days": 1},
                    },
                ],
            },
        )

    return plan


def test_a_report_goes_to_the_unit_that_the_duty_table_names(report) -> None:
    lamp, line = report("dark").steps[1], report("sparks").steps[1]
    assert (lamp.duty, lamp.item, lamp.region, lamp.promised.days) == (
        "lamp",
        "handle",
        "990101",
        5,
    )
    assert (line.duty, line.item, line.region, line.promised.days) == (
        "line",
        "rewire",
        "990100",
        1,
    )
    assert "row 'line' of the duty table, trouble 'sparks'" in explain_step(
        report("sparks"), "handle"
    )
    with pytest.raises(DutyUnknownError, match="no row fits"):
        report("odd")


def commit(kit, answers, *, holdings=None, when="commits", **more):
    commitment = {"text": say("it is so"), "follow_up": "later", "legal_basis": LAW}
    if when:
        commitment["when"] = when
    return kit.plan(
        answers,
        holdings=holdings,
        items=(kit.item("a", commitment=commitment, **more), kit.item("later", 20)),
        steps=({"id": "a"}, {"id": "later", "kind": "follow_up", "requires": ("a",)}),
        situations=(kit.question("commits"),),
    )


def test_a_commitment_names_what_verifies_it(kit) -> None:
    plan = commit(kit, {"commits": True})
    track = plan.steps[0].commitment
    assert (track.text.en, track.follow_up) == ("it is so", ("later",))
    assert "on commitment: it is so" in explain_step(plan, "a")
    assert commit(kit, {"commits": False}).steps[0].commitment is None


def test_bad_credit_closes_promises(kit) -> None:
    bad = Holdings(has_bad_credit=True)
    with pytest.raises(AnswersConflictError, match="choose the ordinary track") as caught:
        commit(kit, {"commits": True}, holdings=bad)
    assert caught.value.questions == ("commits",)
    offered = commit(kit, {"commits": True}, holdings=bad, when=None)
    assert offered.steps[0].commitment is None
    assert "record of bad credit" in explain_step(offered, "a")


def test_no_commitment_where_life_is_at_stake(kit) -> None:
    plan = commit(kit, {"commits": True}, sensitive_area="life_and_health")
    assert plan.steps[0].commitment is None
    assert "no commitment replaces a check in this area: life_and_health" in explain_step(plan, "a")
