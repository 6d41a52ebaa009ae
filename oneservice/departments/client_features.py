"""What a department may offer beside filing: checks, evidence, papers to fetch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from oneservice.canonical import digest_bytes
from oneservice.departments.checks import parse_findings
from oneservice.departments.evidence import parse_evidence
from oneservice.departments.wire import JSON_TYPE, digest_in_path
from oneservice.errors import ProtocolProblemError

if TYPE_CHECKING:
    from collections.abc import Callable

    from oneservice.canonical import Digest
    from oneservice.departments.capabilities import Capabilities
    from oneservice.departments.checks import Finding
    from oneservice.departments.client_answers import Answer, Call
    from oneservice.departments.client_capabilities import KnownCapabilities
    from oneservice.departments.client_exchange import Exchanges
    from oneservice.departments.evidence import EvidenceAnswer

__all__ = ["FeatureClient"]

T = TypeVar("T")
_SLOWEST_DOWNLOAD: Final = 256 * 1024


class FeatureClient:
    """Calls that need a feature; none is made where the department does not list it (P-05)."""

    def __init__(self, way: Exchanges, known: KnownCapabilities) -> None:
        self._way = way
        self._known = known

    async def capabilities(self) -> Capabilities:
        """Return what the department says of itself; its keys are not trusted for that."""
        return await self._known.current()

    async def check(self, body: bytes) -> tuple[Finding, ...]:
        """Return what would be wanting in an application; nothing is recorded."""
        await self._known.require("checks")
        call = self._way.call("POST", "check")
        answer = await self._way.exchange(self._way.request(call, "checks", content=body))
        return self._read(call, answer, {200}, parse_findings)

    async def request_evidence(self, request_id: str, body: bytes) -> EvidenceAnswer:
        """Ask for evidence under an id of ours; repeating it with the same bytes is harmless."""
        await self._known.require("evidence")
        call = self._way.call("PUT", "evidence request", request_id)
        request = self._way.request(call, "evidence-requests", request_id, content=body)
        answer = await self._way.exchange(request)
        return self._read(call, answer, {200, 201}, parse_evidence)

    async def evidence(self, request_id: str) -> EvidenceAnswer:
        """Return how a request stands."""
        await self._known.require("evidence")
        call = self._way.call("GET", "evidence request", request_id)
        answer = await self._way.exchange(self._way.request(call, "evidence-requests", request_id))
        return self._read(call, answer, {200}, parse_evidence)

    async def document(self, digest: Digest) -> bytes:
        """Return a paper of an outcome or an answer; its bytes are hashed before use (P-54)."""
        name = digest_in_path(digest)
        call = self._way.call("GET", "document", name)
        limit = self._way.endpoint.document_bytes
        request = self._way.request(
            call,
            "documents",
            name,
            limit_bytes=limit,
            deadline_s=self._way.endpoint.document_deadline_s + limit / _SLOWEST_DOWNLOAD,
        )
        answer = await self._way.exchange(request)
        self._way.refuse_unless(answer, call, {200})
        if digest_bytes(answer.body) != digest:
            raise call.broken("the bytes are not those that the digest names", "digest-mismatch")
        return answer.body

    def _read(self, call: Call, answer: Answer, done: set[int], parse: Callable[[bytes], T]) -> T:
        self._way.refuse_unless(answer, call, done)
        if answer.media_type != JSON_TYPE:
            raise call.broken(f"the answer's content type is not {JSON_TYPE}", "media-type")
        try:
            return parse(answer.body)
        except ProtocolProblemError as error:
            raise call.broken(f"the answer: {error}", error.problem) from None
