"""A plan as a document: canonical bytes, digest, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import ValidationError

from oneservice.canonical import Digest, JsonObject, canonical, digest, digest_bytes
from oneservice.errors import PlanInvalidError
from oneservice.plan.models import PLAN_FORMAT, Plan, plan_adapter

__all__ = ["made_digest", "parse_plan", "plan_body", "plan_bytes", "plan_digest"]


def plan_digest(document: JsonObject) -> Digest:
    """Return the digest of a plan's JSON: of everything in it but the member ``digest``."""
    return digest({name: value for name, value in document.items() if name != "digest"})


def made_digest(document: JsonObject) -> Digest:
    """Return :func:`plan_digest` of a plan that was just made, in a fraction of the time.

    What ``build_plan`` makes has identifiers for names and text, small integers, truth values and
    nothing else for values. Of those ``orjson`` writes the canonical form, as the theory of
    operation in :mod:`oneservice.canonical` has it; its guard would look at each of them again.
    """
    try:
        return digest_bytes(orjson.dumps(document, option=orjson.OPT_SORT_KEYS))
    except TypeError:  # a lone surrogate in a text: refused below, as everywhere
        return digest(document)


def plan_body(plan: Plan) -> bytes:
    """Return the bytes of which ``plan.digest`` is the digest: :func:`plan_bytes` without it."""
    document = plan.as_json()
    del document["digest"]
    return canonical(document)


def plan_bytes(plan: Plan) -> bytes:
    """Return the one byte string of ``plan``: its JSON in RFC 8785 form, digest included."""
    return canonical(plan.as_json())


def parse_plan(data: Mapping[str, Any]) -> Plan:
    """Return the plan that ``data``, as made by :meth:`Plan.as_json`, states.

    Raises:
        PlanInvalidError: another format, a member missing, unknown or of the wrong type, or a
            digest that does not match: the plan is not the one that was made.
        MalformedJsonError: a value has no canonical form.
    """
    document = dict(data)
    if document.get("format") != PLAN_FORMAT:
        msg = f"this is no plan of format {PLAN_FORMAT!r}; make a new one with build_plan"
        raise PlanInvalidError(msg)
    if plan_digest(document) != document.get("digest"):
        msg = "the plan's digest does not match its content: it was edited or damaged; plan anew"
        raise PlanInvalidError(msg)
    try:
        plan = plan_adapter().validate_python(document)
    except ValidationError as error:
        places = sorted({".".join(str(part) for part in entry["loc"]) for entry in error.errors()})
        msg = f"the plan has members of the wrong shape: {', '.join(places[:10])}; plan anew"
        raise PlanInvalidError(msg) from None
    # Unknown members and values that only look alike ("3" for 3, 1 for true) do not survive the
    # round trip; digests are compared, because Python takes 1 for True.
    if plan_digest(plan.as_json()) != plan.digest:
        msg = "the plan has members that this version does not know; read it with a newer one"
        raise PlanInvalidError(msg)
    return plan
