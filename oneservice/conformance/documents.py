"""P-49 to P-55: documents by digest, each caller its own, and no address is ever opened."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from oneservice.canonical import digest_bytes
from oneservice.conformance.breaking import NotApplicableError, broken, require
from oneservice.conformance.gallery import gallery
from oneservice.conformance.listening import Ear, listening
from oneservice.conformance.statements import Need, statement
from oneservice.conformance.words import in_path

if TYPE_CHECKING:
    from oneservice.conformance.bench import Bench
    from oneservice.conformance.exchanges import Exchange
    from oneservice.conformance.identity import Identity
    from oneservice.conformance.trial import Trial

_PDF: Final = "application/pdf"


@statement(
    "P-49",
    "a document that matches is kept: 201, then 200",
    clause="8",
    cure="Hash what you read, keep it under the caller, and answer 200 when you have it already.",
)
async def matches(trial: Trial) -> None:
    """Upload twice, and ask for it."""
    data, path = _document(trial)
    (await _upload(trial, path, data)).expect(201)
    (await _upload(trial, path, data)).expect(200)
    (await trial.call("HEAD", path)).expect(200)
    got = (await trial.call("GET", path, headers={"Accept": "*/*"})).expect(200)
    require(got.body == data, f"{got.told} has other bytes than were uploaded", got)


@statement(
    "P-50",
    "a mismatch is 422 and HEAD stays 404",
    clause="8",
    cure="Hash before you keep; on a difference answer 422 digest-mismatch and keep nothing.",
)
async def mismatches(trial: Trial) -> None:
    """Upload other bytes than the path names."""
    data, path = _document(trial)
    (await _upload(trial, path, data + b"!")).expect(422, code="digest-mismatch")
    (await trial.call("HEAD", path)).expect(404)


@statement(
    "P-51",
    "another caller's document is 404",
    clause="8",
    cure="Make the caller a part of the document's key, in every query.",
    needs=(Need.OTHER_CALLER,),
)
async def others_documents(trial: Trial) -> None:
    """Upload as one caller, look as another."""
    other = trial.bench.target.other
    data, path = _document(trial)
    (await _upload(trial, path, data)).expect(200, 201)
    (await trial.call("HEAD", path, who=other)).expect(404)
    (await trial.call("GET", path, who=other)).expect(404)


@statement(
    "P-52",
    "a missing document is 422 missing-document with all digests",
    clause="8",
    cure="Look all named digests up before anything is recorded, and list every one you lack.",
)
async def missing_documents(trial: Trial) -> None:
    """Name two documents that nobody uploaded, and one that is there."""
    data, path = _document(trial)
    (await _upload(trial, path, data)).expect(200, 201)
    lost = [digest_bytes(f"{trial.id()} {place}".encode()) for place in range(2)]
    named = [{"digest": one, "media_type": _PDF, "bytes": 1} for one in (*lost, digest_bytes(data))]
    material = (trial.bench.materials or [{"material": "m_conform"}])[0]
    body = trial.application(materials=[{**material, "documents": named}])
    found = await trial.put(f"/submissions/{trial.id()}", body)
    found.expect(422, code="missing-document")
    told = found.document.get("digests")
    right = isinstance(told, list) and sorted(map(str, told)) == sorted(lost)
    require(right, f"{found.told} must list both missing digests and no other", found)


@statement(
    "P-53",
    "Range works on outcomes",
    clause="8, 9",
    cure="Answer `Range: bytes=a-b` with 206 and Content-Range, also for papers you hand out.",
)
async def ranges(trial: Trial) -> None:
    """Read the paper of a grant, whole and in part."""
    for shown in await gallery(trial):
        for digest in _papers(shown.events):
            await _range(trial, digest)
            return
    raise NotApplicableError("no outcome with a document could be had")


@statement(
    "P-55",
    "no URL in any message is ever fetched",
    clause="8, 13",
    cure="Open no address that a message names; callbacks go to registered addresses only.",
    order=0,
)
async def traps(trial: Trial) -> None:
    """Write the address of a trap wherever a message has room for one."""
    async with listening(Ear(), listen_host(trial.bench)) as ear:
        url = f"http://{_shown(listen_host(trial.bench))}:{ear.port}/trap"
        data, path = _document(trial)
        await _upload(trial, path, data)
        reference = {"digest": digest_bytes(data), "media_type": _PDF, "name": url, "url": url}
        material = dict((trial.bench.materials or [{"material": "m_conform"}])[0])
        material |= {"documents": [reference], "certificate": {"id": url}, "source": url}
        filed = await trial.file(
            fields={**_own_fields(trial), "homepage": url},
            materials=[material],
            callback_url=url,
            applicant={"kind": "person", "name": url, "photo": {"href": url}},
        )
        await trial.put(f"{filed.path}/supplements/s1", {"note": {"en": url}, "materials": []})
        await trial.put(f"{filed.path}/withdrawals/w1", {"reason": {"en": url}})
        await asyncio.sleep(trial.bench.target.patience.silence_s)
        if ear.connections:
            broken(f"the adapter opened {url}, which stood in a message", filed.exchange)


def listen_host(bench: Bench) -> str:
    """Return the address at which the adapter could reach the kit."""
    target = bench.target
    if target.listen_host is not None:
        return target.listen_host
    host = urlsplit(target.url).hostname or ""
    try:
        is_here = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_here = False
    if not is_here:
        msg = "the adapter is on another machine: name an address of this one with --listen HOST"
        raise NotApplicableError(msg)
    return "127.0.0.1" if host == "localhost" else host


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _own_fields(trial: Trial) -> dict[str, Any]:
    fields = trial.bench.target.application.get("fields")
    return dict(fields) if isinstance(fields, dict) and not trial.bench.has_test_step else {}


def _document(trial: Trial) -> tuple[bytes, str]:
    data = f"%PDF-1.7\n% {trial.id()}\n%%EOF\n".encode()
    return data, f"/documents/{in_path(digest_bytes(data))}"


async def _upload(trial: Trial, path: str, data: bytes, *, who: Identity | None = None) -> Exchange:
    return await trial.call("PUT", path, data, who=who, headers={"Content-Type": _PDF})


def _papers(events: list[Any]) -> list[str]:
    outcomes = [one["data"].get("outcome") for one in events if isinstance(one.get("data"), dict)]
    return [
        str(paper.get("digest"))
        for outcome in outcomes
        if isinstance(outcome, dict)
        for paper in outcome.get("documents") or ()
        if isinstance(paper, dict)
    ]


async def _range(trial: Trial, digest: str) -> None:
    path = f"/documents/{in_path(digest)}"
    whole = (await trial.call("GET", path, headers={"Accept": "*/*"})).expect(200)
    require(digest_bytes(whole.body) == digest, f"{whole.told} has other bytes", whole)
    size, last = len(whole.body), min(4, len(whole.body) - 1)
    part = await trial.call("GET", path, headers={"Accept": "*/*", "Range": f"bytes=1-{last}"})
    part.expect(206)
    require(part.body == whole.body[1 : last + 1], f"{part.told} is another part", part)
    told = part.header("content-range")
    wanted = f"bytes 1-{last}/{size}"
    require(told == wanted, f"{part.told} has Content-Range {told} and must have {wanted}", part)
