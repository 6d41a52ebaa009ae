"""The documented test step, for adapters on the SDK: it does what an application tells it to.

Serve it on a staging system beside the real steps, never where decisions count. The table of its
words is in ``docs/conform.md``, so that it can be written in any language.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeAlias

from oneservice.conformance.target import TEST_STEP
from oneservice.departments import (
    Accepted,
    AdapterApp,
    CorrectionRequested,
    Extended,
    Granted,
    GrantedPendingMaterial,
    MaterialReceived,
    NotAccepted,
    Outcome,
    OutcomeDocument,
    Progress,
    Refused,
    Resumed,
    Submission,
    Supplement,
    Suspended,
    Withdrawal,
    WithdrawalRefused,
    Withdrawn,
)

Outcomes: TypeAlias = "Outcome | tuple[Outcome, ...]"

__all__ = ["MATERIAL", "add_test_step", "outcome_of"]

MATERIAL: Final = "m_conform"
SLOW_S: Final = 2.0
"""How long ``slow`` takes before anything is recorded: time enough to kill the adapter."""
_LAW: Final = "中华人民共和国行政许可法 第四十五条"
_PAPER: Final = OutcomeDocument(
    data=b"%PDF-1.7\n% A sample without legal effect.\n%%EOF\n",
    media_type="application/pdf",
    name="sample.pdf",
)
_GRANTED: Final = Granted(number="CONFORM-1", documents=(_PAPER,))
_WORDS: Final[Mapping[str, Outcome]] = {
    "accept": Accepted(promised_working_days=5),
    "decline": NotAccepted(reasons=("not a matter for this office",)),
    "correct": CorrectionRequested(materials=(MATERIAL,), note="Please add the sample."),
    "resume": Resumed(result="all in order"),
    "extend": Extended(working_days=3, reason="many files", approved_by="the head of the office"),
    "progress": Progress(label="the inspector is on the way"),
    "grant": _GRANTED,
    "refuse": Refused(reasons=("the sample is not what the law wants",)),
}


def add_test_step(app: AdapterApp, step_id: str = TEST_STEP) -> None:
    """Serve the test step on ``app``.

    Args:
        app: an adapter, before it is opened.
        step_id: must begin with ``conform``.
    """

    @app.step(
        step_id,
        promised_working_days=5,
        materials=(MATERIAL,),
        tolerates=(MATERIAL,),
        fields=_findings,
        fields_schema={"type": "object", "properties": {"conform": {"type": "string"}}},
    )
    async def take_in(submission: Submission) -> Outcomes:
        if "slow" in _script(submission):
            await asyncio.sleep(SLOW_S)
        return _course(submission, 0)

    @app.supplement(step_id)
    def look_again(submission: Submission, supplement: Supplement) -> Outcomes | None:
        if supplement.correction_id is None:
            return MaterialReceived() if MATERIAL in supplement.materials else None
        turn = sum(one.correction_id is not None for one in submission.supplements)
        return _course(submission, turn)

    @app.withdrawal(step_id)
    def let_go(submission: Submission, withdrawal: Withdrawal) -> Outcome:
        del withdrawal
        if "keep" in _script(submission):
            return WithdrawalRefused(reasons=("it is too late for that",))
        return Withdrawn()


def outcome_of(word: str, submission: Submission) -> Outcome | None:
    """Return what a word of a script stands for; ``None`` for one that decides nothing."""
    until = (submission.now + timedelta(days=15)).date()
    if word == "suspend":
        return Suspended(ground="on_site_check", by_law=_LAW, expected_until=until)
    if word == "pend":
        return GrantedPendingMaterial(pending={MATERIAL: until}, granted=_GRANTED)
    return _WORDS.get(word)


def _course(submission: Submission, turn: int) -> Outcomes:
    script = _script(submission)
    if not script:
        if MATERIAL in submission.materials:
            return () if submission.was_accepted else Accepted()
        return CorrectionRequested(materials=(MATERIAL,), note="The sample is missing.")
    parts = script.split("/")
    words = parts[turn].split() if turn < len(parts) else []
    found = (outcome_of(word, submission) for word in words)
    return tuple(one for one in found if one is not None)


def _script(submission: Submission) -> str:
    return str(submission.fields.get("conform", ""))


def _findings(fields: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    if not isinstance(fields.get("conform", ""), str):
        yield "/conform", "must be text"
