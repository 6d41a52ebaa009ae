"""The course of an application between acceptance and decision: what comes, and when it is ready.

Questions to one file, its luck and the office hours; nothing here waits at a desk, and nobody is
told. Instants are whole seconds since 1970.
"""

from __future__ import annotations

from typing import Final

from oneservice.simulation.offices_chance import Draw, happens
from oneservice.simulation.offices_files import Errand, File
from oneservice.simulation.offices_hours import OfficeHours

__all__ = ["count_stop", "is_extended_in_time", "ready_at", "review_at", "what_lies_ahead"]

_DAY_S: Final = 86_400


def what_lies_ahead(file: File) -> tuple[Errand, ...]:
    """Return what comes between acceptance and review, in order."""
    step, luck = file.step, file.luck
    if step.is_on_the_spot:
        return ()
    procedure, rates = step.procedure, step.rates
    could_be = (
        (Errand.GO_OUT, step.inspection is not None and not file.is_on_papers),
        (
            Errand.PROCEED,
            procedure is not None and happens(luck[Draw.SPECIAL], procedure.per_mille),
        ),
        (
            Errand.ASK,
            not file.turn and happens(luck[Draw.CORRECTION_AFTER], rates.correction_after),
        ),
        (Errand.EXTEND, happens(luck[Draw.EXTENSION], rates.extended)),
    )
    return tuple(errand for errand, is_due in could_be if is_due)


def ready_at(file: File, errand: Errand, at: int, hours: OfficeHours) -> int:
    """Return when ``errand`` can begin, if what was before it ended ``at`` this instant."""
    if errand is Errand.EXTEND:  # on the last day of the limit, when it is plain that it fails
        days = file.step.promised_working_days + file.stopped_days
        return max(at, hours.opening(file.accepted_at or at, max(1, days)))
    inspection = file.step.inspection
    if errand is Errand.GO_OUT and inspection is not None:
        days = inspection.lead_days.draw(file.luck[Draw.LEAD_DAYS])
        return hours.opening(at, days) if days else at
    return at


def review_at(file: File, at: int, hours: OfficeHours) -> int:
    """Return when the review begins, if all before it ended ``at`` this instant."""
    days = 0 if file.is_on_papers else file.step.review_days.draw(file.luck[Draw.REVIEW_DAYS])
    return max(hours.opening(at, days) if days else at, _late_at(file, hours))


def _late_at(file: File, hours: OfficeHours) -> int:
    """Return when the review of a late file begins; 0 where it is not one of them."""
    step, luck = file.step, file.luck
    if not happens(luck[Draw.LATE], step.rates.late) or file.accepted_at is None:
        return 0
    limit = step.promised_working_days + file.stopped_days + file.extended_days
    days = limit + max(1, step.late_days.draw(luck[Draw.LATE_DAYS]))
    return hours.opening(file.accepted_at, days)


def count_stop(file: File, at: int, hours: OfficeHours) -> None:
    """Count the working days on which the clock stood: both ends included, none twice."""
    if file.accepted_at is not None:
        days = hours.working_days
        before = max(days(file.stopped_at - _DAY_S), file.counted_through)
        file.counted_through = max(days(at), before)
        file.stopped_days += file.counted_through - before


def is_extended_in_time(file: File, at: int, hours: OfficeHours) -> bool:
    """Say whether the limit may still be extended: there is one, and it has not passed."""
    promised = file.step.promised_working_days
    used = hours.working_days(at) - hours.working_days(file.accepted_at or at)
    return bool(promised) and used - file.stopped_days <= promised
