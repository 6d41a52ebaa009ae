"""Every exception of the HTTP library has a meaning, and none of them gets out."""

from __future__ import annotations

import ssl

import httpcore
import httpx
import pytest

from oneservice.departments.client import _MEANINGS, _translated
from oneservice.departments.client_answers import Call
from oneservice.departments.transport_wire import Wire, WireLimitError
from oneservice.errors import (
    DepartmentContractError,
    DepartmentError,
    DepartmentUnavailableError,
    DepartmentUnknownOutcomeError,
)

PUT = Call(department="health", method="PUT", what="submission c1.x.1")
GET = Call(department="health", method="GET", what="changes")


def exceptions_of_the_library() -> list[type[Exception]]:
    members = (getattr(httpx, name) for name in dir(httpx))
    return [one for one in members if isinstance(one, type) and issubclass(one, Exception)]


def raised(kind: type[Exception]) -> Exception:
    if issubclass(kind, httpx.HTTPStatusError):
        url = "http://127.0.0.1/?name=Zhang"
        return kind("Zhang", request=httpx.Request("GET", url), response=httpx.Response(500))
    try:
        return kind("Zhang")
    except TypeError:
        return kind()


def translate(call: Call, wire: Wire, error: BaseException) -> DepartmentError:
    with pytest.raises(DepartmentError) as caught, _translated(call, wire):
        raise error
    return caught.value


def wire_after(*, was_sent: bool, was_closed: bool = False) -> Wire:
    wire = Wire(1000)
    wire.was_sent, wire.was_closed = was_sent, was_closed
    return wire


@pytest.mark.parametrize("kind", exceptions_of_the_library())
def test_every_class_is_listed_and_translated(kind: type[Exception]) -> None:
    assert kind in _MEANINGS, f"httpx.{kind.__name__} is new: decide what it tells about a call"
    for call in (PUT, GET):
        for was_sent in (False, True):
            error = translate(call, wire_after(was_sent=was_sent), raised(kind))
            assert "Zhang" not in str(error)
            assert error.__cause__ is None
            assert error.__suppress_context__


def test_nothing_is_unknown_that_was_never_sent() -> None:
    for kind in exceptions_of_the_library():
        error = translate(PUT, wire_after(was_sent=False), raised(kind))
        assert not isinstance(error, DepartmentUnknownOutcomeError)


@pytest.mark.parametrize(
    "kind", [httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.WriteError]
)
def test_what_was_sent_and_lost_is_unknown_unless_it_was_a_read(kind: type[Exception]) -> None:
    wire = wire_after(was_sent=True)
    assert isinstance(translate(PUT, wire, raised(kind)), DepartmentUnknownOutcomeError)
    assert isinstance(translate(GET, wire, raised(kind)), DepartmentUnavailableError)


@pytest.mark.parametrize(
    "error",
    [
        ExceptionGroup("several", [OSError(1, "x"), ExceptionGroup("inner", [OSError(2, "y")])]),
        OSError(24, "Too many open files"),
        ConnectionResetError(),
        TimeoutError(),
        ssl.SSLError(1, "bad record"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_strangers_and_groups_do_not_leak(error: Exception) -> None:
    wire = wire_after(was_sent=True)
    assert isinstance(translate(PUT, wire, error), DepartmentUnknownOutcomeError)
    wire = wire_after(was_sent=False)
    assert isinstance(translate(PUT, wire, error), DepartmentUnavailableError)


def test_nonsense_is_lost_only_if_the_far_side_hung_up() -> None:
    error = httpx.RemoteProtocolError("x")
    hung_up = translate(PUT, wire_after(was_sent=True, was_closed=True), error)
    talking = translate(PUT, wire_after(was_sent=True), error)
    assert isinstance(hung_up, DepartmentUnknownOutcomeError)
    assert isinstance(talking, DepartmentContractError)


def test_too_many_bytes_are_a_contract_error() -> None:
    wire = Wire(10)
    assert wire.allowance(64) == 10
    wire.took(10)
    with pytest.raises(WireLimitError):
        wire.allowance(64)
    wire.expect_body(100)
    assert wire.allowance(64) == 64
    error = translate(PUT, wire, WireLimitError())
    assert isinstance(error, DepartmentContractError)
    assert error.problem == "oversize"


def test_cancellation_is_nobodys_error() -> None:
    class Cancelled(BaseException):
        pass

    with pytest.raises(Cancelled), _translated(PUT, Wire(1)):
        raise Cancelled


def test_our_transport_still_stands_on_the_stock_one() -> None:
    """The pool is replaced by name; this fails where the library renames it."""
    transport = httpx.AsyncHTTPTransport(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    assert isinstance(transport._pool, httpcore.AsyncConnectionPool)
