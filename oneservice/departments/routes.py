"""The resources of the protocol, by method and path (section 2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from oneservice.canonical import digest_bytes
from oneservice.departments.capabilities import Capabilities, capabilities_json
from oneservice.departments.checking import checked
from oneservice.departments.checks import findings_json
from oneservice.departments.exchange import (
    CALLER,
    Answer,
    Request,
    problem_answer,
    refuse_other_digest,
)
from oneservice.departments.wire import (
    ANSWER_DEADLINE_S,
    BASE_PATH,
    JSON_TYPE,
    MAX_EVENTS,
    MAX_WAIT_S,
    PAGE_EVENTS,
    SUPPORTED_VERSIONS,
    VERSION_HEADER,
    is_id,
)
from oneservice.errors import ProtocolProblemError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from oneservice.departments.document_routes import DocumentRoutes
    from oneservice.departments.evidence_desk import EvidenceDesk
    from oneservice.departments.feed import Feed
    from oneservice.departments.gate import Gate
    from oneservice.departments.office import Office
    from oneservice.departments.pace import Pace
    from oneservice.departments.recording import Filed

__all__ = ["Routes"]

Handle: TypeAlias = "Callable[[Request, str, tuple[str, ...]], Awaitable[Answer]]"
Resources: TypeAlias = "Mapping[tuple[tuple[str, ...], int], Mapping[str, Handle]]"
"""By the words of a path, between which ids stand, and the number of its segments."""
_FEATURES: Final = {"checks": "checks", "evidence-requests": "evidence"}


@dataclass(slots=True, kw_only=True)
class Routes:
    """Answers requests of callers that were told apart already."""

    office: Office
    feed: Feed
    describe: Callable[[], Capabilities]
    features: Callable[[], tuple[str, ...]]
    settle: Callable[[], Awaitable[None]]
    body_bytes: int
    documents: DocumentRoutes
    evidence: EvidenceDesk
    pace: Pace
    body_deadline_s: float = ANSWER_DEADLINE_S
    _resources: Resources = field(init=False)
    _shown: tuple[Capabilities, bytes, str] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        documents = self.documents
        resources: dict[tuple[tuple[str, ...], int], dict[str, Handle]] = {
            (("capabilities",), 1): {"GET": self.capabilities},
            (("submissions",), 2): {"GET": self.status, "PUT": self.file},
            (("submissions", "supplements"), 4): {"PUT": self.supplement},
            (("submissions", "withdrawals"), 4): {"PUT": self.withdraw},
            (("changes",), 1): {"GET": self.changes},
            (("documents",), 2): {
                "GET": documents.get,
                "HEAD": documents.head,
                "PUT": documents.put,
            },
            (("checks",), 1): {"POST": self.check},
            (("evidence-requests",), 2): {
                "GET": self.read_evidence,
                "PUT": self.request_evidence,
            },
        }
        # HEAD asks for what GET says, and the line leaves the body away (RFC 9110 section 9.3.2).
        self._resources = {
            resource: {"HEAD": methods["GET"], **methods} if "GET" in methods else methods
            for resource, methods in resources.items()
        }

    async def answer(self, request: Request, gate: Gate) -> Answer:
        """Answer one request; raises ``ProtocolProblemError`` for all that is not fine.

        Args:
            request: its body unread.
            gate: tells callers apart.
        """
        methods, names = self._resource(request.below)
        handle = methods.get(request.method)
        if handle is None:
            msg = f"this resource knows {', '.join(sorted(methods))}"
            error = ProtocolProblemError(msg, problem="method-not-allowed")
            allow = (("Allow", ", ".join(sorted(methods))),)
            return problem_answer(error, trace=request.trace, headers=allow)
        if request.headers.get(VERSION_HEADER.lower()) not in SUPPORTED_VERSIONS:
            raise ProtocolProblemError(
                f"{VERSION_HEADER} must be one of {', '.join(SUPPORTED_VERSIONS)}",
                problem="unsupported-version",
                members={"supported": list(SUPPORTED_VERSIONS)},
            )
        caller = await gate.caller(request)
        request.scope[CALLER] = caller
        with self.pace.admitted(caller):
            return await handle(request, caller, names)

    async def capabilities(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
        """``GET /capabilities``."""
        del caller, names
        told = self.describe()
        if self._shown is None or self._shown[0] != told:
            written = capabilities_json(told)
            self._shown = (told, written, f'"{digest_bytes(written)}"')
        _, body, etag = self._shown
        if request.matches(etag):
            return Answer(status=304, headers=(("ETag", etag),))
        return Answer(status=200, body=body, headers=(("ETag", etag),))

    async def file(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
        """``PUT /submissions/{id}``."""
        data = await self._json(request)
        await self.settle()
        return await self._filed(await self.office.file(caller, names[0], data))

    async def supplement(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
        """``PUT /submissions/{id}/supplements/{sid}``."""
        data = await self._json(request)
        await self.settle()
        return await self._filed(await self.office.supplement(caller, names[0], names[1], data))

    async def withdraw(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
        """``PUT /submissions/{id}/withdrawals/{wid}``."""
        data = await self._json(request)
        await self.settle()
        return await self._filed(await self.office.withdraw(caller, names[0], names[1], data))

    async def status(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
        """``GET /submissions/{id}?after={seq}``."""
        after = request.integer("after", 0, most=MAX_EVENTS)
        await self.settle()
        view = await self.feed.status(caller, names[0], after=after)
        etag = f'"{view.head.head_digest}"'
        if request.matches(etag):
            return Answer(status=304, headers=(("ETag", etag),))
        return Answer(status=200, body=self.feed.as_json(view), headers=(("ETag", etag),))

    async def changes(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
        """``GET /changes?after={cursor}&limit=&wait=``."""
        del names
        page = await self.feed.wait(
            caller,
            request.query.get("after"),
            limit=max(1, request.integer("limit", PAGE_EVENTS, most=PAGE_EVENTS)),
            wait_s=request.integer("wait", 0, most=MAX_WAIT_S),
            settle=self.settle,
        )
        return Answer(status=200, body=page.as_json())

    async def check(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
        """``POST /checks``."""
        del names
        data = await self._json(request)
        return Answer(status=200, body=findings_json(await checked(self.office, caller, data)))

    async def request_evidence(
        self, request: Request, caller: str, names: tuple[str, ...]
    ) -> Answer:
        """``PUT /evidence-requests/{id}``."""
        data = await self._json(request)
        body, is_new = await self.evidence.request(caller, names[0], data)
        return Answer(status=201 if is_new else 200, body=body)

    async def read_evidence(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
        """``GET /evidence-requests/{id}``."""
        del request
        return Answer(status=200, body=await self.evidence.read(caller, names[0]))

    async def _json(self, request: Request) -> bytes:
        """Read a JSON body; its digest must be that of its header, where there is one."""
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        coding = request.headers.get("content-encoding", "identity").strip().lower()
        if media_type != JSON_TYPE or coding != "identity":
            msg = f"the body must be {JSON_TYPE}, not compressed"
            raise ProtocolProblemError(msg, problem="media-type")
        data = await request.body(limit=self.body_bytes, deadline_s=self.body_deadline_s)
        refuse_other_digest(request, data)
        return data

    async def _filed(self, filed: Filed) -> Answer:
        head = filed.head
        if filed.events is None:
            view = await self.feed.status(head.caller, head.submission_id)
        else:
            view = self.feed.view(head, filed.events)
        return Answer(
            status=201 if filed.is_new else 200,
            body=self.feed.as_json(view),
            headers=(("ETag", f'"{view.head.head_digest}"'),),
        )

    def _resource(self, below: str) -> tuple[Mapping[str, Handle], tuple[str, ...]]:
        """Return the methods of a resource and the ids in its path."""
        segments = tuple(below.split("/")[1:])
        methods = self._resources.get((segments[0::2], len(segments)))
        if methods is None:
            raise _unknown_path()
        self._refuse_unlisted(segments[0])
        names = segments[1::2]
        if not all(map(is_id, names)):
            msg = "an id in the path is not 1 to 96 of A-Z a-z 0-9 . _ -"
            raise ProtocolProblemError(msg, problem="malformed")
        return methods, names

    def _refuse_unlisted(self, resource: str) -> None:
        """A feature that the capabilities do not list does not exist."""
        feature = _FEATURES.get(resource)
        if feature is not None and feature not in self.features():
            raise _unknown_path()


def _unknown_path() -> ProtocolProblemError:
    msg = f"the resources stand under {BASE_PATH}"
    return ProtocolProblemError(msg, problem="unknown-path")
