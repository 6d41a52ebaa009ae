"""What one has already, what may follow, where to get the rest, and what all of it saves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from oneservice.catalog import Before, Text
from oneservice.plan import (
    HeldCertificate,
    Holdings,
    explain_field,
    explain_material,
    explain_plan,
    parse_plan,
    plan_bytes,
    reduction,
    sum_reductions,
    to_mermaid,
    to_svg,
)
from oneservice.values import Consent, RememberedValue, ValueKind


def say(words):
    return {"zh": f"〔{words}〕", "en": words}


OBTAIN = [
    {"where": say("the site"), "channel": "online", "url": "https://example.invalid/"},
    {"where": say("the hall"), "channel": "window", "working_days": 1},
    {"where": say("the box"), "channel": "kiosk", "working_days": 0},
]


@pytest.fixture
def brought(kit):
    def plan(*held, **more):
        material = kit.material("deed", "a", accepts=["deed", "lease"], obtain=OBTAIN)
        return kit.plan(
            items=(kit.item("a", 8),),
            steps=({"id": "a"},),
            materials=(material,),
            holdings=Holdings(certificates=held),
            **more,
        )

    return plan


def lease(until):
    return HeldCertificate(type="lease", reference="LEASE-2026-0001", valid_until=until)


def test_what_is_missing_says_where_to_get_it(brought) -> None:
    plan = brought()
    assert [one.id for one in plan.missing] == ["deed"]
    text = explain_material(plan, "deed")
    assert "get it: the site (online) <https://example.invalid/>" in text
    assert "get it: the hall (window, about 1 working day)" in text
    assert "get it: the box (kiosk, at once)" in text
    assert "约 1 个工作日" in explain_material(plan, "deed", language="zh")


@pytest.mark.parametrize("until", [None, date(2026, 10, 14), date(2030, 1, 1)])
def test_a_certificate_that_lasts_stands_for_the_paper(brought, until) -> None:
    plan = brought(lease(date(2026, 9, 1)), lease(until))
    (material,) = plan.materials
    assert material.held == replace(lease(until), reference="LEAS****0001"), "its number is masked"
    assert not material.must_bring
    assert material.obtain == ()
    assert "you already hold deed" in explain_material(plan, "deed")
    assert parse_plan(plan.as_json()) == plan


@pytest.mark.parametrize(
    ("until", "why"),
    [
        (date(2026, 9, 27), "ended on 2026-09-27"),
        (date(2026, 10, 13), "before the last office is due on 2026-10-14"),
    ],
)
def test_one_that_ends_too_early_does_not_and_says_so(brought, until, why) -> None:
    plan = brought(lease(until))
    assert plan.materials[0].must_bring
    assert why in explain_material(plan, "deed")


def stored(**more):
    given = {
        "field_id": "phone",
        "kind": ValueKind.PHONE,
        "value": "13800000000",
        "source": "register",
        "fetched_at": datetime(2026, 8, 31, 17, tzinfo=UTC),  # 01:00 of the next day in legal time
        "consent": Consent(id="c1", purposes=("thing",)),
    }
    return RememberedValue(**(given | more))


@pytest.fixture
def filled(kit):
    def plan(*values):
        phone = kit.field("phone", "a", type="phone", prefill=["register"], is_personal=True)
        return kit.plan(
            steps=({"id": "a"},), fields=(phone,), holdings=Holdings(values=tuple(values))
        )

    return plan


def test_a_stored_value_is_named_by_its_source_and_never_shown(filled) -> None:
    plan = filled(stored())
    (field,) = plan.form
    assert (field.held.source, field.held.fetched_on) == (
        "register",
        date(2026, 9, 1),
    )  # 01:00 there
    assert field.value is None
    assert b"13800000000" not in plan_bytes(plan)
    assert "known from register, fetched on 2026-09-01" in explain_field(plan, "phone")
    assert "只需确认" in explain_field(plan, "phone", language="zh")
    assert parse_plan(plan.as_json()) == plan


@pytest.mark.parametrize(
    "unfit",
    [
        stored(consent=None),
        stored(consent=Consent(id="c1", purposes=("something_else",))),
        stored(source="gossip"),
        stored(valid_until=date(2026, 9, 1)),
        stored(value="no number"),
    ],
)
def test_a_value_that_may_not_be_used_is_asked_for(filled, unfit) -> None:
    assert plan_bytes(filled(unfit)) == plan_bytes(filled())


@pytest.mark.parametrize(
    ("promised", "most", "days", "until"),
    [
        (8, 20, 6, date(2026, 10, 12)),  # two working days before 2026-10-14
        (8, 3, 3, date(2026, 10, 8)),
        (3, 20, 1, date(2026, 9, 29)),
    ],
)
def test_minor_papers_may_follow_on_a_promise(kit, promised, most, days, until) -> None:
    tolerance = {"max_working_days": most, "materials": ["photo", "plan"]}
    plan = kit.plan(
        items=(kit.item("a", promised, tolerance=tolerance),),
        steps=({"id": "a"},),
        materials=(
            kit.material("photo", "a", importance="minor"),
            kit.material("plan", "a"),  # a main one never may
        ),
    )
    track = plan.steps[0].tolerance
    assert (track.materials, track.working_days, track.until.on) == (("photo",), days, until)
    assert f"may follow until {until}: photo" in explain_plan(plan)


def test_a_short_promise_leaves_no_time_to_follow(kit) -> None:
    tolerance = {"max_working_days": 5, "materials": ["photo"]}
    plan = kit.plan(
        items=(kit.item("a", 2, tolerance=tolerance),),
        steps=({"id": "a"},),
        materials=(kit.material("photo", "a", importance="minor"),),
    )
    assert plan.steps[0].tolerance is None
    assert "nothing may follow later" in explain_plan(plan)


def test_the_time_of_others_is_no_part_of_the_promise(kit) -> None:
    plan = kit.plan(
        items=(kit.item("ask", 2), kit.item("dig", 30), kit.item("connect", 3)),
        steps=(
            {"id": "ask"},
            {"id": "dig", "kind": "external", "requires": ("ask",)},
            {"id": "connect", "requires": ("dig",)},
        ),
    )
    assert plan.promised_working_days == 5
    assert plan.due.on == date(2026, 10, 10)
    assert plan.expected.on == date(2026, 11, 20)
    assert "by others: about 30 working days, not counted" in explain_plan(plan)
    assert "by others, not counted" in to_mermaid(plan)
    assert 'stroke-dasharray="2 4"' in to_svg(plan)
    assert "第三方" in to_svg(plan)


def test_one_visit_for_all_and_a_second_for_what_waits(kit) -> None:
    plan = kit.plan(
        items=(kit.item("a", 8), kit.item("b", 4), kit.item("c", 4)),
        steps=({"id": "a"}, {"id": "b"}, {"id": "c", "requires": ("a",)}),
        joint_inspection=("a", "b", "c"),
    )
    assert [(one.steps, one.earliest, one.latest) for one in plan.appointments] == [
        (("a", "b"), date(2026, 9, 29), date(2026, 10, 9)),
        (("c",), date(2026, 10, 15), date(2026, 10, 20)),
    ]


@pytest.mark.parametrize(
    ("on", "batch", "starts"),
    [
        (date(2026, 5, 8), "spring", date(2026, 6, 10)),
        (date(2026, 6, 10), "spring", date(2026, 6, 10)),
        (date(2026, 6, 11), "autumn", date(2026, 9, 30)),
        (date(2026, 10, 8), "autumn", date(2026, 10, 8)),
    ],
)
def test_a_batch_is_decided_once_it_has_closed(kit, on, batch, starts) -> None:
    plan = kit.plan(
        on=on,
        steps=({"id": "a"},),
        batches=(
            {"id": "spring", "title": say("spring"), "opens": "2026-06-01", "closes": "2026-06-10"},
            {"id": "autumn", "title": say("autumn"), "opens": "2026-09-01", "closes": "2026-09-30"},
        ),
    )
    assert plan.batch.id == batch
    assert plan.steps[0].starts_on == starts
    assert ("it is over" in explain_plan(plan)) == (on == date(2026, 10, 8))


def test_other_people_take_part_where_they_exist(kit) -> None:
    def plan(two):
        return kit.plan(
            {"two": two},
            steps=({"id": "a"},),
            situations=(kit.question("two"),),
            parties=({"id": "other", "title": say("the other parent"), "when": "two"},),
            subject={"kind": "other", "title": say("the child")},
        )

    assert [party.must_consent for party in plan(True).parties] == [True]
    assert plan(False).parties == ()
    text = explain_plan(plan(True))
    assert "about: the child" in text
    assert "takes part: the other parent, must consent" in text


BEFORE = Before(
    fields=100,
    materials=35,
    working_days=48,
    visits=6,
    kilometres=61,
    minutes=300,
    source=Text(zh="〔a survey〕", en="a survey"),
)


def saved(kit, visits, fields=58):
    channel = {"kind": "window", "where": say("the hall"), "visits": visits}
    plan = kit.plan(
        items=(kit.item("a", 13, channels=[channel]),),
        steps=({"id": "a"},),
        fields=tuple(kit.field(f"f{n}", "a") for n in range(fields)),
        materials=tuple(kit.material(f"m{n}", "a") for n in range(17)),
        before=BEFORE.model_dump(mode="json"),
    )
    return reduction(plan)


def test_the_published_savings(kit) -> None:
    one = saved(kit, 1)
    assert one.fields.saved_percent == Decimal("42.00")
    assert one.materials.saved_percent == Decimal("51.43")
    assert one.working_days.saved_percent == Decimal("72.92")
    assert (one.trips.before, one.trips.after) == (6, 1)
    assert (one.kilometres.after, one.minutes.after) == (10, 50)
    assert saved(kit, 0).kilometres.after == 0


def test_savings_of_many_cases_add_up(kit) -> None:
    total = sum_reductions([saved(kit, 1), saved(kit, 0, fields=42)])
    assert (total.cases, total.fields.before, total.fields.after) == (2, 200, 100)
    assert (total.trips.before, total.trips.after) == (12, 1)
    assert total.source.en == "a survey"
    assert total.as_json()["kilometres"]["after"] == 10
    assert sum_reductions([]) is None


def test_an_unknown_journey_makes_no_total(kit) -> None:
    plan = kit.plan(steps=({"id": "a"},), before=BEFORE.model_dump(mode="json"))
    assert reduction(plan).trips is None
    assert sum_reductions([saved(kit, 1), reduction(plan)]).trips is None


def test_the_joint_cap_and_its_one_extension(kit) -> None:
    plan = kit.plan(steps=({"id": "a"},))
    assert plan.joint_cap.days == 45
    assert plan.joint_cap_due.on == date(2026, 12, 4)
    assert plan.joint_cap_extended_due.on == date(2026, 12, 25)
    assert "2026-12-25 if extended once" in explain_plan(plan)
