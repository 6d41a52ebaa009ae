"""Adapters whose histories, feed or callbacks break one promise each are found there only."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from oneservice.departments import Withdrawn, parse_callback
from oneservice.departments.calling_back import Rang

Judged = Callable[..., Awaitable[list[str]]]


def other_digest(lab: Any) -> Any:
    def rewrite(event: Any, _: Any) -> Any:
        if event["type"] == "received":
            event["data"]["request_digest"] = f"sha256:{'0' * 64}"
        return event

    return lab.histories(rewrite)


def unchained(lab: Any) -> Any:
    def rewrite(event: Any, _: Any) -> Any:
        event["prev"] = None
        return event

    return lab.histories(rewrite, is_chained=False)


def badly_signed(lab: Any) -> Any:
    def spoil(entry: Any) -> Any:
        for event in entry["events"]:
            for one in event["signatures"]:
                one["value"] = "A" * 86 + "=="
        return entry

    def change(_: Any, got: Any) -> Any:
        if got.status not in {200, 201} or b'"signatures"' not in got.body:
            return None
        found = got.json
        if "changes" in found:
            return got.but(found | {"changes": [spoil(one) for one in found["changes"]]})
        return got.but(spoil(found))

    return lab.answers(change)


def takes_wrong_turns(lab: Any) -> Any:
    def rewrite(event: Any, _: Any) -> Any:
        if event["type"] == "progress":
            event |= {"type": "resumed", "data": {"result": {"en": "all in order"}}}
        return event

    return lab.histories(rewrite)


def keeps_its_own_state(lab: Any) -> Any:
    def change(_: Any, got: Any) -> Any:
        is_status = got.status in {200, 201} and b'"state":"granted"' in got.body
        return got.but(got.json | {"state": "accepted"}) if is_status else None

    return lab.answers(change)


def loses_its_head(lab: Any) -> Any:
    def change(ask: Any, got: Any) -> Any:
        if not ask.submission_id or got.status != 200 or got.json["events"]:
            return None
        return got.but({name: one for name, one in got.json.items() if name != "head"})

    return lab.answers(change)


def skips_one(lab: Any) -> Any:
    def change(ask: Any, got: Any) -> Any:
        if not ask.submission_id or got.status != 200 or "after=" not in ask.query:
            return None
        is_part = "after=0" not in ask.query and len(got.json["events"]) > 1
        return got.but(got.json | {"events": got.json["events"][1:]}) if is_part else None

    return lab.answers(change)


def rewrites_the_past(lab: Any) -> Any:
    def rewrite(event: Any, known: Any) -> Any:
        if event["type"] == "received" and known[-1]["type"] == "withdrawn":
            event["data"]["receipt_no"] = "another"
        return event

    return lab.histories(rewrite)


def gives_no_number(lab: Any) -> Any:
    def rewrite(event: Any, _: Any) -> Any:
        if event["type"] == "accepted":
            del event["data"]["acceptance_no"]
        return event

    return lab.histories(rewrite)


def knows_no_remedies(lab: Any) -> Any:
    def rewrite(event: Any, _: Any) -> Any:
        if event["type"] == "not_accepted":
            event["data"]["remedies"] = []
        return event

    return lab.histories(rewrite)


def asks_bit_by_bit(lab: Any) -> Any:
    def rewrite(event: Any, _: Any) -> Any:
        if event["type"] == "correction_requested":
            event["data"]["is_complete_list"] = False
        return event

    return lab.histories(rewrite)


def suspends_without_clause(lab: Any) -> Any:
    def rewrite(event: Any, _: Any) -> Any:
        if event["type"] == "suspended":
            event["data"]["by_law"] = " "
        return event

    return lab.histories(rewrite)


def answers_are_not_new(lab: Any) -> Any:
    return lab.answers(
        lambda ask, got: (
            got.but(status=200) if got.status == 201 and "/supplements/" in ask.path else None
        )
    )


def takes_other_answers(lab: Any) -> Any:
    def change(_: Any, got: Any) -> Any:
        return got.but({"state": "-"}, status=200) if got.code == "supplement-conflict" else None

    return lab.answers(change)


def says_not_where_it_stands(lab: Any) -> Any:
    def change(ask: Any, got: Any) -> Any:
        if got.code != "not-open" or "/supplements/" not in ask.path:
            return None
        return got.but({name: one for name, one in got.json.items() if name != "head"})

    return lab.answers(change)


def late_duplicates_count(lab: Any) -> Any:
    newest: dict[str, str] = {}

    async def change(ask: Any, inner: Any) -> Any:
        got = await inner(ask)
        if "/supplements/" in ask.path:
            name, sid = ask.path.split("/")[2::2]
            if got.status == 200 and newest.get(name) != sid:
                await lab.says_more(name)
            if got.status == 201:
                newest[name] = sid
        return got

    return lab.through(change)


def wants_no_promises(lab: Any) -> Any:
    problem = {"type": "urn:oneservice:problem:not-open", "status": 409}
    problem |= {"state": "granted_pending_material", "head": {"seq": 3, "digest": None}}

    async def change(ask: Any, inner: Any) -> Any:
        is_promise = "/supplements/" in ask.path and b"correction_id" not in ask.small
        if not is_promise or b"m_conform" not in ask.small:
            return await inner(ask)
        got = await inner(ask.without("signature"))
        return got.but(problem, status=409, content_type="application/problem+json")

    return lab.through(change)


def never_decides(lab: Any) -> Any:
    step = lab.app._steps["conform"]
    decide = step.on_withdrawal
    step.on_withdrawal = lambda one, wish: (
        decide(one, wish) if "keep" in str(one.fields.get("conform")) else None
    )
    return lab.app


def gives_in(lab: Any) -> Any:
    seen: set[str] = set()

    async def change(ask: Any, inner: Any) -> Any:
        signature = ask.headers.get("signature", "")
        got = await inner(ask)
        if "/withdrawals/" in ask.path and got.status == 200 and signature not in seen:
            await lab.says_more(ask.path.split("/")[2], Withdrawn())
        seen.add(signature)
        return got

    return lab.through(change)


def takes_what_comes_too_late(lab: Any) -> Any:
    def change(ask: Any, got: Any) -> Any:
        is_late = got.code == "not-open" and "/withdrawals/" in ask.path
        return got.but({}, status=200) if is_late else None

    return lab.answers(change)


def tells_no_progress(lab: Any) -> Any:
    def change(ask: Any, got: Any) -> Any:
        if ask.path != "/changes" or got.status != 200:
            return None
        found = got.json
        for one in found["changes"]:
            one["events"] = [event for event in one["events"] if event["type"] != "progress"]
        return got.but(found)

    return lab.answers(change)


def forgets_the_ended(lab: Any) -> Any:
    ended: set[str] = set()

    def change(ask: Any, got: Any) -> Any:
        if "/withdrawals/" in ask.path:
            ended.add(ask.path.split("/")[2])
        if ask.path != "/changes" or got.status != 200 or "after=" in ask.query:
            return None
        kept = [one for one in got.json["changes"] if one["submission_id"] not in ended]
        return got.but(got.json | {"changes": kept})

    return lab.answers(change)


def tells_others(lab: Any) -> Any:
    filed: list[dict[str, Any]] = []

    def change(ask: Any, got: Any) -> Any:
        if ask.submission_id and ask.caller == "one" and got.status == 201:
            filed.append({name: got.json[name] for name in ("submission_id", "head")})
        if ask.path != "/changes" or got.status != 200 or ask.caller == "one":
            return None
        more = [one | {"events": []} for one in filed]
        return got.but(got.json | {"changes": [*got.json["changes"], *more]})

    return lab.answers(change)


def wakes_nobody(lab: Any) -> Any:
    async def change(ask: Any, inner: Any) -> Any:
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        got = await inner(ask)
        if ask.path == "/changes" and "wait=2" in ask.query and got.status == 200:
            await asyncio.sleep(max(0.0, began_s + 2.0 - loop.time()))
        return got

    return lab.through(change)


def waits_for_ever(lab: Any) -> Any:
    async def change(ask: Any, inner: Any) -> Any:
        got = await inner(ask)
        if ask.path == "/changes" and "wait=2" in ask.query and got.status == 200:
            too_long_s = lab.yard.target.patience.grace_s + 1
            await asyncio.sleep(0.0 if got.json["changes"] else too_long_s)
        return got

    return lab.through(change)


async def _rings(lab: Any, send: Any) -> Any:
    await lab.app.open()
    calling = lab.app._ringing._calling
    correct = calling.send
    calling.send = lambda ring: send(ring, correct)
    return lab.app


def rings_unsigned(lab: Any) -> Any:
    async def send(ring: Any, _: Any) -> Any:
        async with httpx.AsyncClient() as client:
            try:
                return Rang(status=(await client.post(ring.url, content=ring.body)).status_code)
            except httpx.HTTPError:
                return Rang(status=0)

    return _rings(lab, send)


def rings_with_names(lab: Any) -> Any:
    async def send(ring: Any, correct: Any) -> Any:
        told = json.loads(ring.body)
        assert parse_callback(ring.body)
        told["changes"][0]["applicant"] = "somebody"
        return await correct(replace(ring, body=json.dumps(told).encode()))

    return _rings(lab, send)


def rings_once(lab: Any) -> Any:
    async def send(ring: Any, correct: Any) -> Any:
        rang = await correct(ring)
        return rang if rang.status == 410 else Rang(status=204)

    return _rings(lab, send)


def rings_on(lab: Any) -> Any:
    async def send(ring: Any, correct: Any) -> Any:
        rang = await correct(ring)
        return Rang(status=204) if rang.status == 410 else rang

    return _rings(lab, send)


BROKEN: dict[Callable[[Any], Any], str] = {
    other_digest: "P-07",
    unchained: "P-20",
    badly_signed: "P-21",
    takes_wrong_turns: "P-22",
    keeps_its_own_state: "P-23",
    loses_its_head: "P-24",
    skips_one: "P-25",
    rewrites_the_past: "P-26",
    gives_no_number: "P-27",
    knows_no_remedies: "P-28",
    asks_bit_by_bit: "P-29",
    suspends_without_clause: "P-30",
    answers_are_not_new: "P-39",
    takes_other_answers: "P-40",
    says_not_where_it_stands: "P-41",
    late_duplicates_count: "P-42",
    wants_no_promises: "P-43",
    never_decides: "P-44",
    gives_in: "P-45",
    takes_what_comes_too_late: "P-46",
    tells_no_progress: "P-56",
    forgets_the_ended: "P-57",
    tells_others: "P-58",
    wakes_nobody: "P-59",
    waits_for_ever: "P-59",
    rings_unsigned: "P-60",
    rings_with_names: "P-60",
    rings_once: "P-60",
    rings_on: "P-60",
}


NAMES = list(BROKEN)
SEVERAL = 4
"""They wait more than they work: so many are judged at once."""


@pytest.mark.parametrize("first", range(0, len(NAMES), SEVERAL), ids=lambda one: f"from-{one + 1}")
async def test_a_broken_history_is_found_where_it_is(first: int, judged: Judged) -> None:
    several = NAMES[first : first + SEVERAL]
    found = await asyncio.gather(*(judged(one) for one in several))
    told = {one.__name__: broken for one, broken in zip(several, found, strict=True)}
    assert told == {one.__name__: [BROKEN[one]] for one in several}
