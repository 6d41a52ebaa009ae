"""What an endpoint refuses before anything is sent."""

from __future__ import annotations

import ssl
import sys
from typing import Any

import pytest

from oneservice.clocks import SystemClock
from oneservice.departments.client_departments import HttpDepartments
from oneservice.departments.client_endpoint import DepartmentEndpoint, is_path_id
from oneservice.departments.client_line import Transport
from oneservice.errors import EndpointInvalidError, EnvironmentalError


def endpoint(base_url: str, **others: Any) -> DepartmentEndpoint:
    return DepartmentEndpoint(base_url=base_url, keys=(), **others)


@pytest.mark.parametrize(
    "base_url",
    [
        "https://dept.example/oneservice/v1",
        "https://dept.example:8443/a/b/oneservice/v1/",
        "http://localhost:8000/oneservice/v1",
        "http://127.0.0.1:8000/oneservice/v1",
        "http://127.8.9.10/oneservice/v1",
        "http://[::1]:8000/oneservice/v1",
    ],
)
def test_addresses_that_may_be_called(base_url: str) -> None:
    assert endpoint(base_url).url("a", "b", query="c=d") == f"{base_url.rstrip('/')}/a/b?c=d"


@pytest.mark.parametrize(
    ("base_url", "word"),
    [
        ("http://dept.example/oneservice/v1", "plain http"),
        ("http://10.0.0.1/oneservice/v1", "plain http"),
        ("http://localhost.example/oneservice/v1", "plain http"),
        ("http://127.0.0.1.example/oneservice/v1", "plain http"),
        ("http://0.0.0.0/oneservice/v1", "plain http"),
        ("https://user:secret@dept.example/v1", "passwords"),
        ("http://localhost@dept.example/v1", "user names"),
        ("https://dept.example/v1?a=b", "query"),
        ("https://dept.example/v1#x", "fragment"),
        ("ftp://dept.example/v1", "not of that form"),
        ("dept.example/v1", "not of that form"),
        ("https:///v1", "not of that form"),
        ("https://dept.example:99999/v1", "not of that form"),
        ("https://dept.example:x/v1", "not of that form"),
        ("https://[::1/v1", "not of that form"),
        ("https://dépt.example/v1", "not of that form"),
        ("", "not of that form"),
    ],
)
def test_addresses_that_may_not(base_url: str, word: str) -> None:
    with pytest.raises(EndpointInvalidError, match=word) as caught:
        endpoint(base_url)
    assert "secret" not in str(caught.value)
    assert isinstance(caught.value, EnvironmentalError)


def test_verification_cannot_be_switched_off() -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    with pytest.raises(EndpointInvalidError, match="does not verify"):
        endpoint("https://dept.example/v1", ssl_context=context)
    context.verify_mode = ssl.CERT_NONE
    with pytest.raises(EndpointInvalidError, match="does not verify"):
        endpoint("https://dept.example/v1", ssl_context=context)


@pytest.mark.parametrize(
    "limit",
    [
        {"in_flight": 0},
        {"in_flight": 9},
        {"per_minute": 0},
        {"deadline_s": 0},
        {"long_poll_s": -1},
        {"long_poll_s": 26},
    ],
)
def test_limits_have_limits(limit: dict[str, int]) -> None:
    with pytest.raises(EndpointInvalidError):
        endpoint("https://dept.example/v1", **limit)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("c42.food_permit.1", True),
        ("...", True),
        ("x" * 96, True),
        (".", False),
        ("..", False),
        ("", False),
        ("x" * 97, False),
        ("a/b", False),
        ("a\n", False),
        ("é", False),
    ],
)
def test_ids_of_paths(text: str, *, is_one: bool) -> None:
    assert is_path_id(text) is is_one


async def test_departments_share_the_anchors_of_the_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One context costs 40 to 110 ms: twenty departments must not pay twenty times."""
    made: list[ssl.SSLContext] = []
    make = ssl.create_default_context

    def counted() -> ssl.SSLContext:
        made.append(make())
        return made[-1]

    monkeypatch.setattr(ssl, "create_default_context", counted)
    ways = {f"d{n}": endpoint(f"https://d{n}.example/v1") for n in range(20)}
    async with HttpDepartments(ways, clock=SystemClock()):
        assert len(made) == 1
    async with HttpDepartments({"d": endpoint("http://127.0.0.1/v1")}, clock=SystemClock()):
        assert len(made) == 1


def test_a_transport_whose_extra_is_missing_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("client_fast", "client_fast_reply"):
        monkeypatch.delitem(sys.modules, f"oneservice.departments.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "httptools", None)
    way = endpoint("http://127.0.0.1:1/v1")
    with pytest.raises(EndpointInvalidError, match="fast"):
        HttpDepartments({"tax": way}, clock=SystemClock(), transport=Transport.FAST)
