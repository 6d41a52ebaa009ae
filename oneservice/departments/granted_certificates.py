"""Certificates in what a department decided: whether claims come with it, and which one stands."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from oneservice.certificates import Certificate, Claims
from oneservice.departments.grants import Granted
from oneservice.errors import MalformedCertificateError

if TYPE_CHECKING:
    from oneservice.case import DepartmentEvent
    from oneservice.departments.outcomes import Outcome

__all__ = ["brings_claims", "standing_certificate"]


def brings_claims(outcome: Outcome) -> bool:
    """Say whether ``outcome`` brings claims that are to be sealed."""
    granted = outcome if isinstance(outcome, Granted) else getattr(outcome, "granted", None)
    return isinstance(granted, Granted) and isinstance(granted.certificate, Claims)


def standing_certificate(events: tuple[DepartmentEvent, ...]) -> str | None:
    """Return the identifier of the certificate that came last in a history."""
    for event in reversed(events):
        outcome = event.data.get("outcome")
        found = outcome.get("certificate") if isinstance(outcome, Mapping) else None
        if isinstance(found, Mapping):
            with contextlib.suppress(MalformedCertificateError):  # of a kind that is not ours
                return Certificate.of(found).id
    return None
