"""Realistic offices in memory: the way to the departments of a simulated region.

They keep the adapter protocol as real ones do (chained events, same id and same bytes harmless,
supplements, withdrawals, a feed), without HTTP, threads or a disk. What they do and when is decided
by :mod:`~oneservice.simulation.offices_bureau`; here stands what the protocol makes of it, and in
:mod:`~oneservice.simulation.offices_archive` what was recorded.

Theory of operation. Nothing runs by itself: each call first lets the bureau do what was to be done
by now, each event in effect from its own hour. Events carry no signatures, because what passes the
port was proven before. Bodies are read with a lenient parser: the engine wrote them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, Final

from oneservice.canonical import digest_bytes
from oneservice.case import EventType
from oneservice.ports import ChangesPage, Clock, StatusPage
from oneservice.simulation.offices_archive import Archive
from oneservice.simulation.offices_bureau import Bureau
from oneservice.simulation.offices_files import File
from oneservice.simulation.offices_folders import Folder, OfficesBackup
from oneservice.simulation.offices_hours import seconds_of
from oneservice.simulation.offices_papers import data_of
from oneservice.simulation.offices_parameters import Parameters
from oneservice.simulation.offices_reading import (
    documents_named,
    materials_given,
    problem,
    read_message,
    request_of,
)
from oneservice.simulation.offices_results import CertificateMaker, Results
from oneservice.simulation.offices_telling import Facts

__all__ = ["Offices", "OfficesBackup"]

_SALT_BITS: Final = 256


class Offices:
    """A :class:`oneservice.ports.Departments`: the offices of a region, fast and in memory.

    ``filed`` counts by submission id how often an application took effect, ``granted`` by case and
    sub-case (``c42.food_permit``) how often one was granted; both must be 1 at most. Both speak of
    what the offices hold: what a restored backup has lost is not counted any more.

    Args:
        parameters: how the offices work.
        clock: tells the time; nothing here waits.
        chance: asked once, for the salt of this run; the luck of an application then hangs on its
            id alone (see :mod:`~oneservice.simulation.offices_chance`).
        certificate: makes certificates; by default placeholders that prove nothing.
    """

    def __init__(
        self,
        parameters: Parameters,
        clock: Clock,
        chance: random.Random,
        *,
        certificate: CertificateMaker | None = None,
    ) -> None:
        self.parameters = parameters
        self._archive = Archive(parameters.departments)
        self.filed = self._archive.filed
        self.granted = self._archive.granted
        self._clock = clock
        self._results = Results(parameters.region, certificate)
        salt = chance.getrandbits(_SALT_BITS).to_bytes(_SALT_BITS // 8, "big")
        self._bureau = Bureau(parameters, salt, self._write_down)
        self._documents: dict[str, set[str]] = {name: set() for name in parameters.departments}

    def filed_once_each(self) -> bool:
        """Say whether no application took effect twice, and nothing was granted twice."""
        return max((*self.filed.values(), *self.granted.values()), default=1) <= 1

    def advance(self) -> None:
        """Let the offices do what was to be done by now; every call of the port does it too."""
        self._bureau.advance(seconds_of(self._clock.now()))

    # --- the port --------------------------------------------------------------------------------

    @property
    def names(self) -> frozenset[str]:
        """Ids of all offices."""
        return self.parameters.departments

    async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
        """File ``body``; the same bytes again are harmless, others are a conflict."""
        self.advance()
        self._archive.refuse_stranger(department)
        folder = self._archive.folders.get(submission_id)
        if folder is None:
            return self._file(department, submission_id, body)
        if folder.messages[submission_id] != digest_bytes(body):
            raise problem(department, "submission-conflict", submission_id)
        return self._page(submission_id, 0)

    async def read(self, department: str, submission_id: str, *, after: int) -> StatusPage | None:
        """Return the state, or ``None`` where nothing was ever filed under that id."""
        self.advance()
        folder = self._archive.folders.get(submission_id)
        if folder is None or folder.department != department:
            return None
        return self._page(submission_id, after)

    async def supplement(
        self, department: str, submission_id: str, supplement_id: str, body: bytes
    ) -> StatusPage:
        """Take the answer to the open correction, or a paper that was to follow."""
        file, folder = self._known(department, submission_id)
        if not _is_repeat(folder, submission_id, supplement_id, body, "supplement-conflict"):
            data = read_message(body, department, submission_id)
            given = materials_given(data)
            facts = {"supplement_id": supplement_id, "request_digest": digest_bytes(body)}
            correction_id = data.get("correction_id")
            if correction_id is not None and file.correction_id == correction_id:
                facts["correction_id"] = correction_id
            elif correction_id is not None or given.isdisjoint(file.pending):
                raise problem(department, "not-open", submission_id)
            folder.messages[supplement_id] = digest_bytes(body)
            now = seconds_of(self._clock.now())
            self._bureau.take_supplement(file, now, facts, given)
        return self._page(submission_id, 0)

    async def withdraw(
        self, department: str, submission_id: str, withdrawal_id: str, body: bytes
    ) -> StatusPage:
        """Take a request to withdraw; it is answered some desk hours later."""
        file, folder = self._known(department, submission_id)
        if not _is_repeat(folder, submission_id, withdrawal_id, body, "withdrawal-conflict"):
            if not file.is_open or file.withdrawal_id is not None:
                raise problem(department, "not-open", submission_id)
            folder.messages[withdrawal_id] = digest_bytes(body)
            facts = {"withdrawal_id": withdrawal_id, "request_digest": digest_bytes(body)}
            self._bureau.take_withdrawal(file, seconds_of(self._clock.now()), facts)
        return self._page(submission_id, 0)

    async def changes(self, department: str, *, cursor: str | None) -> ChangesPage:
        """Return what is new since ``cursor``; without one, every head.

        A cursor from beyond the end of the feed is expired: an older backup was restored.
        """
        self.advance()
        self._archive.refuse_stranger(department)
        archive = self._archive
        return archive.heads(department) if cursor is None else archive.news(department, cursor)

    async def put_document(self, department: str, document: bytes, media_type: str) -> None:
        """Take the bytes; an application that names a document must not come before it."""
        del media_type
        self._archive.refuse_stranger(department)
        self._documents[department].add(digest_bytes(document))

    # --- backups ---------------------------------------------------------------------------------

    def snapshot(self, *departments: str) -> OfficesBackup:
        """Return a backup of some offices, by default of all of them."""
        self.advance()
        names = departments or tuple(sorted(self.parameters.departments))
        workplace, chosen = self._bureau.workplace, frozenset(names)
        return OfficesBackup(
            at=self._clock.now(),
            departments=names,
            files={
                name: file.copy()
                for name, file in workplace.files.items()
                if file.department in chosen
            },
            folders=self._archive.folders_of(chosen),
            agendas={name: workplace.agenda_of(name) for name in names},
            feeds={name: self._archive.feed_of(name) for name in names},
            staff={
                name: (workplace.desks[name].copy(), workplace.inspectors[name].copy())
                for name in names
            },
        )

    def restore(self, backup: OfficesBackup) -> None:
        """Put an old backup in the place of what its offices hold now: their histories rewind.

        What they had noted to do since is done again at the same hours, so an application whose
        course hung on nothing that is lost gets back to where it was, event by event. What came in
        after the backup is gone; documents are kept in another place and stay.
        """
        for department in backup.departments:
            staff = backup.staff[department]
            files = [file for file in backup.files.values() if file.department == department]
            self._bureau.workplace.put_back(
                department,
                {file.id: file.copy() for file in files},
                backup.agendas[department],
                (staff[0].copy(), staff[1].copy()),
            )
        self._archive.put_back(backup.folders, backup.feeds)

    # --- inside ----------------------------------------------------------------------------------

    def _file(self, department: str, submission_id: str, body: bytes) -> StatusPage:
        data = read_message(body, department, submission_id)
        try:
            request = request_of(submission_id, data)
        except (KeyError, TypeError, AttributeError):
            raise problem(department, "invalid-submission", submission_id) from None
        if not documents_named(data) <= self._documents[department]:
            raise problem(department, "missing-document", submission_id)
        own = self._archive.open(department, submission_id, body)
        receipt = {"receipt_no": f"SJ-{submission_id}", "request_digest": own}
        self._bureau.take_in(department, request, seconds_of(self._clock.now()), receipt)
        return self._page(submission_id, 0)

    def _write_down(self, file: File, kind: EventType, at: int, facts: Facts) -> None:
        """Put on record what the bureau tells."""
        data = data_of(file, kind, at, facts, self._outcome)
        self._archive.write(file, kind, at, facts.get("recorded_at", at), data)

    def _outcome(self, file: File, at: int) -> Mapping[str, Any]:
        return self._results.outcome(file, self._archive.folders[file.id], at)

    def _page(self, submission_id: str, after: int) -> StatusPage:
        state = self._bureau.files[submission_id].state
        return self._archive.page(submission_id, str(state), after)

    def _known(self, department: str, submission_id: str) -> tuple[File, Folder]:
        self.advance()
        folder = self._archive.folders.get(submission_id)
        if folder is None or folder.department != department:
            raise problem(department, "unknown-submission", submission_id)
        return self._bureau.files[submission_id], folder


def _is_repeat(
    folder: Folder, submission_id: str, message_id: str, body: bytes, conflict: str
) -> bool:
    known = folder.messages.get(message_id)
    if known is not None and known != digest_bytes(body):
        raise problem(folder.department, conflict, submission_id)
    return known is not None
