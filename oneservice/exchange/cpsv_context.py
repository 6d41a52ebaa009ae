"""The JSON-LD context of our export: the terms of CPSV-AP 3.2 that it uses, and nothing else."""

from __future__ import annotations

from typing import Final

from oneservice.canonical import JsonObject, JsonValue

__all__ = ["CONTEXT"]


def _link(name: str) -> JsonValue:
    return {"@id": name, "@type": "@id"}


def _links(name: str) -> JsonValue:
    return {"@id": name, "@type": "@id", "@container": "@set"}


def _words(name: str) -> JsonValue:
    return {"@id": name, "@container": "@language"}


def _typed(name: str, kind: str) -> JsonValue:
    return {"@id": name, "@type": kind}


CONTEXT: Final[JsonObject] = {
    "cpsv": "http://purl.org/vocab/cpsv#",
    "cv": "http://data.europa.eu/m8g/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "eli": "http://data.europa.eu/eli/ontology#",
    "org": "http://www.w3.org/ns/org#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "PublicService": "cpsv:PublicService",
    "Rule": "cpsv:Rule",
    "Event": "cv:Event",
    "BusinessEvent": "cv:BusinessEvent",
    "LifeEvent": "cv:LifeEvent",
    "Organization": "org:Organization",
    "PublicOrganisation": "cv:PublicOrganisation",
    "Channel": "cv:Channel",
    "Cost": "cv:Cost",
    "Output": "cv:Output",
    "Requirement": "cv:Requirement",
    "EvidenceType": "cv:EvidenceType",
    "EvidenceTypeList": "cv:EvidenceTypeList",
    "LegalResource": "eli:LegalResource",
    "Location": "dct:Location",
    "LinguisticSystem": "dct:LinguisticSystem",
    "Concept": "skos:Concept",
    "identifier": "dct:identifier",
    "title": _words("dct:title"),
    "description": _words("dct:description"),
    "label": _words("skos:prefLabel"),
    "keyword": _words("dcat:keyword"),
    "language": _links("dct:language"),
    "spatial": _links("dct:spatial"),
    "type": _link("dct:type"),
    "requires": _links("dct:requires"),
    "issued": _typed("dct:issued", "xsd:date"),
    "page": _link("foaf:page"),
    "follows": _links("cpsv:follows"),
    "implements": _links("cpsv:implements"),
    "produces": _links("cpsv:produces"),
    "competentAuthority": _links("cv:hasCompetentAuthority"),
    "channel": _links("cv:hasChannel"),
    "cost": _links("cv:hasCost"),
    "currency": _link("cv:currency"),
    "value": _typed("cv:hasValue", "xsd:double"),
    "isDefinedBy": _links("cv:isDefinedBy"),
    "inputType": _links("cv:hasInputType"),
    "holdsRequirement": _links("cv:holdsRequirement"),
    "evidenceTypeList": _links("cv:hasEvidenceTypeList"),
    "specifiesEvidenceType": _links("cv:specifiesEvidenceType"),
    "derivedFrom": _links("cv:isDerivedFrom"),
    "isGroupedBy": _links("cv:isGroupedBy"),
    "relatedService": _links("cv:relatedService"),
    "legalResource": _links("cv:hasLegalResource"),
    "processingTime": _typed("cv:processingTime", "xsd:duration"),
}
"""Each term is spelled out; nothing is fetched. CPSV-AP types amounts as ``xsd:double``."""
