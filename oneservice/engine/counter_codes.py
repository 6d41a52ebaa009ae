"""One-time codes: given out, found again by their first half, used once.

Theory of operation. A code finds its case by its first half, the locator. Which locators are alive
is kept in memory, and is learned from the store after a restart: every case with a live code is due
within the longest life of a code, so the due-time index names them all; there is no second index,
and nothing to keep in step. A wrong code is answered before its try is durable, a right one after:
until a session is recorded both answers are one refusal, and the tries are counted in the order in
which they came.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from oneservice.canonical import Digest
from oneservice.case import (
    APPLICANT,
    LONGEST_CODE,
    Actor,
    AskCode,
    CaseChannel,
    CaseSession,
    RedeemCode,
    code_proof,
    is_same_proof,
    locator_of,
    read_code,
    redeem_problem,
    role_problem,
    spell_code,
)
from oneservice.errors import (
    CaseErasedError,
    CaseError,
    CodeRefusedError,
    IllegalInputError,
    JournalError,
    NotAllowedError,
)
from oneservice.ports import Ids
from oneservice.runtimes import Driver, Mail

__all__ = ["Codes", "IssuedCode", "RedeemedCode"]

CODE_VALID: Final = timedelta(minutes=30)
"""How long a code can be used where the caller says nothing else."""
SESSION: Final = timedelta(hours=1)
"""How long a counter deals with a case on the strength of one code."""
_MOST_LIVE: Final = 100_000
"""Cases that are looked at for live codes after a restart, those due first."""
_LOCATOR_TRIES: Final = 20
"""Draws until a free locator is found: with 100,000 live codes one draw in seven is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCode:
    """A one-time code, shown once: ``text`` in groups, as it is read aloud; kept out of logs."""

    text: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemedCode:
    """The case that a code opened, and the session in which the counter may deal with it."""

    case_id: str
    session: CaseSession


@dataclass(frozen=True, slots=True, kw_only=True)
class _Live:
    """What is known of a code that can be used; compared without asking the store."""

    case_id: str
    secret: str = field(repr=False)
    number: int
    proof: Digest
    channel: CaseChannel
    expires_at: datetime


class Codes:
    """Gives codes out and takes them; one for each engine, which knows the live ones."""

    def __init__(self, driver: Driver, ids: Ids) -> None:
        self._driver = driver
        self._ids = ids
        self._live: dict[str, _Live] = {}
        self._has_learned = False
        self._learning = asyncio.Lock()
        self._nobody = _nobody(ids.secret())
        driver.when_erased.append(self._forget)

    async def issue(
        self,
        case_id: str,
        *,
        for_channel: CaseChannel,
        by: Actor = APPLICANT,
        valid: timedelta = CODE_VALID,
    ) -> IssuedCode:
        """Return a fresh code; what :meth:`CounterDesk.code` tells."""
        live = await self._learned()
        at = self._driver.now()
        hot = await self._driver.hot(case_id)
        number = hot.case.counter.codes + 1
        code = self._free_code(live, at)
        proof = code_proof(code, secret=hot.secret, case_id=case_id, number=number)
        given = AskCode(
            at=at,
            number=number,
            locator=locator_of(code),
            proof=proof,
            channel=for_channel,
            expires_at=at + valid,
            by=by,
        )
        mine = live[given.locator] = _Live(
            case_id=case_id,
            secret=hot.secret,
            number=number,
            proof=proof,
            channel=for_channel,
            expires_at=given.expires_at,
        )
        try:
            await self._driver.give(Mail(inputs=((case_id, given),)))
        except BaseException:
            # It was taken while we waited, so that nobody else drew it; it may have run out since.
            if live.get(given.locator) is mine:
                del live[given.locator]
            raise
        return IssuedCode(text=spell_code(code), expires_at=given.expires_at)

    async def redeem(
        self,
        code: str,
        *,
        channel: CaseChannel,
        place: str,
        clerk: Actor,
        session: timedelta = SESSION,
    ) -> RedeemedCode:
        """Return the case that ``code`` opens; what :meth:`CounterDesk.redeem` tells."""
        live = await self._learned()
        at = self._driver.now()
        typed = read_code(code)
        known = live.get(locator_of(typed), self._nobody) if typed else self._nobody
        proof = code_proof(
            typed or "", secret=known.secret, case_id=known.case_id, number=known.number
        )
        given = RedeemCode(
            at=at,
            number=known.number,
            proof=proof,
            channel=channel,
            place=place,
            session_until=at + session,
            by=clerk,
        )
        problem = role_problem(given)
        if problem is not None:
            raise NotAllowedError(f"no code was looked at: {problem}", status="unknown")
        problem = redeem_problem(given)
        if problem is not None:
            raise IllegalInputError(f"no code was looked at: {problem}", status="unknown")
        is_right = is_same_proof(proof, known.proof)
        if not is_right or known.channel is not channel or at >= known.expires_at:
            if known is not self._nobody:
                self._count_try(Mail(inputs=((known.case_id, given),)))
            raise _refused()
        try:
            case = await self._driver.give(Mail(inputs=((known.case_id, given),)))
        except CaseError as error:  # void or used by now, or the case was erased meanwhile
            raise _refused() from error
        for found in case.counter.sessions:
            if found.number == known.number and found.by == clerk:
                return RedeemedCode(case_id=known.case_id, session=found)
        raise _refused()

    def _count_try(self, mail: Mail) -> None:
        """Have a wrong try recorded without waiting for it.

        What becomes of it is nobody's trouble: where it cannot be recorded (a full disk), the right
        code opens nothing either.
        """
        mail.future = asyncio.get_running_loop().create_future()
        mail.future.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._driver.post(mail)

    async def _learned(self) -> dict[str, _Live]:
        """Return the live codes by locator; the first time they are read from the store."""
        async with self._learning:
            if not self._has_learned:
                until = self._driver.now() + LONGEST_CODE
                for case_id in await self._driver.store.due(until, _MOST_LIVE):
                    await self._learn(case_id, self._live)
                self._has_learned = True
            return self._live

    def _forget(self, case_id: str) -> None:
        """Forget the code, and with it the secret, of a case that was erased."""
        for locator in [name for name, one in self._live.items() if one.case_id == case_id]:
            del self._live[locator]

    async def _learn(self, case_id: str, live: dict[str, _Live]) -> None:
        try:
            hot = await self._driver.hot(case_id)
        except (CaseErasedError, JournalError):
            return  # a damaged case is told of where it is opened; it stops no other
        code = hot.case.counter.code
        if code is not None:
            live[code.locator] = _Live(
                case_id=case_id,
                secret=hot.secret,
                number=code.number,
                proof=code.proof,
                channel=code.channel,
                expires_at=code.expires_at,
            )

    def _free_code(self, live: dict[str, _Live], at: datetime) -> str:
        """Return a code whose locator no live code has.

        Raises:
            IllegalInputError: chance gave none.
        """
        for locator in [name for name, one in live.items() if one.expires_at <= at]:
            del live[locator]
        for _ in range(_LOCATOR_TRIES):
            code = self._ids.code()
            if locator_of(code) not in live:
                return code
        msg = "no free code was found; ask again in a moment"
        raise IllegalInputError(msg, status="busy")


def _nobody(secret: str) -> _Live:
    """Return what an unknown code is compared with, so that the answer takes as long."""
    return _Live(
        case_id="-",
        secret=secret,
        number=0,
        proof=code_proof("", secret=secret, case_id="-", number=0),
        channel=CaseChannel.ONLINE,  # no code is for it
        expires_at=datetime.max.replace(tzinfo=UTC),
    )


def _refused() -> CodeRefusedError:
    msg = "this code opens no case, or none any more; the applicant asks for another one"
    return CodeRefusedError(msg)
