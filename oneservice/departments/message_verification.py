"""Judging a signed message: one answer, or the one problem that is true (protocol section 13).

The order is fixed, so that everybody learns the same: is there a signature of this kind; is it
written as it must be; is its key known and valid now; does it hold; only then, was it made in time.
A changed time stamp is therefore a broken signature, and only who holds a key is told our clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NoReturn

from oneservice.departments.message_signatures import (
    COMPONENTS,
    LIFETIME_S,
    SIGNATURE_HEADER,
    SIGNATURE_INPUT_HEADER,
    Target,
    signature_base,
)
from oneservice.departments.structured import (
    Bare,
    InnerList,
    StructuredFieldError,
    Token,
    parse_dictionary,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """The one signature of the kind that is asked for."""

    signature: bytes
    covered: tuple[str, ...]
    parameters: str
    keyid: str
    alg: str | None
    created: int
    expires: int


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
    claim = _claim(fields, tag)
    key = keys.get(claim.keyid)
    if key is None or not key.covers(now):
        msg = "the key that is named is not registered here, or does not count now"
        raise ProtocolProblemError(msg, problem="unknown-key")
    if claim.alg not in {None, key.alg}:
        _invalid("alg is not that of the registered key")
    values = {**target.values(), **{n: fields[n] for n in claim.covered if n in fields}}
    if any(name not in values for name in claim.covered):
        _invalid("it covers a component that is not in the message, or not known here")
    if any(_VALUE.fullmatch(values[name]) is None for name in claim.covered):
        _invalid("a covered component has characters that no header field has")
    if not key.holds(claim.signature, signature_base(claim.covered, values, claim.parameters)):
        _invalid("it does not hold for what came")
    _refuse_wrong_time(claim, now)
    return key


def _claim(fields: Mapping[str, str], tag: str) -> _Claim:
    try:
        inputs = parse_dictionary(fields[SIGNATURE_INPUT_HEADER.lower()])
        signatures = parse_dictionary(fields[SIGNATURE_HEADER.lower()])
    except StructuredFieldError:
        _invalid("the two fields cannot be read")
    ours = [
        (label, value)
        for label, value in inputs.items()
        if isinstance(value, InnerList) and ("tag", tag) in value.parameters
    ]
    if len(ours) != 1:
        _invalid(f"exactly one with the tag {tag} is needed, there are {len(ours)}")
    label, value = ours[0]
    signature = signatures.get(label)
    if not isinstance(signature, bytes):
        _invalid(f"{SIGNATURE_HEADER} has no bytes for it")
    given = dict(value.parameters)
    return _Claim(
        signature=signature,
        covered=_covered(value),
        parameters=str(value),
        keyid=_text(given, "keyid"),
        alg=_text(given, "alg") if "alg" in given else None,
        created=_seconds(given, "created"),
        expires=_seconds(given, "expires"),
    )


def _covered(value: InnerList) -> tuple[str, ...]:
    names = [one for one, _ in value.items if isinstance(one, str) and not isinstance(one, Token)]
    if any(parameters for _, parameters in value.items) or len(set(names)) != len(value.items):
        _invalid("components must be plain names, each once")
    missing = [name for name in COMPONENTS if name not in names]
    if missing:
        _invalid(f"it must cover {', '.join(missing)}")
    return tuple(names)


def _refuse_wrong_time(claim: _Claim, now: datetime) -> None:
    if not claim.created < claim.expires <= claim.created + LIFETIME_S:
        _invalid(f"it must expire 1 to {LIFETIME_S} seconds after its creation")
    present, allowed = now.timestamp(), SKEW.total_seconds()
    if claim.created > present + allowed or claim.expires < present - allowed:
        raise ProtocolProblemError(
            "the signature is from the future, or has expired: compare the clocks",
            problem="clock-skew",
            members={"server_time": instant_text(now.astimezone(UTC))},
        )


def _text(given: Mapping[str, Bare], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or isinstance(value, Token):
        _invalid(f"the parameter {name} must be a string")
    return value


def _seconds(given: Mapping[str, Bare], name: str) -> int:
    value = given.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        _invalid(f"the parameter {name} must be an integer")
    return value


def _invalid(rule: str) -> NoReturn:
    msg = f"the signature: {rule}"
    raise ProtocolProblemError(msg, problem="signature-invalid")
