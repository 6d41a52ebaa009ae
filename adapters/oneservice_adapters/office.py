"""An office at work: the SDK's app at the counter, files and agenda in the back, a seal.

Theory of operation. Taking in opens a file and, unless the step is decided on the spot, says
nothing yet. Before anybody reads, the hook ``before_read`` takes every file whose day has come,
works out from its history what should have happened by now, and records it, each event in effect
from its own hour. Nothing sleeps and nothing runs in between: on a clock that jumps, a month of
office work happens in one look.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from oneservice.certificates import ListIssuer, SigningKey
from oneservice.departments import (
    AdapterApp,
    Callers,
    CertificateDesk,
    MaterialReceived,
    Outcome,
    Received,
    Submission,
    Supplement,
    event_key_from_pem,
)
from oneservice.errors import (
    AdapterError,
    CaseNotFoundError,
    IllegalInputError,
    KeyUnusableError,
)
from oneservice.runtimes import StatusRegister, write_edition
from oneservice_adapters.agenda import Due, Practice, agenda
from oneservice_adapters.card import OfficeCard
from oneservice_adapters.examination import still_missing
from oneservice_adapters.files import Files, OfficeFile
from oneservice_adapters.hours import ZONE_NAME
from oneservice_adapters.offices import profile_of
from oneservice_adapters.papers import Seal
from oneservice_adapters.premises import (
    EVENT_KEY_NAME,
    LIST_KEY_NAME,
    SEAL_KEY_NAME,
    occupied,
    prepare_office,
    read_secret,
)
from oneservice_adapters.procedure import Procedure, Profile, Story

__all__ = ["Office", "TellsTime", "opened_office"]

REGISTER_NAME = "register.db"
FILES_NAME = "files.db"
STATUS_NAME = "status.db"
LISTS_NAME = "status"
_ENTRIES = 131_072
"""The smallest register that there is: a list tells less, the more could stand in it."""


class TellsTime(Protocol):
    """A clock: the machine's, or a virtual one."""

    def now(self) -> datetime:
        """Return the present instant, aware."""
        ...


@dataclass(slots=True, kw_only=True)
class Office:
    """One department's office, open for business. Make one with :func:`opened_office`."""

    profile: Profile
    card: OfficeCard
    app: AdapterApp
    files: Files
    seal: Seal
    stories: Mapping[str, Story]
    seed: int = 0
    _procedures: dict[str, Procedure] = field(init=False)

    def __post_init__(self) -> None:
        """Declare the department's steps to the SDK."""
        self._procedures = {one.step_id: one for one in self.profile.procedures}
        strangers = sorted(set(self.stories) - set(self._procedures))
        if strangers:
            msg = (
                f"{self.profile.department} has no step {', '.join(strangers)}; a story is told of "
                f"{', '.join(sorted(self._procedures))}"
            )
            raise AdapterError(msg)
        for one in self.profile.procedures:
            declare = self.app.step(
                one.step_id,
                promised_working_days=one.promised_working_days,
                materials=one.knows,
                is_on_the_spot=one.is_on_the_spot,
                tolerates=one.tolerates,
            )
            declare(self.take_in)
        self.app.supplement(self.take_supplement)
        self.app.before_read(self.catch_up)

    def take_in(self, submission: Submission) -> tuple[Outcome, ...]:
        """Open the application's file, and decide what is decided on the spot."""
        return self._put_on_diary(submission) or (Received(),)

    def take_supplement(
        self, submission: Submission, supplement: Supplement
    ) -> tuple[Outcome, ...] | None:
        """Look again at what was corrected, or grant when all that was promised is there."""
        if supplement.correction_id is not None:  # the SDK has recorded that it came
            return self._put_on_diary(submission) or None
        if still_missing(submission, submission.pending_materials):
            return None
        # The diary keeps its day: a look at what is granted finds nothing to do.
        granted = self._practice(submission).grant(submission.now)
        return (MaterialReceived(granted=granted, supplement_id=supplement.id),)

    async def catch_up(self, now: datetime) -> None:
        """Record everything that should have happened by ``now``."""
        for file in await asyncio.to_thread(self.files.due, now):
            await self._carry_on(file, now)
        if self.app.certificates is not None:  # nobody need ask: the lists lie there as files, too
            await self.app.certificates.edition(now)

    def _put_on_diary(self, submission: Submission) -> tuple[Outcome, ...]:
        """Return what happens at this very instant, and note when to look at the rest."""
        ahead = self._agenda(submission)
        now = datetime.fromisoformat(submission.history[-1].at)  # written by this very call
        today = [one for one in ahead if one.at <= now]
        # What is said now may open something else (a correction can lapse): then look once more.
        look_at = now if today else ahead[0].at if ahead else None
        # Noted before the SDK commits: a crash in between costs a look, never the appointment.
        self.files.open_file(submission, look_at)
        return tuple(one.make() for one in today)

    async def _carry_on(self, file: OfficeFile, now: datetime) -> None:
        try:
            submission = await self.app.submission(file.submission_id, caller=file.caller)
        except CaseNotFoundError:
            return  # a crash came between file and receipt; the engine will repeat its message
        if submission.history[-1].seq < file.seen_seq:
            return  # what the diary speaks of is not recorded yet
        while (ahead := self._agenda(submission)) and ahead[0].at <= now:
            outcome = await asyncio.to_thread(ahead[0].make)
            try:
                submission = await self.app.record(
                    submission.id, outcome, caller=submission.caller, at=ahead[0].at
                )
            except IllegalInputError:
                return  # a withdrawal or supplement came in between; the next look sees it
        next_at = ahead[0].at if ahead else None
        await asyncio.to_thread(self.files.move, file, next_at)

    def _agenda(self, submission: Submission) -> tuple[Due, ...]:
        return agenda(submission, self._practice(submission))

    def _practice(self, submission: Submission) -> Practice:
        procedure = self._procedures[submission.step_id]
        return Practice(
            procedure=procedure,
            story=self.stories.get(submission.step_id, Story.GRANTED),
            region=self.card.region,
            seed=self.seed,
            grant=lambda at: self.seal.grant(
                procedure.paper,
                submission,
                serial=self.files.file_of(submission).serial,
                at=at,
            ),
        )


@contextlib.contextmanager
def opened_office(
    folder: Path,
    department: str,
    *,
    clock: TellsTime,
    region: str = "990101",
    stories: Mapping[str, Story] | None = None,
    seed: int = 0,
    callers: Callers | None = None,
) -> Iterator[Office]:
    """Open the office in ``folder`` for as long as the block runs; nobody else can meanwhile.

    Args:
        folder: holds registers, keys and card; made on the first day.
        department: one of ``DEPARTMENTS``.
        clock: tells the time; nothing here sleeps.
        region: that the office serves.
        stories: how demonstrations want steps to end; they go before those in ``office.json``.
        seed: moves the office's hours.
        callers: who may call, and by which keys they sign; this machine only without them.

    Raises:
        AdapterError: no such department or step, or the folder is another office's.
        FileUnusableError: the folder or something in it cannot be used.
        KeyUnusableError: a private key cannot be opened, or is another than the card says.
        JournalLockedError: another process serves this office.
        JournalError: the office's own register cannot be used.
    """
    profile = profile_of(department)
    card = prepare_office(folder, department, region)
    with occupied(folder):
        event_pem = _pem(folder, EVENT_KEY_NAME, card.event_multibase)
        seal_key = SigningKey.from_pem(_pem(folder, SEAL_KEY_NAME, card.seal_multibase))
        list_key = SigningKey.from_pem(_pem(folder, LIST_KEY_NAME, card.list_multibase))
        seal = Seal(card=card, key=seal_key)
        app = AdapterApp(
            department,
            name=card.name,
            region=region,
            store=Path(folder) / REGISTER_NAME,
            event_key=event_key_from_pem(event_pem, keyid=card.event_keyid),
            clock=clock,
            zone=ZONE_NAME,
            callers=callers,
            certificates=CertificateDesk(
                register=partial(
                    StatusRegister.open,
                    Path(folder) / STATUS_NAME,
                    uri=card.register_uri,
                    entries=_ENTRIES,
                ),
                issuer=ListIssuer(id=card.issuer_id, key=list_key, key_id=card.list_method),
                seal=seal,
                on_edition=partial(write_edition, folder=Path(folder) / LISTS_NAME),
                fills_wallets=True,
            ),
        )
        with contextlib.closing(Files(Path(folder) / FILES_NAME)) as files:
            yield Office(
                profile=profile,
                card=card,
                app=app,
                files=files,
                seal=seal,
                stories={**card.stories, **(stories or {})},
                seed=seed,
            )


def _pem(folder: Path, name: str, multibase: str) -> bytes:
    """Return the private key that the card speaks of: others would sign what nobody can verify."""
    pem = read_secret(folder, name)
    if SigningKey.from_pem(pem).public_multibase != multibase:
        msg = f"{Path(folder) / name} is not the key on the office's card: restore the right one"
        raise KeyUnusableError(msg)
    return pem
