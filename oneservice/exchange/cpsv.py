"""A one-thing for European directories: CPSV-AP 3.2 as JSON-LD.

The goal is the event; the one-thing and each of its steps are public services grouped by it. Every
node has a stable URN of region, one-thing and part, so that the next export updates the same
entries; texts are language maps in ``zh`` and ``en``. The context is inlined: whoever reads the
file needs no network, and nobody can change what its terms mean.

What CPSV-AP cannot say is left out, not bent: rules as expressions, questions, joint inspections,
and whether a limit counts working days (it becomes a duration in days; the words beside it say so).

References:
    https://semiceu.github.io/CPSV-AP/releases/3.2.0/ (classes, properties and their cardinality).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final, TypeAlias

from oneservice.canonical import JsonObject, JsonValue
from oneservice.catalog import EffectiveThing, Limit, LimitUnit, MaterialSource, Step, Text
from oneservice.exchange.cpsv_context import CONTEXT
from oneservice.exchange.cpsv_services import channel_nodes, concept_nodes, cost_nodes
from oneservice.exchange.cpsv_terms import Names, described, langs, law_node, node, refs
from oneservice.identifiers import NATIONAL

__all__ = ["EventKind", "cpsv_document", "cpsv_text"]

EventKind: TypeAlias = str
"""``BusinessEvent`` or ``LifeEvent``."""

_LANGUAGES: Final = (
    "http://publications.europa.eu/resource/authority/language/ZHO",
    "http://publications.europa.eu/resource/authority/language/ENG",
)
_CHINA: Final = "http://publications.europa.eu/resource/authority/country/CHN"
_BUSINESS_FIELDS: Final = frozenset({"credit_code"})


def cpsv_text(thing: EffectiveThing) -> str:
    """Return :func:`cpsv_document` as text, indented for people; the same input, the same text."""
    return json.dumps(cpsv_document(thing), ensure_ascii=False, indent=1) + "\n"


def cpsv_document(thing: EffectiveThing, *, event: EventKind | None = None) -> JsonObject:
    """Return ``thing`` as a JSON-LD document with an inlined context and one flat graph.

    Args:
        thing: the definition that counts for a region on a day.
        event: ``BusinessEvent`` or ``LifeEvent``; where not given it is a business event if the
            form asks for a credit code.
    """
    names = Names(region=thing.region, thing=thing.thing.id)
    kind = event or _event_kind(thing)
    nodes: list[JsonObject] = [_event(thing, names, kind), _service(thing, names)]
    for step in thing.thing.steps:
        nodes += _step_nodes(thing, step, names)
    nodes += _offices(thing, names)
    nodes += _evidence(thing, names)
    nodes += _laws(thing, names)
    nodes += _places(thing)
    nodes += concept_nodes(thing.items.values())
    return {"@context": CONTEXT, "@graph": _once(nodes)}


def _event_kind(thing: EffectiveThing) -> EventKind:
    types = {str(field.type) for field in thing.thing.fields}
    return "BusinessEvent" if types & _BUSINESS_FIELDS else "LifeEvent"


def _event(thing: EffectiveThing, names: Names, kind: EventKind) -> JsonObject:
    one = thing.thing
    return node(
        names.part("event"),
        ["Event", kind],  # readers without inference know only the class that a shape names
        identifier=f"{names.thing}-event",
        title=langs(one.goal),
        relatedService=[names.service],
    )


def _service(thing: EffectiveThing, names: Names) -> JsonObject:
    one = thing.thing
    return node(
        names.service,
        "PublicService",
        identifier=f"{names.region}/{names.thing}",
        title=langs(one.title),
        description=langs(one.goal),
        language=list(_LANGUAGES),
        spatial=[_place(names.region)],
        competentAuthority=[names.office(one.lead_department)],
        isGroupedBy=[names.part("event")],
        relatedService=[names.step(step.id) for step in one.steps],
        inputType=[names.evidence_type(material.id) for material in one.materials],
        holdsRequirement=[names.requirement(material.id) for material in one.materials],
        legalResource=[names.law(law) for law in one.legal_basis],
        follows=[names.part("rule:joint-cap")],
        keyword=langs(one.title),
    )


def _step_nodes(thing: EffectiveThing, step: Step, names: Names) -> list[JsonObject]:
    item = thing.items[step.item]
    own = names.step(step.id)
    materials = [one.id for one in thing.thing.materials if step.id in one.steps]
    channels = channel_nodes(item, step, names)
    costs = cost_nodes(item, step, names)
    result = item.result
    output = f"{own}:output" if result is not None else None
    service = node(
        own,
        "PublicService",
        identifier=item.catalog_code or f"{names.region}/{names.thing}/{step.id}",
        title=langs(item.title),
        description=described(item.title, _limit_text(item.promised)),
        language=list(_LANGUAGES),
        spatial=[_place(names.region)],
        relatedService=[names.service],
        isGroupedBy=[names.part("event")],
        competentAuthority=[names.office(item.department)],
        requires=[names.step(name) for name in step.requires],
        inputType=[names.evidence_type(name) for name in materials],
        holdsRequirement=[names.requirement(name) for name in materials],
        produces=[output] if output else [],
        legalResource=[names.law(law) for law in item.legal_basis],
        follows=[f"{own}:rule"],
        channel=refs(channels),
        cost=refs(costs),
        processingTime=f"P{item.promised.days}D",
    )
    rule = node(
        f"{own}:rule",
        "Rule",
        identifier=f"{step.id}-limit",
        title=langs(Text(zh="办理时限", en="Time limit")),
        description=langs(_rule_text(item.promised, item.statutory)),
        implements=[names.law(law) for law in item.legal_basis],
    )
    nodes = [service, rule, *channels, *costs]
    if output and result is not None:
        nodes.append(
            node(output, "Output", identifier=f"{step.id}-{result.type}", title=langs(result.title))
        )
    return nodes


def _offices(thing: EffectiveThing, names: Names) -> list[JsonObject]:
    return [
        node(
            names.office(office.id),
            ["Organization", "PublicOrganisation"],
            identifier=office.code or office.id,
            title=langs(office.name),
            label=langs(office.name),
            spatial=[_place(office.region or names.region)],
        )
        for office in thing.departments.values()
    ]


def _evidence(thing: EffectiveThing, names: Names) -> list[JsonObject]:
    nodes: list[JsonObject] = []
    for material in thing.thing.materials:
        nodes.append(
            node(
                names.evidence_type(material.id),
                "EvidenceType",
                identifier=material.id,
                title=langs(material.title),
            )
        )
        nodes.append(
            node(
                f"{names.requirement(material.id)}:list",
                "EvidenceTypeList",
                identifier=f"{material.id}-list",
                specifiesEvidenceType=[names.evidence_type(material.id)],
            )
        )
        nodes.append(
            node(
                names.requirement(material.id),
                "Requirement",
                identifier=f"{material.id}-requirement",
                title=langs(material.title),
                description=langs(_SOURCES[material.source]),
                evidenceTypeList=[f"{names.requirement(material.id)}:list"],
                derivedFrom=[names.law(law) for law in material.legal_basis],
            )
        )
    return nodes


_SOURCES: Final = {
    MaterialSource.APPLICANT: Text(zh="由申请人提交", en="Brought by the applicant"),
    MaterialSource.GENERATED: Text(
        zh="由表单生成，申请人签字", en="Made from the form, signed by the applicant"
    ),
    MaterialSource.LOOKUP: Text(
        zh="经申请人同意由部门调取", en="Looked up by an office, with the applicant's consent"
    ),
    MaterialSource.STEP: Text(
        zh="由同一件事的其他事项产生，不需提交", en="Yielded by another step, never asked for"
    ),
}


def _laws(thing: EffectiveThing, names: Names) -> list[JsonObject]:
    one = thing.thing
    laws = [
        *one.legal_basis,
        *(law for item in thing.items.values() for law in item.legal_basis),
        *(law for item in thing.items.values() for fee in item.fees for law in fee.legal_basis),
        *(law for material in one.materials for law in material.legal_basis),
    ]
    cap = node(
        names.part("rule:joint-cap"),
        "Rule",
        identifier=f"{names.thing}-joint-cap",
        title=langs(Text(zh="联合办理时限", en="Limit of joint handling")),
        description=langs(_limit_text(one.joint_cap)),
        implements=[names.law(law) for law in one.legal_basis],
    )
    return [cap, *(law_node(law, names) for law in laws)]


def _rule_text(promised: Limit, statutory: Limit | None) -> Text:
    promise = _limit_text(promised)
    if statutory is None:
        return Text(zh=f"承诺 {promise.zh}", en=f"Promised: {promise.en}")
    limit = _limit_text(statutory)
    return Text(
        zh=f"承诺 {promise.zh}；法定 {limit.zh}",
        en=f"Promised: {promise.en}; statutory: {limit.en}",
    )


def _limit_text(limit: Limit) -> Text:
    is_working = limit.unit is LimitUnit.WORKING_DAYS
    many = "" if limit.days == 1 else "s"
    return Text(
        zh=f"{limit.days} 个{'工作日' if is_working else '自然日'}",
        en=f"{limit.days} {'working' if is_working else 'natural'} day{many} after acceptance",
    )


def _places(thing: EffectiveThing) -> list[JsonObject]:
    """Return what others only point at: regions and languages, each with its class."""
    regions = [thing.region, *(one.region for one in thing.departments.values() if one.region)]
    places = [node(str(_place(one)), "Location", identifier=one) for one in regions]
    return places + [node(one, "LinguisticSystem") for one in _LANGUAGES]


def _place(region: str) -> JsonValue:
    """Return the administrative unit: the country, or a GB/T 2260 code as a URN."""
    return f"urn:oneservice:region:{region}" if region != NATIONAL else _CHINA


def _once(nodes: Iterable[JsonObject]) -> list[JsonValue]:
    """Return each node once: a law that ten items name is one node."""
    return list({str(one["@id"]): one for one in nodes}.values())
