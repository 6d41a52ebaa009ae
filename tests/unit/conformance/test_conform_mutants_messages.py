"""Adapters that break one promise about messages each are found there and nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from oneservice.departments import Caller

Judged = Callable[..., Awaitable[list[str]]]


def no_etag(lab: Any) -> Any:
    return lab.answers(lambda ask, got: got.but(etag=None) if ask.path == "/capabilities" else None)


def never_304(lab: Any) -> Any:
    async def change(ask: Any, inner: Any) -> Any:
        return await inner(ask.without("if-none-match"))

    return lab.through(change)


def lists_too_much(lab: Any) -> Any:
    def change(ask: Any, got: Any) -> Any:
        if ask.path != "/capabilities" or got.status != 200:
            return None
        return got.but(got.json | {"steps": [*got.json["steps"], {"step_id": "ghost"}]})

    return lab.answers(change)


def refers_elsewhere(lab: Any) -> Any:
    def change(ask: Any, got: Any) -> Any:
        if ask.path != "/capabilities" or got.status != 200:
            return None
        found = got.json
        found["steps"][0]["fields_schema"] = {"$ref": "https://elsewhere.example/form.json"}
        return got.but(found)

    return lab.answers(change)


def tells_no_versions(lab: Any) -> Any:
    def change(_: Any, got: Any) -> Any:
        if got.code != "unsupported-version":
            return None
        return got.but({name: one for name, one in got.json.items() if name != "supported"})

    return lab.answers(change)


def repeats_are_news(lab: Any) -> Any:
    seen: set[str] = set()

    async def change(ask: Any, inner: Any) -> Any:
        trace = ask.headers.get("traceparent", "")
        is_new, _ = trace not in seen, seen.add(trace)
        got = await inner(ask)
        if ask.method == "PUT" and ask.submission_id and got.status == 200 and is_new:
            await lab.says_more(ask.submission_id)
        return got

    return lab.through(change)


def two_are_first(lab: Any) -> Any:
    under_way: dict[str, int] = {}

    async def change(ask: Any, inner: Any) -> Any:
        name = ask.submission_id if ask.method == "PUT" else ""
        under_way[name] = under_way.get(name, 0) + 1
        is_crowd = under_way[name] > 1
        got = await inner(ask)
        under_way[name] -= 1
        return got.but(status=201) if name and is_crowd and got.status == 200 else got

    return lab.through(change)


def takes_other_bytes(lab: Any) -> Any:
    first: dict[str, bytes] = {}

    def change(ask: Any, got: Any) -> Any:
        if got.status == 201 and ask.submission_id:
            first[ask.submission_id] = got.body
        if got.code == "submission-conflict":
            return got.but(json.loads(first[ask.submission_id]), status=200)
        return None

    return lab.answers(change)


def wants_papers_first(lab: Any) -> Any:
    def change(ask: Any, got: Any) -> Any:
        if ask.method != "PUT" or not ask.submission_id or got.status != 201:
            return None
        body = json.loads(ask.small)
        if body["materials"] or body["fields"]:
            return None
        errors = [{"pointer": "/materials", "problem": "is missing"}]
        problem = {"type": "urn:oneservice:problem:invalid-submission", "status": 422}
        media_type = "application/problem+json"
        return got.but(problem | {"errors": errors}, status=422, content_type=media_type)

    return lab.answers(change)


def points_nowhere(lab: Any) -> Any:
    def change(_: Any, got: Any) -> Any:
        return got.but({**got.json, "errors": []}) if got.code == "invalid-submission" else None

    return lab.answers(change)


def strange_ids_break_it(lab: Any) -> Any:
    problem = {"type": "urn:oneservice:problem:internal", "status": 500, "title": "-"}
    return lab.answers(
        lambda ask, got: got.but(problem, status=500) if ask.path.endswith("/a~b") else None
    )


def knows_no_later_versions(lab: Any) -> Any:
    problem = {"type": "urn:oneservice:problem:invalid-submission", "status": 422, "errors": []}
    return lab.answers(
        lambda ask, got: got.but(problem, status=422) if b'"x_conform"' in ask.small else None
    )


def document_is_always_new(lab: Any) -> Any:
    def change(ask: Any, got: Any) -> Any:
        is_upload = ask.method == "PUT" and ask.path.startswith("/documents/")
        return got.but(status=201) if is_upload and got.status == 200 else None

    return lab.answers(change)


def keeps_mismatches(lab: Any) -> Any:
    kept: set[str] = set()

    def change(ask: Any, got: Any) -> Any:
        if got.code == "digest-mismatch":
            kept.add(ask.path)
        return got.but(status=200) if ask.method == "HEAD" and ask.path in kept else None

    return lab.answers(change)


def one_drawer_for_all(lab: Any) -> Any:
    kept: set[str] = set()

    def change(ask: Any, got: Any) -> Any:
        if ask.path.startswith("/documents/") and ask.method == "PUT" and got.status == 201:
            kept.add(ask.path)
        is_found = ask.path in kept and got.status == 404
        return got.but(status=200) if is_found else None

    return lab.answers(change)


def names_one_lost_document(lab: Any) -> Any:
    def change(_: Any, got: Any) -> Any:
        if got.code != "missing-document":
            return None
        return got.but(got.json | {"digests": got.json["digests"][:1]})

    return lab.answers(change)


def knows_no_ranges(lab: Any) -> Any:
    async def change(ask: Any, inner: Any) -> Any:
        return await inner(ask.without("range"))

    return lab.through(change)


def opens_addresses(lab: Any) -> Any:
    async def change(ask: Any, inner: Any) -> Any:
        if b'"homepage"' in ask.small:
            port = json.loads(ask.small)["fields"]["homepage"].split(":")[2].split("/")[0]
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", int(port))
                writer.close()
        return await inner(ask)

    return lab.through(change)


def plain_errors(lab: Any) -> Any:
    return lab.answers(
        lambda ask, got: got.but(content_type="text/plain") if ask.path == "/nowhere" else None
    )


def invents_codes(lab: Any) -> Any:
    def change(_: Any, got: Any) -> Any:
        if got.code != "media-type":
            return None
        return got.but(got.json | {"type": "urn:oneservice:problem:wrong-mood"})

    return lab.answers(change)


def half_recorded(lab: Any) -> Any:
    async def change(ask: Any, inner: Any) -> Any:
        got = await inner(ask)
        if got.status == 400 and "/supplements/" in ask.path:
            await lab.says_more(ask.path.split("/")[2])
        return got

    return lab.through(change)


def pushes_back_for_ever(lab: Any) -> Any:
    return lab.answers(lambda _, got: got.but(retry_after=None) if got.status == 429 else None)


def reads_everything(lab: Any) -> Any:
    async def change(ask: Any, inner: Any) -> Any:
        count = 0
        while int(ask.headers.get("content-length", "0")) > 2_000_000 and count < 3_600_000:
            count += len((await ask.receive()).get("body", b""))
        return await inner(ask)

    return lab.through(change)


def takes_nan(lab: Any) -> Any:
    return lab.answers(lambda ask, got: got.but(status=201) if b"NaN" in ask.small else None)


def allows_nothing(lab: Any) -> Any:
    return lab.answers(lambda _, got: got.but(allow=None) if got.status == 405 else None)


def forbids_strangers(lab: Any) -> Any:
    return lab.answers(
        lambda _, got: got.but(status=403) if got.code == "signature-missing" else None
    )


def takes_the_first_signature(lab: Any) -> Any:
    async def change(ask: Any, inner: Any) -> Any:
        if ", other=" in ask.headers.get("signature-input", ""):
            headers = [(name, one.split(b", other=")[0]) for name, one in ask.scope["headers"]]
            ask.scope["headers"] = headers
        return await inner(ask)

    return lab.through(change)


def hides_the_time(lab: Any) -> Any:
    def change(_: Any, got: Any) -> Any:
        if got.code != "clock-skew":
            return None
        return got.but({name: one for name, one in got.json.items() if name != "server_time"})

    return lab.answers(change)


def forgets_no_key(lab: Any) -> Any:
    known = lab.yard.callers.get("one")
    key = lab.yard.target.withdrawn_key
    old = type(known.keys[0])(keyid=key.keyid, alg=key.alg, public_key=key.public_key)
    lab.yard.callers.put(Caller(id="one", keys=(*known.keys, old), callbacks=known.callbacks))
    return lab.app


def replays_count(lab: Any) -> Any:
    seen: set[str] = set()

    async def change(ask: Any, inner: Any) -> Any:
        signature = ask.headers.get("signature", "")
        got = await inner(ask)
        if ask.method == "PUT" and ask.submission_id and signature in seen:
            await lab.says_more(ask.submission_id)
        seen.add(signature)
        return got

    return lab.through(change)


def admits_what_is_anothers(lab: Any) -> Any:
    def change(ask: Any, got: Any) -> Any:
        is_other = ask.caller == "two" and got.code == "unknown-submission"
        return got.but(status=403) if is_other else None

    return lab.answers(change)


def quotes_the_value(lab: Any) -> Any:
    def change(ask: Any, got: Any) -> Any:
        if got.code != "invalid-submission" or b'"attempt":"Kanarien' not in ask.small:
            return None
        wrong = json.loads(ask.small)["attempt"]
        return got.but(got.json | {"detail": f"{wrong} is no integer"})

    return lab.answers(change)


def wants_one_order(lab: Any) -> Any:
    problem = {"type": "urn:oneservice:problem:signature-invalid", "status": 401}
    return lab.answers(
        lambda ask, got: (
            got.but(problem, status=401)
            if ");tag=" in ask.headers.get("signature-input", "")
            else None
        )
    )


def loses_traces(lab: Any) -> Any:
    async def change(ask: Any, inner: Any) -> Any:
        return await inner(ask.without("traceparent"))

    return lab.through(change)


def never_ends(lab: Any) -> Any:
    return lab.answers(lambda _, got: got.but(sunset=None) if got.status >= 400 else None)


BROKEN: dict[Callable[[Any], Any], str] = {
    no_etag: "P-01",
    never_304: "P-01",
    lists_too_much: "P-02",
    refers_elsewhere: "P-03",
    tells_no_versions: "P-06",
    repeats_are_news: "P-08",
    two_are_first: "P-09",
    takes_other_bytes: "P-10",
    wants_papers_first: "P-13",
    points_nowhere: "P-14",
    strange_ids_break_it: "P-15",
    knows_no_later_versions: "P-16",
    document_is_always_new: "P-49",
    keeps_mismatches: "P-50",
    one_drawer_for_all: "P-51",
    names_one_lost_document: "P-52",
    knows_no_ranges: "P-53",
    opens_addresses: "P-55",
    plain_errors: "P-64",
    invents_codes: "P-64",
    half_recorded: "P-65",
    pushes_back_for_ever: "P-66",
    reads_everything: "P-67",
    takes_nan: "P-68",
    allows_nothing: "P-70",
    forbids_strangers: "P-76",
    takes_the_first_signature: "P-77",
    hides_the_time: "P-78",
    forgets_no_key: "P-79",
    replays_count: "P-80",
    admits_what_is_anothers: "P-81",
    quotes_the_value: "P-82",
    wants_one_order: "P-84",
    loses_traces: "P-85",
    never_ends: "P-86",
}


NAMES = list(BROKEN)
SEVERAL = 4
"""They wait more than they work: so many are judged at once."""


@pytest.mark.parametrize("first", range(0, len(NAMES), SEVERAL), ids=lambda one: f"from-{one + 1}")
async def test_a_broken_promise_is_found_where_it_is(first: int, judged: Judged) -> None:
    several = NAMES[first : first + SEVERAL]
    found = await asyncio.gather(*(judged(one) for one in several))
    told = {one.__name__: broken for one, broken in zip(several, found, strict=True)}
    assert told == {one.__name__: [BROKEN[one]] for one in several}


async def test_a_body_that_never_ends_is_found(judged: Judged) -> None:
    assert await judged(None, body_deadline_s=60.0) == ["P-69"]


async def test_a_correct_adapter_breaks_nothing(judged: Judged) -> None:
    assert await judged(None) == []
