"""Moving a certificate: whatever happens, and in whatever order, never two that count."""

from __future__ import annotations

import importlib.util
import sqlite3
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from oneservice.certificates import (
    MOVE_STEPS,
    MOVED_FROM,
    Act,
    Certificate,
    LifeState,
    Move,
    MoveSide,
    MoveState,
    MoveWord,
    Operation,
    PublishedStatus,
    examine,
    notice_claims,
    read_notice,
    step_of_move,
)
from oneservice.clocks import VirtualClock
from oneservice.errors import (
    IllegalInputError,
    JournalConflictError,
    MalformedCertificateError,
    VerificationError,
)
from oneservice.runtimes import MovingBook, letter_parts


def _world() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "faults" / "moving_world.py"
    spec = importlib.util.spec_from_file_location("moving_world", path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules["moving_world"] = found
    spec.loader.exec_module(found)
    return found


world = _world()
MOVE, OLD, NEW = world.MOVE, world.OLD, world.NEW
HOURS = timedelta(hours=1)


class Pair:
    """Both offices, and everything that was published so far."""

    def __init__(self, a: Any, b: Any, old: Certificate, folder: Path) -> None:
        self.a, self.b, self.old = a, b, old
        self.trust = world.listed(folder)
        self.lists: list[bytes] = []

    def later(self, span: timedelta) -> None:
        self.a.clock.advance(span)
        self.b.clock.advance(span)

    async def publish(self) -> None:
        self.lists += await self.a.publish()
        self.lists += await self.b.publish()

    async def released(self) -> None:
        """Begin, promise, wait for the old lists, release."""
        await self.a.leaving.begin(MOVE)
        await self.b.arriving.promise(MOVE, world.paper_claims(NEW, world.RECEIVING))
        await self.a.leaving.hear(self.b.arriving.letter(MOVE.id))
        self.later(13 * HOURS)
        await self.a.leaving.go_on(MOVE.id)

    @property
    def new(self) -> Certificate | None:
        letter = self.b.arriving.certificate(MOVE.id)
        return None if letter is None else letter_parts(letter)[0]

    def valid(self, at: datetime, lists: list[bytes]) -> list[str]:
        """Which of both papers a relier believes at ``at``, by these lists."""
        status = PublishedStatus.of(lists, trust=self.trust)
        papers = [one for one in (self.old, self.new) if one is not None]
        return [
            one.id
            for one in papers
            if str(examine(one, trust=self.trust, at=at, status=status).verdict) == "valid"
        ]


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    a = await world.opened(world.GIVING, tmp_path)
    b = await world.opened(world.RECEIVING, tmp_path)
    found = Pair(a, b, await a.issue_old(), tmp_path)
    found.later(timedelta(minutes=1))
    await found.publish()
    yield found
    await a.close()
    await b.close()


async def test_a_certificate_moves_and_each_names_the_other(pair: Pair) -> None:
    begun = await pair.a.leaving.begin(MOVE)
    assert begun.state is MoveState.HELD
    promised = await pair.b.arriving.promise(MOVE, world.paper_claims(NEW, world.RECEIVING))
    assert promised.state is MoveState.PROMISED

    waits = await pair.a.leaving.hear(pair.b.arriving.letter(MOVE.id))
    assert waits.state is MoveState.HELD  # a list in force still calls it good
    pair.later(13 * HOURS)
    assert (await pair.a.leaving.go_on(MOVE.id)).state is MoveState.RELEASED
    assert (await pair.b.arriving.hear(pair.a.leaving.letter(MOVE.id))).state is MoveState.ARRIVED
    assert (await pair.a.leaving.hear(pair.b.arriving.letter(MOVE.id))).state is MoveState.ARRIVED

    old, new = pair.a.register.record(OLD), pair.b.register.record(NEW)
    assert (old.state, old.successor) == (LifeState.TRANSFERRED, NEW)
    assert new.state is LifeState.VALID
    assert pair.new is not None
    assert pair.new.claims.result[MOVED_FROM]["certificate"] == OLD


async def test_no_relier_ever_believes_both(pair: Pair) -> None:
    """Every list that was ever published, each alone and all together, at every hour."""
    await pair.a.leaving.begin(MOVE)
    await pair.b.arriving.promise(MOVE, world.paper_claims(NEW, world.RECEIVING))
    for _ in range(4):
        pair.later(5 * HOURS)
        await pair.publish()
        await pair.a.leaving.hear(pair.b.arriving.letter(MOVE.id))
        letter = pair.a.leaving.letter(MOVE.id)
        if letter is not None:
            await pair.b.arriving.hear(letter)
    pair.later(HOURS)
    await pair.publish()
    assert pair.new is not None

    seen: set[tuple[str, ...]] = set()
    stale = [pair.lists[:6], pair.lists[:12], pair.lists[6:], pair.lists]
    for hour in range(60):
        at = world.START + hour * HOURS + timedelta(minutes=30)
        for lists in stale:
            believed = pair.valid(at, lists)
            assert len(believed) <= 1, (hour, believed)
            seen.add(tuple(believed))
    assert seen == {(), (OLD,), (NEW,)}


async def test_a_refusal_gives_it_back(pair: Pair) -> None:
    await pair.released()
    assert pair.a.register.record(OLD).state is LifeState.TRANSFERRED
    refused = await pair.b.arriving.refuse(MOVE, reason="she did not come")
    assert refused.state is MoveState.REFUSED
    back = await pair.a.leaving.hear(pair.b.arriving.letter(MOVE.id))
    assert back.state is MoveState.RETURNED
    assert pair.a.register.record(OLD).state is LifeState.VALID

    late = await pair.b.arriving.hear(pair.a.leaving.letter(MOVE.id))
    assert late.state is MoveState.REFUSED  # a release that comes late revives nothing
    assert pair.b.register.record(NEW) is None


async def test_a_refusal_before_the_promise_is_a_tombstone(pair: Pair) -> None:
    await pair.b.arriving.refuse(MOVE, reason="no rule recognises it")
    await pair.a.leaving.begin(MOVE)
    back = await pair.a.leaving.hear(pair.b.arriving.letter(MOVE.id))
    assert back.state is MoveState.RETURNED
    assert pair.a.register.record(OLD).state is LifeState.VALID
    with pytest.raises(IllegalInputError):
        await pair.b.arriving.promise(
            Move(id="m1", certificate=OLD, giving=world.GIVING, receiving="https://other.example"),
            world.paper_claims(NEW, world.RECEIVING),
        )


async def test_giving_up_before_the_release_and_not_after(pair: Pair) -> None:
    await pair.a.leaving.begin(MOVE)
    await pair.b.arriving.promise(MOVE, world.paper_claims(NEW, world.RECEIVING))
    assert (await pair.a.leaving.give_up(MOVE.id)).state is MoveState.RETURNED
    assert pair.a.register.record(OLD).state is LifeState.VALID
    told = await pair.b.arriving.hear(pair.a.leaving.letter(MOVE.id))
    assert told.state is MoveState.REFUSED

    again = Move(id="m2", certificate=OLD, giving=world.GIVING, receiving=world.RECEIVING)
    await pair.a.leaving.begin(again)
    claims = world.paper_claims("urn:b:health:2", world.RECEIVING)
    await pair.b.arriving.promise(again, claims)
    pair.later(26 * HOURS)
    released = await pair.a.leaving.hear(pair.b.arriving.letter("m2"))
    assert released.state is MoveState.RELEASED
    with pytest.raises(IllegalInputError, match="ask the receiving office"):
        await pair.a.leaving.give_up("m2")


async def test_what_a_sanction_holds_does_not_move(pair: Pair) -> None:
    """Somebody else took it into custody while it was on the way: the move ends."""
    await pair.a.leaving.begin(MOVE)
    await pair.b.arriving.promise(MOVE, world.paper_claims(NEW, world.RECEIVING))
    now = pair.a.clock.now()
    free, hold = (Act(operation=one, at=now) for one in (Operation.RELEASE, Operation.HOLD))
    await pair.a.register.perform_in_turn(OLD, (free, hold), ground="order 7")
    pair.later(13 * HOURS)
    ended = await pair.a.leaving.hear(pair.b.arriving.letter(MOVE.id))
    assert ended.state is MoveState.WITHDRAWN
    assert pair.a.register.record(OLD).state is LifeState.HELD
    told = await pair.b.arriving.hear(pair.a.leaving.letter(MOVE.id))
    assert told.state is MoveState.REFUSED


async def test_what_was_revoked_on_the_way_does_not_arrive(pair: Pair) -> None:
    await pair.a.leaving.begin(MOVE)
    await pair.b.arriving.promise(MOVE, world.paper_claims(NEW, world.RECEIVING))
    act = Act(operation=Operation.REVOKE, at=pair.a.clock.now())
    await pair.a.register.perform(OLD, act, ground="art. 69")
    pair.later(13 * HOURS)
    ended = await pair.a.leaving.hear(pair.b.arriving.letter(MOVE.id))
    assert ended.state is MoveState.WITHDRAWN
    assert pair.a.register.record(OLD).state is LifeState.REVOKED


async def test_every_word_may_come_twice(pair: Pair) -> None:
    await pair.released()
    release = pair.a.leaving.letter(MOVE.id)
    first = await pair.b.arriving.hear(release)
    paper, arrival = pair.b.arriving.certificate(MOVE.id), pair.b.arriving.letter(MOVE.id)
    assert await pair.b.arriving.hear(release) == first
    assert pair.b.arriving.certificate(MOVE.id) == paper
    ended = await pair.a.leaving.hear(arrival)
    assert await pair.a.leaving.hear(arrival) == ended
    assert await pair.a.leaving.begin(MOVE) == ended
    assert len(pair.b.register.history(NEW)) == 1


async def test_only_the_right_office_is_believed(pair: Pair) -> None:
    await pair.a.leaving.begin(MOVE)
    await pair.b.arriving.promise(MOVE, world.paper_claims(NEW, world.RECEIVING))
    promise = pair.b.arriving.letter(MOVE.id)
    with pytest.raises(VerificationError):
        await pair.a.leaving.hear(promise.replace(b'"m1"', b'"m2"'))
    with pytest.raises(VerificationError):
        await pair.a.leaving.hear(b"{}")
    with pytest.raises(IllegalInputError):
        await pair.b.arriving.hear(promise)  # addressed to the other one
    paper = letter_parts(promise)[0]
    notice = read_notice(paper)
    assert notice.word is MoveWord.PROMISE
    claims = notice_claims(notice, name={"en": "x"}, region="980201", sandbox=False)
    assert claims.holder_name == world.GIVING  # nobody's name is in it
    with pytest.raises(MalformedCertificateError):
        read_notice(pair.old)


async def test_one_certificate_one_move(pair: Pair) -> None:
    await pair.a.leaving.begin(MOVE)
    await pair.b.arriving.promise(MOVE, world.paper_claims(NEW, world.RECEIVING))
    other = Move(id="m2", certificate=OLD, giving=world.GIVING, receiving=world.RECEIVING)
    with pytest.raises(IllegalInputError):
        await pair.a.leaving.begin(other)
    with pytest.raises(IllegalInputError):
        await pair.b.arriving.promise(other, world.paper_claims("urn:b:9", world.RECEIVING))
    assert pair.a.book.record("m2") is None
    known = pair.b.book.record(MOVE.id)
    with pytest.raises(JournalConflictError):
        pair.b.book.begin(known, {})


async def test_clocks_that_differ_by_hours(tmp_path: Path) -> None:
    """Five hours behind, the receiving region's paper begins no earlier than the other ends."""
    a = await world.opened(world.GIVING, tmp_path)
    slow = VirtualClock(world.START - 5 * HOURS)
    b = await world.opened(world.RECEIVING, tmp_path, clock=slow)
    await a.issue_old()
    await a.leaving.begin(MOVE)
    await b.arriving.promise(MOVE, world.paper_claims(NEW, world.RECEIVING))
    await a.leaving.hear(b.arriving.letter(MOVE.id))
    arrived = await b.arriving.hear(a.leaving.letter(MOVE.id))
    assert arrived.state is MoveState.ARRIVED
    left = a.register.history(OLD)[-1].at
    assert b.register.history(NEW)[0].at >= left > slow.now()
    await a.close()
    await b.close()


async def test_a_word_from_too_far_ahead_waits(tmp_path: Path) -> None:
    a = await world.opened(world.GIVING, tmp_path, clock=VirtualClock(world.START + 50 * HOURS))
    b = await world.opened(world.RECEIVING, tmp_path)
    pair = Pair(a, b, await a.issue_old(), tmp_path)
    await a.leaving.begin(MOVE)
    await b.arriving.promise(MOVE, world.paper_claims(NEW, world.RECEIVING))
    await a.leaving.hear(b.arriving.letter(MOVE.id))
    with pytest.raises(VerificationError):
        await b.arriving.hear(a.leaving.letter(MOVE.id))
    assert b.book.record(MOVE.id).state is MoveState.PROMISED
    pair.later(40 * HOURS)
    assert (await b.arriving.hear(a.leaving.letter(MOVE.id))).state is MoveState.ARRIVED
    await a.close()
    await b.close()


async def test_a_book_of_the_version_before_goes_on(pair: Pair) -> None:
    """It kept no letters before they were logged; what stands in it stays."""
    await pair.a.leaving.begin(MOVE)
    book = pair.a.book
    book.close()
    older = sqlite3.connect(book.path, isolation_level=None)
    older.executescript("DROP TABLE drafts; PRAGMA user_version = 1;")
    older.close()
    with MovingBook(book.path) as again:
        assert again.record(MOVE.id).state is MoveState.HELD
        again.keep_draft(MOVE.id, "release", b"{}")
        assert again.draft(MOVE.id, "release") == b"{}"
    pair.a.book = MovingBook(book.path)
    await pair.released()


@pytest.mark.parametrize("side", MoveSide)
def test_the_table_is_the_whole_truth(side: MoveSide) -> None:
    for before in (None, *MoveState):
        for after in MoveState:
            if after in MOVE_STEPS[side].get(before, frozenset()):
                step_of_move(side, before, after)
            else:
                with pytest.raises(IllegalInputError):
                    step_of_move(side, before, after)
    assert all(not MOVE_STEPS[side].get(one) for one in MoveState if one.is_final)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": ""},
        {"id": "a b"},
        {"certificate": ""},
        {"giving": "no url"},
        {"receiving": "https://certificates.example/990101/market-regulation"},
    ],
)
def test_moves_that_go_nowhere_are_refused(wrong: dict[str, str]) -> None:
    right = {"id": "m", "certificate": OLD, "giving": world.GIVING, "receiving": world.RECEIVING}
    with pytest.raises(IllegalInputError):
        Move(**{**right, **wrong})
