"""A case to be told of: what departments sign, what people ask, and the days that pass."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import Digest, write_instant
from oneservice.case import (
    APPLICANT,
    Actor,
    Case,
    CaseFinding,
    CaseOpened,
    DepartmentEvent,
    Event,
    Holder,
    HolderKind,
    Input,
    Message,
    MessagesComposed,
    Prepare,
    StatusRead,
    StepSpec,
    SubCase,
    TimePassed,
    counter_findings,
    decide,
    event_digest,
    evolve,
    findings_of,
    open_waits,
    outstanding,
    replay,
    standing_of,
    transition,
    trips,
)
from oneservice.errors import CaseError
from oneservice.workdays import LEGAL_ZONE, WorkCalendar, announced_calendar

SHA = Digest("sha256:" + "6" * 64)
REASON = {"code": "r", "text": {"zh": "不符合", "en": "does not fit"}, "by_law": "art. 38"}
REMEDIES = [{"kind": "review", "until": None, "where": {"en": "the city"}}, {"kind": "lawsuit"}]
DATA: dict[str, dict[str, Any]] = {
    "received": {"receipt_no": "SJ", "request_digest": SHA},
    "accepted": {"acceptance_no": "SL", "promised_working_days": 8, "how": "explicit"},
    "not_accepted": {"reasons": [REASON], "remedies": REMEDIES},
    "correction_requested": {
        "correction_id": "r1",
        "items": [{"material": "m_layout"}],
        "is_complete_list": True,
        "due_on": "2026-10-16",
    },
    "correction_received": {"correction_id": "r1", "supplement_id": "s1", "request_digest": SHA},
    "suspended": {
        "kind": "on_site_check",
        "by_law": "art. 45",
        "notice_no": "T-1",
        "expected_until": "2026-10-12",
    },
    "resumed": {"result": "passed"},
    "extended": {"working_days": 5, "reason": "load", "approved_by": "head", "notice_no": "Y-1"},
    "x_note": {"text": "looked at"},
    "progress": {"label": {"en": "on site"}, "is_public": True},
    "granted": {"outcome": {"decision": "granted", "number": "JY-1"}},
    "granted_pending_material": {"pending": [{"material": "m_health", "until": "2026-10-12"}]},
    "material_received": {"supplement_id": "s2", "outcome": {"number": "JY-1"}},
    "refused": {"reasons": [REASON], "remedies": REMEDIES},
    "withdrawal_requested": {"withdrawal_id": "c1.permit.1.w1", "request_digest": SHA},
    "withdrawal_refused": {"withdrawal_id": "c1.permit.1.w1", "reasons": [REASON]},
    "withdrawn": {},
    "lapsed": {"reason": {"en": "nothing came"}, "correction_id": "r1", "materials": ["m_health"]},
    "result_replaced": {"outcome": {"number": "JY-2"}},
    "result_revoked": {"reason": "r", "by_law": "art. 69", "effective_at": "2026-12-01T00:00:00Z"},
}


def at(day: str, hour: int = 10) -> datetime:
    """Return an hour of a day of 2026, as ``09-28``, in the offices' zone."""
    return datetime.combine(date.fromisoformat(f"2026-{day}"), time(hour), tzinfo=LEGAL_ZONE)


@dataclasses.dataclass
class _Department:
    history: tuple[DepartmentEvent, ...] = ()


class Life:
    """One case, moved only by ``transition``; each move is checked against the other ways."""

    def __init__(self, *steps: StepSpec, calendar: WorkCalendar | None = None, **opening: Any):
        self.calendar = calendar or announced_calendar()
        members: dict[str, Any] = {
            "at": at("09-28"),
            "thing": "thing",
            "region": "990101",
            "plan": SHA,
            "definition": SHA,
            "calendar": self.calendar.version,
            "form": SHA,
            "steps": steps,
            "lead": "lead-office",
        }
        opened = CaseOpened(**(members | opening))
        self.case: Case = evolve(None, opened, case_id="c1")
        self.events: list[Event] = [opened]
        self.told_of: dict[str, _Department] = {}
        self.no_plan = _NO_PLAN
        self.file("09-28")

    # --- what happens ----------------------------------------------------------------------

    def give(self, given: Input) -> tuple[Event, ...]:
        before = self.case
        events, after = transition(before, given, case_id="c1", calendar=self.calendar)
        assert decide(before, given, case_id="c1", calendar=self.calendar) == events
        self.events.extend(events)
        assert replay("c1", self.events) == after
        assert after.seq == len(self.events)
        self.case = after
        return events

    def file(self, day: str) -> None:
        """Compose whatever is owed: filings and withdrawals."""
        self.file_at(at(day))

    def file_at(self, instant: datetime) -> None:
        for _ in range(9):
            owed = [
                one for one in outstanding(self.case, self.calendar) if isinstance(one, Prepare)
            ]
            if not owed:
                return
            messages = tuple(
                Message(
                    sub_case_id=one.sub_case_id,
                    message=one.message,
                    message_id=one.message_id,
                    submission_id=one.submission_id,
                    request_digest=SHA,
                    attempt=one.attempt,
                )
                for one in owed
            )
            self.give(MessagesComposed(at=instant, messages=messages))

    def told(self, kind: str, day: str, name: str = "permit", **data: Any) -> tuple[Event, ...]:
        """Have the department of ``name`` sign ``kind`` on ``day``, and tell the case."""
        return self.told_at(kind, at(day), name, **data)

    def told_at(
        self, kind: str, instant: datetime, name: str = "permit", **data: Any
    ) -> tuple[Event, ...]:
        submission = self.sub(name).submission
        assert submission is not None, f"{name} was not filed"
        books = self.told_of.setdefault(submission.submission_id, _Department())
        told = self.signed_at(kind, instant, name, **data)
        events = self.give(self.read_at(name, instant, told))
        if any(event.kind == "department_reported" for event in events):
            books.history = (*books.history, told)  # what was refused, it never signed
        self.file_at(instant)
        return events

    def signed(self, kind: str, day: str, name: str = "permit", **data: Any) -> DepartmentEvent:
        return self.signed_at(kind, at(day), name, **data)

    def signed_at(
        self, kind: str, instant: datetime, name: str = "permit", **data: Any
    ) -> DepartmentEvent:
        submission = self.sub(name).submission
        assert submission is not None
        history = self.told_of.get(submission.submission_id, _Department()).history
        plain = DepartmentEvent(
            submission_id=submission.submission_id,
            seq=len(history) + 1,
            type=kind,
            at=write_instant(instant),
            recorded_at=write_instant(instant),
            department=self.sub(name).spec.department,
            data=DATA[kind] | data,
            prev=history[-1].digest if history else None,
            digest=SHA,
        )
        return dataclasses.replace(plain, digest=event_digest(plain))

    def read(self, name: str, day: str, *events: DepartmentEvent, **more: Any) -> StatusRead:
        return self.read_at(name, at(day), *events, **more)

    def read_at(
        self, name: str, instant: datetime, *events: DepartmentEvent, **more: Any
    ) -> StatusRead:
        return StatusRead(
            at=instant,
            sub_case_id=name,
            submission_id=events[-1].submission_id,
            state=None,
            head_seq=events[-1].seq,
            head_digest=events[-1].digest,
            events=events,
            **more,
        )

    def wait(self, day: str, hour: int = 0) -> tuple[Event, ...]:
        """Let time pass until an hour of ``day``: by default its first instant."""
        events = self.give(TimePassed(at=at(day, hour)))
        self.file(day)
        return events

    # --- how it stands ---------------------------------------------------------------------

    def sub(self, name: str = "permit") -> SubCase:
        return self.case.sub_cases[name]

    def status(self, name: str = "permit") -> str:
        return str(self.sub(name).status)

    def findings(self, plan: Any = None) -> tuple[CaseFinding, ...]:
        return findings_of(self.case, plan or _NO_PLAN, calendar=self.calendar)

    def problems(self) -> list[str]:
        return [one.problem for one in self.findings()]

    def kinds(self, since: int = 0) -> list[str]:
        return [event.kind for event in self.events[since:]]


@dataclasses.dataclass
class _Plan:
    steps: tuple[Any, ...] = ()
    skipped: tuple[Any, ...] = ()
    parties: tuple[Any, ...] = ()


_NO_PLAN: Any = _Plan()


def spec(name: str = "permit", **more: Any) -> StepSpec:
    members: dict[str, Any] = {
        "id": name,
        "step_id": name,
        "department": "office",
        "kind": "decision",
        "promised_days": 8,
        "statutory_days": 20,
    }
    return StepSpec(**(members | more))


@pytest.fixture(scope="session")
def begin() -> Callable[..., Life]:
    """Begin a case of the given steps; by default one permit: promise 8, law 20 working days."""

    def begun(*steps: StepSpec, **opening: Any) -> Life:
        return Life(*(steps or (spec(),)), **opening)

    return begun


@pytest.fixture(scope="session")
def step() -> Callable[..., StepSpec]:
    return spec


@pytest.fixture(scope="session")
def hour() -> Callable[..., datetime]:
    return at


@pytest.fixture(scope="session")
def operator() -> Actor:
    return Actor.operator("op-7")


@pytest.fixture(scope="session")
def day_after() -> Callable[[str, int], str]:
    def after(day: str, days: int) -> str:
        return (at(day).date() + timedelta(days=days)).isoformat()[5:]

    return after


# --- answers as text, compared with a file ------------------------------------------------------


class Golden:
    """What a case answers, as text that people read and that does not move unnoticed."""

    folder = Path(__file__).resolve().parents[2] / "golden" / "answers"

    def compare(self, name: str, lines: list[str]) -> None:
        """Compare with the file of that name; where there is none, write it and fail."""
        file = self.folder / name
        if not file.exists():
            file.write_text("\n".join(lines) + "\n", encoding="utf-8")
            pytest.fail(f"{name} is written anew: read what moved, then run this again")
        assert lines == file.read_text(encoding="utf-8").splitlines()

    def answer(self, life: Life, ask: Callable[[Life], Any]) -> str:
        """Return the facts of what is asked and what they change, or the sentence that refuses."""
        before = life.case
        try:
            events = ask(life)
        except CaseError as error:
            told = {name: value for name, value in vars(error).items() if name != "__notes__"}
            return f"  {type(error).__name__} {told}: {error}"
        facts = [f"  + {event.kind} {written(event)}" for event in events]
        return "\n".join([*facts, *(f"    {one}" for one in changes(before, life.case, ""))])

    def tell(self, name: str, life: Life, asked: Iterable[Callable[[Life], Any]]) -> None:
        """Compare a whole life: after each act what is owed, awaited, to be seen, and stands."""
        lines: list[str] = []
        before: tuple[str, ...] = ()
        for number, ask in enumerate(asked, 1):
            lines += [f"== {number}", *self.answer(life, ask).splitlines()]
            now = tuple(_aspects(life))
            lines += [one for one in now if one not in before]
            before = now
        lines.append(f"trips {written(trips(life.case))}")
        self.compare(f"life-{name.replace(' ', '-')}.txt", lines)

    def refuse(self, name: str, life: Life, asked: Iterable[Callable[[Life], Any]]) -> None:
        """Compare what is said of each act with one member wrong, where the act would fit."""
        lines: list[str] = []
        for number, ask in enumerate(asked, 1):
            given = getattr(ask, "given", None)
            if given is not None:
                lines.append(f"== {number} {type(given).__name__}")
                lines += [f"  {one}" for one in _with_one_wrong(life, given)]
            self.answer(life, ask)
        self.compare(f"refusals-{name.replace(' ', '-')}.txt", lines)

    def write(self, value: Any) -> str:
        return written(value)


_STAFF = (Actor.clerk("w-12"), Actor.officer("of-4"), Actor.operator("op-7"), Actor.party("x"))
_WRONG: Mapping[type, tuple[Any, ...]] = {
    str: ("", "x" * 700, "Wang Wei", "no-such"),
    bool: (None,),
    int: (-1, 0, 99),
    datetime: (at("09-01"), at("12-31").replace(year=2030)),
    date: (date(2020, 1, 1), date(2030, 1, 1)),
    tuple: ((), ("no-such",), ("bag-1", "bag-1")),
    Actor: (APPLICANT, *_STAFF),
    Holder: (Holder(kind=HolderKind.ARCHIVE, id="a-1"), Holder(kind=HolderKind.WINDOW, id="")),
}


def _with_one_wrong(life: Life, given: Any) -> Iterator[str]:
    for one in dataclasses.fields(given):
        value = getattr(given, one.name)
        kind = type(value)
        others = tuple(kind) if isinstance(value, StrEnum) else _WRONG.get(kind, ())
        if one.name in ("decision", "how", "names", "wanted"):
            others = ()  # one of a few words, or what the engine makes, by type
        for other in others:
            if other == value:
                continue
            wrong = dataclasses.replace(given, **{one.name: other})
            try:
                events = decide(life.case, wrong, case_id="c1", calendar=life.calendar)
                said = " ".join(f"+ {event.kind}" for event in events) or "nothing"
            except CaseError as error:
                said = f"{type(error).__name__}: {error}"
            yield f"{one.name}={written(other)[:30]}: {said}"


def _aspects(life: Life) -> Iterator[str]:
    case, calendar = life.case, life.calendar
    on = max(event.at for event in life.events).date()
    standing = standing_of(case, _NO_PLAN, on=on, calendar=calendar)
    shown = {
        "!": outstanding(case, calendar),
        "wait": open_waits(case, calendar),
        "finding": (*life.findings(), *counter_findings(case)),
        "stands": standing.stands,
        "missing": standing.missing,
        "may": standing.options,
    }
    for word, ones in shown.items():
        yield from (f"  {word} {type(one).__name__} {written(one)}" for one in ones)


@pytest.fixture(scope="session")
def golden() -> Golden:
    return Golden()


def written(value: Any) -> str:
    """Write what differs from the default, the members in their order, mappings by name."""
    if isinstance(value, StrEnum | str):
        return repr(str(value))
    if isinstance(value, datetime):
        return write_instant(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{one}: {written(value[one])}" for one in sorted(value)) + "}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(written, value)) + "]"
    if dataclasses.is_dataclass(value) and not isinstance(value, DepartmentEvent):
        members = (
            f"{one.name}={written(getattr(value, one.name))}"
            for one in dataclasses.fields(value)
            if one.init and getattr(value, one.name) != one.default
        )
        return "(" + ", ".join(members) + ")"
    return str(getattr(value, "type", value))


def changes(before: Any, after: Any, where: str) -> list[str]:
    """Name each member that an input changed, as deep as there is a name for it."""
    if before == after or where in (".seq", ".head"):
        return []
    if type(before) is type(after) and dataclasses.is_dataclass(after):
        names = [one.name for one in dataclasses.fields(after) if one.init]
        pairs = [(one, getattr(before, one), getattr(after, one)) for one in names]
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        pairs = [(one, before.get(one), after.get(one)) for one in sorted({*before, *after})]
    else:
        return [f"{where[1:]} = {written(after)}"]
    return [line for name, old, new in pairs for line in changes(old, new, f"{where}.{name}")]
