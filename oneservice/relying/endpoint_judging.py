"""What the endpoint asks of one paper, and what names the lists by which it was judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

from oneservice.certificates import (
    CheckName,
    CheckResult,
    DocumentKind,
    Evidence,
    HeldBy,
    SdJwt,
    TrustStore,
    Verdict,
    document_kind,
)
from oneservice.errors import OneServiceError, ProtocolProblemError, VerificationError
from oneservice.relying.endpoint_wire import Asked
from oneservice.relying.reliance import Reliance

__all__ = ["Occasion", "is_readable", "judged", "named", "stores_of"]

Occasion: TypeAlias = tuple[str, str]
"""For whom and for which occasion a presentation must have been made: audience and nonce."""


def judged(
    reliance: Reliance, asked: Asked, at: datetime, occasion: Occasion | None
) -> dict[str, Any]:
    """Return the report as JSON; in a thread. What lies beside may tell that the paper moved.

    Raises:
        ProtocolProblemError: ``malformed``: a presentation, and nobody said for which occasion.
    """
    data = asked.paper
    if asked.beside:
        reliance = reliance.knowing(asked.beside, at=at)
    if occasion is not None and _is_presented(data):
        audience, nonce = occasion
        if not nonce:
            msg = "a presentation is judged for one occasion; name its nonce"
            raise ProtocolProblemError(msg, problem="malformed")
        reliance = replace(
            reliance, policy=reliance.policy.also(HeldBy(audience=audience, nonce=nonce))
        )
    try:
        kind, report = reliance.examine(data, at=at)
    except OneServiceError as error:
        verdict = Verdict.INDETERMINATE.value
        return {"kind": None, "verdict": verdict, "reason": error.code, "message": str(error)}
    return {"kind": kind.value, **report.as_json()}


def _is_presented(data: bytes) -> bool:
    """Say whether it is an SD-JWT, also where somebody put one into an evidence file."""
    kind = document_kind(data)
    try:
        evidence = Evidence.parse(data) if kind is DocumentKind.EVIDENCE else None
    except VerificationError:
        return False  # the report says why
    return kind is DocumentKind.SD_JWT or isinstance(evidence and evidence.certificate, SdJwt)


def is_readable(found: Mapping[str, Any]) -> bool:
    """Say whether the paper could be read, and so is more than a text that one could guess."""
    read = {"name": CheckName.PARSE.value, "result": CheckResult.PASS.value}
    return any(read.items() <= check.items() for check in found.get("checks", ()))


def stores_of(reliance: Reliance) -> tuple[TrustStore, ...]:
    """Return the lists that the relier trusts."""
    trust = reliance.trust
    if trust is None:
        return ()
    return (trust,) if isinstance(trust, TrustStore) else trust.lists


def named(store: TrustStore) -> dict[str, Any]:
    """Return what names a list: territory, version and, where it is signed, its digest."""
    signed = {} if store.document is None else {"digest": store.digest}
    return {"territory": store.territory, "version": store.version, **signed}
