"""Orders about the cook from another region who opens a shop: nothing is brought that exists.

Her health certificate and her proof of residence come from her home region on her consent, after
she looked at them; a rule of this region lets them count; a window in her home town takes the
papers that she still has to hand in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from oneservice.canonical import digest_bytes
from oneservice.case import Actor, Applicant, ConsentGiven, Document, IdentityCheck
from oneservice.catalog import load_answers
from oneservice.certificates import HeldPaper, OfferKind, Shown, Wanted, recognise_many
from oneservice.cli.demo_regions.kinds import HEALTH, RESIDENCE
from oneservice.cli.demo_regions.lookups import allow
from oneservice.cli.demo_regions.orders_cases import standing
from oneservice.cli.demo_regions.orders_papers import wanted_here
from oneservice.cli.demo_regions.people import COOK
from oneservice.cli.demo_regions.region import Region
from oneservice.cli.demo_scripts import example
from oneservice.departments import EvidenceState
from oneservice.engine import EvidenceRequest, holdings_of, materials_of
from oneservice.errors import CaseNotFoundError, IllegalInputError
from oneservice.plan import Plan

__all__ = ["ORDERS"]

_KINDS: Final = (HEALTH, RESIDENCE)
_STEP: Final = "food_permit"
_SHOP: Final = "shop.json"
_SUBJECT: Final = Applicant(name=COOK.name, code=COOK.code, kind="person")


async def ask(region: Region, _: dict[str, Any]) -> dict[str, Any]:
    """Ask the region that the directory names for each paper; repeated, it is the same request."""
    told = {}
    for kind in _KINDS:
        request = _request(region, kind)
        reply = await region.engine.evidence.ask(request)
        told[kind] = {
            "request": request.id,
            "from": request.department,
            "state": str(reply.state),
            "preview": reply.preview_url,
        }
    return told


async def allow_all(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """The cook looked at what would be told of her, and agreed."""
    for told in order["asked"].values():
        if told["state"] == EvidenceState.NEEDS_SUBJECT:
            await allow(region, request_id=told["request"], person=_SUBJECT, at=region.clock.now())
    return {}


async def plan_shop(region: Region, _: dict[str, Any]) -> dict[str, Any]:
    """Tell what would be asked of her if she handed in now."""
    found = await _planned(region)
    return {"worth": found.worth, **_spared(found.plan)}


async def open_shop(region: Region, _: dict[str, Any]) -> dict[str, Any]:
    """Plan with what she holds, and hand the one form in."""
    found = await _planned(region)
    plan, given = found.plan, load_answers(example("tea-kiosk.yaml"))
    names = {one.group or one.id for one in plan.form if one.value is None}
    owner = {"legal_rep_name": COOK.name, "legal_rep_id_no": COOK.code}
    own = {name: given.material_bytes(name) for name in given.materials}
    case = await region.engine.submit(
        plan,
        Applicant(name=given.applicant.name, code=given.applicant.code),
        fields={name: one for name, one in (given.fields | owner).items() if name in names},
        materials={
            **own,
            **materials_of(plan, found.held(region.clock.now()), fetched=found.fetched),
            "m_id": found.fetched[_KINDS.index(RESIDENCE)],
        },
        key="shop",
        papers=found.held,  # asked again at the moment of the opening
    )
    _note_case(region, case.id)
    return {"case": case.id, "worth": found.worth, **_spared(plan)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planned:
    """A plan with the papers that it counts on."""

    plan: Plan
    fetched: tuple[Document, ...]
    wanted: Wanted

    def held(self, at: datetime) -> tuple[HeldPaper, ...]:
        """Return what her papers are worth here at an instant."""
        shown = [Shown(paper=one.content, holder=COOK.holder) for one in self.fetched]
        return recognise_many(shown, wanted=replace(self.wanted, at=at))

    @property
    def worth(self) -> dict[str, str]:
        """Return the same in a word each."""
        return {one.type: one.code for one in self.held(self.wanted.at)}


async def _planned(region: Region) -> _Planned:
    """Fetch what she allowed, judge it by this region's own rules, and plan with it."""
    fetched: list[Document] = []
    for kind in _KINDS:
        reply = await region.engine.evidence.ask(_request(region, kind))
        if reply.state is not EvidenceState.DELIVERED:
            msg = f"a paper was not delivered ({reply.state}); the person must look at it first"
            raise IllegalInputError(msg, status=str(reply.state))
        fetched += reply.accepted(at=region.clock.now())
    shown = [Shown(paper=one.content, holder=COOK.holder) for one in fetched]
    wanted = await wanted_here(region, kinds=_KINDS)
    held = recognise_many(shown, wanted=wanted)
    plan = region.engine.plan(
        "restaurant",
        answers=load_answers(example("tea-kiosk.yaml")).answers,
        origin=COOK.code[:6],
        holdings=holdings_of(people={"staff": {1: [one for one in held if one.type == HEALTH]}}),
    )
    return _Planned(plan=plan, fetched=tuple(fetched), wanted=wanted)


async def at_window(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """A window in her home town looks at form and identity, and receives (收件)."""
    case_id = _case(region)
    elsewhere = region.engine.counter.elsewhere
    if not await elsewhere.handed_in(case_id):
        await elsewhere.receive(
            case_id,
            steps=[_STEP],
            region=order["window"],
            place="hall-1/w-3",
            identity=IdentityCheck.READER,
            by=Actor.clerk("w-3"),
        )
    return {}


async def shop(region: Region, _: dict[str, Any]) -> dict[str, Any]:
    """Return where the shop's case stands, with the two instants."""
    case_id = _case(region)
    case = await region.engine.case(case_id)
    handed = await region.engine.counter.elsewhere.handed_in(case_id)
    return {
        "case": case_id,
        **standing(case),
        "handed_in": [
            {
                "received_at": one.received_at.isoformat(),
                "accepted_at": None if one.accepted_at is None else one.accepted_at.isoformat(),
            }
            for one in handed
        ],
    }


def _request(region: Region, kind: str) -> EvidenceRequest:
    """Return the request for a paper, composed once and kept: asked again, it is the same."""
    path: Path = region.own.folder / f"asked-{kind}"
    if path.exists():
        return EvidenceRequest.parse(path.read_bytes())
    now = region.clock.now()
    offering = region.known.directory.offering(OfferKind.EVIDENCE, kind, at=now)
    consent = ConsentGiven(
        by=COOK.name,
        at=now,
        proof=digest_bytes(f"I agree: {kind}".encode()),
        until=date(2026, 12, 31),
        evidence=(kind,),
    )
    made = region.engine.evidence.request(
        f"region-{offering[0].region}",
        kind,
        subject=_SUBJECT,
        purpose="restaurant",
        consent=consent,
        accepts=("certificate",),
    )
    path.write_bytes(made.dump())
    return made


def _spared(plan: Plan) -> dict[str, Any]:
    """Return what the plan says about what she need not do."""
    crossing = next(one.crossing for one in plan.steps if one.id == _STEP)
    return {
        "steps": [one.id for one in plan.steps],
        "spared": [one.id for one in plan.skipped if one.held is not None],
        "crossing": None if crossing is None else str(crossing.mode),
    }


def _note_case(region: Region, case_id: str) -> None:
    (region.own.folder / _SHOP).write_text(json.dumps(case_id), encoding="utf-8")


def _case(region: Region) -> str:
    path = region.own.folder / _SHOP
    if not path.exists():
        msg = "the shop has not been opened yet"
        raise CaseNotFoundError(msg)
    found: str = json.loads(path.read_text(encoding="utf-8"))
    return found


ORDERS: Final[Mapping[str, Any]] = {
    "shop_ask": ask,
    "shop_allow": allow_all,
    "shop_plan": plan_shop,
    "shop_open": open_shop,
    "shop_window": at_window,
    "shop": shop,
}
