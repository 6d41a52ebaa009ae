"""The lists of a register, served to everybody: no caller, no version, nothing but bytes.

References:
    Token Status List (draft-ietf-oauth-status-list), sections 8.1 (request), 8.2 (response) and
    8.4 (historical resolution); W3C Bitstring Status List 1.1, section 2.2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from oneservice.certificates import Publication
from oneservice.departments.exchange import Answer, Request, problem_answer
from oneservice.errors import ProtocolProblemError

if TYPE_CHECKING:
    from oneservice.departments.certificate_desk import CertificateDesk
    from oneservice.departments.status_keeping import PublishedEdition

__all__ = ["StatusRoutes"]

_TYPES: Final = {
    Publication.TOKEN: "application/statuslist+jwt",
    Publication.REVOCATION: "application/vc",
    Publication.SUSPENSION: "application/vc",
}
_METHODS: Final = frozenset({"GET", "HEAD"})
_MOST_SECONDS: Final = 253_402_300_799
"""The last second of the year 9999."""
_NO_SUCH_LIST: Final = 404
"""Section 8.4 says it of a moment that no list speaks for; drafts before -16 said 406."""
_FROM_ANYWHERE: Final = ("Access-Control-Allow-Origin", "*")
"""Section 8.1: a page in a browser may read what everybody may read."""


@dataclass(frozen=True, slots=True)
class StatusRoutes:
    """Answers for the three lists below the path of the register's URL."""

    desk: CertificateDesk
    now: Callable[[], datetime]

    def serves(self, request: Request) -> bool:
        """Say whether the path is that of a list."""
        return self._publication(request.path) is not None

    async def answer(self, request: Request) -> Answer:
        """Return a list; ``?time=`` asks for the one that spoke at that second of Unix time."""
        if request.method not in _METHODS:
            allow = (("Allow", "GET, HEAD"),)
            error = ProtocolProblemError("a status list is only read", problem="method-not-allowed")
            return problem_answer(error, trace=request.trace, headers=allow)
        edition: PublishedEdition | None = await self.desk.edition(self.now())
        if "time" in request.query:
            second = request.integer("time", 0, most=_MOST_SECONDS)
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
            edition = self.desk.keeper.edition(at=moment)
            if edition is None or edition.expires_at <= moment or moment > self.now():
                return Answer(status=_NO_SUCH_LIST, headers=(_FROM_ANYWHERE,))
        publication = self._publication(request.path)
        if edition is None or publication is None:
            return Answer(status=_NO_SUCH_LIST, headers=(_FROM_ANYWHERE,))
        etag = f'"{edition.number}"'
        kept = ("Cache-Control", f"public, max-age={self.desk.ttl_s}")
        headers = (("ETag", etag), kept, _FROM_ANYWHERE)
        if request.matches(etag):
            return Answer(status=304, headers=headers)
        body, kind = edition.documents[publication], _TYPES[publication]
        return Answer(status=200, body=body, media_type=kind, headers=headers)

    def _publication(self, path: str) -> Publication | None:
        base = urlsplit(self.desk.keeper.uri).path.rstrip("/")
        below = path.removeprefix(base)
        if not base or below == path:
            return None
        names = {"": Publication.TOKEN} | {
            f"/{one}": one for one in (Publication.REVOCATION, Publication.SUSPENSION)
        }
        return names.get(below)
