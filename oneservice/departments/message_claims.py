"""What a signature says of itself: its components, its parameters, its bytes (protocol section 13).

Theory of operation: nearly every message is spelt as our own signer spells it, and is read by two
expressions at one look. Whatever else RFC 9421 allows is read piece by piece, as structured fields;
a property test holds the two ways against each other. To read piece by piece takes nearly as long
as to check the signature.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

from oneservice.departments.message_signatures import (
    COMPONENTS,
    COVERED,
    SIGNATURE_HEADER,
    SIGNATURE_INPUT_HEADER,
)
from oneservice.departments.structured import (
    Bare,
    InnerList,
    StructuredFieldError,
    Token,
    parse_dictionary,
)
from oneservice.errors import ProtocolProblemError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Claim", "any_claim", "claim_of", "invalid", "usual_claim"]

_INPUT: Final = SIGNATURE_INPUT_HEADER.lower()
_VALUE: Final = SIGNATURE_HEADER.lower()
_TEXT: Final = r"[\x20\x21\x23-\x5b\x5d-\x7e]*"
_NUMBER: Final = r"0|[1-9][0-9]{0,14}"
_LABEL: Final = r"(?P<label>[a-z*][a-z0-9_.*-]*)"
_USUAL_INPUT: Final = re.compile(
    rf"{_LABEL}=(?P<parameters>{re.escape(COVERED)}"
    rf";created=(?P<created>{_NUMBER});expires=(?P<expires>{_NUMBER})"
    rf'(?:;nonce="{_TEXT}")?;keyid="(?P<keyid>{_TEXT})"'
    rf'(?:;alg="(?P<alg>{_TEXT})")?;tag="(?P<tag>{_TEXT})")'
)
_USUAL_VALUE: Final = re.compile(rf"{_LABEL}=:(?P<value>[A-Za-z0-9+/]{{86}}==):")
"""One signature of 64 bytes, its parameters in the order of the protocol page, nothing escaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The one signature of the kind that is asked for."""

    signature: bytes
    covered: tuple[str, ...]
    parameters: str
    keyid: str
    alg: str | None
    created: int
    expires: int


def claim_of(fields: Mapping[str, str], tag: str) -> Claim:
    """Return the one signature of the kind ``tag``; ``fields`` holds both header fields.

    Raises:
        ProtocolProblemError: ``signature-invalid``: it is not written as it must be.
    """
    return usual_claim(fields, tag) or any_claim(fields, tag)


def usual_claim(fields: Mapping[str, str], tag: str) -> Claim | None:
    """Return what :func:`any_claim` would; ``None``: it is spelt in another way, or unfit."""
    found = _USUAL_INPUT.fullmatch(fields[_INPUT])
    value = _USUAL_VALUE.fullmatch(fields[_VALUE])
    if found is None or value is None:
        return None
    if found["label"] != value["label"] or found["tag"] != tag:
        return None
    return Claim(
        signature=base64.b64decode(value["value"]),
        covered=COMPONENTS,
        parameters=found["parameters"],
        keyid=found["keyid"],
        alg=found["alg"],
        created=int(found["created"]),
        expires=int(found["expires"]),
    )


def any_claim(fields: Mapping[str, str], tag: str) -> Claim:
    """Return the same of a signature that is spelt in any way; raises as :func:`claim_of`."""
    try:
        inputs = parse_dictionary(fields[_INPUT])
        signatures = parse_dictionary(fields[_VALUE])
    except StructuredFieldError:
        invalid("the two fields cannot be read")
    ours = [
        (label, value)
        for label, value in inputs.items()
        if isinstance(value, InnerList) and ("tag", tag) in value.parameters
    ]
    if len(ours) != 1:
        invalid(f"exactly one with the tag {tag} is needed, there are {len(ours)}")
    label, value = ours[0]
    signature = signatures.get(label)
    if not isinstance(signature, bytes):
        invalid(f"{SIGNATURE_HEADER} has no bytes for it")
    given = dict(value.parameters)
    return Claim(
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
        invalid("components must be plain names, each once")
    missing = [name for name in COMPONENTS if name not in names]
    if missing:
        invalid(f"it must cover {', '.join(missing)}")
    return tuple(names)


def _text(given: Mapping[str, Bare], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or isinstance(value, Token):
        invalid(f"the parameter {name} must be a string")
    return value


def _seconds(given: Mapping[str, Bare], name: str) -> int:
    value = given.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        invalid(f"the parameter {name} must be an integer")
    return value


def invalid(rule: str) -> NoReturn:
    """Raise ``signature-invalid``; ``rule`` says which one was broken."""
    msg = f"the signature: {rule}"
    raise ProtocolProblemError(msg, problem="signature-invalid")
