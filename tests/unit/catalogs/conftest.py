"""The bundled catalogs, and what every one-thing in them is held to, whatever its shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from oneservice.case import ConsentGiven
from oneservice.catalog import (
    AnswersFile,
    Catalog,
    EffectiveThing,
    bundled_catalog_dir,
    load_answers,
    load_catalog,
    read_document,
)
from oneservice.plan import Plan, build_plan
from oneservice.workdays import national_calendar

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
MONDAY = date(2026, 9, 28)
"""The day before a week of holidays with two make-up days: weekday counting goes wrong here."""


class Bundled:
    """The bundled catalogs, and plans of their examples."""

    monday = MONDAY

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def thing(self, name: str, *, region: str = "000000", on: date = MONDAY) -> EffectiveThing:
        """Return a definition; the whole country has the base and no overlay."""
        return self.catalog.thing(name, region=region, on=on)

    def example(self, name: str) -> AnswersFile:
        """Return the answers file ``examples/<name>.yaml``."""
        return load_answers(EXAMPLES / f"{name}.yaml")

    @staticmethod
    def consents(given: AnswersFile) -> dict[str, ConsentGiven]:
        """Return what others agreed to, as a portal hands it in."""
        return {
            name: ConsentGiven.to(one.text.encode(), by=one.by, at=one.at, until=one.until)
            for name, one in given.consents.items()
        }

    def plan(
        self,
        name: str,
        *,
        region: str | None = None,
        on: date = MONDAY,
        **changed: Any,
    ) -> Plan:
        """Return the plan of an example, with some answers changed; ``None`` drops an answer."""
        given = self.example(name)
        answers = {**given.answers, **changed}
        return build_plan(
            self.thing(given.thing, region=region or given.region, on=on),
            {key: value for key, value in answers.items() if value is not None},
            on=on,
            calendar=national_calendar(),
        )

    def overlaid(self, name: str, change: str, *, region: str = "960100") -> EffectiveThing:
        """Return a definition with one more overlay, as YAML, of a region that has none.

        Raises:
            CatalogError: the overlay does what no overlay may do.
        """
        text = (
            f'format: oneservice-catalog/1\nregion: "{region}"\neffective_from: 2026-01-01\n'
            f"overlays:\n  - thing: {name}\n    {change}\n"
        )
        document, findings = read_document(text.encode(), file="overlay.yaml")
        assert document is not None, findings
        together = Catalog(documents=(*self.catalog.documents, document))
        return together.thing(name, region=region, on=MONDAY)

    @staticmethod
    def dues(plan: Plan) -> dict[str, date]:
        """Return the day on which each step is due; instances of one step must agree."""
        found: dict[str, set[date]] = {}
        for step in plan.steps:
            found.setdefault(step.step_id, set()).add(step.due.on)
            assert not step.due.is_provisional
        return {name: day for name, (day,) in found.items()}

    @staticmethod
    def needs(plan: Plan) -> dict[str, set[str]]:
        """Return what each sub-case waits for."""
        return {step.id: set(step.requires) for step in plan.steps}

    @staticmethod
    def regions(plan: Plan) -> dict[str, str]:
        """Return which region decides each sub-case."""
        return {step.id: step.region for step in plan.steps}

    def assert_example_is_whole(self, name: str, *, region: str | None = None) -> None:
        """Hold an example to its plan: all that is asked is there, and nothing else is."""
        given = self.example(name)
        plan = self.plan(name, region=region)
        asked = {field.id: field for field in plan.form if field.value is None}
        plain = {key: field for key, field in asked.items() if field.group is None}
        required = {key for key, field in plain.items() if field.is_required}
        groups = {field.group for field in asked.values() if field.group is not None}
        entries: dict[str, Any] = dict(given.fields)
        assert required <= set(entries), required - set(entries)
        assert set(entries) <= set(plain) | groups, set(entries) - set(plain) - groups
        for group in groups:
            members = [field for field in asked.values() if field.group == group]
            assert len(entries[group]) == members[0].instances, group
            for entry in entries[group]:
                assert isinstance(entry, Mapping)
                assert {field.id for field in members if field.is_required} <= set(entry)
                assert set(entry) <= {field.id for field in members}
        assert {one.id for one in plan.missing} == set(given.materials)
        assert {one.id for one in plan.parties if one.must_consent} == set(given.consents)

    def assert_thing_is_whole(self, name: str) -> None:
        """Hold a definition to what every one-thing owes: law, words in two languages, a bundle."""
        effective = self.thing(name)
        thing = effective.thing
        assert thing.before is not None
        titles = [
            *(item.title for item in effective.items.values()),
            *(item.result.title for item in effective.items.values() if item.result),
            *(question.question for question in thing.situations),
            *(choice.title for question in thing.situations for choice in question.choices),
            *(field.title for field in thing.fields),
            *(material.title for material in thing.materials),
        ]
        for title in titles:
            assert any("\u4e00" <= letter <= "\u9fff" for letter in title.zh), title
            assert not any("\u4e00" <= letter <= "\u9fff" for letter in title.en), title
        for item in effective.items.values():
            assert item.legal_basis, item.id
            assert item.statutory is None or item.promised.days <= item.statutory.days, item.id


@pytest.fixture(scope="session")
def bundled() -> Bundled:
    return Bundled(load_catalog(bundled_catalog_dir()))
