"""Judging a signed message: one answer, or the one problem that is true (protocol section 13).

The order is fixed, so that everybody learns the same: is there a signature of this kind; is it
written as it must be; is its key known and valid now; does it hold; only then, was it made in time.
A changed time stamp is therefore a broken signature, and only who holds a key is told our clock.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from oneservice.departments.message_claims import Claim, claim_of, invalid
from oneservice.departments.message_signatures import (
    LIFETIME_S,
    SIGNATURE_HEADER,
    SIGNATURE_INPUT_HEADER,
    Target,
    signature_base,
)
from oneservice.departments.wire import instant_text
from oneservice.errors import ProtocolProblemError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oneservice.departments.verifying import VerifyingKey

__all__ = ["SKEW", "verify_message"]

SKEW: Final = timedelta(seconds=60)
"""How far two clocks may differ."""

_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
"""Of a header field (RFC 9110 section 5.5); frameworks that decode it differently give others."""


def verify_message(
    target: Target,
    fields: Mapping[str, str],
    *,
    keys: Mapping[str, VerifyingKey],
    tag: str,
    now: datetime,
) -> VerifyingKey:
    """Return the key that signed a message.

    Args:
        target: method, path and query as they came; the authority as *configured*, never as the
            message names it.
        fields: header fields by lower-case name, values of equal names joined with ``", "``.
        keys: those that are trusted, by key id.
        tag: of the kind of signature that is asked for; others are ignored.
        now: aware present instant.

    Raises:
        ProtocolProblemError: ``signature-missing``, ``signature-invalid``, ``unknown-key`` or
            ``clock-skew`` with ``server_time``.

    References:
        RFC 9421 section 3.2.
    """
    if SIGNATURE_INPUT_HEADER.lower() not in fields or SIGNATURE_HEADER.lower() not in fields:
        msg = f"{SIGNATURE_INPUT_HEADER} and {SIGNATURE_HEADER} must be there"
        raise ProtocolProblemError(msg, problem="signature-missing")
    claim = claim_of(fields, tag)
    key = keys.get(claim.keyid)
    if key is None or not key.covers(now):
        msg = "the key that is named is not registered here, or does not count now"
        raise ProtocolProblemError(msg, problem="unknown-key")
    if claim.alg not in {None, key.alg}:
        invalid("alg is not that of the registered key")
    values = {**target.values(), **{n: fields[n] for n in claim.covered if n in fields}}
    if any(name not in values for name in claim.covered):
        invalid("it covers a component that is not in the message, or not known here")
    if any(_VALUE.fullmatch(values[name]) is None for name in claim.covered):
        invalid("a covered component has characters that no header field has")
    if not key.holds(claim.signature, signature_base(claim.covered, values, claim.parameters)):
        invalid("it does not hold for what came")
    _refuse_wrong_time(claim, now)
    return key


def _refuse_wrong_time(claim: Claim, now: datetime) -> None:
    if not claim.created < claim.expires <= claim.created + LIFETIME_S:
        invalid(f"it must expire 1 to {LIFETIME_S} seconds after its creation")
    present, allowed = now.timestamp(), SKEW.total_seconds()
    if claim.created > present + allowed or claim.expires < present - allowed:
        raise ProtocolProblemError(
            "the signature is from the future, or has expired: compare the clocks",
            problem="clock-skew",
            members={"server_time": instant_text(now.astimezone(UTC))},
        )
