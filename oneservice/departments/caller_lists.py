"""The registry of callers as a file that people write: JSON, read strictly.

``[{"id": "portal", "keys": [{"keyid": "portal-1", "alg": "ed25519", "public_key": "base64"}],
"callbacks": {"cb-1": "https://portal.example/hook"}}]``; every member but ``id`` may be left out,
and none may stand that is not known: a misspelt restriction must not open a door.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from oneservice.canonical import parse
from oneservice.departments.callers import Caller, Callers
from oneservice.departments.members import Members, read_object
from oneservice.departments.verifying import VerifyingKey
from oneservice.departments.wire import parse_instant
from oneservice.errors import AdapterError, MalformedJsonError, ProtocolProblemError

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["parse_callers"]

_CALLER = ("id", "keys", "certificates", "clients", "callbacks", "steps", "regions")
_KEY = ("keyid", "alg", "public_key", "not_before", "not_after")


def parse_callers(data: bytes) -> Callers:
    """Return the registry that ``data`` states, a JSON list of objects.

    Raises:
        AdapterError: it is no registry; the text says where. Two callers share a key, or an
            address must not be called.
    """
    try:
        found = read_object({"callers": parse(data)}, _callers)
    except (MalformedJsonError, ProtocolProblemError) as error:
        msg = f"this is no registry of callers: {error}"
        raise AdapterError(msg) from None
    return Callers(*found)


def _callers(members: Members) -> tuple[Caller, ...]:
    made = members.objects("callers", _caller, required=True)
    return () if members.findings else tuple(Caller(**one) for one in made)


def _caller(members: Members) -> dict[str, Any]:
    _refuse_unknown(members, _CALLER)
    steps, regions = members.texts("steps"), members.texts("regions")
    return {
        "id": members.id("id"),
        "keys": members.objects("keys", _key),
        "certificates": members.texts("certificates"),
        "clients": members.texts("clients"),
        "callbacks": members.people_text("callbacks"),
        "steps": None if members.value.get("steps") is None else frozenset(steps),
        "regions": None if members.value.get("regions") is None else regions,
    }


def _key(members: Members) -> VerifyingKey:
    _refuse_unknown(members, _KEY)
    try:
        public_key = base64.b64decode(members.text("public_key"), validate=True)
    except (binascii.Error, ValueError):
        members.fail("public_key", "must be base64")
        public_key = b""
    return VerifyingKey(
        keyid=members.id("keyid"),
        alg=members.text("alg"),
        public_key=public_key,
        not_before=_instant(members, "not_before"),
        not_after=_instant(members, "not_after"),
    )


def _instant(members: Members, name: str) -> datetime | None:
    text = members.instant(name, required=False)
    return None if text is None else parse_instant(text)


def _refuse_unknown(members: Members, known: tuple[str, ...]) -> None:
    for name in members.rest(*known):
        members.fail(name, "is not known here")
