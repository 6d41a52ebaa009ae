"""What the offices of a region have on record: a folder by application, a feed by department.

Theory of operation. Every event is chained to the one before it in its folder, and noted in the
feed of its department, so what is new since a cursor is a slice of a list. What must happen once at
most is counted here, where it is recorded. An older state can be put back: histories rewind.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import orjson

from oneservice.canonical import Digest, digest_bytes
from oneservice.case import DepartmentEvent, EventType
from oneservice.ports import Change, ChangesPage, StatusPage
from oneservice.simulation.offices_files import File
from oneservice.simulation.offices_folders import Folder
from oneservice.simulation.offices_papers import instant_text
from oneservice.simulation.offices_reading import problem

__all__ = ["Archive"]

_PAGE: Final = 200
_GRANTS: Final = frozenset({EventType.GRANTED, EventType.GRANTED_PENDING_MATERIAL})
_HEAD_ONLY: Final = 1 << 30
"""Beyond every history: a page after it has its head only."""


class Archive:
    """Folders and feeds of some departments, empty at first.

    Args:
        departments: their ids.
    """

    def __init__(self, departments: Collection[str]) -> None:
        self.folders: dict[str, Folder] = {}
        """By submission id."""
        self.filed: dict[str, int] = {}
        """How often an application took effect, by submission id."""
        self.granted: dict[str, int] = {}
        """How often one was granted, by case and sub-case."""
        self._feeds: dict[str, list[tuple[str, int]]] = {name: [] for name in departments}

    def refuse_stranger(self, department: str) -> None:
        """Raise unless there is such a department.

        Raises:
            DepartmentContractError: ``not-allowed``.
        """
        if department not in self._feeds:
            raise problem(department, "not-allowed", "-")

    # --- what is recorded ------------------------------------------------------------------------

    def open(self, department: str, submission_id: str, body: bytes) -> Digest:
        """Open the folder of a new application with its message; return the digest of it."""
        folder = Folder(department, body)
        folder.messages[submission_id] = own = digest_bytes(body)
        self.folders[submission_id] = folder
        self.filed[submission_id] = self.filed.get(submission_id, 0) + 1
        return own

    def write(
        self, file: File, kind: EventType, at: int, recorded_at: int, data: Mapping[str, Any]
    ) -> None:
        """Append an event to the application's chain and to the department's feed."""
        name = file.request.submission_id
        events = self.folders[name].events
        instant = instant_text(at)
        body = {
            "submission_id": name,
            "seq": len(events) + 1,
            "type": str(kind),
            "at": instant,
            "recorded_at": instant if recorded_at == at else instant_text(recorded_at),
            "department": file.department,
            "data": data,
            "prev": events[-1].digest if events else None,
        }
        events.append(DepartmentEvent(**body, digest=_digest(body)))  # type: ignore[arg-type]
        self._feeds[file.department].append((name, len(events)))
        if kind in _GRANTS:
            sub_case = _sub_case(name)
            self.granted[sub_case] = self.granted.get(sub_case, 0) + 1

    # --- what is shown ---------------------------------------------------------------------------

    def page(self, submission_id: str, state: str, after: int) -> StatusPage:
        """Return the page of an application that is in ``state``: its events ``after`` a number."""
        events = self.folders[submission_id].events
        return StatusPage(
            submission_id=submission_id,
            state=state,
            head_seq=len(events),
            head_digest=events[-1].digest,
            events=tuple(events[after:]),
        )

    def heads(self, department: str) -> ChangesPage:
        """Return the heads of all applications of a department, and the cursor of now."""
        heads = tuple(
            self._change(name, _HEAD_ONLY, _HEAD_ONLY)
            for name, folder in self.folders.items()
            if folder.department == department
        )
        cursor = str(len(self._feeds[department]))
        return ChangesPage(changes=heads, cursor=cursor, has_more=False)

    def news(self, department: str, cursor: str) -> ChangesPage:
        """Return what is new in a department since ``cursor``.

        Raises:
            DepartmentContractError: ``cursor-expired``: it is from beyond the end of the feed,
                because an older backup was restored.
        """
        feed = self._feeds[department]
        if not cursor.isdecimal() or int(cursor) > len(feed):
            raise problem(department, "cursor-expired", "-")
        start = int(cursor)
        if start == len(feed):  # most looks find nothing new
            return ChangesPage(changes=(), cursor=cursor, has_more=False)
        end = min(start + _PAGE, len(feed))
        spans: dict[str, list[int]] = {}
        for name, seq in feed[start:end]:
            spans.setdefault(name, []).append(seq)
        news = tuple(self._change(name, seqs[0] - 1, seqs[-1]) for name, seqs in spans.items())
        return ChangesPage(changes=news, cursor=str(end), has_more=end < len(feed))

    def _change(self, submission_id: str, after: int, until: int) -> Change:
        events = self.folders[submission_id].events
        return Change(
            submission_id=submission_id,
            head_seq=len(events),
            head_digest=events[-1].digest,
            events=tuple(events[after:until]),
        )

    # --- backups ---------------------------------------------------------------------------------

    def folders_of(self, departments: Collection[str]) -> Mapping[str, Folder]:
        """Return copies of the folders of some departments, by submission id."""
        return {
            name: folder.copy()
            for name, folder in self.folders.items()
            if folder.department in departments
        }

    def feed_of(self, department: str) -> tuple[tuple[str, int], ...]:
        """Return the feed of a department: submissions and the numbers of their events."""
        return tuple(self._feeds[department])

    def put_back(
        self, folders: Mapping[str, Folder], feeds: Mapping[str, Sequence[tuple[str, int]]]
    ) -> None:
        """Put older folders and feeds in the place of what the departments of ``feeds`` have."""
        for department, feed in feeds.items():
            self._feeds[department] = list(feed)
        for name in [k for k, one in self.folders.items() if one.department in feeds]:
            del self.folders[name]
            self.filed.pop(name, None)
            self.granted.pop(_sub_case(name), None)
        for name, folder in folders.items():
            self.folders[name] = folder.copy()
            self.filed[name] = 1
            if any(event.type in _GRANTS for event in folder.events):
                self.granted[_sub_case(name)] = 1


def _digest(event: Mapping[str, Any]) -> Digest:
    """Return the digest of an event's canonical form.

    What offices write has no float and no strange member names, so the plain writer gives the bytes
    of RFC 8785 without the guard that looks for them: half the time of an office goes there.
    """
    return digest_bytes(orjson.dumps(event, option=orjson.OPT_SORT_KEYS))


def _sub_case(submission_id: str) -> str:
    """Return the case and sub-case, whatever the attempt: what may be granted once."""
    return submission_id.rpartition(".")[0]
