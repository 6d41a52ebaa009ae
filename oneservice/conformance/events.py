"""P-20 to P-26: histories that grow, chain, verify and fold."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from oneservice.canonical import canonical, digest
from oneservice.conformance.breaking import broken, require
from oneservice.conformance.folding import folded
from oneservice.conformance.gallery import every_event, gallery
from oneservice.conformance.statements import statement
from oneservice.conformance.trial import WITHDRAWAL
from oneservice.conformance.words import EVENT_PREFIX
from oneservice.departments import VerifyingKey
from oneservice.errors import MalformedJsonError

if TYPE_CHECKING:
    from oneservice.conformance.trial import Trial


@statement(
    "P-20",
    "seq is 1, 2, 3 …; prev and digest recompute",
    clause="6",
    cure="Digest the RFC 8785 form without digest and signatures; put the last digest into prev.",
)
async def chains(trial: Trial) -> None:
    """Recompute every chain."""
    for shown in await gallery(trial):
        before = None
        for place, event in enumerate(shown.events, start=1):
            where = f"event {place} of {shown.id}"
            require(
                event.get("seq") == place, f"{where} has seq {event.get('seq')}", shown.exchange
            )
            require(
                event.get("prev") == before,
                f"prev of {where} is not the digest before it",
                shown.exchange,
            )
            before = event.get("digest")
            require(
                _digest(event) == before,
                f"the digest of {where} does not recompute",
                shown.exchange,
            )


@statement(
    "P-21",
    "every signature verifies with a listed, valid key",
    clause="3, 6",
    cure="Sign `oneservice-event-v1`, a line feed and the digest's text with a key you list.",
)
async def signatures(trial: Trial) -> None:
    """Verify every event against the capabilities."""
    keys = _keys((await trial.get("/capabilities")).expect(200).document.get("keys"))
    for shown, event in await every_event(trial):
        where = f"event {event.get('seq')} of {shown.id}"
        signed = event.get("signatures")
        require(isinstance(signed, list) and signed, f"{where} has no signature", shown.exchange)
        for one in signed:
            key = keys.get(str(one.get("keyid")))
            if key is None:
                broken(
                    f"{where} is signed by {one.get('keyid')}, which is not listed", shown.exchange
                )
            require(
                key.alg == one.get("alg"),
                f"{where}: alg is not that of the listed key",
                shown.exchange,
            )
            recorded_at = datetime.fromisoformat(str(event.get("recorded_at")))
            is_valid = key.covers(recorded_at)
            require(is_valid, f"{where} was signed when its key did not count", shown.exchange)
            data = EVENT_PREFIX + str(event.get("digest")).encode()
            holds = key.holds(_bytes(one.get("value")), data)
            require(holds, f"the signature of {where} does not hold", shown.exchange)


@statement(
    "P-22",
    "every history folds by the table",
    clause="6",
    cure="Check the table of transitions before you record; a wrong turn is mended by an event.",
)
async def folds(trial: Trial) -> None:
    """Fold every history."""
    for shown in await gallery(trial):
        _, problem = folded(shown.events)
        require(not problem, f"{shown.id}: {problem}", shown.exchange)


@statement(
    "P-23",
    "state equals the fold",
    clause="5",
    cure="Derive state from the events; never keep it beside them.",
)
async def states(trial: Trial) -> None:
    """Compare the state with that of the events."""
    for shown in await gallery(trial):
        state, problem = folded(shown.events)
        same = bool(problem) or state == shown.state
        require(
            same, f"{shown.id}: state is {shown.state}, its events make it {state}", shown.exchange
        )


@statement(
    "P-24",
    "head is there although events is empty",
    clause="5",
    cure="Send head with every status document.",
)
async def heads(trial: Trial) -> None:
    """Ask for what comes after the last event."""
    filed = await trial.file()
    events = await _all_events(trial, filed.path)
    found = (await trial.get(f"{filed.path}?after={len(events)}")).expect(200)
    require(not found.events, f"{found.told} must have no events", found)
    head = found.document.get("head")
    told = (head.get("seq"), head.get("digest")) if isinstance(head, dict) else None
    right = told == (len(events), events[-1].get("digest"))
    require(right, f"{found.told} must have the head {len(events)} with its digest", found)


@statement(
    "P-25",
    "after=n gives exactly the rest",
    clause="5",
    cure="Answer the events whose seq is larger than `after`, oldest first.",
)
async def rests(trial: Trial) -> None:
    """Read from every place of a history."""
    filed = await trial.file("accept progress progress" if trial.bench.has_test_step else "")
    await trial.put(f"{filed.path}/withdrawals/w1", WITHDRAWAL)
    events = (await trial.get(f"{filed.path}?after=0")).expect(200).events
    for place in range(len(events) + 1):
        found = (await trial.get(f"{filed.path}?after={place}")).expect(200)
        seqs = [one.get("seq") for one in found.events]
        wanted = [one.get("seq") for one in events[place:]]
        require(seqs == wanted, f"{found.told} has {seqs} and must have {wanted}", found)
    whole = (await trial.get(filed.path)).expect(200)
    require(len(whole.events) == len(events), "without after= all events must come", whole)


@statement(
    "P-26",
    "events once read never change",
    clause="6",
    cure="Store the bytes of an event when you write it; never make it again from your own data.",
)
async def unchanging(trial: Trial) -> None:
    """Read, go on, read again: by the status and by the feed."""
    filed = await trial.file("accept" if trial.bench.has_test_step else "")
    before = filed.exchange.events
    await trial.put(f"{filed.path}/withdrawals/w1", WITHDRAWAL)
    for _ in range(2):
        after = (await trial.get(f"{filed.path}?after=0")).expect(200)
        for old, new in zip(before, after.events, strict=False):
            same = canonical(old) == canonical(new)
            require(same, f"event {old.get('seq')} of {filed.id} is another than before", after)
        require(len(after.events) >= len(before), f"events of {filed.id} are gone", after)
        before = after.events


async def _all_events(trial: Trial, path: str) -> list[Any]:
    return (await trial.get(f"{path}?after=0")).expect(200).events


def _digest(event: Mapping[str, Any]) -> str:
    try:
        body = {name: one for name, one in event.items() if name not in {"digest", "signatures"}}
        return digest(body)
    except MalformedJsonError:
        return ""


def _keys(listed: Any) -> dict[str, VerifyingKey]:
    found = [one for one in listed or () if isinstance(one, dict)]
    return {
        str(one.get("keyid")): VerifyingKey(
            keyid=str(one.get("keyid")),
            alg=str(one.get("alg")),
            public_key=_bytes(one.get("public_key")),
            not_before=_instant(one.get("not_before")),
            not_after=_instant(one.get("not_after")),
        )
        for one in found
        if "event" in (one.get("use") or ("event",))
    }


def _bytes(text: Any) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _instant(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
