"""Engines that break one promise each are found by the statement about it, and nowhere else.

A mutant is our own engine with one seam changed. Some promises carry others: an engine that does
not repeat its bytes cannot end in the same case after a crash. What fails beside the statement
itself stands with the mutant, and nothing else may.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from oneservice.case import EventType, StatusRead, SubmissionState, reports
from oneservice.case.submissions import TRANSITIONS
from oneservice.clocks import VirtualClock
from oneservice.conformance import Verdict
from oneservice.departments import (
    DepartmentEndpoint,
    Ed25519EventKey,
    HttpDepartments,
    VerifyingKey,
    client_answers,
    client_exchange,
    client_features,
    parse_event,
    parse_status,
)
from oneservice.departments.client import HttpLine
from oneservice.departments.client_calls import DepartmentClient
from oneservice.errors import (
    DepartmentContractError,
    DepartmentUnavailableError,
    DepartmentUnknownOutcomeError,
)
from oneservice.identifiers import parse_submission_id
from oneservice.ports import ChangesPage, StatusPage
from oneservice.runtimes import Feeds
from oneservice.runtimes.mail import Mail
from oneservice.testing import OurEngine, engine_statements
from oneservice.testing.engines import OurRun, judge_engine_statement, ours
from oneservice.testing.engines.book import Book
from oneservice.testing.engines.stage import START

SLOW = frozenset(
    {
        *("P-32", "P-33", "P-36", "P-38", "P-61", "P-62", "P-63"),
        *("P-71", "P-72", "P-73", "P-74", "P-75", "P-83", "P-84"),
    }
)
"""Statements that take a fifth of a second or more: tried where the mutant is about them."""

Patch = pytest.MonkeyPatch
Mutant = Callable[[Patch], OurEngine]
MUTANTS: dict[str, tuple[Mutant, frozenset[str]]] = {}


def mutant(number: str, *also: str) -> Callable[[Mutant], Mutant]:
    """Register an engine that breaks ``number``, and with it ``also``."""

    def register(make: Mutant) -> Mutant:
        MUTANTS[f"{number} {make.__name__}"] = (make, frozenset({number, *also}))
        return make

    return register


def over(way: type[HttpDepartments]) -> OurEngine:
    """Return our engine over another way to the departments."""

    class Mutated(OurEngine):
        def departments(self, ways: Any, clock: Any) -> Any:
            return way(ways, clock=clock)

    return Mutated()


def running(run: type[OurRun]) -> OurEngine:
    """Return our engine with another way to run."""
    subject = OurEngine()
    subject.run = run  # type: ignore[misc]
    return subject


def configured(change: Callable[[DepartmentEndpoint], DepartmentEndpoint]) -> OurEngine:
    """Return our engine with other settings of its endpoints."""

    class Mutated(OurEngine):
        def endpoint(self, office: Any, folder: Path) -> DepartmentEndpoint:
            return change(super().endpoint(office, folder))

    return Mutated()


def taken_for_nothing(department: str) -> DepartmentUnavailableError:
    """Return the error by which a message counts as never sent, for an hour."""
    return DepartmentUnavailableError("no answer of use", department=department, retry_after_s=3600)


# --- whom it believes, and what it files ---------------------------------------------------------


@mutant("P-04")
def trusts_what_is_listed(_: Patch) -> OurEngine:
    class Way(HttpDepartments):
        async def changes(self, department: str, *, cursor: str | None) -> ChangesPage:
            for one in (await self.capabilities(department)).keys:
                key = VerifyingKey(keyid=one.keyid, alg=one.alg, public_key=one.public_key)
                self._client(department)._keys[one.keyid] = key
            return await super().changes(department, cursor=cursor)

    return over(Way)


@mutant("P-05")
def waits_where_nobody_offers_it(patch: Patch) -> OurEngine:
    async def may(_: Any) -> bool:
        return True

    patch.setattr(DepartmentClient, "_may_wait", may)
    return configured(lambda way: replace(way, long_poll_s=1))


@mutant("P-05")
def uploads_where_nobody_offers_it(patch: Patch) -> OurEngine:
    async def require(*_: Any) -> None:
        return None

    patch.setattr("oneservice.departments.client_capabilities.KnownCapabilities.require", require)
    return OurEngine()


@mutant("P-17", "P-72", "P-74")
def serialises_again(_: Patch) -> OurEngine:
    seen: set[str] = set()

    class Way(HttpDepartments):
        async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
            is_repeat = submission_id in seen
            seen.add(submission_id)
            if not is_repeat:
                return await super().submit(department, submission_id, body)
            other = json.dumps(json.loads(body), ensure_ascii=False).encode()
            await super().submit(department, submission_id, other)
            raise taken_for_nothing(department)

    return over(Way)


@mutant("P-18", "P-17", "P-74")
def draws_ids_when_it_sends(_: Patch) -> OurEngine:
    class Run(OurRun):
        async def begin(self) -> None:
            await super().begin()
            ways, life = self.ways, self._lives
            submit = ways.submit

            async def renamed(department: str, name: str, body: bytes) -> StatusPage:
                found: StatusPage = await submit(department, name + f"-{life}" * (life > 0), body)
                if life:
                    raise taken_for_nothing(department)
                return found

            ways.submit = renamed

    return running(Run)


@mutant("P-19")
def files_again_at_once(_: Patch) -> OurEngine:
    class Run(OurRun):
        async def file_again(self, case_id: str, step_id: str) -> bool:
            if await super().file_again(case_id, step_id):
                return True
            sub = (await self.engine.case(case_id)).sub_cases[step_id]
            body = b'{"case_id":"%s","step_id":"%s","attempt":2}' % (
                case_id.encode(),
                step_id.encode(),
            )
            await self.ways.submit(sub.spec.department, f"{case_id}.{step_id}.2", body)
            return True

    return running(Run)


# --- which events it applies ---------------------------------------------------------------------


@mutant("P-31", "P-34")
def refuses_types_of_ones_own(_: Patch) -> OurEngine:
    class Way(HttpDepartments):
        async def changes(self, department: str, *, cursor: str | None) -> ChangesPage:
            page = await super().changes(department, cursor=cursor)
            heads = [replace(one, events=()) if has_own(one) else one for one in page.changes]
            return replace(page, changes=tuple(heads))

        async def read(self, department: str, name: str, *, after: int) -> StatusPage | None:
            page = await super().read(department, name, after=after)
            if page is not None and has_own(page):
                raise DepartmentContractError("x_", department=department, problem="malformed")
            return page

    return over(Way)


def has_own(page: Any) -> bool:
    return any(one.type.startswith("x_") for one in page.events)


@mutant("P-32")
def grants_what_was_not_accepted(patch: Patch) -> OurEngine:
    row = {**TRANSITIONS[EventType.GRANTED], SubmissionState.RECEIVED: SubmissionState.GRANTED}
    patch.setitem(TRANSITIONS, EventType.GRANTED, row)  # type: ignore[arg-type]
    return OurEngine()


@mutant("P-33")
def verifies_the_digest_that_is_claimed(patch: Patch) -> OurEngine:
    def lenient(event: Any, keys: Any) -> None:
        for one in event.signatures:
            key = keys.get(one.keyid)
            said = b"oneservice-event-v1\n" + event.digest.encode()
            if key is not None and key.holds(base64.b64decode(one.value, validate=True), said):
                return
        raise DepartmentContractError("unproven", department="d", problem="unknown-key")

    patch.setattr(client_answers, "verify_event", lenient)
    return OurEngine()


@mutant("P-34")
def takes_a_gap_for_a_rewound_history(patch: Patch) -> OurEngine:
    right = reports._rewritten

    def rewritten(sub: Any, given: StatusRead) -> str | None:
        has_gap = bool(given.events) and given.events[0].seq > len(sub.digests) + 1
        return "a gap" if has_gap else right(sub, given)

    patch.setattr(reports, "_rewritten", rewritten)
    return OurEngine()


@mutant("P-35")
def overlooks_another_event_under_a_number(patch: Patch) -> OurEngine:
    right = reports._rewritten

    def rewritten(sub: Any, given: StatusRead) -> str | None:
        found = right(sub, given)
        return None if found is None or found.startswith("rewritten") else found

    patch.setattr(reports, "_rewritten", rewritten)
    return OurEngine()


@mutant("P-36")
def never_compares_heads(patch: Patch) -> OurEngine:
    patch.setattr(Feeds, "_is_comparison_due", lambda *_: False)
    return OurEngine()


# --- what the law says ---------------------------------------------------------------------------


@mutant("P-37")
def says_nothing_of_another_clock(patch: Patch) -> OurEngine:
    decide = import_module("oneservice.case.decide")  # the function of that name hides it
    patch.setattr(decide, "clock_shown", lambda *_: None)
    return OurEngine()


@mutant("P-38")
def takes_silence_for_nothing(patch: Patch) -> OurEngine:
    patch.setattr("oneservice.case.limits._notice_due", lambda *_: None)
    return OurEngine()


@mutant("P-47")
def takes_not_open_for_a_refusal(_: Patch) -> OurEngine:
    class Way(HttpDepartments):
        async def withdraw(
            self, department: str, name: str, withdrawal_id: str, body: bytes
        ) -> StatusPage:
            try:
                return await super().withdraw(department, name, withdrawal_id, body)
            except DepartmentContractError as error:
                raise DepartmentContractError(
                    str(error), department=department, problem="not-allowed"
                ) from error

    return over(Way)


@mutant("P-48")
def rolls_back_what_was_granted(_: Patch) -> OurEngine:
    class Run(OurRun):
        async def advance(self, by: timedelta) -> None:
            await super().advance(by)
            for stored in await self.engine.cases():
                subs = (await self.engine.case(stored.case_id)).sub_cases.values()
                if any(one.status in {"refused", "withdrawn"} for one in subs):
                    for one in subs:
                        if one.submission is not None and one.status == "granted":
                            await self._roll_back(one)

        async def _roll_back(self, sub: Any) -> None:
            name = sub.submission.submission_id
            wish = self.ways.withdraw(sub.spec.department, name, "w9", b"{}")
            await asyncio.gather(wish, return_exceptions=True)

    return running(Run)


def visit(url: str) -> None:
    """Knock at an address as whoever follows it does."""
    parts = urlsplit(url)
    socket.create_connection((parts.hostname, parts.port)).close()


# --- papers and addresses ------------------------------------------------------------------------


@mutant("P-54")
def believes_what_is_served(patch: Patch) -> OurEngine:
    class Anything(str):
        __slots__ = ()

        def __eq__(self, _: object) -> bool:
            return True

        def __ne__(self, _: object) -> bool:
            return False

        __hash__ = str.__hash__

    patch.setattr(client_features, "digest_bytes", lambda _: Anything())
    return OurEngine()


@mutant("P-55")
def looks_at_the_successor(patch: Patch) -> OurEngine:
    right = client_exchange.deprecation_in

    def curious(headers: Any) -> Any:
        found = right(headers)
        if found is not None and found.successor:
            visit(found.successor)
        return found

    patch.setattr(client_exchange, "deprecation_in", curious)
    return OurEngine()


# --- hints ---------------------------------------------------------------------------------------


class Ear(ours._Ear):
    """The right receiver, with a word before it."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        message = await receive()

        async def again() -> Any:
            return message

        await self.before(scope["path"].rpartition("/")[2], message.get("body", b""))
        await super().__call__(scope, again, send)

    async def before(self, department: str, body: bytes) -> None:
        """Do what nobody should before the right answer."""
        raise NotImplementedError


@mutant("P-61")
def believes_callbacks(patch: Patch) -> OurEngine:
    class Believing(Ear):
        async def before(self, _: str, body: bytes) -> None:
            try:
                changes = json.loads(body)["changes"]
                events = [parse_event(one) for change in changes for one in change["events"]]
            except (ValueError, LookupError, TypeError):
                return
            for event in events:
                await self._apply(event)

        async def _apply(self, event: Any) -> None:
            case_id, name, _ = parse_submission_id(event.submission_id)
            news = StatusRead(
                at=self._run.now(),
                sub_case_id=name,
                submission_id=event.submission_id,
                state=None,
                head_seq=event.seq,
                head_digest=event.digest,
                events=(event,),
            )
            await self._run.engine._driver.take_news(Mail(inputs=[(case_id, news)]))

    patch.setattr(ours, "_Ear", Believing)
    return OurEngine()


@mutant("P-62")
def reads_before_it_answers(patch: Patch) -> OurEngine:
    class Diligent(Ear):
        async def before(self, department: str, _: bytes) -> None:
            await asyncio.gather(
                self._run.ways.changes(department, cursor=None), return_exceptions=True
            )

    patch.setattr(ours, "_Ear", Diligent)
    return OurEngine()


@mutant("P-63")
def waits_for_a_ring_while_suspended(_: Patch) -> OurEngine:
    suspended: set[str] = set()

    class Way(HttpDepartments):
        async def changes(self, department: str, *, cursor: str | None) -> ChangesPage:
            if department in suspended and cursor is not None:
                return ChangesPage(changes=(), cursor=cursor, has_more=False)
            page = await super().changes(department, cursor=cursor)
            kinds = [event.type for one in page.changes for event in one.events]
            if kinds[-1:] == ["suspended"]:
                suspended.add(department)
            return page

    return over(Way)


# --- trouble -------------------------------------------------------------------------------------


@mutant("P-71")
def comes_back_when_it_likes(patch: Patch) -> OurEngine:
    patch.setattr(client_answers, "retry_after_s", lambda *_, **__: 1)
    return OurEngine()


@mutant("P-71")
def crowds_the_door(_: Patch) -> OurEngine:
    return configured(lambda way: replace(way, in_flight=8))


@mutant("P-72")
def repeats_before_it_reads(_: Patch) -> OurEngine:
    class Way(HttpDepartments):
        async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
            try:
                return await super().submit(department, submission_id, body)
            except DepartmentUnknownOutcomeError as error:
                raise DepartmentUnavailableError(
                    str(error), department=department, retry_after_s=0
                ) from error

    return over(Way)


@mutant("P-73")
def follows_redirects(patch: Patch) -> OurEngine:
    right = HttpLine.exchange

    async def following(self: HttpLine, request: Any, *, headers: Any) -> Any:
        answer = await right(self, request, headers=headers)
        if 300 <= answer.status < 400:
            visit(answer.headers["location"])
        return answer

    patch.setattr(HttpLine, "exchange", following)
    return OurEngine()


@mutant("P-73")
def takes_a_page_for_people_for_a_refusal(patch: Patch) -> OurEngine:
    patch.setattr(client_answers.Call, "unread", client_answers.Call.broken)
    return OurEngine()


@mutant("P-74")
def loses_the_news_that_it_died_over(_: Patch) -> OurEngine:
    class Run(OurRun):
        async def begin(self) -> None:
            await super().begin()
            changes, unread = self.ways.changes, set(self.offices) if self._lives else set()

            async def skipping(department: str, *, cursor: str | None) -> ChangesPage:
                page: ChangesPage = await changes(department, cursor=cursor)
                if department in unread:
                    unread.discard(department)
                    page = replace(page, changes=())
                return page

            self.ways.changes = skipping

    return running(Run)


@mutant("P-75")
def takes_doubt_for_a_refusal(_: Patch) -> OurEngine:
    doubts: dict[str, int] = {}
    bodies: dict[str, bytes] = {}

    class Way(HttpDepartments):
        async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
            bodies[submission_id] = body
            return await super().submit(department, submission_id, body)

        async def read(self, department: str, name: str, *, after: int) -> StatusPage | None:
            try:
                return await super().read(department, name, after=after)
            except DepartmentUnavailableError:
                doubts[name] = doubts.get(name, 0) + 1
                if doubts[name] < 20:
                    raise
                return self._given_up(department, name)

        def _given_up(self, department: str, name: str) -> StatusPage:
            book = Book(department, Ed25519EventKey.generate("ours"), VirtualClock(START).now)
            book.file(name, bodies[name])
            book.tell(name, "accepted")
            book.tell(name, "refused")
            return parse_status(book.status(name))

    return over(Way)


# --- security ------------------------------------------------------------------------------------


@mutant("P-82")
def logs_what_it_files(_: Patch) -> OurEngine:
    class Way(HttpDepartments):
        async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
            logging.getLogger("oneservice.portal").info("filing %s", body.decode())
            return await super().submit(department, submission_id, body)

    return over(Way)


@mutant("P-83")
def does_not_look_at_names(_: Patch) -> OurEngine:
    def trusting(way: DepartmentEndpoint) -> DepartmentEndpoint:
        if way.ssl_context is not None:
            way.ssl_context.check_hostname = False
        return way

    return configured(trusting)


@mutant("P-84")
def signs_another_path(_: Patch) -> OurEngine:
    class Signer:
        def __init__(self, signer: Any) -> None:
            self._signer = signer

        def headers(self, *, url: str, **others: Any) -> Any:
            return self._signer.headers(url=url.replace("/oneservice/v1", ""), **others)

    return configured(lambda way: replace(way, signer=Signer(way.signer)))


# --- the trial -----------------------------------------------------------------------------------


def test_every_statement_has_a_mutant() -> None:
    assert {name.partition(" ")[0] for name in MUTANTS} == {
        one.number for one in engine_statements()
    }


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_engine_is_found_there_and_nowhere_else(
    name: str, tmp_path: Path, monkeypatch: Patch
) -> None:
    make, due = MUTANTS[name]
    found = set()
    for statement in engine_statements():
        if statement.number in due or statement.number not in SLOW:
            with monkeypatch.context() as patch:
                subject = make(patch)
                result = asyncio.run(judge_engine_statement(subject, statement, tmp_path))
            if result.verdict is Verdict.FAIL:
                found.add(statement.number)
                assert result.why
                assert statement.cure
    assert found == due
