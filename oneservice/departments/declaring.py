"""What an integrator declares: one function per step, and what follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from oneservice.departments.capabilities import StepInfo
from oneservice.departments.defaults import wire_schema
from oneservice.departments.evidence_desk import BeforeDelivery, EvidenceSource, OnEvidence
from oneservice.departments.steps import (
    BeforeRead,
    Decide,
    FieldsCheck,
    OnCheck,
    OnSupplement,
    OnWithdrawal,
    Step,
    is_model,
)
from oneservice.departments.wire import is_id
from oneservice.errors import AdapterError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel

    from oneservice.canonical import Digest
    from oneservice.departments.evidence_desk import EvidenceDesk

__all__ = ["Declarations"]

_D = TypeVar("_D", bound=Decide)
_S = TypeVar("_S", bound=OnSupplement)
_W = TypeVar("_W", bound=OnWithdrawal)
_B = TypeVar("_B", bound=BeforeRead)
_C = TypeVar("_C", bound=OnCheck)
_E = TypeVar("_E", bound=OnEvidence)
_L = TypeVar("_L", bound=BeforeDelivery)


class Declarations:
    """The decorators of an adapter; :class:`AdapterApp` is the rest of it."""

    _desk: EvidenceDesk

    def __init__(self) -> None:
        self._steps: dict[str, Step] = {}
        self._evidence: dict[str, EvidenceSource] = {}
        self._before_read: BeforeRead | None = None

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

    @overload
    def check(self, function: _C, /) -> _C: ...
    @overload
    def check(self, *step_ids: str) -> Callable[[_C], _C]: ...
    def check(self, *of: Any) -> Any:
        """Declare what would be wanting in an application, before it is filed.

        The function gets a submission that nobody filed (its id is ``check``) and returns
        findings, or none; it must record nothing. What the form and the documents lack is told
        without it. Declaring one offers the feature ``checks``.
        """
        return self._hook(of, lambda step, function: setattr(step, "on_check", function))

    def evidence(self, evidence_type: str, *, needs_consent: bool = True) -> Callable[[_E], _E]:
        """Declare the function that answers requests for evidence of a type.

        It gets an :class:`EvidenceRequest` and returns an :class:`EvidenceAnswer`. It is called
        again for the same request until the answer is final; then that answer stands for ever.
        Where a person must look first (``preview_url``), it is not: :meth:`answer_evidence` is.

        Args:
            evidence_type: as catalogs name it.
            needs_consent: whether only the person can allow it; otherwise a request that names
                its law needs no consent.
        """
        if not is_id(evidence_type) or evidence_type in self._evidence:
            msg = f"evidence {evidence_type!r} is declared twice, or is not of A-Z a-z 0-9 . _ -"
            raise AdapterError(msg)

        def declare(function: _E) -> _E:
            source = EvidenceSource(function=function, needs_consent=needs_consent)
            self._evidence[evidence_type] = source
            return function

        return declare

    def before_delivery(self, function: _L) -> _L:
        """Declare what is done before evidence leaves, such as noting it for the person.

        The function gets the :class:`EvidenceRequest` that is answered now, be it at once or by
        :meth:`answer_evidence`. Nothing leaves where it raises; after a crash it may be called
        again for the same request.
        """
        self._desk.before_delivery = function
        return function

    def before_read(self, function: _B) -> _B:
        """Declare what brings the register up to date before anybody reads it.

        The function gets the present instant. It may call :meth:`record` itself (``async``), or
        return :class:`Decision` objects: so a bridge polls the back office's database, and a
        simulated office decides what has fallen due.
        """
        self._before_read = function
        return function

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
