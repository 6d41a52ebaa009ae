"""What people of a simulated province apply for: a plan, and what they hand in with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from oneservice.case import Applicant, ConsentGiven
from oneservice.catalog import Catalog, EffectiveThing, read_document
from oneservice.errors import CatalogError
from oneservice.plan import Plan, build_plan
from oneservice.workdays import announced_calendar

__all__ = ["PARTY", "REGION", "SLOW", "Offer", "eight_steps"]


def _text(words: str) -> dict[str, str]:
    return {"zh": words, "en": words}


REGION: Final = "990101"
_OFFICES: Final = ("bureau", "fire", "health", "tax")
_REQUIRES: Final[Mapping[int, tuple[int, ...]]] = {4: (1,), 5: (1, 2), 6: (3,), 7: (4, 5)}
"""Step by step what must be granted before: two long ways and a short one."""
_STEPS: Final = 7
_FIELDS: Final = 3
_BROUGHT: Final = "paper_6"
"""The one paper that applicants bring; the others are made from the form."""
SLOW: Final = "step_2"
"""Decided late more often than others, and where it is, silence grants it."""
_MORE: Final[Mapping[str, Mapping[str, Any]]] = {
    "step_1": {"on_overdue": "escalate"},
    SLOW: {"on_overdue": "deemed_granted", "statutory": {"days": 9}},
    "step_3": {"special_procedures": [{"kind": "on_site_check", "title": _text("a look")}]},
    "step_4": {"result": {"type": "permit", "title": _text("Permit"), "valid_years": 5}},
    "step_5": {"special_procedures": [{"kind": "expert_review", "title": _text("a review")}]},
    "step_6": {"tolerance": {"max_working_days": 5, "materials": [_BROUGHT]}},
}
"""What makes these steps differ: silence, visits, a certificate, a paper that may follow."""
_CHECK: Final = "step_7"
"""Nobody applies for it: what was granted before is checked when all results are handed out."""
_NEW_LAW_AFTER: Final = timedelta(days=8)
"""Then promises are shorter: open cases stay as they are, or are migrated by an operator."""
PARTY: Final = "partner"
"""Who must agree, too; a consent may be withdrawn, and given again."""
_EVERY_STEP: Final = tuple(f"step_{number}" for number in range(1, _STEPS + 1))
_RESULTS: Final = tuple(name for name in _EVERY_STEP if name != _CHECK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A plan with all that an applicant needs for it; nothing of it is a real person's."""

    thing: EffectiveThing
    catalog: Catalog
    plan: Plan
    applicant: Applicant
    fields: Mapping[str, Any]
    materials: Mapping[str, bytes] = field(default_factory=dict)
    asked: bytes = b"%PDF-1.4 the paper that was asked for"
    """What is handed in where a department asks for a material."""

    def consent(self, at: datetime) -> ConsentGiven:
        """Return what the partner signs at ``at``."""
        return ConsentGiven.to(b"I agree to being counted.", by="Nobody Else", at=at)


@lru_cache(maxsize=4)
def eight_steps(on: date) -> Offer:
    """Return the sample of all figures: seven steps at four offices, and one bundle of results.

    Raises:
        CatalogError: the sample is not a catalog any more; a fault of ours.
    """
    catalog = _catalog(
        _document(date(2020, 1, 1), promised=8),
        _document(on + _NEW_LAW_AFTER, promised=6),
    )
    thing = catalog.thing("sample", region=REGION, on=on)
    return Offer(
        thing=thing,
        catalog=catalog,
        plan=build_plan(thing, {}, on=on, calendar=announced_calendar()),
        applicant=Applicant(name="Nobody", code="92990101MA99000523"),
        fields={f"field_{number}": "value" for number in range(_FIELDS)},
        materials={_BROUGHT: b"%PDF-1.4 the paper that everybody brings"},
    )


def _catalog(*told: Mapping[str, Any]) -> Catalog:
    documents = []
    for one in told:
        text = json.dumps(one, ensure_ascii=False).encode()  # JSON is YAML, too
        document, findings = read_document(text, file="the sample of the simulation")
        if document is None:
            raise CatalogError("; ".join(finding.text for finding in findings))
        documents.append(document)
    return Catalog(documents=tuple(documents))


def _document(effective_from: date, *, promised: int) -> dict[str, Any]:
    offices = [{"id": name, "name": _text(f"{name} office")} for name in _OFFICES]
    return {
        "format": "oneservice-catalog/1",
        "region": "000000",
        "effective_from": effective_from.isoformat(),
        "departments": offices,
        "items": [
            _item(name, _OFFICES[number % len(_OFFICES)], promised)
            for number, name in enumerate([*_EVERY_STEP, "hand_out"])
        ],
        "things": [_thing()],
    }


def _item(name: str, office: str, promised: int) -> dict[str, Any]:
    return {
        "id": name,
        "title": _text(name),
        "department": office,
        "promised": {"days": promised},
        "statutory": {"days": 20},
        **_MORE.get(name, {}),
    }


def _thing() -> dict[str, Any]:
    steps: list[dict[str, Any]] = [
        {
            "id": name,
            "item": name,
            "requires": [f"step_{before}" for before in _REQUIRES.get(number, ())],
        }
        for number, name in enumerate(_EVERY_STEP, 1)
    ]
    steps[-1]["kind"] = "follow_up"
    steps.append(
        {
            "id": "hand_out",
            "item": "hand_out",
            "kind": "bundle",
            "requires": [name for name in _EVERY_STEP if name != _CHECK],
        }
    )
    return {
        "id": "sample",
        "title": _text("sample"),
        "goal": _text("I want to be counted"),
        "lead_department": _OFFICES[0],
        "situations": [],
        "parties": [{"id": PARTY, "title": _text("partner")}],
        "steps": steps,
        "fields": [
            {
                "id": f"field_{number}",
                "title": _text(f"field {number}"),
                "type": "text",
                "steps": list(_EVERY_STEP),
            }
            for number in range(_FIELDS)
        ],
        "materials": [
            {
                "id": f"paper_{number}",
                "title": _text(f"paper {number}"),
                "steps": [name],
                "source": "applicant" if f"paper_{number}" == _BROUGHT else "generated",
                "importance": "minor",
            }
            for number, name in enumerate(_EVERY_STEP, 1)
        ],
    }
