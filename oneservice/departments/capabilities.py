"""What a department says of itself: steps, limits, features, keys (protocol section 3).

Keys listed here are not trusted because they are listed here (P-04).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oneservice.canonical import Digest, canonical
from oneservice.departments.members import Members, read_message
from oneservice.departments.wire import (
    ACCEPTED_DOCUMENT_BYTES,
    MAX_JSON_BYTES,
    PeopleText,
    is_digest,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Capabilities",
    "KeyInfo",
    "ServiceLimits",
    "StepInfo",
    "capabilities_json",
    "parse_capabilities",
    "read_capabilities",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepInfo:
    """One step that is served. ``withdraw``: ``until_decision``, ``any`` or ``never``."""

    step_id: str
    promised_working_days: int | None = None
    definitions: tuple[Digest, ...] = ()
    fields_schema: Mapping[str, Any] | None = None
    materials: tuple[str, ...] = ()
    is_on_the_spot: bool = False
    tolerates: tuple[str, ...] = ()
    withdraw: str = "until_decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLimits:
    """Limits that hold here; sizes in bytes (protocol section 14)."""

    body_bytes: int = MAX_JSON_BYTES
    document_bytes: int = ACCEPTED_DOCUMENT_BYTES
    in_flight: int = 16
    per_minute: int = 600
    retention_days: int = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInfo:
    """A key that the department says it uses; ``public_key`` is raw bytes."""

    keyid: str
    alg: str
    public_key: bytes
    use: tuple[str, ...] = ("event",)
    not_before: str | None = None
    not_after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """The whole document."""

    department: str
    name: PeopleText
    region: str | None
    zone: str
    steps: tuple[StepInfo, ...]
    features: tuple[str, ...]
    limits: ServiceLimits
    keys: tuple[KeyInfo, ...]
    protocol: tuple[str, ...] = ("1.0",)
    base_url: str | None = None
    valid_until: str | None = None
    authentication: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


def parse_capabilities(data: bytes, *, max_bytes: int = MAX_JSON_BYTES) -> Capabilities:
    """Return the capabilities in ``data``.

    Raises:
        ProtocolProblemError: ``too-large`` or ``malformed``, with pointers.
    """
    return read_message(data, read_capabilities, max_bytes=max_bytes)


def capabilities_json(found: Capabilities) -> bytes:
    """Return the capabilities as canonical bytes."""
    department = {"id": found.department, "name": dict(found.name), "zone": found.zone}
    if found.region is not None:
        department["region"] = found.region
    document: dict[str, Any] = {
        **found.extra,
        "protocol": list(found.protocol),
        "department": department,
        "steps": [_step_json(one) for one in found.steps],
        "features": list(found.features),
        "limits": {name: getattr(found.limits, name) for name in ServiceLimits.__slots__},
        "authentication": list(found.authentication),
        "keys": [_key_json(one) for one in found.keys],
    }
    for name in ("base_url", "valid_until"):
        if getattr(found, name) is not None:
            document[name] = getattr(found, name)
    return canonical(document)


def _step_json(step: StepInfo) -> dict[str, Any]:
    document: dict[str, Any] = {
        "step_id": step.step_id,
        "definitions": list(step.definitions),
        "materials": list(step.materials),
        "on_the_spot": step.is_on_the_spot,
        "tolerates": list(step.tolerates),
        "withdraw": step.withdraw,
    }
    if step.fields_schema is not None:
        document["fields_schema"] = dict(step.fields_schema)
    if step.promised_working_days is not None:
        document["promised_working_days"] = step.promised_working_days
    return document


def _key_json(key: KeyInfo) -> dict[str, Any]:
    document: dict[str, Any] = {
        "keyid": key.keyid,
        "alg": key.alg,
        "public_key": base64.b64encode(key.public_key).decode("ascii"),
        "use": list(key.use),
    }
    for name in ("not_before", "not_after"):
        if getattr(key, name) is not None:
            document[name] = getattr(key, name)
    return document


_MEMBERS = (
    "protocol",
    "department",
    "base_url",
    "valid_until",
    "steps",
    "features",
    "limits",
    "authentication",
    "keys",
)


def read_capabilities(members: Members) -> Capabilities:
    """Return the capabilities that an object states."""
    department = members.inner("department")
    return Capabilities(
        protocol=members.texts("protocol"),
        department=department.id("id"),
        name=department.people_text("name"),
        region=department.optional_id("region"),
        zone=department.optional_text("zone") or "Asia/Shanghai",
        base_url=members.optional_text("base_url"),
        valid_until=members.instant("valid_until", required=False),
        steps=members.objects("steps", _step, required=True),
        features=members.texts("features"),
        limits=_limits(members),
        authentication=members.texts("authentication"),
        keys=members.objects("keys", _key, required=True),
        extra=members.rest(*_MEMBERS),
    )


def _step(members: Members) -> StepInfo:
    definitions = members.texts("definitions")
    if not all(is_digest(one) for one in definitions):
        members.fail("definitions", "must be a list of digests")
    return StepInfo(
        step_id=members.id("step_id"),
        promised_working_days=members.optional_integer("promised_working_days", least=0),
        definitions=tuple(Digest(one) for one in definitions),
        fields_schema=members.optional_mapping("fields_schema"),
        materials=members.texts("materials"),
        is_on_the_spot=members.boolean("on_the_spot", default=False),
        tolerates=members.texts("tolerates"),
        withdraw=members.optional_text("withdraw") or "until_decision",
    )


def _limits(members: Members) -> ServiceLimits:
    found = members.inner("limits")
    named = {
        name: value
        for name in ServiceLimits.__slots__
        if (value := found.optional_integer(name, least=1)) is not None
    }
    return ServiceLimits(**named)


def _key(members: Members) -> KeyInfo:
    encoded = members.text("public_key")
    try:
        public_key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        members.fail("public_key", "must be base64")
        public_key = b""
    return KeyInfo(
        keyid=members.id("keyid"),
        alg=members.text("alg"),
        public_key=public_key,
        use=members.texts("use") or ("event",),
        not_before=members.instant("not_before", required=False),
        not_after=members.instant("not_after", required=False),
    )
