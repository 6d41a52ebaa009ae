"""Names and nodes of the JSON-LD graph."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from oneservice.canonical import JsonObject, digest
from oneservice.catalog import LegalBasis, Text

__all__ = ["Names", "described", "langs", "law_node", "node", "refs"]

_LAW_DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Makes the URNs of one export; they follow from region and ids alone."""

    region: str
    thing: str

    @property
    def service(self) -> str:
        """The one-thing itself."""
        return f"urn:oneservice:{self.region}:{self.thing}"

    def part(self, name: str) -> str:
        """Return the URN of a part of the one-thing."""
        return f"{self.service}:{name}"

    def step(self, step_id: str) -> str:
        """Return the URN of a step."""
        return self.part(f"step:{step_id}")

    def evidence_type(self, material_id: str) -> str:
        """Return the URN of a kind of evidence."""
        return self.part(f"evidence-type:{material_id}")

    def requirement(self, material_id: str) -> str:
        """Return the URN of what asks for a kind of evidence."""
        return self.part(f"requirement:{material_id}")

    def office(self, department_id: str) -> str:
        """Return the URN of a department in this region, whatever the one-thing."""
        return f"urn:oneservice:{self.region}:department:{department_id}"

    def law(self, law: LegalBasis) -> str:
        """Return the URN of a clause: laws have no public identifier of their own that we know."""
        named = digest({"law": law.law.zh, "article": law.article}).removeprefix("sha256:")
        return f"urn:oneservice:law:{named[:_LAW_DIGITS]}"


def node(name: str, kind: str | list[str], **members: Any) -> JsonObject:
    """Return a node; members without a value are left out."""
    return {
        "@id": name,
        "@type": kind,
        **{key: value for key, value in members.items() if value not in (None, [], "")},
    }


def refs(nodes: Iterable[JsonObject]) -> list[str]:
    """Return the names of ``nodes``."""
    return [str(one["@id"]) for one in nodes]


def langs(text: Text) -> JsonObject:
    """Return ``text`` as a language map."""
    return {"zh": text.zh, "en": text.en}


def described(title: Text, limit: Text) -> JsonObject:
    """Return a description: CPSV-AP wants one, and a catalog has titles and limits."""
    return {"zh": f"{title.zh}，{limit.zh}", "en": f"{title.en}: {limit.en}"}


def law_node(law: LegalBasis, names: Names) -> JsonObject:
    """Return the clause as a legal resource."""
    return node(
        names.law(law),
        "LegalResource",
        identifier=f"{law.law.zh}{law.article}",
        title={
            "zh": f"{law.law.zh}{law.article}",
            "en": f"{law.law.en} {law.english_article}".strip(),
        },
        issued=law.since.isoformat() if law.since else None,
    )
