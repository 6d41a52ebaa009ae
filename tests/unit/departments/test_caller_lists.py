"""The registry of callers as people write it: what is misspelt opens no door."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from oneservice.departments import Ed25519EventKey, parse_callers
from oneservice.errors import AdapterError

KEY = Ed25519EventKey.generate("portal-1")
LISTED = {
    "keyid": "portal-1",
    "alg": "ed25519",
    "public_key": base64.b64encode(KEY.public_key).decode(),
    "not_after": "2027-12-31T00:00:00Z",
}
PORTAL: dict[str, Any] = {
    "id": "portal",
    "keys": [LISTED],
    "certificates": ["portal.example"],
    "clients": ["client-7"],
    "callbacks": {"cb-1": "https://portal.example/hook"},
    "steps": ["food_permit"],
    "regions": ["9901"],
}


def written(*callers: Any) -> bytes:
    return json.dumps(callers).encode()


def test_everything_that_a_caller_may_have_is_read() -> None:
    found = parse_callers(written(PORTAL, {"id": "other"}))
    portal = found.get("portal")
    assert portal is not None
    assert portal.keys[0].public_key == KEY.public_key
    assert portal.keys[0].not_after == datetime(2027, 12, 31, tzinfo=UTC)
    assert found.of_key("portal-1") is found.of_client("client-7") is portal
    assert found.of_certificate("portal.example") is portal
    assert portal.may_file("food_permit", "990101")
    assert not portal.may_file("tax", "990101")
    other = found.get("other")
    assert other is not None
    assert other.may_file("tax", None)


def test_no_step_is_not_every_step() -> None:
    found = parse_callers(written({"id": "portal", "steps": []})).get("portal")
    assert found is not None
    assert not found.may_file("food_permit", "990101")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"{", "not JSON"),
        (b'{"id":"portal"}', "/callers must be a list"),
        (written("portal"), "/callers/0 must be an object"),
        (written({"ids": "portal"}), "/callers/0/ids is not known here"),
        (written(PORTAL | {"step": ["tax"]}), "/callers/0/step is not known here"),
        (written(PORTAL | {"keys": [LISTED | {"use": []}]}), "/callers/0/keys/0/use"),
        (written(PORTAL | {"keys": [LISTED | {"public_key": "?"}]}), "must be base64"),
        (written(PORTAL | {"callbacks": {"cb-1": "http://portal.example"}}), "an address is https"),
        (written(PORTAL, PORTAL | {"id": "b"}), "is registered twice"),
        (written({"id": "portal"}, {"id": "portal"}), "two callers have the id portal"),
    ],
)
def test_what_is_no_registry_is_refused_with_its_place(data: bytes, told: str) -> None:
    with pytest.raises(AdapterError, match=told):
        parse_callers(data)
