"""The face of the SDK: one function per step makes an adapter that speaks the protocol.

An :class:`AdapterApp` is a plain ASGI application; any server runs it and any framework mounts
it. Everything that is the same for all departments (ids, repeats, events, chains, signatures, the
feed, documents, limits, problem documents) happens here; what is yours is the decision.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, overload

from oneservice.case import OPEN, SubmissionState
from oneservice.departments.asgi import AsgiFace, Authenticate
from oneservice.departments.capabilities import (
    Capabilities,
    KeyInfo,
    ServiceLimits,
    StepInfo,
)
from oneservice.departments.defaults import (
    HasNow,
    clock_of,
    loopback_only,
    register_of,
    wire_schema,
    zone_of,
)
from oneservice.departments.exchange import Receive, Scope, Send
from oneservice.departments.feed import Feed
from oneservice.departments.locks import Bell
from oneservice.departments.office import Office
from oneservice.departments.outcomes import Outcome, Text, people_text
from oneservice.departments.routes import Routes
from oneservice.departments.signing import Ed25519EventKey, EventKey, event_key_from_pem
from oneservice.departments.steps import (
    BeforeRead,
    Decide,
    FieldsCheck,
    OnSupplement,
    OnWithdrawal,
    Step,
    call,
    is_model,
)
from oneservice.departments.wire import instant_text, is_id
from oneservice.errors import (
    AdapterError,
    CaseError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import BaseModel

    from oneservice.canonical import Digest
    from oneservice.departments.application import Submission
    from oneservice.departments.register import Register

__all__ = ["AdapterApp", "Authenticate", "loopback_only"]

_log = logging.getLogger("oneservice.departments")

_D = TypeVar("_D", bound=Decide)
_S = TypeVar("_S", bound=OnSupplement)
_W = TypeVar("_W", bound=OnWithdrawal)
_B = TypeVar("_B", bound=BeforeRead)


class AdapterApp:
    """A department's adapter.

    Args:
        department: its id in catalogs and events.
        name: what people call it, ``{"zh": ..., "en": ...}`` or one text.
        region: the region it serves.
        store: path of its SQLite register, or a :class:`Register`; by default
            ``<department>.register.db`` in the current folder. What was answered 201 is in it.
        event_key: signs events. Without one, a key is made once and kept in the register: fine
            for trials, and no engine trusts it before a person puts it on the trust list.
        clock: anything with ``now()``, or a function; the system's by default.
        zone: where its days begin and end.
        authenticate: tells callers apart; by default only this machine may call.
        limits: sizes are enforced here, ``in_flight`` and ``per_minute`` are asked of callers.
        base_url: its public address, told in the capabilities.
        body_deadline_s: seconds in which a JSON body must have come.
        document_deadline_s: seconds in which a document must have come.
    """

    def __init__(
        self,
        department: str,
        *,
        name: Text | None = None,
        region: str | None = None,
        store: str | Path | Register | None = None,
        event_key: EventKey | None = None,
        clock: HasNow | Callable[[], datetime] | None = None,
        zone: str = "Asia/Shanghai",
        authenticate: Authenticate = loopback_only,
        limits: ServiceLimits | None = None,
        base_url: str | None = None,
        body_deadline_s: float = 10.0,
        document_deadline_s: float = 60.0,
    ) -> None:
        if not is_id(department):
            msg = "a department's id is 1 to 96 of A-Z a-z 0-9 . _ -"
            raise AdapterError(msg)
        self.department = department
        self.name = people_text(name or department)
        self.region = region
        self.limits = limits or ServiceLimits()
        self._zone_name = zone
        self._zone = zone_of(zone)
        self._clock = clock_of(clock)
        self._event_key = event_key
        self._base_url = base_url
        self._steps: dict[str, Step] = {}
        self._before_read: BeforeRead | None = None
        self._settling = asyncio.Lock()
        self._opening = asyncio.Lock()
        self._is_open = False
        bell = Bell()
        register = register_of(store, department)
        self._office = Office(
            department,
            register,
            self.now,
            self._zone,
            self._steps,
            self.limits.body_bytes,
            bell=bell,
        )
        routes = Routes(
            office=self._office,
            feed=Feed(register, bell),
            describe=self.capabilities,
            settle=self.settle,
            body_bytes=self.limits.body_bytes,
            document_bytes=self.limits.document_bytes,
            body_deadline_s=body_deadline_s,
            document_deadline_s=document_deadline_s,
        )
        self._face = AsgiFace(
            routes=routes, authenticate=authenticate, open=self.open, close=self.close
        )

    # --- what the integrator declares ---

    def step(
        self,
        step_id: str,
        *,
        promised_working_days: int | None = None,
        fields: type[BaseModel] | FieldsCheck | None = None,
        fields_schema: Mapping[str, Any] | None = None,
        materials: tuple[str, ...] = (),
        withdraw: Literal["until_decision", "any", "never"] = "until_decision",
        tolerates: tuple[str, ...] = (),
        definitions: tuple[Digest, ...] = (),
        is_on_the_spot: bool = False,
    ) -> Callable[[_D], _D]:
        """Declare the function that takes applications for ``step_id``.

        The function gets a :class:`Submission` and returns an outcome, or a tuple of outcomes in
        their order. It may be ``async``; a plain one runs in a thread. ``received`` is written by
        the app. **It may be called again with the same** ``submission.id`` after a crash: file
        under that id, so that the second call finds what the first one did.

        Args:
            step_id: the step, as catalogs name it.
            promised_working_days: what ``Accepted()`` says unless it says something else.
            fields: a pydantic model that the form must fit, or a function that returns findings.
            fields_schema: JSON Schema for the capabilities; a model brings its own.
            materials: ids of the materials that it looks at.
            withdraw: ``until_decision`` and ``any`` let go whatever is open; ``never`` refuses.
            tolerates: materials that may follow later (容缺).
            definitions: digests of the definitions that it knows.
            is_on_the_spot: whether it usually decides at once.
        """
        if not is_id(step_id) or step_id in self._steps:
            msg = f"step {step_id!r} is declared twice, or its id is not of A-Z a-z 0-9 . _ -"
            raise AdapterError(msg)
        schema = fields_schema
        if schema is None and is_model(fields):
            schema = fields.model_json_schema()
        if schema is not None:
            schema = wire_schema(step_id, schema)
        info = StepInfo(
            step_id=step_id,
            promised_working_days=promised_working_days,
            definitions=definitions,
            fields_schema=schema,
            materials=materials,
            is_on_the_spot=is_on_the_spot,
            tolerates=tolerates,
            withdraw=withdraw,
        )

        def declare(function: _D) -> _D:
            self._steps[step_id] = Step(info=info, decide=function, fields=fields)
            return function

        return declare

    @overload
    def supplement(self, function: _S, /) -> _S: ...
    @overload
    def supplement(self, *step_ids: str) -> Callable[[_S], _S]: ...
    def supplement(self, *of: Any) -> Any:
        """Declare what happens after a supplement, for all steps declared so far or the named.

        The function gets the submission (with the supplement in place) and the supplement. The
        app has written ``correction_received`` already; return what follows, or ``None``.
        Without it: nothing follows, and a promised material that is complete grants.
        """
        return self._hook(of, lambda step, function: setattr(step, "on_supplement", function))

    @overload
    def withdrawal(self, function: _W, /) -> _W: ...
    @overload
    def withdrawal(self, *step_ids: str) -> Callable[[_W], _W]: ...
    def withdrawal(self, *of: Any) -> Any:
        """Declare what happens after the wish to withdraw; see :meth:`supplement`.

        Return ``Withdrawn()``, ``WithdrawalRefused(...)``, or ``None`` to decide later. Without
        it the step's ``withdraw`` policy decides.
        """
        return self._hook(of, lambda step, function: setattr(step, "on_withdrawal", function))

    def before_read(self, function: _B) -> _B:
        """Declare what brings the register up to date before anybody reads it.

        The function gets the present instant. It may call :meth:`record` itself (``async``), or
        return :class:`Decision` objects: so a bridge polls the back office's database, and a
        simulated office decides what has fallen due.
        """
        self._before_read = function
        return function

    # --- what the back office does ---

    async def record(
        self,
        submission_id: str,
        *outcomes: Outcome,
        caller: str | None = None,
        at: datetime | None = None,
    ) -> Submission:
        """Record what was decided later; return the submission as it then stands.

        Args:
            submission_id: which one.
            outcomes: in their order; all of them are recorded or none.
            caller: whose, where several callers used the same id.
            at: when it took legal effect; now by default.

        Raises:
            CaseNotFoundError: no such submission.
            IllegalInputError: the table does not allow it in this state; nothing was written.
            AdapterError: the outcome cannot be written; nothing was.
            JournalError: it could not be made durable; nothing was.
        """
        await self.open()
        return await self._office.record(submission_id, outcomes, caller=caller, at=at)

    async def submission(self, submission_id: str, *, caller: str | None = None) -> Submission:
        """Return one submission; raises :class:`CaseNotFoundError`."""
        await self.open()
        return await self._office.submission(submission_id, caller=caller)

    async def submissions(
        self, *, states: frozenset[SubmissionState] = OPEN, step_id: str | None = None
    ) -> tuple[Submission, ...]:
        """Return submissions of all callers that are in one of ``states``, oldest first."""
        await self.open()
        return await self._office.submissions(states=states, step_id=step_id)

    async def document(self, submission: Submission, digest: Digest) -> bytes:
        """Return the bytes of a document that ``submission`` names.

        Raises:
            AdapterError: its caller never uploaded it.
        """
        await self.open()
        found = await self._office.register.document(submission.caller, digest)
        if found is None:
            msg = f"submission {submission.id} has no document {digest}"
            raise AdapterError(msg)
        return found.data

    async def settle(self) -> None:
        """Let the ``before_read`` function record what has fallen due.

        A decision that cannot be recorded (the applicant withdrew meanwhile) is logged and left
        out: one such paper must not close the whole counter.
        """
        if self._before_read is None:
            return
        async with self._settling:
            for one in await call(self._before_read, self.now()) or ():
                outcomes = one.outcomes if isinstance(one.outcomes, tuple) else (one.outcomes,)
                try:
                    await self.record(one.submission_id, *outcomes, caller=one.caller, at=one.at)
                except (AdapterError, CaseError) as error:
                    _log.error("a decision was left out: %s", error)

    def now(self) -> datetime:
        """Return the present instant of the adapter's clock, in UTC."""
        return self._clock().astimezone(UTC)

    def capabilities(self) -> Capabilities:
        """Return what the adapter says of itself."""
        key = self._office.key
        following = (self.now().replace(day=1) + timedelta(days=62)).replace(day=1)
        midnight = following.replace(hour=0, minute=0, second=0, microsecond=0)
        return Capabilities(
            department=self.department,
            name=self.name,
            region=self.region,
            zone=self._zone_name,
            base_url=self._base_url,
            valid_until=instant_text(midnight),
            steps=tuple(step.info for _, step in sorted(self._steps.items())),
            features=("documents", "wait"),
            limits=self.limits,
            keys=()
            if key is None
            else (KeyInfo(keyid=key.keyid, alg=key.alg, public_key=key.public_key),),
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
            self._office.bell.start()
            try:
                await self._office.register.open()
                self._office.key = self._event_key or await self._kept_key()
            except BaseException:
                await self._office.register.close()
                raise
            self._is_open = True

    async def close(self) -> None:
        """Give the register back; harmless to repeat."""
        async with self._opening:
            self._is_open = False
            await self._office.register.close()

    def drain(self) -> None:
        """Let those who wait for changes go, so that a server can stop at once."""
        self._office.bell.stop()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Speak ASGI: ``http`` and ``lifespan``."""
        await self._face.serve(scope, receive, send)

    async def _kept_key(self) -> EventKey:
        keyid = f"{self.department}-1"[:96]
        fresh = Ed25519EventKey.generate(keyid).to_pem().decode("ascii")
        pem = await self._office.register.setting("event_key", fresh)
        return event_key_from_pem(pem.encode("ascii"), keyid=keyid)

    def _hook(self, of: tuple[Any, ...], put: Callable[[Step, Any], None]) -> Any:
        names = [one for one in of if isinstance(one, str)]
        if not self._steps:
            msg = "declare a step before what follows it; nothing would ever call this function"
            raise AdapterError(msg)

        def declare(function: Any) -> Any:
            for name in names or list(self._steps):
                if name not in self._steps:
                    msg = f"declare step {name!r} before what follows it"
                    raise AdapterError(msg)
                put(self._steps[name], function)
            return function

        return declare if names or not of else declare(of[0])
