"""Orders about papers: issuing them one by one or by the train, striking off, recognising."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from oneservice.canonical import canonical, parse_object
from oneservice.certificates import (
    Act,
    Certificate,
    Claims,
    EnclosedProof,
    Enclosures,
    EndpointKind,
    LifeState,
    ListIssuer,
    Operation,
    PublishedStatus,
    Shown,
    Wanted,
    issue,
    recognise_many,
)
from oneservice.cli.demo_regions.kinds import HEALTH
from oneservice.cli.demo_regions.people import COOK, Person
from oneservice.cli.demo_regions.region import Region
from oneservice.cli.demo_regions.wording import claims_of
from oneservice.errors import EnvironmentalError
from oneservice.tlog import fresh_salt
from oneservice.transparency import Entry, EntryKind
from oneservice.workdays import LEGAL_ZONE

__all__ = ["ORDERS", "logged_letters", "shown_in", "wanted_here"]

_LISTS_LAST: Final = timedelta(hours=12)
_GROUND: Final = "食品安全法 第四十五条"
_LAST_DAY: Final = date(2027, 9, 27)


async def issue_one(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """Issue the cook's health certificate, logged and cosigned."""
    name = order["certificate"]
    claims = await register(region, name, kind=HEALTH, person=COOK, until=_LAST_DAY)
    (letter,) = await sealed_letters(region, [claims])
    region.archive.keep(letter, kind=HEALTH, holder_code=COOK.code)
    return {"letter": letter.decode("utf-8")}


async def issue_many(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """Issue papers for many people, under one head of the log; writes a letter on each line."""
    claims = [
        await register(
            region,
            one["certificate"],
            kind=one["kind"],
            person=Person(name=one["name"], code=one["code"]),
            until=date.fromisoformat(one["until"]),
        )
        for one in order["papers"]
    ]
    letters = await sealed_letters(region, claims)
    _write_lines(Path(order["out"]), letters)
    return {"issued": len(letters)}


async def strike(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """Do something to certificates that stand in the register: revoke them, hold them."""
    act = Act(operation=Operation(order["operation"]), at=region.clock.now())
    for name in order["certificates"]:
        record = region.register.record(name)
        if (
            record is not None and record.state is LifeState.VALID
        ):  # an earlier run may have come far
            await region.register.perform(name, act, ground=_GROUND)
    return {"struck": len(order["certificates"])}


async def publish(region: Region, _: dict[str, Any]) -> dict[str, Any]:
    """Publish the status lists of this moment; the log holds them as soon as it can."""
    own, now = region.own, region.clock.now()
    issuer = ListIssuer(id=own.holder.id, key=own.seal, key_id=own.key_id)
    edition = region.register.edition()
    if edition is None or edition.issued_at < now:
        edition = await region.register.publish(issuer, at=now, lifetime=_LISTS_LAST, ttl_s=60)
    with contextlib.suppress(EnvironmentalError):
        await region.editions.catch_up(region.register)
        await region.prove_office_lists()
    lists = [one.decode("utf-8") for one in edition.documents.values()]
    return {"lists": lists, "proofs": region.editions.proofs(edition)}


async def recognise(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """Judge what many people show, in one call, by the lists that this region relies on."""
    shown = shown_in(Path(order["shown"]))
    wanted = await wanted_here(region, kinds=order["kinds"])
    found = recognise_many(shown, wanted=wanted)
    return {"counts": Counter(one.code for one in found), "codes": [one.code for one in found]}


async def lists_at_hand(region: Region, _: dict[str, Any]) -> dict[str, Any]:
    """Return the status lists of all regions, as they are fetched from here."""
    return {"lists": [one.decode("utf-8") for one in await fetched_lists(region)]}


def shown_in(file: Path) -> list[Shown]:
    """Return what people show, one on each line: a letter, and whose it must be."""
    return [_shown_by(line) for line in file.read_text(encoding="utf-8").splitlines()]


def _write_lines(file: Path, lines: Sequence[bytes]) -> None:
    file.write_bytes(b"".join(one + b"\n" for one in lines))


def _shown_by(line: str) -> Shown:
    told = json.loads(line)
    paper = canonical(told["letter"]["paper"])
    holder = told["holder"]
    return Shown(paper=paper, holder=Person(name=holder["name"], code=holder["code"]).holder)


async def wanted_here(region: Region, *, kinds: Sequence[str]) -> Wanted:
    """Return what the region asks of papers, with the status lists that the directory leads to."""
    trust = region.known.trust
    status = PublishedStatus.of(await fetched_lists(region), trust=trust)
    return Wanted(
        region=region.own.region,
        trust=trust,
        at=region.clock.now(),
        types=frozenset(kinds),
        status=status,
    )


async def fetched_lists(region: Region) -> list[bytes]:
    """Fetch the status list of every region that the directory ever named."""
    now, found = region.clock.now(), []
    for one in region.known.directory.regions:
        url = one.url(EndpointKind.STATUS)
        data = None if url is None else await region.lists.list_of(url, at=now)
        if data is not None:
            found.append(data)
    return found


async def register(region: Region, name: str, *, kind: str, person: Person, until: date) -> Claims:
    """Enter a certificate into the register, once; return what it is to state."""
    if region.register.record(name) is None:
        end = datetime.combine(until, time(23, 59, 59), tzinfo=LEGAL_ZONE)
        act = Act(operation=Operation.NEW, at=region.clock.now(), id=name, valid_until=end)
        await region.register.perform(None, act, ground=_GROUND)
    status = region.register.entry(name)
    return claims_of(region.own, name, kind=kind, person=person, until=until, status=status)


async def sealed_letters(region: Region, claims: Sequence[Claims]) -> list[bytes]:
    """Seal papers, and have the log prove that it holds them, under one head for all."""
    own, now = region.own, region.clock.now()
    papers = [
        issue(one, key=own.seal, verification_method=own.key_id, created=now) for one in claims
    ]
    return await logged_letters(region, [(one, Enclosures()) for one in papers])


async def logged_letters(
    region: Region, papers: Sequence[tuple[Certificate, Enclosures]]
) -> list[bytes]:
    """Return papers as letters, each with the proof of the log beside what it has already.

    Asked again for a paper of the same name, it returns the one that was first, and logs nothing.
    """
    drafts = [
        parse_object(region.archive.first(paper.claims.id, _draft(paper, beside)))
        for paper, beside in papers
    ]
    entries = [
        Entry(
            kind=EntryKind.CERTIFICATE,
            digest=Certificate.of(one["paper"]).digest,
            salt=one["salt"],
        )
        for one in drafts
    ]
    proofs = await region.entries.enter(entries)
    letters = []
    for draft, entry, proof in zip(drafts, entries, proofs, strict=True):
        logged = EnclosedProof(text=proof, salt=entry.salt)
        enclosed = draft["enclosures"] | Enclosures(log_proofs=(logged,)).as_json()
        letters.append(canonical({"paper": draft["paper"], "enclosures": enclosed}))
    return letters


def _draft(paper: Certificate, beside: Enclosures) -> bytes:
    """Return a letter before it is logged, with the salt under which it will be."""
    return canonical(
        {
            "paper": parse_object(paper.dump()),
            "enclosures": beside.as_json(),
            "salt": fresh_salt(),
        }
    )


ORDERS: Final[Mapping[str, Any]] = {
    "issue": issue_one,
    "issue_many": issue_many,
    "strike": strike,
    "publish": publish,
    "recognise": recognise,
    "lists": lists_at_hand,
}
