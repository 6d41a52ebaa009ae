"""Answers that are put together from stored bytes are those that the codec would write."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.canonical import Digest, canonical
from oneservice.case import DepartmentEvent
from oneservice.departments import (
    Ed25519EventKey,
    changes_json,
    parse_changes,
    parse_status,
    sign_event,
    status_json,
)
from oneservice.departments.opinions import opinion_of
from oneservice.departments.register import Head
from oneservice.departments.splicing import StoredChange, spliced_changes, spliced_status
from oneservice.ports import Change, ChangesPage, StatusPage

ZONE = ZoneInfo("Asia/Shanghai")
KEY = Ed25519EventKey.generate("dept-1")
NOW = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
KINDS: dict[str, dict[str, Any]] = {
    "accepted": {"acceptance_no": "SL-1", "promised_working_days": 5, "how": "explicit"},
    "progress": {"label": {"zh": "现场核查"}, "is_public": True},
    "suspended": {"kind": "inspection", "by_law": "x", "notice_no": "n"},
    "resumed": {"result": "ok"},
}


@st.composite
def histories(draw: st.DrawFn) -> tuple[DepartmentEvent, ...]:
    """Return events that chain; whether they fold is not the question here."""
    events: list[DepartmentEvent] = []
    for kind in ("received", *draw(st.lists(st.sampled_from(sorted(KINDS)), max_size=5))):
        data = {**KINDS.get(kind, {}), draw(texts): draw(texts)}
        if kind == "progress" and draw(st.booleans()):
            data["label"] = draw(texts)
        before = events[-1].digest if events else None
        event = DepartmentEvent(
            submission_id="c1.plain.1",
            seq=len(events) + 1,
            type=kind,
            at="2026-09-28T01:00:00Z",
            recorded_at="2026-09-28T01:00:00Z",
            department="health",
            data=data,
            prev=before,
            digest=Digest(""),
        )
        events.append(sign_event(event, KEY))
    return tuple(events)


def stored(events: tuple[DepartmentEvent, ...]) -> tuple[bytes, ...]:
    return tuple(canonical(event.as_json()) for event in events)


@given(histories(), st.integers(0, 6))
@settings(max_examples=60)
def test_a_status_document(events: tuple[DepartmentEvent, ...], after: int) -> None:
    head = Head(
        caller="local",
        submission_id="c1.plain.1",
        digest=Digest("sha256:" + "0" * 64),
        state="accepted",
        head_seq=len(events),
        head_digest=events[-1].digest,
    )
    opinion = opinion_of("accepted", stored(events), ZONE, lambda day, _: date(day.year, 12, 1))
    page = StatusPage(
        submission_id=head.submission_id,
        state=head.state,
        head_seq=head.head_seq,
        head_digest=head.head_digest,
        events=events[after:],
    )
    spliced = spliced_status(head, stored(events)[after:], opinion)
    assert spliced == status_json(page, opinion.members())
    assert parse_status(spliced).events == events[after:]


@given(st.lists(histories(), max_size=3), st.booleans())
@settings(max_examples=40)
def test_a_page_of_changes(given_events: list[Any], has_more: bool) -> None:  # noqa: FBT001
    spliced = spliced_changes(
        [
            StoredChange(
                submission_id="c1.plain.1",
                head_seq=len(events),
                head_digest=events[-1].digest,
                events=stored(events),
            )
            for events in given_events
        ],
        "v1.7",
        has_more=has_more,
    )
    changes = tuple(
        Change(
            submission_id="c1.plain.1",
            head_seq=len(events),
            head_digest=events[-1].digest,
            events=events,
        )
        for events in given_events
    )
    page = ChangesPage(changes=changes, cursor="v1.7", has_more=has_more)
    assert spliced == changes_json(page)
    assert parse_changes(spliced) == page
