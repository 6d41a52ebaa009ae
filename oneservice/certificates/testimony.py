"""What departments said in a journal, under their own signatures: no engine can invent that.

The records of a journal are the engine's. Those of the kind ``department_reported`` hold a
department's own events, word for word: each has a digest, names the event before it, and is signed
over ``oneservice-event-v1`` LF and that digest. Whoever links a journal anew can neither change
such an event nor leave one out of the middle, and needs the departments' keys to make one up.

References:
    adapter protocol, section 6 (digest and signatures of events).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from oneservice.canonical import digest, read_instant
from oneservice.certificates.reliance import Trust, event_keys
from oneservice.certificates.report import Finding, failed, not_checked, passed
from oneservice.certificates.trust_entries import ListedKey
from oneservice.errors import (
    ForgedCertificateError,
    MalformedCertificateError,
    MalformedJsonError,
    VerificationError,
)

__all__ = ["TESTIMONY", "check_testimony"]

TESTIMONY: Final = "department_signatures"
_KIND: Final = "department_reported"
_SIGNED_PREFIX: Final = b"oneservice-event-v1\n"


def check_testimony(records: Sequence[Mapping[str, Any]], trust: Trust | None) -> Finding:
    """Return the finding on the departments' events in ``records``.

    It passes only if a listed key of its department vouches for every event, and every history
    begins with its first event. It fails where an event was changed or left out. A key that the
    list does not name, or that was reported stolen, is neither.

    Args:
        records: of one journal, their chain already proven.
        trust: whose event keys count; ``None``: only digests and links are looked at.
    """
    reported = [record for record in records if record.get("kind") == _KIND]
    redacted = sum("data_digest" in record for record in reported)
    found = _Heard(has_gaps=redacted > 0, trust=trust)
    places = _places(records)
    try:
        for record in reported:
            for event in _events(record):
                found.hear(event, region=places.get(_step(record), places.get("")))
    except VerificationError as error:
        return failed(TESTIMONY, error)
    facts: dict[str, Any] = {"events": found.events, "signed": found.signed, "redacted": redacted}
    if not found.events:
        return not_checked(TESTIMONY, "the journal holds no word of a department", **facts)
    if trust is None:
        why = "no trust list is at hand, so nobody knows the departments' keys"
        return not_checked(TESTIMONY, why, **facts)
    if found.signed < found.events:
        why = "the trust list names no key for some events that is beyond doubt for their time"
        return not_checked(TESTIMONY, why, **facts, departments=sorted(found.unknown))
    return passed(TESTIMONY, **facts)


@dataclass(slots=True, kw_only=True)
class _Heard:
    """What was heard so far: the last event of each submission, and who vouches for how many."""

    has_gaps: bool
    trust: Trust | None
    events: int = 0
    signed: int = 0
    unknown: set[str] = field(default_factory=set)
    _last: dict[str, tuple[int, str]] = field(default_factory=dict)

    def hear(self, event: Mapping[str, Any], *, region: str | None) -> None:
        """Take one event of an office of ``region``.

        Raises:
            ForgedCertificateError: it is not what its department said, or not in its place.
            MalformedCertificateError: it is no event.
        """
        try:
            place = f"event {int(event['seq'])} of {str(event['submission_id'])[:96]}"
            own = digest({k: v for k, v in event.items() if k not in {"digest", "signatures"}})
            if own != event["digest"]:
                msg = f"{place}: its digest does not cover what it says"
                raise ForgedCertificateError(msg)
            self._link(event, place)
            is_signed = self.trust is not None and _is_signed(event, self.trust, region, place)
            self.events += 1
            self.signed += is_signed
            if not is_signed:
                self.unknown.add(str(event["department"]))
        except (KeyError, TypeError, ValueError, AttributeError, MalformedJsonError) as error:
            msg = "a record of what a department said holds no event"
            raise MalformedCertificateError(msg) from error

    def _link(self, event: Mapping[str, Any], place: str) -> None:
        """Hold the event against the one before it; a redacted record may hide that one."""
        seq, submission = event["seq"], event["submission_id"]
        last_seq, last = self._last.get(submission, (0, None))
        follows = seq == last_seq + 1
        is_hidden = self.has_gaps and seq > last_seq
        if (follows and event["prev"] != last) or not (follows or is_hidden):
            msg = f"{place}: it does not follow the one before it; something was left out or moved"
            raise ForgedCertificateError(msg)
        self._last[submission] = (seq, event["digest"])


def _events(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Return the events of a record: one under ``event``, or a list under ``events``."""
    data = record.get("data")
    if not isinstance(data, Mapping):
        return
    several = [data["event"]] if "event" in data else data.get("events", [])
    for event in several if isinstance(several, list) else [several]:
        if not isinstance(event, Mapping):
            msg = "a record of what a department said holds no event"
            raise MalformedCertificateError(msg)
        yield event


def _places(records: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return which region decides each step, as the case was pinned; "": the case's own."""
    places: dict[str, str] = {}
    for record in records:
        data = record.get("data")
        if record.get("kind") not in _PINS or not isinstance(data, Mapping):
            continue
        if isinstance(data.get("region"), str):
            places[""] = data["region"]
        steps = data.get("steps")
        for step in steps if isinstance(steps, list) else ():
            if isinstance(step, Mapping) and isinstance(step.get("region"), str) and step["region"]:
                places[str(step.get("id"))] = step["region"]
    return places


_PINS: Final = frozenset({"case_opened", "migrated"})


def _step(record: Mapping[str, Any]) -> str:
    data = record.get("data")
    return str(data.get("sub_case_id", "")) if isinstance(data, Mapping) else ""


def _is_signed(event: Mapping[str, Any], trust: Trust, region: str | None, place: str) -> bool:
    """Say whether a key beyond doubt signed the event; strangers' signatures are passed over.

    Raises:
        ForgedCertificateError: the signature that names such a key is not by that key.
    """
    recorded_at = read_instant(event["recorded_at"])
    listed = event_keys(trust, event["department"], region)
    vouched = False
    for signature in event["signatures"]:
        keys = [
            key
            for key in listed
            if (key.id, key.suite) == (signature["keyid"], signature["alg"])
            and key.is_within(recorded_at)
            and key.compromised_at is None  # a thief writes whatever moment he likes
        ]
        if keys and not any(_holds(key, signature["value"], event["digest"]) for key in keys):
            msg = f"{place}: the signature is not by the department's key"
            raise ForgedCertificateError(msg)
        vouched = vouched or bool(keys)
    return vouched


def _holds(key: ListedKey, value: str, own: str) -> bool:
    try:
        signature = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return key.key().verifies(signature, _SIGNED_PREFIX + own.encode("ascii"))
