"""What the engine itself recorded, in plain words: limits, silence, the ladder, people's wishes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from oneservice.case import (
    BundleIssued,
    Case,
    CaseConcluded,
    CaseDeadlineNear,
    CaseDeadlinePassed,
    CaseEscalated,
    CaseOpened,
    DeadlineNear,
    DeadlinePassed,
    DeemedAccepted,
    Escalated,
    Event,
    Message,
    MessagesPrepared,
    SubCaseCancelled,
    SubCaseDropped,
    WaitOverdue,
    WithdrawalAsked,
)
from oneservice.catalog import StepKind
from oneservice.cli.demo_told import Scene, Told
from oneservice.workdays import legal_day

__all__ = ["recorded"]


def recorded(scene: Scene, event: Event, before: Case | None) -> Iterator[Told]:
    """Yield what the engine's own ``event`` tells; nothing for calls and readings.

    Args:
        scene: the plan and the language.
        event: of the journal.
        before: the case before it; ``None`` before its opening.
    """
    match event:
        case CaseOpened():
            yield _by("applicant", event, *_handed_in(scene))
        case MessagesPrepared() if before is not None:
            yield from _handed_in_later(scene, event, before)
        case WithdrawalAsked():
            text = scene.does(scene.say("applicant"), "asks_withdrawal")
            for name in event.sub_case_ids:
                yield _by("applicant", event, text, step=name)
        case SubCaseCancelled():
            yield _by(
                "centre",
                event,
                scene.does(scene.say("centre"), "withdrawn"),
                step=event.sub_case_id,
            )
        case SubCaseDropped():
            text = scene.say("dropped", scene.title(event.because))
            yield _by("centre", event, text, step=event.sub_case_id)
        case BundleIssued():
            yield _by("centre", event, scene.does(scene.say("centre"), "bundle"))
        case CaseConcluded():
            is_whole = event.outcome == "concluded"
            text = scene.say("concluded") if is_whole else scene.say("closed", event.outcome)
            yield _by("centre", event, text)
        case _:
            yield from _timely(scene, event)


def _timely(scene: Scene, event: Event) -> Iterator[Told]:
    """Yield what time alone brought, with the clause where the law says so."""
    clause = ""
    match event:
        case DeemedAccepted():
            text = scene.say("deemed_accepted", legal_day(event.accepted_at))
            clause = "law_of_notice"
        case DeadlineNear():
            text = scene.say("deadline_near", scene.step(event.sub_case_id).warning_share)
        case DeadlinePassed():
            text = scene.say(f"passed_{event.limit}", _last_day(event.due_at))
            clause = "law_of_limits" if event.limit == "statutory" else ""
        case Escalated():
            text = _rung(scene, event)
        case CaseEscalated():
            text = scene.say("case_escalated")
        case WaitOverdue():
            text = scene.say("wait_overdue")
        case CaseDeadlineNear():
            yield _by("clock", event, scene.say("case_near"))
            return
        case CaseDeadlinePassed():
            name = f"case_passed_{event.limit}"
            yield _by("clock", event, scene.say(name, _last_day(event.due_at)))
            return
        case _:
            return
    lines = (text, scene.say("by_law", scene.say(clause))) if clause else (text,)
    yield _by("clock", event, *lines, step=event.sub_case_id)


def _rung(scene: Scene, event: Escalated) -> str:
    step = scene.step(event.sub_case_id)
    ladder, office = step.escalation, scene.office(event.to)
    level = scene.say("unit" if event.to == step.department else event.level)
    return scene.say("escalated", event.rung, len(ladder), level, office, _last_day(event.due_at))


def _handed_in(scene: Scene) -> Iterator[str]:
    brought = {one.id for one in scene.plan.materials if one.must_bring} - {*scene.held_back}
    steps = [one for one in scene.plan.steps if one.kind is not StepKind.BUNDLE]
    yield scene.does(scene.say("applicant"), "opened", len(steps), len(brought))
    if scene.held_back:
        yield scene.say("held_back", scene.materials(scene.held_back))


def _handed_in_later(scene: Scene, event: MessagesPrepared, before: Case) -> Iterator[Told]:
    for message in event.messages:
        if message.message == "supplement":
            name = "supplements" if message.answers else "keeps_promise"
            text = scene.does(scene.say("applicant"), name, _contents(scene, message, before))
            yield _by("applicant", event, text, step=message.sub_case_id)


def _contents(scene: Scene, message: Message, before: Case) -> str:
    """Return what a supplement brings: all that was asked for, or promised, at once."""
    sub = before.sub_cases[message.sub_case_id]
    if sub.correction is None:
        return scene.materials(one.material for one in sub.course.promises)
    asked = [scene.materials([name]) for name in sub.correction.materials]
    asked += [scene.field(pointer) for pointer in sub.correction.fields]
    return ("、" if scene.language == "zh" else ", ").join(asked)


def _last_day(due_at: datetime) -> str:
    """Return the last day of a limit of which ``due_at`` is the first instant that is too late."""
    return legal_day(due_at - timedelta(microseconds=1)).isoformat()


def _by(who: str, event: Event, *lines: str, step: str = "") -> Told:
    return Told(
        at=event.at,
        who=who,
        what=event.kind,
        lines=lines,
        step=step,
        is_ordinary=isinstance(event, DeadlineNear),
    )
