"""The life of a certificate: its states, and which operation leads from which to which.

Theory of operation: one table says everything; whatever is not in it is refused. A certificate
that is renewed or changed lives on under its serial as the next version, and the version before
ends, because its document still carries a good signature. A certificate that moves to another
region ends here first and begins there afterwards: of one right, never two papers count at once.

References:
    Domain page, section 8 (states 01 to 07 and 99, operations); GB/T 36904-2018 (versions);
    Administrative Licensing Law, art. 50 (renewal), 69 (撤销), 70 (注销), 81 (吊销).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from oneservice.errors import IdentifierError, IllegalInputError
from oneservice.identifiers import CertificateId, format_certificate_id, parse_certificate_id

__all__ = [
    "TRANSITIONS",
    "Act",
    "CertificateRecord",
    "LifeState",
    "Operation",
    "next_version",
    "operate",
]


class LifeState(StrEnum):
    """Where a certificate stands; the values are the codes of the registers."""

    VALID = "01"
    """有效."""
    HELD = "02"
    """暂扣: taken into custody for a while."""
    REVOKED = "03"
    """撤销: should never have been granted."""
    CANCELLED = "04"
    """注销: ended in good order: given up, replaced by its next version, struck off."""
    EXPIRED = "05"
    """过期."""
    TRANSFERRED = "06"
    """转出: lives on under another identifier, in another region."""
    WITHDRAWN = "07"
    """吊销: taken away as a sanction."""
    OTHER = "99"
    """其他: whatever a register could not say better."""


class Operation(StrEnum):
    """What may be done to a certificate."""

    NEW = "new"
    RENEW = "renew"
    CHANGE = "change"
    HOLD = "hold"
    RELEASE = "release"
    EXPIRE = "expire"
    CANCEL = "cancel"
    REVOKE = "revoke"
    WITHDRAW = "withdraw"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    UNDO_TRANSFER = "undo_transfer"
    OTHER = "other"


_ENDING: Final = {
    Operation.EXPIRE: LifeState.EXPIRED,
    Operation.CANCEL: LifeState.CANCELLED,
    Operation.REVOKE: LifeState.REVOKED,
    Operation.WITHDRAW: LifeState.WITHDRAWN,
}
_STRIKING_OFF: Final = {Operation.CANCEL: LifeState.CANCELLED}

TRANSITIONS: Final[Mapping[LifeState | None, Mapping[Operation, LifeState]]] = MappingProxyType(
    {
        None: {Operation.NEW: LifeState.VALID, Operation.TRANSFER_IN: LifeState.VALID},
        LifeState.VALID: {
            **_ENDING,
            Operation.RENEW: LifeState.CANCELLED,
            Operation.CHANGE: LifeState.CANCELLED,
            Operation.HOLD: LifeState.HELD,
            Operation.TRANSFER_OUT: LifeState.TRANSFERRED,
            Operation.OTHER: LifeState.OTHER,
        },
        LifeState.HELD: {
            **_ENDING,
            Operation.RELEASE: LifeState.VALID,
            Operation.OTHER: LifeState.OTHER,
        },
        LifeState.OTHER: {**_ENDING, Operation.RELEASE: LifeState.VALID},
        # Art. 70: what was revoked or withdrawn, or ran out, is struck off afterwards.
        LifeState.REVOKED: _STRIKING_OFF,
        LifeState.EXPIRED: {**_STRIKING_OFF, Operation.REVOKE: LifeState.REVOKED},
        LifeState.WITHDRAWN: _STRIKING_OFF,
        LifeState.TRANSFERRED: {Operation.UNDO_TRANSFER: LifeState.VALID},
        LifeState.CANCELLED: {},
    }
)
"""The state of the record that is operated on, afterwards; ``None``: there is none yet.

Renewal and change end this version and begin the next, which is valid.
"""

_ENDED: Final = frozenset(
    {LifeState.REVOKED, LifeState.CANCELLED, LifeState.EXPIRED, LifeState.WITHDRAWN}
)
_NAMING: Final = frozenset(
    {Operation.NEW, Operation.RENEW, Operation.CHANGE, Operation.TRANSFER_IN}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRecord:
    """What a register holds about one certificate.

    Args:
        id: its identifier.
        state: where it stands.
        valid_until: aware instant of its end by its own words; ``None``: without end.
        predecessor: the version, or the certificate of another region, that it follows.
        successor: what follows it.
    """

    id: str
    state: LifeState
    valid_until: datetime | None = None
    predecessor: str | None = None
    successor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One operation with all that it needs.

    Args:
        operation: what is done.
        at: aware instant of doing it.
        id: identifier of what begins: for new, renew, change and transfer in; for transfer out
            where the receiving region has named it already.
        valid_until: last instant of what begins; ``None``: without end.
        counterpart: the record on the other side of a transfer.
    """

    operation: Operation
    at: datetime
    id: str | None = None
    valid_until: datetime | None = None
    counterpart: CertificateRecord | None = None


def operate(record: CertificateRecord | None, act: Act) -> tuple[CertificateRecord, ...]:
    """Return all records that ``act`` changes or makes, as they stand afterwards.

    Args:
        record: what the register holds; ``None`` for what begins.
        act: what is to be done.

    Raises:
        IllegalInputError: the table, the calendar or the other side of a transfer forbids it.
        IdentifierError: what begins has an identifier that does not follow that of ``record``.
    """
    state = None if record is None else record.state
    after = TRANSITIONS[state].get(act.operation)
    if after is None:
        where = "no certificate" if state is None else f"a certificate in state {state}"
        raise _illegal(state, f"{act.operation} does not apply to {where}")
    if act.operation in _NAMING and not act.id:
        raise _illegal(state, f"{act.operation} begins a certificate, so it needs an identifier")
    if record is None:
        return _begin(act)
    if act.operation in (Operation.RENEW, Operation.CHANGE):
        return _next(record, act)
    if act.operation is Operation.EXPIRE:
        _check_over(record, act.at)
    if after is LifeState.VALID:
        _check_alive(record, act.at)
    if act.operation is Operation.UNDO_TRANSFER:
        _check_return(record, act.counterpart)
    if act.operation in (Operation.TRANSFER_OUT, Operation.UNDO_TRANSFER):
        return (replace(record, state=after, successor=act.id),)
    return (replace(record, state=after),)


def next_version(identifier: str) -> CertificateId:
    """Return the identifier of the version after ``identifier``, under the same serial.

    Raises:
        IdentifierError: no identifier of GB/T 36904, or its versions are used up (999).
    """
    parts = parse_certificate_id(identifier)
    return format_certificate_id(
        type_authority=parts.type_authority,
        type_no=parts.type_no,
        issuer=parts.issuer,
        serial=parts.serial,
        version=parts.version + 1,
    )


def _begin(act: Act) -> tuple[CertificateRecord, ...]:
    begun = CertificateRecord(id=act.id or "", state=LifeState.VALID, valid_until=act.valid_until)
    if act.operation is Operation.NEW:
        return (begun,)
    gone = act.counterpart
    if gone is None or gone.state is not LifeState.TRANSFERRED:
        raise _illegal(None, "nothing comes in that has not been transferred out before")
    if gone.successor not in (None, begun.id) or gone.id == begun.id:
        raise _illegal(None, "it was transferred to another identifier than this one")
    _check_alive(gone, act.at)
    return (replace(gone, successor=begun.id), replace(begun, predecessor=gone.id))


def _next(record: CertificateRecord, act: Act) -> tuple[CertificateRecord, ...]:
    """Return the version that ends and the one that begins."""
    _check_alive(record, act.at)
    begun = act.id or ""
    try:
        due: str | None = next_version(record.id)
    except IdentifierError:
        due = None  # an identifier of another kind, or the last of its versions
    if begun == record.id or due not in (None, begun):
        msg = "a renewed or changed certificate keeps its serial and gets the next version"
        raise IdentifierError(msg, kind="certificate_id")
    return (
        replace(record, state=LifeState.CANCELLED, successor=begun),
        CertificateRecord(
            id=begun,
            state=LifeState.VALID,
            valid_until=act.valid_until,
            predecessor=record.id,
        ),
    )


def _check_over(record: CertificateRecord, at: datetime) -> None:
    if record.valid_until is None or at <= record.valid_until:
        raise _illegal(record.state, "its last day has not passed, so it has not expired")


def _check_alive(record: CertificateRecord, at: datetime) -> None:
    """Refuse to go on with what has run out; a late renewal is a new certificate (art. 50)."""
    if record.valid_until is not None and at > record.valid_until:
        raise _illegal(record.state, "its last day has passed; apply for a new one")


def _check_return(record: CertificateRecord, arrived: CertificateRecord | None) -> None:
    """Refuse to take back what counts elsewhere by now."""
    if record.successor is None:
        return
    if arrived is None or arrived.id != record.successor or arrived.state not in _ENDED:
        why = "what it became in the other region must end first, and its record be shown"
        raise _illegal(record.state, why)


def _illegal(state: LifeState | None, why: str) -> IllegalInputError:
    return IllegalInputError(why, status="none" if state is None else state.value)
