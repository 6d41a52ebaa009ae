"""The work of all offices: who does what next with which application, and how long it takes.

Theory of operation. The bureau keeps one agenda of errands in order of time and does them as time
passes; each leads to the next one of its application. What happens is told to a teller: the offices
of a simulated province write it down as chained events (``offices.py``), a what-if counts it
(``whatif.py``). Both therefore have the same queues, the same luck and the same days.

The course of an application: taken in at a desk, accepted; then a visit, a special procedure, a
late correction and an extension, as far as its step has them; then it lies until it is reviewed at
a desk, and decided. What comes when is reckoned in ``offices_course.py``, where it waits for its
turn stands in ``offices_workplace.py``, how it ends in ``offices_endings.py``. Instants are whole
seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from oneservice.case import EventType, SubmissionState
from oneservice.simulation.offices_chance import Draw, happens, luck_of
from oneservice.simulation.offices_course import (
    count_stop,
    is_extended_in_time,
    ready_at,
    review_at,
    what_lies_ahead,
)
from oneservice.simulation.offices_endings import Endings
from oneservice.simulation.offices_files import Errand, File, Request
from oneservice.simulation.offices_parameters import Parameters
from oneservice.simulation.offices_telling import Facts, Teller
from oneservice.simulation.offices_workplace import Workplace

__all__ = ["Bureau"]

_WITHDRAWAL_S: Final = 90 * 60
"""Desk time until somebody answers a request to withdraw."""
_S = SubmissionState


class Bureau:
    """All offices of a region at work.

    Args:
        parameters: how they work.
        salt: the run's chance, at most 64 bytes.
        tell: is told everything that happens, in order.
    """

    def __init__(self, parameters: Parameters, salt: bytes, tell: Teller) -> None:
        self.parameters = parameters
        self.workplace = Workplace(parameters)
        self.hours = self.workplace.hours
        self.files = self.workplace.files
        self._salt = salt
        self._tell = tell
        self._plan = self.workplace.plan
        self._endings = Endings(self.workplace, tell)
        self._errands: Mapping[Errand, Callable[[File, int], None]] = {
            Errand.EXAMINE: self._examine,
            Errand.SPEAK_LATE: self._speak_late,
            Errand.GO_OUT: self._go_out,
            Errand.BEGIN_VISIT: self._begin_visit,
            Errand.PROCEED: self._begin_procedure,
            Errand.RESUME: self._resume,
            Errand.ASK: self._ask,
            Errand.EXTEND: self._extend,
            Errand.REVIEW: self._review,
            Errand.DECIDE: self._endings.decide,
            Errand.LAPSE: self._endings.lapse,
            Errand.ANSWER_WITHDRAWAL: self._endings.answer_withdrawal,
            Errand.ACT_AFTERWARDS: self._endings.act_afterwards,
        }

    # --- what comes in ---------------------------------------------------------------------------

    def take_in(self, department: str, request: Request, at: int, facts: Facts) -> File:
        """Receive an application that is not known yet; ``facts`` go into its receipt."""
        file = File(
            department=department,
            request=request,
            step=self.parameters.step(request.step_id),
            luck=luck_of(self._salt, request.submission_id),
            received_at=at,
        )
        self.files[request.submission_id] = file
        self.workplace.visits.expect(file)
        self._tell(file, EventType.RECEIVED, at, facts)
        self._take_up(file, at)
        return file

    def take_supplement(self, file: File, at: int, facts: Facts, given: frozenset[str]) -> None:
        """Receive what was asked for, or promised; the caller has seen that it is open.

        An answer without what was asked for is no answer: the application ends there.
        """
        file.line += 1
        if file.state is _S.GRANTED_PENDING_MATERIAL:
            self._endings.grant(file, EventType.MATERIAL_RECEIVED, at, facts)
            return
        file.luck = luck_of(self._salt, file.id, file.turn)
        file.correction_id = None
        file.state = _S.RECEIVED if file.accepted_at is None else _S.ACCEPTED
        count_stop(file, at, self.hours)
        self._tell(file, EventType.CORRECTION_RECEIVED, at, facts)
        if file.asked and file.asked not in given:
            kind = EventType.NOT_ACCEPTED if file.accepted_at is None else EventType.REFUSED
            self._endings.end(file, kind, at, {"code": "incomplete"})
        elif file.accepted_at is None:
            self._take_up(file, at)
        else:
            self._go_on(file, at)

    def take_withdrawal(self, file: File, at: int, facts: Facts) -> None:
        """Receive a request to withdraw; the caller has seen that the application is open."""
        file.withdrawal_id = str(facts["withdrawal_id"])
        self._tell(file, EventType.WITHDRAWAL_REQUESTED, at, facts)
        answer_at = self.hours.after(at, _WITHDRAWAL_S)
        self.workplace.plan_whatever_comes(file, answer_at, Errand.ANSWER_WITHDRAWAL)

    def advance(self, now: int) -> None:
        """Do everything that is to be done by ``now``, in order of time."""
        due, errands = self.workplace.due, self._errands
        while (found := due(now)) is not None:
            file, at, errand = found
            errands[errand](file, at)

    @property
    def next_at(self) -> int | None:
        """When something is to be done next."""
        return self.workplace.next_at

    # --- before acceptance -----------------------------------------------------------------------

    def _take_up(self, file: File, at: int) -> None:
        """Look at the papers: at once, at a desk, or too late."""
        step, luck = file.step, file.luck
        if step.is_on_the_spot:
            self._examine(file, at)
        elif not file.turn and happens(luck[Draw.SILENCE], step.rates.silent):
            days = max(1, step.silence_days.draw(luck[Draw.SILENT_DAYS]))
            self._plan(file, self.hours.opening(at, days), Errand.SPEAK_LATE)
        else:
            self.workplace.plan_at_desk(
                file, at, step.intake.draw(luck[Draw.INTAKE]), Errand.EXAMINE
            )

    def _examine(self, file: File, at: int) -> None:
        """Accept, ask for what is missing, or say why it is not accepted."""
        rates, number = file.step.rates, file.luck[Draw.ACCEPTING]
        if not file.turn and happens(number, rates.correction):
            self._ask(file, at)
        elif not file.turn and happens(number, rates.not_accepted, rates.correction):
            self._endings.end(file, EventType.NOT_ACCEPTED, at, {"code": "out_of_scope"})
        else:
            self._accept(file, at, "tolerance" if file.request.promised else "explicit", at)

    def _speak_late(self, file: File, at: int) -> None:
        """Accept what counts as accepted from its receipt: nobody had said anything."""
        self._accept(file, at, "deemed", file.received_at)

    def _accept(self, file: File, at: int, how: str, effect_at: int) -> None:
        file.accepted_at, file.state = effect_at, _S.ACCEPTED
        file.counted_through = self.hours.working_days(effect_at)  # that day is never counted
        self._tell(file, EventType.ACCEPTED, effect_at, {"how": how, "recorded_at": at})
        file.ahead = what_lies_ahead(file)
        self._go_on(file, at)

    def _ask(self, file: File, at: int) -> None:
        """Ask for one paper, or one field where there is none, once and for all."""
        papers, days = file.request.papers, file.step.correction_days
        choice = file.luck[Draw.CHOICE] % len(papers) if papers else 0
        file.asked = papers[choice] if papers else ""
        file.turn += 1
        file.correction_id, file.stopped_at = f"r{file.turn}", at
        file.state = _S.CORRECTION_REQUESTED
        due_on = self.hours.day(at, days)
        facts = {"correction_id": file.correction_id, "due_on": due_on}
        self._tell(file, EventType.CORRECTION_REQUESTED, at, facts)
        self._plan(file, self.hours.day_is_over(at, days), Errand.LAPSE)

    # --- after acceptance ------------------------------------------------------------------------

    def _go_on(self, file: File, at: int) -> None:
        """Begin what comes next; after the last of it the file lies until it is reviewed."""
        if file.ahead:
            errand, *rest = file.ahead
            file.ahead = tuple(rest)
            self._plan(file, ready_at(file, errand, at, self.hours), errand)
            return
        if file.step.is_on_the_spot:
            self._endings.decide(file, at)
            return
        self._plan(file, review_at(file, at, self.hours), Errand.REVIEW)

    def _go_out(self, file: File, at: int) -> None:
        visit = self.workplace.visits.book(file, at)
        if visit is None:  # the others were there already; the report is in the file
            self._go_on(file, at)
            return
        begins, file.visit_ends_at = visit
        self._plan(file, max(at, begins), Errand.BEGIN_VISIT)

    def _begin_visit(self, file: File, at: int) -> None:
        inspection = file.step.inspection
        if inspection is not None:
            self._stop(file, at, file.visit_ends_at, inspection.kind, inspection.by_law)

    def _begin_procedure(self, file: File, at: int) -> None:
        procedure = file.step.procedure
        if procedure is not None:
            days = max(1, procedure.days.draw(file.luck[Draw.SPECIAL_DAYS]))
            until = self.hours.opening(at, days)
            self._stop(file, at, until, procedure.kind, procedure.by_law)

    def _stop(self, file: File, at: int, until: int, kind: str, by_law: str) -> None:
        file.state, file.stopped_at = _S.SUSPENDED, at
        facts = {"kind": kind, "by_law": by_law, "until": until}
        self._tell(file, EventType.SUSPENDED, at, facts)
        self._plan(file, until, Errand.RESUME)

    def _resume(self, file: File, at: int) -> None:
        file.state = _S.ACCEPTED
        count_stop(file, at, self.hours)
        self._tell(file, EventType.RESUMED, at, {})
        self._go_on(file, at)

    def _extend(self, file: File, at: int) -> None:
        """Extend the limit on its last day; where that has passed, it is simply late."""
        if is_extended_in_time(file, at, self.hours):
            days = file.step.extension_days
            file.extended_days = days
            self._tell(file, EventType.EXTENDED, at, {"working_days": days})
            more = 1 + file.luck[Draw.EXTENDED_DAYS] % max(1, days)
            self._plan(file, self.hours.opening(at, more), Errand.REVIEW)
        else:
            self._go_on(file, at)

    def _review(self, file: File, at: int) -> None:
        minutes = file.step.review.draw(file.luck[Draw.REVIEW])
        self.workplace.plan_at_desk(file, at, minutes, Errand.DECIDE)
