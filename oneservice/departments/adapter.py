"""The face of the SDK: one function per step makes an adapter that speaks the protocol.

An :class:`AdapterApp` is a plain ASGI application; any server runs it and any framework mounts
it. Everything that is the same for all departments (ids, repeats, events, chains, signatures, the
feed, documents, limits, problem documents) happens here; what is yours is the decision.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from oneservice.departments.asgi import AsgiFace
from oneservice.departments.back_office import BackOffice
from oneservice.departments.capabilities import ServiceLimits
from oneservice.departments.defaults import (
    HasNow,
    clock_of,
    loopback_only,
    register_of,
    zone_of,
)
from oneservice.departments.describing import Profile, described
from oneservice.departments.document_routes import DocumentRoutes
from oneservice.departments.evidence_desk import EvidenceDesk
from oneservice.departments.exchange import Receive, Scope, Send
from oneservice.departments.feed import Feed
from oneservice.departments.gate import Authenticate, Gate
from oneservice.departments.office import Office
from oneservice.departments.outcomes import Text, people_text
from oneservice.departments.pace import Pace
from oneservice.departments.recording import Scribe
from oneservice.departments.ringing import Ringing
from oneservice.departments.routes import Routes
from oneservice.departments.signing import Ed25519EventKey, EventKey, event_key_from_pem
from oneservice.departments.status_routes import StatusRoutes
from oneservice.departments.wire import is_id
from oneservice.errors import (
    AdapterError,
)

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from oneservice.departments.callers import Callers
    from oneservice.departments.capabilities import Capabilities, KeyInfo
    from oneservice.departments.certificate_desk import CertificateDesk
    from oneservice.departments.opinions import DueDay
    from oneservice.departments.register import Register
    from oneservice.departments.retirement import Retirement

__all__ = ["AdapterApp", "loopback_only"]


class AdapterApp(BackOffice):
    """A department's adapter.

    Args:
        department: its id in catalogs and events.
        name: what people call it, ``{"zh": ..., "en": ...}`` or one text.
        region: the region it serves.
        store: path of its SQLite register, or a :class:`Register`; by default
            ``<department>.register.db`` in the current folder. What was answered 201 is in it.
        event_key: signs events. Without one, a key is made once and kept in the register: fine
            for trials, and no engine trusts it before a person puts it on the trust list.
        other_keys: listed beside it: the next key before it signs, the last one with its end.
        clock: anything with ``now()``, or a function; the system's by default.
        zone: where its days begin and end.
        authenticate: tells callers apart, see :class:`MutualTls` and :class:`AccessTokens`. By
            default the signature of a registered caller does, or, where there is no registry,
            only this machine may call.
        callers: the registry; where its callers have keys, every request must be signed.
        limits: what one caller may send, enforced here and told in the capabilities.
        base_url: its public address, told in the capabilities and covered by signatures; a
            server that binds an address by itself (:func:`serve`) fills it in.
        body_deadline_s: seconds in which a JSON body must have come.
        document_deadline_s: seconds in which a document must have come.
        due_day: counts working days, for the ``clock`` that status documents show.
        retirement: says in every answer when this major version ends.
        callback_tls: trust anchors, and our certificate, for callers' callback addresses.
        certificates: enters the claims that functions grant into the department's register, seals
            them, and publishes its status lists; see :class:`CertificateDesk`.
    """

    def __init__(
        self,
        department: str,
        *,
        name: Text | None = None,
        region: str | None = None,
        store: str | Path | Register | None = None,
        event_key: EventKey | None = None,
        other_keys: tuple[KeyInfo, ...] = (),
        clock: HasNow | Callable[[], datetime] | None = None,
        zone: str = "Asia/Shanghai",
        authenticate: Authenticate | None = None,
        callers: Callers | None = None,
        limits: ServiceLimits | None = None,
        base_url: str | None = None,
        body_deadline_s: float = 10.0,
        document_deadline_s: float = 60.0,
        callback_tls: ssl.SSLContext | None = None,
        retirement: Retirement | None = None,
        due_day: DueDay | None = None,
        certificates: CertificateDesk | None = None,
    ) -> None:
        super().__init__()
        if not is_id(department):
            msg = "a department's id is 1 to 96 of A-Z a-z 0-9 . _ -"
            raise AdapterError(msg)
        self.department = department
        self.limits = limits or ServiceLimits()
        self._profile = Profile(
            department=department,
            name=people_text(name or department),
            region=region,
            zone=zone,
            limits=self.limits,
            other_keys=other_keys,
        )
        self._clock = clock_of(clock)
        self._event_key = event_key
        self.base_url = base_url
        self._settling = asyncio.Lock()
        self._opening = asyncio.Lock()
        self._is_open = False
        register = register_of(store, department)
        self._scribe = Scribe(department, register, self.now, zone_of(zone))
        self._scribe.certificates = self.certificates = certificates
        self._office = Office(self._scribe, self._steps, self.limits.body_bytes, callers)
        self._desk = EvidenceDesk(self._scribe, self._evidence, self.limits.body_bytes)
        self._callers = callers
        self._callback_tls = callback_tls
        self._ringing: Ringing | None = None
        if authenticate is None and callers is None:
            authenticate = loopback_only
        self._gate = Gate(
            authenticate=authenticate,
            callers=callers,
            address=lambda: self.base_url,
            now=self.now,
        )
        self._face = AsgiFace(
            routes=self._routes(due_day, body_deadline_s, document_deadline_s),
            gate=self._gate,
            open=self.open,
            close=self.close,
            lists=None if certificates is None else StatusRoutes(certificates, self.now),
            standing_headers=() if retirement is None else retirement.headers(),
        )

    def _routes(
        self, due_day: DueDay | None, body_deadline_s: float, document_deadline_s: float
    ) -> Routes:
        scribe, limits = self._scribe, self.limits
        return Routes(
            office=self._office,
            feed=Feed(scribe.register, scribe.bell, scribe.zone, due_day),
            describe=self.capabilities,
            features=self._features,
            settle=self.settle,
            body_bytes=limits.body_bytes,
            documents=DocumentRoutes(
                scribe=scribe,
                document_bytes=limits.document_bytes,
                document_deadline_s=document_deadline_s,
            ),
            evidence=self._desk,
            pace=Pace(limits.in_flight, limits.per_minute),
            body_deadline_s=body_deadline_s,
        )

    def now(self) -> datetime:
        """Return the present instant of the adapter's clock, in UTC."""
        return self._clock().astimezone(UTC)

    def capabilities(self) -> Capabilities:
        """Return what the adapter says of itself."""
        return described(
            self._profile,
            steps=tuple(step.info for _, step in sorted(self._steps.items())),
            features=self._features(),
            schemes=self._gate.schemes,
            key=self._scribe.key,
            base_url=self.base_url,
            now=self.now(),
        )

    # --- life ---

    async def open(self) -> None:
        """Open the register; harmless to repeat. Servers with lifespan do it by themselves.

        Raises:
            JournalError: the register cannot be used; the text says what to do.
        """
        if self._is_open:
            return
        async with self._opening:
            if self._is_open:
                return
            self._gate.refuse_unusable()
            self._scribe.bell.start()
            try:
                await self._scribe.register.open()
                self._scribe.key = self._event_key or await self._kept_key()
                if self.certificates is not None:
                    await self.certificates.open(await self._kept_secret())
            except BaseException:
                await self._scribe.register.close()
                raise
            if self._callers is not None:
                self._ringing = Ringing(self._scribe, self._callers, self._callback_tls)
            self._is_open = True

    async def close(self) -> None:
        """Give the register back; harmless to repeat."""
        async with self._opening:
            self._is_open = False
            if self._ringing is not None:
                await self._ringing.stop()
            if self.certificates is not None:
                await self.certificates.close()
            await self._scribe.register.close()

    def drain(self) -> None:
        """Let those who wait for changes go, so that a server can stop at once."""
        self._scribe.bell.stop()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Speak ASGI: ``http`` and ``lifespan``."""
        await self._face.serve(scope, receive, send)

    def _features(self) -> tuple[str, ...]:
        callers = () if self._callers is None else tuple(self._callers)
        offered = {
            "callbacks": any(one.callbacks for one in callers),
            "checks": any(step.on_check is not None for step in self._steps.values()),
            "evidence": bool(self._evidence),
        }
        return ("documents", "wait", *(name for name, is_so in offered.items() if is_so))

    async def _kept_key(self) -> EventKey:
        keyid = f"{self.department}-1"[:96]
        fresh = Ed25519EventKey.generate(keyid).to_pem().decode("ascii")
        pem = await self._scribe.register.setting("event_key", fresh)
        return event_key_from_pem(pem.encode("ascii"), keyid=keyid)

    async def _kept_secret(self) -> str:
        """Return the secret from which salts of certificates are derived, made once."""
        return await self._scribe.register.setting("salts", secrets.token_urlsafe(32))
