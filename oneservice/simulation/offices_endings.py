"""How an application ends: decided, lapsed or withdrawn; and what may come after a grant.

The bureau (``offices_bureau.py``) brings it here when it is at its end; from here no way leads back
into the course. Instants are whole seconds since 1970.
"""

from __future__ import annotations

from typing import Final

from oneservice.case import EventType, SubmissionState
from oneservice.simulation.offices_chance import Draw, happens
from oneservice.simulation.offices_files import Errand, File
from oneservice.simulation.offices_telling import Facts, Teller
from oneservice.simulation.offices_workplace import Workplace

__all__ = ["Endings"]

_AFTERWARDS_DAYS: Final = 30
"""Working days after which a result is replaced or revoked, if ever."""
_S = SubmissionState


class Endings:
    """Ends applications.

    Args:
        workplace: where what comes later is noted.
        tell: is told how each ended.
    """

    def __init__(self, workplace: Workplace, tell: Teller) -> None:
        self._workplace = workplace
        self._tell = tell

    def decide(self, file: File, at: int) -> None:
        """Grant, refuse, or grant on a promise that papers follow (容缺)."""
        rates, luck, request = file.step.rates, file.luck, file.request
        if happens(luck[Draw.DECISION], rates.refused):
            self.end(file, EventType.REFUSED, at, {"code": "conditions_not_met"})
            return
        pending = request.promised
        if not pending and request.papers and happens(luck[Draw.TOLERANCE], rates.tolerated):
            pending = (request.papers[luck[Draw.CHOICE] % len(request.papers)],)
        if not pending:
            self.grant(file, EventType.GRANTED, at, {})
            return
        days, hours = file.step.tolerance_days, self._workplace.hours
        file.pending, file.state = pending, _S.GRANTED_PENDING_MATERIAL
        facts = {"materials": pending, "until": hours.day(at, days)}
        self._tell(file, EventType.GRANTED_PENDING_MATERIAL, at, facts)
        self._workplace.plan(file, hours.day_is_over(at, days), Errand.LAPSE)

    def grant(self, file: File, kind: EventType, at: int, facts: Facts) -> None:
        """Grant for good: at once, or because what was promised has come."""
        file.state, file.pending, file.correction_id = _S.GRANTED, (), None
        self._tell(file, kind, at, facts)
        rates = file.step.rates
        if happens(file.luck[Draw.AFTERWARDS], rates.replaced + rates.revoked):
            later = self._workplace.hours.opening(at, _AFTERWARDS_DAYS)
            self._workplace.plan(file, later, Errand.ACT_AFTERWARDS)

    def act_afterwards(self, file: File, at: int) -> None:
        """Replace or revoke what was granted."""
        is_replaced = happens(file.luck[Draw.AFTERWARDS], file.step.rates.replaced)
        kind = EventType.RESULT_REPLACED if is_replaced else EventType.RESULT_REVOKED
        self._tell(file, kind, at, {})

    def lapse(self, file: File, at: int) -> None:
        """End what waited in vain for a correction or a promised paper."""
        facts = {"correction_id": file.correction_id, "materials": file.pending}
        self.end(file, EventType.LAPSED, at, facts)

    def answer_withdrawal(self, file: File, at: int) -> None:
        """Answer a request that is still open: a decision may have crossed it."""
        withdrawal_id = file.withdrawal_id
        if withdrawal_id is None or not file.is_open:
            return
        facts = {"withdrawal_id": withdrawal_id}
        file.withdrawal_id = None
        if happens(file.luck[Draw.WITHDRAWAL], file.step.rates.withdrawal_refused):
            self._tell(file, EventType.WITHDRAWAL_REFUSED, at, facts)
        else:
            self.end(file, EventType.WITHDRAWN, at, facts)

    def end(self, file: File, kind: EventType, at: int, facts: Facts) -> None:
        """End it as ``kind`` says; nothing that was noted for it counts any more."""
        file.state = _S(str(kind))
        file.line += 1
        file.ahead, file.pending, file.correction_id = (), (), None
        self._tell(file, kind, at, facts)
