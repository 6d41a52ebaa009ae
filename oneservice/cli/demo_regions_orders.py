"""What a region of the story does when it is told to: its orders, each by its name."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from oneservice.canonical import digest_bytes
from oneservice.case import Applicant, ConsentGiven
from oneservice.catalog import load_answers
from oneservice.certificates import (
    Act,
    Claims,
    ListIssuer,
    Move,
    Operation,
)
from oneservice.cli.demo_regions_world import (
    BIRTH,
    HEALTH,
    HOME,
    Member,
    member,
)
from oneservice.cli.demo_scripts import example
from oneservice.clocks import VirtualClock
from oneservice.departments import (
    GuardedWeb,
)
from oneservice.engine import Engine
from oneservice.federation import RegionOffice
from oneservice.ports import WebRequest
from oneservice.runtimes import (
    ArrivalDesk,
    DepartureDesk,
    StatusRegister,
)
from oneservice.tlog import (
    Alarm,
    LogKeeper,
    NeighbourWatch,
    open_alarm,
)

__all__ = ["Region"]

_LISTS_LAST: Final = timedelta(hours=12)
_LETTER_BYTES: Final = 1_048_576


@dataclass(slots=True, kw_only=True)
class Region:
    """A region, open: one method for each order, called with what the order says."""

    own: Member
    ways: dict[str, Any]
    clock: VirtualClock
    engine: Engine
    office: RegionOffice
    register: StatusRegister
    leaving: DepartureDesk
    arriving: ArrivalDesk
    keeper: LogKeeper
    watch: NeighbourWatch
    web: GuardedWeb

    # --- orders, by their names ---

    async def do_tick(self, _: dict[str, Any]) -> Any:
        """See what time it is; nothing else."""
        return {"now": self.clock.now().isoformat()}

    async def do_apply(self, _: dict[str, Any]) -> Any:
        """Hand in for a newborn whose parents live in another region."""
        given = load_answers(example("newborn.yaml"))
        told = {"born_in": BIRTH, "home_region": HOME, "children": 1, "wants_insurance": False}
        answers = {**given.answers, **told, "mother_insured": "none"}
        for name in ("wants_card", "care_costs", "mother_insured_in", "settled_at_discharge"):
            answers.pop(name, None)
        plan = self.engine.plan("newborn", answers=answers)
        names = {one.group or one.id for one in plan.form if one.value is None}
        fields = {name: one for name, one in given.fields.items() if name in names}
        consent = ConsentGiven(
            by="陆舟",
            at=self.clock.now(),
            proof=digest_bytes(b"I agree"),
            until=date(2026, 12, 31),
        )
        applicant = given.applicant
        case = await self.engine.submit(
            plan,
            Applicant(name=applicant.name, code=applicant.code, kind="person"),
            fields=fields,
            consents={one.id: consent for one in plan.parties},
            key="newborn",
        )
        routed = {one.id: (one.department, one.region) for one in plan.steps}
        return {"case": case.id, "steps": routed}

    async def do_carry(self, _: dict[str, Any]) -> Any:
        """Work for a moment; tell where the cases stand."""
        for _turn in range(3):
            await self.engine.progress()
            await self.office.pump()
        cases = [await self.engine.case(one.case_id) for one in await self.engine.cases()]
        return {
            "cases": {
                one.id: {
                    "status": str(one.status),
                    "steps": {
                        name: [str(sub.status), (sub.outcome or {}).get("number")]
                        for name, sub in one.sub_cases.items()
                    },
                }
                for one in cases
            }
        }

    async def do_bundle(self, order: dict[str, Any]) -> Any:
        """Return what was handed out."""
        bundle = await self.engine.bundle(order["case"])
        return {"bundle": bundle.dump().decode("utf-8")}

    async def do_issue(self, order: dict[str, Any]) -> Any:
        """Issue a cook's health certificate, logged and cosigned."""
        now, name = self.clock.now(), order["certificate"]
        if self.register.record(name) is None:
            until = datetime.fromisoformat("2027-09-27T23:59:59+08:00")
            act = Act(operation=Operation.NEW, at=now, id=name, valid_until=until)
            await self.register.perform(None, act, ground="食品安全法 第四十五条")
        claims = _claims(self.own, name, status=self.register.entry(name))
        letter = await self.leaving.office.sealed(claims, at=now)
        return {"letter": letter.decode("utf-8")}

    async def do_publish(self, _: dict[str, Any]) -> Any:
        """Publish the status lists of this moment."""
        issuer = ListIssuer(id=self.own.holder.id, key=self.own.seal, key_id=self.own.key_id)
        edition = await self.register.publish(
            issuer, at=self.clock.now(), lifetime=_LISTS_LAST, ttl_s=60
        )
        return {"lists": [one.decode("utf-8") for one in edition.documents.values()]}

    async def do_begin(self, order: dict[str, Any]) -> Any:
        """Give a certificate away."""
        return {"state": (await self.leaving.begin(Move(**order["move"]))).state}

    async def do_promise(self, order: dict[str, Any]) -> Any:
        """Say that it would be taken in."""
        claims = _claims(self.own, order["successor"])
        return {"state": (await self.arriving.promise(Move(**order["move"]), claims)).state}

    async def do_give_up(self, order: dict[str, Any]) -> Any:
        """End a move that was not released; the certificate counts here again."""
        return {"state": (await self.leaving.give_up(order["move"]["id"])).state}

    async def do_fetch(self, order: dict[str, Any]) -> Any:
        """Ask the other region what it has to say about a move, and go on."""
        move = Move(**order["move"])
        desk = self.leaving if move.giving == self.own.holder.id else self.arriving
        other = order["from"]
        url = f"{self.ways[other]['public']}/moves/{move.id}"
        answer = await self.web.exchange(WebRequest(url=url, max_bytes=_LETTER_BYTES))
        if answer.status == 200:  # noqa: PLR2004 - HTTP
            await desk.hear(answer.body)
        return {"state": (await desk.go_on(move.id)).state}

    async def do_taken(self, order: dict[str, Any]) -> Any:
        """Return the certificate that arrived, and what the registers say."""
        letter = self.arriving.certificate(order["move"]["id"])
        return {"letter": None if letter is None else letter.decode("utf-8")}

    async def do_state(self, order: dict[str, Any]) -> Any:
        """Return where a certificate stands in this region's register."""
        record = self.register.record(order["certificate"])
        return {"state": None if record is None else record.state.value}

    async def do_look(self, _: dict[str, Any]) -> Any:
        """Look at the neighbours' logs; return what is new."""
        found = await self.watch.look()
        return {"alarms": [_told(one) for one in found]}

    async def do_alarms(self, order: dict[str, Any]) -> Any:
        """Read the alarms that another region raised, and judge them."""
        other = order["from"]
        url = f"{self.ways[other]['public']}/alarms"
        answer = await self.web.exchange(WebRequest(url=url, max_bytes=8 * _LETTER_BYTES))
        watcher = member(self.own.folder.parent, other).log.key
        found = [
            open_alarm(base64.b64decode(one), watchers=[watcher])[0]
            for one in json.loads(answer.body)
        ]
        return {"alarms": [_told(one) for one in found]}

    async def do_log(self, _: dict[str, Any]) -> Any:
        """Publish a head over everything; return its size."""
        await self.keeper.publish()
        return {"size": self.keeper.log.size}


def _claims(own: Member, name: str, **more: Any) -> Claims:
    return Claims(
        id=name,
        type=HEALTH,
        title={"zh": "从业人员健康证明", "en": "Health certificate"},
        issuer_id=own.holder.id,
        issuer_name=own.holder.name,
        issuer_region=own.region,
        holder_name="程远",
        holder_code="990101********1057",
        valid_from=date(2026, 9, 28),
        valid_until=date(2027, 9, 27),
        is_sandbox=True,
        **more,
    )


def _told(alarm: Alarm) -> dict[str, Any]:
    return {
        "log": alarm.origin,
        "concern": alarm.concern.value,
        "view": alarm.view,
        "facts": dict(alarm.facts),
        "has_evidence": bool(alarm.evidence or alarm.heads),
    }
