"""What an engine has forgotten, because it goes on from an old backup: ``engine.forgotten``."""

from __future__ import annotations

import logging

from oneservice.case import FINDING_TEXTS, Actor, CaseFinding, finding_of, refuse_order
from oneservice.runtimes import Forgotten, ForgottenFiling

__all__ = ["ForgottenDesk", "finding_of_forgotten"]

_log = logging.getLogger(__name__)

_CODE = "filing-forgotten"


class ForgottenDesk:
    """Applications that departments have from this engine, and this engine does not know.

    They are found by reading feeds, so within a day of the opening (a department with nothing open
    is read once a day), and stay until somebody settles them.
    """

    def __init__(self, forgotten: Forgotten) -> None:
        self._forgotten = forgotten

    async def all(self, *, with_settled: bool = False) -> tuple[ForgottenFiling, ...]:
        """Return all that is forgotten still, by department, in the order of its finding.

        Args:
            with_settled: also what was settled, with by whom and why.

        Raises:
            JournalError: the store cannot be read.
        """
        return await self._forgotten.all(with_settled=with_settled)

    async def findings(self, case_id: str) -> tuple[CaseFinding, ...]:
        """Return what is forgotten of one case, as findings in words.

        Raises:
            JournalError: the store cannot be read.
        """
        return tuple(
            finding_of_forgotten(one) for one in await self.all() if one.case_id == case_id
        )

    async def settle(self, submission_id: str, *, by: Actor, why: str) -> None:
        """Keep that somebody took care of it: it is no finding any more.

        Args:
            submission_id: as :meth:`all` tells it.
            by: the operator.
            why: what was done, for the record; it names no person.

        Raises:
            NotAllowedError: ``by`` is no operator, or ``why`` is empty.
            IllegalInputError: nothing of that id is open.
            JournalError: it is not durable.
        """
        refuse_order(by, why)
        await self._forgotten.settle(submission_id, by=str(by), why=why)
        _log.info("%s was settled by %s: %s", submission_id, by, why)


def finding_of_forgotten(one: ForgottenFiling) -> CaseFinding:
    """Return ``one`` in words."""
    fact = f"{one.department}, {one.submission_id}, {one.state or '?'}"
    return finding_of(_CODE, FINDING_TEXTS[_CODE], one.sub_case_id, one.sub_case_id, fact)
