"""Callbacks as the kit hears them: where from, what in them, signed by whom, how often (P-60)."""

from __future__ import annotations

import asyncio
import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import parse
from oneservice.clocks import SystemClock
from oneservice.conformance.breaking import NotApplicableError, broken, require
from oneservice.conformance.exchanges import Answer, Exchange, Sent
from oneservice.conformance.trial import CANARY, WITHDRAWAL
from oneservice.departments import CALLBACK_TAG, Target, VerifyingKey, verify_message
from oneservice.errors import MalformedJsonError, ProtocolProblemError

if TYPE_CHECKING:
    from oneservice.conformance.listening import Ear
    from oneservice.conformance.trial import Trial

__all__ = ["rung", "rung_and_ended"]

_MEMBERS: Final = frozenset({"submission_id", "head"})


async def rung(trial: Trial, name: str, ear: Ear, url: str) -> None:
    """Expect a signed callback without persons, and the same again after it was not taken."""
    ear.reply = lambda _, count: 503 if count == 1 else 204
    within_s = trial.bench.target.patience.ring_s
    filed = await trial.file(callback=name)
    if not await ear.wait_for(lambda heard: _told(heard, filed.id) >= 1, within_s=within_s):
        broken(f"no callback came to {name} within {within_s:g} s", filed.exchange)
    for sent in [one for one in ear.heard if filed.id.encode() in one.body][:1]:
        shown = trial.keep(_shown(sent, 503))
        _judge(trial, sent, shown, url)
    if not await ear.wait_for(lambda heard: _told(heard, filed.id) >= 2, within_s=within_s):  # noqa: PLR2004
        broken(f"a callback that was answered 503 did not come again within {within_s:g} s")


async def rung_and_ended(trial: Trial, name: str, ear: Ear) -> None:
    """Expect silence after 410."""
    ear.reply = lambda _, __: 410
    within_s = trial.bench.target.patience.ring_s
    filed = await trial.file(callback=name)
    if not await ear.wait_for(lambda heard: _told(heard, filed.id) >= 1, within_s=within_s):
        msg = f"no callback came to {name}, where an earlier 410 may have ended them"
        raise NotApplicableError(msg)
    count = len(ear.heard)
    await trial.put(f"{filed.path}/withdrawals/w1", WITHDRAWAL)
    await trial.file(callback=name)
    await asyncio.sleep(trial.bench.target.patience.silence_s)
    require(len(ear.heard) == count, f"callbacks to {name} went on after 410")


def _told(heard: list[Sent], submission_id: str) -> int:
    return sum(submission_id.encode() in one.body for one in heard)


def _judge(trial: Trial, sent: Sent, shown: Exchange, url: str) -> None:
    require(sent.method == "POST", "a callback must be a POST", shown)
    whole = repr((sent.path, sent.headers, sent.body))
    require(CANARY not in whole, "a callback holds the applicant's name", shown)
    try:
        document = parse(sent.body)
    except MalformedJsonError:
        document = None
    changes = document.get("changes") if isinstance(document, dict) else None
    if not isinstance(changes, list):
        broken("a callback must have the member changes", shown)
    for one in changes:
        is_bare = isinstance(one, dict) and set(one) <= _MEMBERS
        require(is_bare, "an entry of a callback has submission_id and head only", shown)
    keys = _keys(trial.bench.capabilities.get("keys"))
    try:
        verify_message(
            Target.of("POST", url),
            dict(sent.headers),
            keys=keys,
            tag=CALLBACK_TAG,
            now=SystemClock().now(),
        )
    except ProtocolProblemError as error:
        broken(f"the callback's signature does not count ({error.problem}): {error}", shown)


def _keys(listed: Any) -> dict[str, VerifyingKey]:
    found = {}
    for one in listed or ():
        if isinstance(one, dict) and "callback" in (one.get("use") or ()):
            try:
                public_key = base64.b64decode(str(one.get("public_key")), validate=True)
            except (binascii.Error, ValueError):
                continue
            name = str(one.get("keyid"))
            found[name] = VerifyingKey(keyid=name, alg=str(one.get("alg")), public_key=public_key)
    return found


def _shown(sent: Sent, status: int) -> Exchange:
    """Return a callback as an exchange; here the adapter asked and the kit answered."""
    return Exchange(sent=sent, answer=Answer(status=status, headers=()))
