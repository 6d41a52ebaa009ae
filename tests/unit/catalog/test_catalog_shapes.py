"""Every shape of a one-thing: how it is written, what a region may change of it, who must act."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.catalog import (
    Catalog,
    Dispatch,
    Duty,
    Level,
    Report,
    StepKind,
    SubjectKind,
    check_rule,
    competent_unit,
    declare,
    evaluate,
    explain,
    lint,
    normalise_answers,
    parse_rule,
    read_document,
    region_at,
    truth,
)
from oneservice.errors import (
    CatalogError,
    DutyConflictError,
    DutyUnknownError,
    IdentifierError,
    OverlayError,
    RuleEvaluationError,
    RuleTypeError,
    UnknownReferenceError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = date(2026, 9, 28)
ROOT = Path(__file__).resolve().parents[3]
SHAPES = (ROOT / "docs" / "shapes" / "national.yaml").read_text("utf-8")
HEAD = 'format: oneservice-catalog/1\nregion: "990100"\neffective_from: 2026-01-01\n'


def overlaid(changes: str, make: Callable[..., Catalog], thing: str = "move_house") -> Catalog:
    return make(base=SHAPES, city=f"{HEAD}overlays:\n  - thing: {thing}\n{changes}")


@pytest.fixture
def catalog(make_catalog: Callable[..., Catalog]) -> Catalog:
    return make_catalog(base=SHAPES)


def test_the_example_has_no_finding(catalog: Catalog) -> None:
    assert lint(catalog) == ()


def test_what_is_written_is_what_is_read(catalog: Catalog) -> None:
    moving = catalog.thing("move_house", region="990101", on=DAY)
    steps = {step.id: step for step in moving.thing.steps}
    assert steps["household"].region is not None
    assert (steps["household"].region.of, steps["household"].region.level) == (
        "new_home",
        Level.COUNTY,
    )
    assert steps["pipe_work"].kind is StepKind.EXTERNAL
    assert steps["address_notice"].kind is StepKind.NOTIFY
    assert steps["driver_card"].for_each is not None
    assert steps["driver_card"].for_each.within == "parking"
    household = moving.items["household"]
    assert [channel.visits for channel in household.channels] == [0, 1]
    assert str(household.fees[0].amount) == "6.00"
    assert household.tolerance is not None
    assert household.tolerance.materials == ("m_photo",)
    thing = moving.thing
    assert thing.subject is not None
    assert thing.subject.kind is SubjectKind.OTHER
    assert [party.must_consent for party in thing.parties] == [True]
    assert thing.batches[0].closes == date(2026, 8, 15)
    assert thing.season is not None
    assert thing.season.begins == "06-01"
    assert thing.before is not None
    assert (thing.before.kilometres, thing.before.minutes) == (60, 300)


def test_every_rule_is_known_wherever_it_stands(catalog: Catalog) -> None:
    moving = catalog.thing("move_house", region="990101", on=DAY)
    assert set(moving.rules) == {
        "!abroad",
        "commits",
        "two_guardians",
        'moved_on >= "2026-06-01"',
        '"water" in supplies || size(supplies) >= 2',
        "commits && cars > 0",
    }


def test_a_definition_with_none_of_it_keeps_its_digest(
    make_catalog: Callable[..., Catalog], base: str
) -> None:
    """New optional members must not move the digests of what was published before."""
    dumped = (
        make_catalog(base=base)
        .thing("shop", region="990101", on=DAY)
        .thing.model_dump(mode="json", exclude_defaults=True)
    )
    assert "dispatch" not in dumped
    assert all("region" not in step for step in dumped["steps"])


WRONG = {
    "a place that is no page": ("https://example.invalid/move", "http://example.invalid/move"),
    "a day of no year": ("begins: 06-01", "begins: 13-01"),
    "a price of three places": ("amount: 6.00", "amount: 6.005"),
    "too much tolerance": ("max_working_days: 3", "max_working_days: 21"),
    "an unknown level": ("level: county", "level: street"),
    "a reader that there is not": ("value_kind: person_name", "value_kind: colour"),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_what_cannot_be_meant_is_refused(change: tuple[str, str]) -> None:
    before, after = change
    assert before in SHAPES
    document, findings = read_document(SHAPES.replace(before, after, 1).encode(), file="a.yaml")
    assert document is None
    line = SHAPES[: SHAPES.index(before)].count("\n") + 1
    assert [finding.source.split(":")[1] for finding in findings] == [str(line)]


ALLOWED = {
    "channels": (
        "    change_items: [{id: household, channels: [{kind: kiosk, "
        "where: {zh: 自助机, en: Kiosk}}]}]\n"
    ),
    "a lower fee": (
        "    change_items: [{id: household, fees: [{title: {zh: 工本费, en: Booklet}, "
        "amount: 4, legal_basis: [{law: {zh: 示例收费标准, en: "
        "Sample Schedule of Fees}}]}]}]\n"
    ),
    "no fee": "    change_items: [{id: household, fees: []}]\n",
    "a higher fee by a law of its own": (
        "    change_items: [{id: household, fees: [{title: {zh: 工本费, en: Booklet}, "
        "amount: 9, legal_basis: [{law: {zh: 市收费办法, en: City Fees}}]}]}]\n"
    ),
    "days of its own": (
        "    batches: [{id: spring, title: {zh: 春, en: Spring}, opens: 2026-02-01, "
        "closes: 2026-02-28}]\n    season: {begins: 02-01, ends: 02-28}\n    parties: []\n"
    ),
    "where to get a material": (
        "    change_materials: [{id: m_lease, importance: minor, accepts_also: [deed], "
        "obtain: [{where: {zh: 大厅, en: Hall}, channel: window}]}]\n"
    ),
    "another region": (
        "    change_steps: [{id: parking, region: {of: new_home, "
        "reason: {zh: 迁入地, en: The new home}}}]\n"
    ),
    "a commitment": (
        "    change_items: [{id: driver_card, commitment: {text: {zh: 承诺, en: I state}}}]\n"
    ),
}


FORBIDDEN = {
    "a higher fee by the same law": (
        (
            "    change_items: [{id: household, fees: [{title: {zh: 工本费, en: Booklet}, "
            "amount: 9, legal_basis: [{law: {zh: 示例收费标准, en: "
            "Sample Schedule of Fees}}]}]}]\n"
        ),
        "would cost 9.00 instead of 6.00",
    ),
    "trust where it is not allowed": (
        "    change_items: [{id: household, commitment: {text: {zh: 承诺, en: I state}}}]\n",
        "touches public safety",
    ),
    "a minor material made main": (
        "    change_materials: [{id: m_photo, importance: main}]\n",
        "may follow later by the base",
    ),
    "a duty table that is not there": (
        "    change_dispatch: {accept_hours: 1}\n",
        "has no duty table to change",
    ),
}


class TestOverlays:
    @pytest.mark.parametrize("changes", ALLOWED.values(), ids=ALLOWED)
    def test_may(self, changes: str, make_catalog: Callable[..., Catalog]) -> None:
        catalog = overlaid(changes, make_catalog)
        base, city = (
            catalog.thing("move_house", region=code, on=DAY) for code in ("000000", "990101")
        )
        assert base.digest != city.digest
        assert len(city.layers) == 2

    @pytest.mark.parametrize("case", FORBIDDEN.values(), ids=FORBIDDEN)
    def test_may_not(self, case: tuple[str, str], make_catalog: Callable[..., Catalog]) -> None:
        changes, words = case
        catalog = overlaid(changes, make_catalog)
        assert catalog.thing("move_house", region="000000", on=DAY)
        with pytest.raises(OverlayError, match=words) as caught:
            catalog.thing("move_house", region="990100", on=DAY)
        assert caught.value.source is not None
        assert caught.value.source.startswith("city.yaml:6:")

    def test_a_material_that_is_not_there(self, make_catalog: Callable[..., Catalog]) -> None:
        catalog = overlaid("    change_materials: [{id: m_leas}]\n", make_catalog)
        with pytest.raises(UnknownReferenceError, match="did you mean 'm_lease'"):
            catalog.thing("move_house", region="990100", on=DAY)

    def test_rows_of_a_duty_table(self, make_catalog: Callable[..., Catalog]) -> None:
        changes = (
            "    change_dispatch:\n      accept_hours: 2\n      drop_duties: [line]\n"
            "      add_duties:\n"
            "        - {id: own_line, department: power, item: lamp_rewiring, kinds: [sparks]}\n"
        )
        catalog = overlaid(changes, make_catalog, "street_lamp")
        dispatch = catalog.thing("street_lamp", region="990101", on=DAY).thing.dispatch
        assert dispatch is not None
        assert [duty.id for duty in dispatch.duties] == ["lamp", "park", "own_line"]
        assert dispatch.accept_hours == 2
        lamp = catalog.thing("street_lamp", region="990101", on=DAY)
        for index, (file, name) in enumerate([("base", "lamp"), ("base", "park"), ("city", "own")]):
            source = lamp.source_of(f"street_lamp.dispatch.duties.{index}.id") or ""
            text = {"base": SHAPES, "city": f"{HEAD}overlays:\n  - thing: street_lamp\n{changes}"}
            line = text[file].splitlines()[int(source.split(":")[1]) - 1]
            assert source.startswith(f"{file}.yaml:")
            assert f"id: {name}" in line

    @pytest.mark.parametrize(
        ("changes", "kind"),
        [
            ("{accept_hours: 5}", OverlayError),
            ("{drop_duties: [lamps]}", UnknownReferenceError),
            (
                "{add_duties: [{id: lamp, department: power, item: lamp_repair}]}",
                OverlayError,
            ),
        ],
    )
    def test_rows_that_cannot_be(
        self, changes: str, kind: type[CatalogError], make_catalog: Callable[..., Catalog]
    ) -> None:
        catalog = overlaid(f"    change_dispatch: {changes}\n", make_catalog, "street_lamp")
        with pytest.raises(kind):
            catalog.thing("street_lamp", region="990101", on=DAY)


class TestRules:
    DECLARED = declare(
        read_document(SHAPES.encode(), file="a.yaml")[0].document.things[0].situations
    )

    @pytest.mark.parametrize(
        ("text", "facts", "due"),
        [
            ('moved_on >= "2026-06-01"', {"moved_on": "2026-06-01"}, True),
            ('moved_on < "2026-06-01"', {"moved_on": "2026-05-31"}, True),
            ('moved_on == "2026-06-01"', {"moved_on": "2026-06-02"}, False),
            ('new_home == "990101"', {"new_home": "990101"}, True),
            ('new_home in ["990101", "990102"]', {"new_home": "980201"}, False),
            ('"water" in supplies', {"supplies": ("meter", "water")}, True),
            ("size(supplies) > 0", {"supplies": ()}, False),
            ('supplies.exists(s, s == "meter")', {"supplies": ("meter",)}, True),
            ('moved_on >= "2026-06-01"', {}, None),
        ],
    )
    def test_days_regions_and_lists(self, text: str, facts: dict[str, object], due: object) -> None:
        rule = parse_rule(text)
        check_rule(rule, self.DECLARED)
        assert truth(rule, facts) is due  # type: ignore[arg-type]
        if due is not None:
            assert explain(rule, facts).because  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ('moved_on >= "1 June"', "is no day"),
            ('moved_on >= "2026-02-30"', "is no day"),
            ("moved_on > 5", "days are due"),
            ("moved_on == new_home", "compare values of one type"),
            ('new_home == "99"', "is no region code"),
            ('new_home < "990101"', "numbers are due"),
            ('"wine" in supplies', "is no choice of this question"),
            ('supplies == "water"', "never equals"),
            ("size(moved_on) > 3", "a list or a text is due"),
            ('new_home in ["x"]', "is no region code"),
        ],
    )
    def test_slips_are_told(self, text: str, words: str) -> None:
        with pytest.raises(RuleTypeError, match=words):
            check_rule(parse_rule(text), self.DECLARED)

    def test_texts_that_are_no_days_have_no_order(self) -> None:
        with pytest.raises(RuleEvaluationError, match="numbers or days are due"):
            evaluate(parse_rule('a < "b"'), {"a": "a"}, path="here")

    @given(one=st.dates(), other=st.dates())
    @settings(max_examples=50, deadline=None)
    def test_texts_of_days_are_in_the_order_of_days(self, one: date, other: date) -> None:
        rule = parse_rule(f'a < "{other.isoformat()}"')
        assert evaluate(rule, {"a": one.isoformat()}, path="here") is (one < other)


def lamps(*duties: Duty) -> Dispatch:
    return Dispatch(kind="trouble", place="place", where="where", accept_hours=4, duties=duties)


def duty(name: str, **more: object) -> Duty:
    return Duty.model_validate({"id": name, "department": name, "item": "repair"} | more)


class TestCompetence:
    def test_of_the_example(self, catalog: Catalog) -> None:
        dispatch = catalog.thing("street_lamp", region="990101", on=DAY).thing.dispatch
        assert dispatch is not None
        table = {
            ("dark", "street"): ("lamp", "990101"),
            ("dark", "park"): ("park", "990100"),
            ("leaning", "park"): ("lamp", "990101"),
            ("sparks", "street"): ("line", "990100"),
        }
        for (kind, place), due in table.items():
            found = competent_unit(dispatch, Report(kind=kind, place=place, region="990101001"))
            assert (found.duty.id, found.region) == due
            assert f"'{due[0]}'" in found.reason.en
            assert f"“{due[0]}”" in found.reason.zh

    def test_the_answers_of_a_report_are_facts(self, catalog: Catalog) -> None:
        lamp = catalog.thing("street_lamp", region="990101", on=DAY)
        answers = {"trouble": "dark", "place": "park", "where": "990101"}
        assert normalise_answers(lamp, answers) == answers

    def test_the_smallest_region_counts_then_the_place_then_the_kind(self) -> None:
        report = Report(kind="dark", place="park", region="990101")
        rows = [
            duty("any"),
            duty("kind", kinds=["dark"]),
            duty("place", places=["park"]),
            duty("both", kinds=["dark"], places=["park"]),
            duty("city", regions=["990100"]),
            duty("county", regions=["990101", "980000"]),
        ]
        for count in range(1, len(rows) + 1):
            assert competent_unit(lamps(*rows[:count]), report).duty == rows[count - 1]
            assert competent_unit(lamps(*reversed(rows[:count])), report).duty == rows[count - 1]

    def test_two_that_fit_equally_are_a_mistake_of_the_table(self) -> None:
        rows = duty("one", kinds=["dark"]), duty("two", kinds=["dark", "leaning"])
        with pytest.raises(DutyConflictError, match="'dark' in 990101: one, two fit") as caught:
            competent_unit(lamps(*rows), Report(kind="dark", region="990101"))
        assert caught.value.duties == ("one", "two")

    def test_a_returned_report_goes_to_the_next_until_nobody_is_left(self) -> None:
        rows = lamps(duty("near", regions=["990101"]), duty("far"))
        report = Report(kind="dark", region="990101")
        assert competent_unit(rows, report).duty.id == "near"
        assert competent_unit(rows, report, without=["near"]).duty.id == "far"
        with pytest.raises(DutyUnknownError, match="every unit that fits has returned it"):
            competent_unit(rows, report, without=["near", "far"])

    def test_nobody_is_an_error_and_never_a_default(self) -> None:
        with pytest.raises(DutyUnknownError, match="no row fits"):
            competent_unit(
                lamps(duty("park", places=["park"])), Report(kind="dark", region="990101")
            )

    def test_a_region_must_be_one(self) -> None:
        with pytest.raises(IdentifierError):
            competent_unit(lamps(duty("any")), Report(kind="dark", region="here"))

    @pytest.mark.parametrize(
        ("code", "level", "due"),
        [
            ("990101", Level.NATIONAL, "000000"),
            ("990101", Level.PROVINCE, "990000"),
            ("990101", Level.CITY, "990100"),
            ("990101", Level.COUNTY, "990101"),
            ("990101", Level.TOWN, "990101"),
            ("990101001002", Level.TOWN, "990101001"),
            ("990101001002", Level.VILLAGE, "990101001002"),
            ("990100", Level.COUNTY, "990100"),
            ("000000", Level.CITY, "000000"),
        ],
    )
    def test_the_region_of_a_level(self, code: str, level: Level, due: str) -> None:
        assert region_at(code, level) == due
