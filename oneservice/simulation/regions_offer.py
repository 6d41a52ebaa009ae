"""What people of a world of several regions apply for: one-things that are decided on both sides.

Somebody in one region starts a business in another. One step is decided at home; one is a single
item of the other region; one is a whole one-thing of the other region, with a bundle of its own;
and one at home waits for what was decided there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from oneservice.case import Applicant
from oneservice.catalog import Catalog, EffectiveThing, read_document
from oneservice.errors import CatalogError
from oneservice.federation import Offer as Federated
from oneservice.plan import build_plan
from oneservice.simulation.offer import PARTY, Offer
from oneservice.workdays import announced_calendar

__all__ = [
    "CROSSING",
    "ITEM",
    "MOST_REGIONS",
    "SETTLING",
    "Border",
    "borders",
    "counter_of",
    "federated",
    "region_codes",
]

CROSSING: Final = "crossing"
"""The one-thing for which people come."""
ITEM: Final = "abroad"
"""Its step that is a single item of the other region."""
SETTLING: Final = "settling"
"""Its step that is a whole one-thing of the other region."""
_BROUGHT: Final = "paper_abroad"
_CODES: Final = ("990101", "980201", "970301", "960101", "950101", "940101")
MOST_REGIONS: Final = len(_CODES)
_OFFICES: Final = ("bureau", "health", "tax")


def region_codes(number: int) -> tuple[str, ...]:
    """Return the codes of so many regions."""
    return _CODES[:number]


def counter_of(region: str) -> str:
    """Return the department as which other regions know the engine of ``region``."""
    return f"region-{region}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """What people in one region apply for who want something decided in another.

    ``settling`` is the one-thing of which the other region decides the whole.
    """

    home: str
    abroad: str
    offer: Offer
    settling: EffectiveThing


def federated() -> tuple[Federated, ...]:
    """Return what each region decides for the others."""
    return (
        Federated.item(CROSSING, ITEM, purposes=(CROSSING,)),
        Federated.whole(SETTLING, purposes=(CROSSING,)),
    )


@lru_cache(maxsize=8)
def borders(regions: tuple[str, ...], on: date) -> tuple[Border, ...]:
    """Return what people in each of ``regions`` want of each other one.

    Raises:
        CatalogError: the sample is not a catalog any more; a fault of ours.
    """
    catalog = _catalog(_document())
    found = []
    for home in regions:
        thing = catalog.thing(CROSSING, region=home, on=on)
        peers = {one: counter_of(one) for one in regions if one != home}
        found += [
            Border(
                home=home,
                abroad=abroad,
                offer=_offer(catalog, thing, abroad, peers, on),
                settling=catalog.thing(SETTLING, region=home, on=on),
            )
            for abroad in peers
        ]
    return tuple(found)


def _offer(
    catalog: Catalog, thing: EffectiveThing, abroad: str, peers: Mapping[str, str], on: date
) -> Offer:
    return Offer(
        thing=thing,
        catalog=catalog,
        plan=build_plan(
            thing, {"where": abroad}, on=on, calendar=announced_calendar(), peers=peers
        ),
        applicant=Applicant(name="Nobody", code="92990101MA99000523"),
        fields={"trade": "value", "address": "value"},
        materials={_BROUGHT: b"%PDF-1.4 the paper that everybody brings"},
    )


def _catalog(told: Mapping[str, Any]) -> Catalog:
    text = json.dumps(told, ensure_ascii=False).encode()  # JSON is YAML, too
    document, findings = read_document(text, file="the sample of the regions")
    if document is None:
        raise CatalogError("; ".join(finding.text for finding in findings))
    return Catalog(documents=(document,))


def _text(words: str) -> dict[str, str]:
    return {"zh": words, "en": words}


def _item(name: str, office: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "title": _text(name),
        "department": office,
        "promised": {"days": 4},
        "statutory": {"days": 20},
        **more,
    }


def _document() -> dict[str, Any]:
    check = {"kind": "on_site_check", "title": _text("a look")}
    permit = {"type": "permit", "title": _text("Permit"), "valid_years": 5}
    tolerance = {"max_working_days": 5, "materials": [_BROUGHT]}
    return {
        "format": "oneservice-catalog/1",
        "region": "000000",
        "effective_from": "2020-01-01",
        "departments": [{"id": name, "name": _text(f"{name} office")} for name in _OFFICES],
        "items": [
            _item("at_home", "bureau"),
            _item(ITEM, "health", special_procedures=[check], result=permit, tolerance=tolerance),
            _item(SETTLING, "bureau"),
            _item("afterwards", "tax"),
            _item("hand_out", "bureau"),
            _item("house", "bureau", special_procedures=[check]),
            _item("water", "health"),
            _item("settled", "bureau"),
        ],
        "things": [_crossing(), _settling()],
    }


def _crossing() -> dict[str, Any]:
    there = {"of": "where", "level": "county", "reason": _text("it is decided where one goes")}
    names = ("at_home", ITEM, SETTLING, "afterwards")
    return {
        "id": CROSSING,
        "title": _text("crossing"),
        "goal": _text("I want to work elsewhere"),
        "lead_department": "bureau",
        "situations": [{"id": "where", "question": _text("where to?"), "type": "region"}],
        "parties": [{"id": PARTY, "title": _text("partner")}],
        "steps": [
            {"id": "at_home", "item": "at_home"},
            {"id": ITEM, "item": ITEM, "region": there},
            {"id": SETTLING, "item": SETTLING, "region": there, "requires": ["at_home"]},
            {"id": "afterwards", "item": "afterwards", "requires": [ITEM]},
            {"id": "hand_out", "item": "hand_out", "kind": "bundle", "requires": list(names)},
        ],
        "fields": [
            _field("trade", *names),
            _field("address", ITEM, SETTLING, is_personal=True),
        ],
        "materials": [_paper(_BROUGHT, "applicant", ITEM), _paper("sketch", "generated", SETTLING)],
    }


def _settling() -> dict[str, Any]:
    names = ("house", "water")
    return {
        "id": SETTLING,
        "title": _text("settling"),
        "goal": _text("I want to settle here"),
        "lead_department": "bureau",
        "situations": [],
        "steps": [
            {"id": "house", "item": "house"},
            {"id": "water", "item": "water", "requires": ["house"]},
            {"id": "settled", "item": "settled", "kind": "bundle", "requires": list(names)},
        ],
        "fields": [_field("trade", "house"), _field("address", *names, is_personal=True)],
        "materials": [_paper("sketch", "applicant", "house")],
    }


def _field(name: str, *steps: str, is_personal: bool = False) -> dict[str, Any]:
    field: dict[str, Any] = {"id": name, "title": _text(name), "type": "text", "steps": steps}
    return {**field, "steps": list(steps), "is_personal": is_personal}


def _paper(name: str, source: str, step: str) -> dict[str, Any]:
    return {
        "id": name,
        "title": _text(name),
        "steps": [step],
        "source": source,
        "importance": "minor",
    }
