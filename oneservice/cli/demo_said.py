"""What a department's own signed event says, in plain words: one function for each type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oneservice.case import DepartmentEvent, EventType, SubCase, due_on
from oneservice.cli.demo_told import Scene, Told
from oneservice.cli.procedures import procedure_words

__all__ = ["said"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """An event with its sub-case before and after the record that holds it."""

    scene: Scene
    event: DepartmentEvent
    before: SubCase
    after: SubCase
    was_accepted: bool

    def does(self, name: str, *facts: object) -> str:
        """Return what the office does."""
        office = self.scene.text(self.scene.step(self.after.id).department_name)
        return self.scene.does(office, name, *facts)

    @property
    def data(self) -> Mapping[str, Any]:
        return self.event.data


def said(
    scene: Scene, event: DepartmentEvent, before: SubCase, after: SubCase, *, was_accepted: bool
) -> Told | None:
    """Return what ``event`` tells; ``None`` for what changes nothing that people care for.

    Args:
        scene: the plan and the language.
        event: as the department signed it.
        before: its sub-case before the record.
        after: and after it.
        was_accepted: whether the application was accepted before the event.
    """
    tell = _WORDS.get(event.type)
    if tell is None:
        return None
    given = _Said(scene=scene, event=event, before=before, after=after, was_accepted=was_accepted)
    return Told(
        at=datetime.fromisoformat(event.at),
        who="department",
        what=event.type,
        lines=tuple(tell(given)),
        step=after.id,
        is_ordinary=event.type in _ORDINARY,
    )


_ORDINARY: Final = frozenset(
    {EventType.RECEIVED, EventType.ACCEPTED, EventType.SUSPENDED, EventType.RESUMED}
)


def _received(one: _Said) -> Iterator[str]:
    if not one.after.is_decided:
        yield one.does("received", one.scene.day(due_on(one.after, "notice", one.scene.calendar)))


def _accepted(one: _Said) -> Iterator[str]:
    how = one.data["how"]
    if how == "tolerance":
        yield from _tolerated(one)
    else:
        yield one.does("accepted_deemed" if how == "deemed" else "accepted")


def _tolerated(one: _Said) -> Iterator[str]:
    planned = one.scene.step(one.after.id).tolerance
    until = planned.until.on if planned is not None else None
    names = one.scene.materials(one.data["tolerated"])
    yield one.does("accepted_tolerance", names, one.scene.day(until))


def _correction_requested(one: _Said) -> Iterator[str]:
    name = "correction_after" if one.was_accepted else "correction_before"
    yield one.does(name, one.data["due_on"])
    for item in one.data["items"]:
        what = (
            one.scene.materials([item["material"]])
            if "material" in item
            else one.scene.field(item["pointer"])
        )
        yield f"- {what}"
        if "material" not in item or item["problem"] != "missing":
            yield f"  {one.scene.text(item.get('text'))}"
    clauses = dict.fromkeys(str(item["by_law"]) for item in one.data["items"] if "by_law" in item)
    yield from (one.scene.say("by_law", clause) for clause in clauses)
    if not one.was_accepted:
        yield one.scene.say("no_clock_yet")


def _correction_received(one: _Said) -> Iterator[str]:
    yield one.does("correction_received" if one.was_accepted else "correction_received_before")


def _suspended(one: _Said) -> Iterator[str]:
    data = one.data
    yield one.does("suspended", _ground(one), data["expected_until"], data["notice_no"])
    yield one.scene.say("by_law", data["by_law"])


def _ground(one: _Said) -> str:
    return procedure_words(str(one.data["kind"]), one.scene.language)


def _resumed(one: _Said) -> Iterator[str]:
    yield one.does("resumed", one.scene.text(one.data["result"]))


def _extended(one: _Said) -> Iterator[str]:
    yield one.does("extended", one.data["working_days"], one.data["approved_by"])


def _granted(one: _Said) -> Iterator[str]:
    if one.after.spec.kind == "follow_up":
        yield one.does("verified_after")
    else:
        yield one.does("granted", _number(one))
    if one.before.withdrawal in ("asked", "sent"):
        yield one.scene.say("crossed")


def _number(one: _Said) -> str:
    number = one.data.get("outcome", {}).get("number")
    return one.scene.say("number", number) if number else ""


def _granted_pending(one: _Said) -> Iterator[str]:
    pending = one.data["pending"]
    until = min(str(row["until"]) for row in pending)
    names = one.scene.materials(str(row["material"]) for row in pending)
    yield one.does("granted_pending_material", until, names)


def _material_received(one: _Said) -> Iterator[str]:
    yield one.does("material_received", _number(one))


def _refused(one: _Said) -> Iterator[str]:
    yield one.does(one.event.type)
    for reason in one.data["reasons"]:
        yield f"- {one.scene.text(reason['text'])}"
        if reason.get("by_law"):
            yield one.scene.say("by_law", reason["by_law"])
    for remedy in one.data["remedies"]:
        where = one.scene.text(remedy["where"])
        yield one.scene.say(f"remedy_{remedy['kind']}", remedy["until"], where)


def _withdrawn(one: _Said) -> Iterator[str]:
    yield one.does("withdrawn")


def _withdrawal_refused(one: _Said) -> Iterator[str]:
    yield one.does("withdrawal_refused")
    yield from (f"- {one.scene.text(reason['text'])}" for reason in one.data["reasons"])


def _lapsed(one: _Said) -> Iterator[str]:
    yield one.does("lapsed", one.scene.text(one.data["reason"]))


def _result_revoked(one: _Said) -> Iterator[str]:
    yield one.does("result_revoked", one.scene.text(one.data["reason"]))
    yield one.scene.say("by_law", one.data["by_law"])


_WORDS: Final[Mapping[str, Callable[[_Said], Iterator[str]]]] = {
    EventType.RECEIVED: _received,
    EventType.ACCEPTED: _accepted,
    EventType.CORRECTION_REQUESTED: _correction_requested,
    EventType.CORRECTION_RECEIVED: _correction_received,
    EventType.SUSPENDED: _suspended,
    EventType.RESUMED: _resumed,
    EventType.EXTENDED: _extended,
    EventType.GRANTED: _granted,
    EventType.GRANTED_PENDING_MATERIAL: _granted_pending,
    EventType.MATERIAL_RECEIVED: _material_received,
    EventType.REFUSED: _refused,
    EventType.NOT_ACCEPTED: _refused,
    EventType.WITHDRAWN: _withdrawn,
    EventType.WITHDRAWAL_REFUSED: _withdrawal_refused,
    EventType.LAPSED: _lapsed,
    EventType.RESULT_REVOKED: _result_revoked,
}
