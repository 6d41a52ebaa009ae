"""The port ``Departments`` over HTTP, for all departments of an engine."""

from __future__ import annotations

import ssl
from collections.abc import Collection, Mapping
from types import TracebackType
from typing import Self

from oneservice.canonical import Digest
from oneservice.departments.capabilities import Capabilities
from oneservice.departments.checks import Finding
from oneservice.departments.client_calls import DepartmentClient
from oneservice.departments.client_deprecation import Deprecation
from oneservice.departments.client_endpoint import DepartmentEndpoint
from oneservice.departments.client_line import Transport
from oneservice.departments.evidence import EvidenceAnswer
from oneservice.errors import DepartmentContractError
from oneservice.ports import ChangesPage, Clock, StatusPage

__all__ = ["HttpDepartments"]


class HttpDepartments:
    """``oneservice.ports.Departments`` over HTTP; give it back with :meth:`aclose`.

    Args:
        endpoints: the way to each department, by the catalog's department id.
        clock: the engine's own.
        transport: by which library requests travel.

    Raises:
        EndpointInvalidError: the transport needs an extra that is not installed.
    """

    def __init__(
        self,
        endpoints: Mapping[str, DepartmentEndpoint],
        *,
        clock: Clock,
        transport: Transport = Transport.STOCK,
    ) -> None:
        plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loopback: never used, and cheap to make
        needs_anchors = any(one.is_tls and one.ssl_context is None for one in endpoints.values())
        anchors = ssl.create_default_context() if needs_anchors else plain
        self._clients = {
            department: DepartmentClient(
                department,
                endpoint,
                clock=clock,
                ssl_context=endpoint.ssl_context or (anchors if endpoint.is_tls else plain),
                transport=transport,
            )
            for department, endpoint in endpoints.items()
        }

    @property
    def names(self) -> Collection[str]:
        """Ids of the departments that were configured."""
        return self._clients.keys()

    async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
        """File ``body``; see :class:`oneservice.ports.Departments` for this and all others."""
        return await self._client(department).submit(submission_id, body)

    async def read(self, department: str, submission_id: str, *, after: int) -> StatusPage | None:
        """Return the state and the proven events after ``after``, or ``None``."""
        return await self._client(department).read(submission_id, after=after)

    async def supplement(
        self, department: str, submission_id: str, supplement_id: str, body: bytes
    ) -> StatusPage:
        """Hand in what was asked for."""
        return await self._client(department).supplement(submission_id, supplement_id, body)

    async def withdraw(
        self, department: str, submission_id: str, withdrawal_id: str, body: bytes
    ) -> StatusPage:
        """Ask to withdraw."""
        return await self._client(department).withdraw(submission_id, withdrawal_id, body)

    async def changes(self, department: str, *, cursor: str | None) -> ChangesPage:
        """Return the next page of the feed."""
        return await self._client(department).changes(cursor=cursor)

    async def put_document(self, department: str, document: bytes, media_type: str) -> None:
        """Make sure that the department has these bytes."""
        await self._client(department).put_document(document, media_type)

    async def capabilities(self, department: str) -> Capabilities:
        """Return what the department says of itself; revalidated hourly, and before it ends.

        Its keys are not trusted because they are listed there.
        """
        return await self._client(department).features.capabilities()

    async def check(self, department: str, body: bytes) -> tuple[Finding, ...]:
        """Return what would be wanting in the application ``body``; nothing is recorded.

        Raises:
            DepartmentContractError: ``feature-not-offered``, and nothing was sent.
        """
        return await self._client(department).features.check(body)

    async def request_evidence(
        self, department: str, request_id: str, body: bytes
    ) -> EvidenceAnswer:
        """Ask for evidence under an id of ours; repeating it with the same bytes is harmless."""
        return await self._client(department).features.request_evidence(request_id, body)

    async def evidence(self, department: str, request_id: str) -> EvidenceAnswer:
        """Return how a request for evidence stands."""
        return await self._client(department).features.evidence(request_id)

    async def document(self, department: str, digest: Digest) -> bytes:
        """Return a paper that the department hands out; its bytes were hashed."""
        return await self._client(department).features.document(digest)

    def deprecations(self) -> Mapping[str, Deprecation]:
        """Return which departments said that this major version will end, by their ids."""
        return {
            department: found
            for department, client in self._clients.items()
            if (found := client.deprecation) is not None
        }

    async def aclose(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _client(self, department: str) -> DepartmentClient:
        try:
            return self._clients[department]
        except KeyError:
            raise DepartmentContractError(
                "no address is configured for this department; add its endpoint",
                department=department,
                problem="not-configured",
            ) from None
