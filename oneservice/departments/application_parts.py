"""What applications, supplements and requests are made of: documents, materials, consents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oneservice.canonical import Digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oneservice.departments.members import Members

__all__ = [
    "Consent",
    "DocumentRef",
    "MaterialItem",
    "Promise",
    "consent_json",
    "document_json",
    "material_json",
    "present",
    "read_consent",
    "read_document",
    "read_material",
    "read_promise",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRef:
    """A document that was uploaded before, named by its digest. ``size_bytes`` as declared."""

    digest: Digest
    media_type: str
    size_bytes: int | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialItem:
    """One material: documents, or a signed certificate that stands for them.

    ``level`` says of what nobody brought (无证办事) whether it is ``sealed`` by who issued it, or
    only ``collected`` from a register; ``None``: it was brought, or nothing is said.
    """

    material: str
    documents: tuple[DocumentRef, ...] = ()
    certificate: Mapping[str, Any] | None = None
    source: str | None = None
    consent: str | None = None
    level: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A material that is promised for a day (容缺); ``document`` is the signed promise."""

    material: str
    until: str
    document: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The person's consent that a fact about them is looked up."""

    id: str
    scope: str
    until: str | None = None
    proof: Digest | None = None


def read_material(members: Members) -> MaterialItem:
    """Return the material that an object states."""
    return MaterialItem(
        material=members.id("material"),
        documents=members.objects("documents", read_document),
        certificate=members.optional_mapping("certificate"),
        source=members.optional_text("source"),
        consent=members.optional_id("consent"),
        level=members.optional_text("level"),
    )


def read_document(members: Members) -> DocumentRef:
    """Return the reference to a document that an object states."""
    return DocumentRef(
        digest=members.digest("digest"),
        media_type=members.text("media_type"),
        size_bytes=members.optional_integer("bytes", least=0),
        name=members.optional_text("name"),
    )


def read_promise(members: Members) -> Promise:
    """Return the promise that an object states."""
    return Promise(
        material=members.id("material"),
        until=members.day("until") or "",
        document=members.optional_digest("document"),
    )


def read_consent(members: Members) -> Consent:
    """Return the consent that an object states."""
    return Consent(
        id=members.id("id"),
        scope=members.text("scope"),
        until=members.day("until", required=False),
        proof=members.optional_digest("proof"),
    )


def material_json(item: MaterialItem) -> dict[str, Any]:
    """Return a material as the wire writes it."""
    documents = [document_json(one) for one in item.documents]
    return present(
        material=item.material,
        documents=documents or None,
        certificate=item.certificate,
        source=item.source,
        consent=item.consent,
        level=item.level,
    )


def document_json(one: DocumentRef) -> dict[str, Any]:
    """Return a reference as the wire writes it."""
    return present(
        digest=one.digest, media_type=one.media_type, bytes=one.size_bytes, name=one.name
    )


def consent_json(one: Consent) -> dict[str, Any]:
    """Return a consent as the wire writes it."""
    return present(id=one.id, scope=one.scope, until=one.until, proof=one.proof)


def present(**members: Any) -> dict[str, Any]:
    """Leave out what is absent: ``null`` says nothing (section 1)."""
    return {name: value for name, value in members.items() if value is not None}
