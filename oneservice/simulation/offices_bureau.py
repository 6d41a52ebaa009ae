"""The work of all offices: who does what next with which application, and how long it takes.

Theory of operation. The bureau keeps one agenda of errands in order of time and does them as time
passes; each leads to the next one of its application. What happens is told to a teller: the offices
of a simulated province write it down as chained events (``offices.py``), a what-if counts it
(``whatif.py``). Both therefore have the same queues, the same luck and the same days.

The course of an application: taken in at a desk, accepted; then a visit, a special procedure, a
late correction and an extension, as far as its step has them; then it lies until it is reviewed at
a desk, and decided. Instants are whole seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from oneservice.case import EventType, SubmissionState
from oneservice.simulation.offices_agenda import ANY_LINE, Agenda, Entry
from oneservice.simulation.offices_chance import Draw, happens, luck_of
from oneservice.simulation.offices_files import Errand, File, Request
from oneservice.simulation.offices_hours import OfficeHours
from oneservice.simulation.offices_parameters import Parameters
from oneservice.simulation.offices_queues import Queue
from oneservice.simulation.offices_visits import Visits

__all__ = ["Bureau", "Teller"]

_MINUTE_S: Final = 60
_WITHDRAWAL_S: Final = 90 * _MINUTE_S
"""Desk time until somebody answers a request to withdraw."""
_AFTERWARDS_DAYS: Final = 30
"""Working days after which a result is replaced or revoked, if ever."""
_DAY_S: Final = 86_400
_S = SubmissionState

Facts = Mapping[str, Any]


class Teller(Protocol):
    """Whoever is told what an office states of an application."""

    def __call__(self, file: File, kind: EventType, at: int, facts: Facts, /) -> None:
        """Take notice that ``kind`` took effect ``at`` seconds since 1970."""
        ...


class Bureau:
    """All offices of a region at work.

    Args:
        parameters: how they work.
        salt: the run's chance, at most 64 bytes.
        tell: is told everything that happens, in order.
    """

    def __init__(self, parameters: Parameters, salt: bytes, tell: Teller) -> None:
        self.parameters = parameters
        self.hours = OfficeHours(parameters.calendar)
        self.files: dict[str, File] = {}
        names = sorted(parameters.departments)
        self.desks = {name: Queue(parameters.office(name).desks) for name in names}
        self.inspectors = {name: Queue(parameters.office(name).inspectors) for name in names}
        self.visits = Visits(self.hours, self.files, self.inspectors, parameters.joint_inspections)
        self._salt = salt
        self._tell = tell
        self._agenda = Agenda()
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
            Errand.DECIDE: self._decide,
            Errand.LAPSE: self._lapse,
            Errand.ANSWER_WITHDRAWAL: self._answer_withdrawal,
            Errand.ACT_AFTERWARDS: self._act_afterwards,
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
        self.visits.expect(file)
        self._tell(file, EventType.RECEIVED, at, facts)
        self._take_up(file, at)
        return file

    def take_supplement(self, file: File, at: int, facts: Facts, given: frozenset[str]) -> None:
        """Receive what was asked for, or promised; the caller has seen that it is open.

        An answer without what was asked for is no answer: the application ends there.
        """
        file.line += 1
        if file.state is _S.GRANTED_PENDING_MATERIAL:
            self._grant(file, EventType.MATERIAL_RECEIVED, at, facts)
            return
        file.luck = luck_of(self._salt, file.id, file.turn)
        file.correction_id = None
        file.state = _S.RECEIVED if file.accepted_at is None else _S.ACCEPTED
        self._count_stop(file, at)
        self._tell(file, EventType.CORRECTION_RECEIVED, at, facts)
        if file.asked and file.asked not in given:
            kind = EventType.NOT_ACCEPTED if file.accepted_at is None else EventType.REFUSED
            self._end(file, kind, at, {"code": "incomplete"})
        elif file.accepted_at is None:
            self._take_up(file, at)
        else:
            self._go_on(file, at)

    def take_withdrawal(self, file: File, at: int, facts: Facts) -> None:
        """Receive a request to withdraw; the caller has seen that the application is open."""
        file.withdrawal_id = str(facts["withdrawal_id"])
        self._tell(file, EventType.WITHDRAWAL_REQUESTED, at, facts)
        answer_at = self.hours.after(at, _WITHDRAWAL_S)
        self._agenda.note(answer_at, file.id, ANY_LINE, Errand.ANSWER_WITHDRAWAL)

    def advance(self, now: int) -> None:
        """Do everything that is to be done by ``now``, in order of time."""
        due, files = self._agenda.due, self.files
        while (entry := due(now)) is not None:
            at, _, name, line, errand = entry
            file = files.get(name)
            if file is not None and line in (file.line, ANY_LINE):
                self._errands[errand](file, at)

    @property
    def next_at(self) -> int | None:
        """When something is to be done next."""
        return self._agenda.next_at

    # --- backups ---------------------------------------------------------------------------------

    def agenda_of(self, department: str) -> tuple[Entry, ...]:
        """Return what one office has noted to do."""
        return self._agenda.of(self._names_of(department))

    def put_back(
        self,
        department: str,
        files: Mapping[str, File],
        agenda: tuple[Entry, ...],
        staff: tuple[Queue, Queue],
    ) -> None:
        """Put an older state in the place of one office's: files, agenda, desks and inspectors."""
        names = self._names_of(department)
        self._agenda.replace(names, agenda)
        for name in names:
            del self.files[name]
        self.files.update(files)
        self.desks[department], self.inspectors[department] = staff

    def _names_of(self, department: str) -> frozenset[str]:
        return frozenset(one.id for one in self.files.values() if one.department == department)

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
            self._at_desk(file, at, step.intake.draw(luck[Draw.INTAKE]), Errand.EXAMINE)

    def _examine(self, file: File, at: int) -> None:
        """Accept, ask for what is missing, or say why it is not accepted."""
        rates, number = file.step.rates, file.luck[Draw.ACCEPTING]
        if not file.turn and happens(number, rates.correction):
            self._ask(file, at)
        elif not file.turn and happens(number, rates.not_accepted, rates.correction):
            self._end(file, EventType.NOT_ACCEPTED, at, {"code": "out_of_scope"})
        else:
            self._accept(file, at, "tolerance" if file.request.promised else "explicit", at)

    def _speak_late(self, file: File, at: int) -> None:
        """Accept what counts as accepted from its receipt: nobody had said anything."""
        self._accept(file, at, "deemed", file.received_at)

    def _accept(self, file: File, at: int, how: str, effect_at: int) -> None:
        file.accepted_at, file.state = effect_at, _S.ACCEPTED
        file.counted_through = self.hours.working_days(effect_at)  # that day is never counted
        self._tell(file, EventType.ACCEPTED, effect_at, {"how": how, "recorded_at": at})
        file.ahead = _course(file)
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
            self._plan(file, self._ready_at(file, errand, at), errand)
            return
        if file.step.is_on_the_spot:
            self._decide(file, at)
            return
        days = 0 if file.is_on_papers else file.step.review_days.draw(file.luck[Draw.REVIEW_DAYS])
        ready_at = self.hours.opening(at, days) if days else at
        self._plan(file, max(ready_at, self._late_at(file)), Errand.REVIEW)

    def _ready_at(self, file: File, errand: Errand, at: int) -> int:
        if errand is Errand.EXTEND:  # on the last day of the limit, when it is plain that it fails
            days = file.step.promised_working_days + file.stopped_days
            return max(at, self.hours.opening(file.accepted_at or at, max(1, days)))
        inspection = file.step.inspection
        if errand is Errand.GO_OUT and inspection is not None:
            days = inspection.lead_days.draw(file.luck[Draw.LEAD_DAYS])
            return self.hours.opening(at, days) if days else at
        return at

    def _late_at(self, file: File) -> int:
        """Return when the review of a late file begins; 0 where it is not one of them."""
        step, luck = file.step, file.luck
        if not happens(luck[Draw.LATE], step.rates.late) or file.accepted_at is None:
            return 0
        limit = step.promised_working_days + file.stopped_days + file.extended_days
        days = limit + max(1, step.late_days.draw(luck[Draw.LATE_DAYS]))
        return self.hours.opening(file.accepted_at, days)

    def _go_out(self, file: File, at: int) -> None:
        visit = self.visits.book(file, at)
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
        self._count_stop(file, at)
        self._tell(file, EventType.RESUMED, at, {})
        self._go_on(file, at)

    def _count_stop(self, file: File, at: int) -> None:
        """Count the working days on which the clock stood: both ends included, none twice."""
        if file.accepted_at is not None:
            days = self.hours.working_days
            before = max(days(file.stopped_at - _DAY_S), file.counted_through)
            file.counted_through = max(days(at), before)
            file.stopped_days += file.counted_through - before

    def _extend(self, file: File, at: int) -> None:
        """Extend the limit on its last day; where that has passed, it is simply late."""
        step, hours = file.step, self.hours
        used = hours.working_days(at) - hours.working_days(file.accepted_at or at)
        if used - file.stopped_days <= step.promised_working_days and step.promised_working_days:
            file.extended_days = step.extension_days
            self._tell(file, EventType.EXTENDED, at, {"working_days": step.extension_days})
            more = 1 + file.luck[Draw.EXTENDED_DAYS] % max(1, step.extension_days)
            self._plan(file, hours.opening(at, more), Errand.REVIEW)
        else:
            self._go_on(file, at)

    # --- decisions -------------------------------------------------------------------------------

    def _review(self, file: File, at: int) -> None:
        self._at_desk(file, at, file.step.review.draw(file.luck[Draw.REVIEW]), Errand.DECIDE)

    def _decide(self, file: File, at: int) -> None:
        rates, luck, request = file.step.rates, file.luck, file.request
        if happens(luck[Draw.DECISION], rates.refused):
            self._end(file, EventType.REFUSED, at, {"code": "conditions_not_met"})
            return
        pending = request.promised
        if not pending and request.papers and happens(luck[Draw.TOLERANCE], rates.tolerated):
            pending = (request.papers[luck[Draw.CHOICE] % len(request.papers)],)
        if not pending:
            self._grant(file, EventType.GRANTED, at, {})
            return
        days = file.step.tolerance_days
        file.pending, file.state = pending, _S.GRANTED_PENDING_MATERIAL
        facts = {"materials": pending, "until": self.hours.day(at, days)}
        self._tell(file, EventType.GRANTED_PENDING_MATERIAL, at, facts)
        self._plan(file, self.hours.day_is_over(at, days), Errand.LAPSE)

    def _grant(self, file: File, kind: EventType, at: int, facts: Facts) -> None:
        file.state, file.pending, file.correction_id = _S.GRANTED, (), None
        self._tell(file, kind, at, facts)
        rates = file.step.rates
        if happens(file.luck[Draw.AFTERWARDS], rates.replaced + rates.revoked):
            self._plan(file, self.hours.opening(at, _AFTERWARDS_DAYS), Errand.ACT_AFTERWARDS)

    def _act_afterwards(self, file: File, at: int) -> None:
        is_replaced = happens(file.luck[Draw.AFTERWARDS], file.step.rates.replaced)
        kind = EventType.RESULT_REPLACED if is_replaced else EventType.RESULT_REVOKED
        self._tell(file, kind, at, {})

    def _lapse(self, file: File, at: int) -> None:
        facts = {"correction_id": file.correction_id, "materials": file.pending}
        self._end(file, EventType.LAPSED, at, facts)

    def _answer_withdrawal(self, file: File, at: int) -> None:
        """Answer a request that is still open: a decision may have crossed it."""
        withdrawal_id = file.withdrawal_id
        if withdrawal_id is None or not file.is_open:
            return
        facts = {"withdrawal_id": withdrawal_id}
        file.withdrawal_id = None
        if happens(file.luck[Draw.WITHDRAWAL], file.step.rates.withdrawal_refused):
            self._tell(file, EventType.WITHDRAWAL_REFUSED, at, facts)
        else:
            self._end(file, EventType.WITHDRAWN, at, facts)

    def _end(self, file: File, kind: EventType, at: int, facts: Facts) -> None:
        file.state = _S(str(kind))
        file.line += 1
        file.ahead, file.pending, file.correction_id = (), (), None
        self._tell(file, kind, at, facts)

    # --- the agenda ------------------------------------------------------------------------------

    def _at_desk(self, file: File, at: int, minutes: int, errand: Errand) -> None:
        """Queue at the office's desks for so many minutes of work, then do ``errand``."""
        if not minutes:
            self._plan(file, at, errand)
            return
        hours = self.hours
        length = minutes * _MINUTE_S
        begins = self.desks[file.department].book(hours.desk_time(at), length)
        self._plan(file, max(at, hours.instant(begins + length)), errand)

    def _plan(self, file: File, at: int, errand: Errand) -> None:
        self._agenda.note(at, file.request.submission_id, file.line, errand)


def _course(file: File) -> tuple[Errand, ...]:
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
