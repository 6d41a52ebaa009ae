"""What an answer makes of a subscriber, and that two writes are as good as one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.errors import JournalUnavailableError
from oneservice.ports import Subscription
from oneservice.runtimes import Notifier, Sent, Subscriber
from oneservice.runtimes.notifying_subscribers import LONGEST_PAUSE_S, TRIED_FOR, TRIED_OFTEN

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)

statuses = st.sampled_from([0, 200, 204, 302, 404, 410, 429, 500])
pauses = st.integers(0, 86_400_000).map(lambda ms: timedelta(milliseconds=ms))
answers = st.tuples(st.builds(Sent, status=statuses), pauses)


def fresh(**changed: Any) -> Subscriber:
    row = Subscription(id="s-1", url="https://a.example/", keyid="k", secret=b"x" * 32)
    return Subscriber(subscription=replace(row, **changed), kinds=frozenset({"case_opened"}))


def reloaded(one: Subscriber) -> Subscriber:
    return Subscriber.of(one.subscription, one.note)


@given(st.lists(answers, max_size=40))
def test_any_run_of_answers_keeps_its_word(run: list[tuple[Sent, timedelta]]) -> None:
    one, now, position = fresh(), START, 0
    for sent, later in run:
        now += later
        if not one.is_due(now):
            continue
        position += 1
        before, one = one, one.answered(sent, position=position, now=now)
        row = one.subscription
        assert reloaded(one) == one
        assert one.kinds == before.kinds
        if sent.is_taken:
            assert (row.position, row.tries, row.not_before) == (position, 0, None)
        elif sent.status == 410:
            assert (row.state, row.position) == ("ended", before.subscription.position)
        elif row.state == "paused":
            assert now - (before.failing_since or now) >= TRIED_FOR
            assert before.subscription.tries + 1 >= TRIED_OFTEN
        else:
            assert row.tries == before.subscription.tries + 1
            assert row.not_before is not None
            pause_s = (row.not_before - now).total_seconds()
            assert 1 <= pause_s <= min(LONGEST_PAUSE_S, 2**row.tries)
            assert row.position == before.subscription.position
        if row.state != "active":
            assert one.reason
            assert not one.is_due(now + 1000 * DAY)


@given(st.lists(answers, max_size=40))
def test_a_crash_between_note_and_row_changes_nothing(run: list[tuple[Sent, timedelta]]) -> None:
    """The note comes first: with the old row it must say what the old note said, or begin anew."""
    one, now = fresh(), START
    for sent, later in run:
        now += later
        after = one.answered(sent, position=1, now=now)
        torn = Subscriber.of(one.subscription, after.note)
        assert torn.subscription == one.subscription
        assert torn.kinds == one.kinds
        assert torn.reason == ""  # of an active row
        assert torn.failing_since in {None, one.failing_since}
        if after.subscription.state != "active":
            return
        one = after


def test_many_that_fail_together_do_not_come_back_together() -> None:
    due = {
        fresh(id=f"s-{n}", tries=9).answered(Sent(status=503), position=1, now=START)
        for n in range(50)
    }
    assert len({one.subscription.not_before for one in due}) > 45


def test_what_is_asked_for_is_waited() -> None:
    one = fresh().answered(Sent(status=503, retry_after_s=3600), position=1, now=START)
    assert one.subscription.not_before == START + timedelta(hours=1)


def test_a_note_that_is_missing_or_newer_is_read() -> None:
    row = fresh().subscription
    assert Subscriber.of(row, None) == Subscriber(subscription=row)
    assert Subscriber.of(row, '{"later":1}') == Subscriber(subscription=row)


async def test_a_store_without_facts_is_told_apart() -> None:
    class Bare:
        store = object()

        def refuse_closed(self) -> None:
            pass

    async def send(*_: Any) -> Sent:
        raise AssertionError

    notifier = Notifier(Bare(), send)  # type: ignore[arg-type]
    with pytest.raises(JournalUnavailableError, match="keeps no subscribers"):
        await notifier.run()
