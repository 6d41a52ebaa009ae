"""One region as a process: ``python -m oneservice.cli.demo_regions_process BASE REGION SKEW``.

It has its own database, keys, clock, log, witness and register; others reach it over sockets only.
Orders come a line at a time on standard input, each with the moment at which it is given; answers
go out a line at a time. When standard input ends, it goes home; killed, it loses nothing.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import oneservice_adapters as offices
from oneservice.canonical import digest_bytes
from oneservice.case import Applicant, ConsentGiven
from oneservice.catalog import bundled_catalog_dir, load_answers, load_catalog
from oneservice.certificates import (
    Act,
    Claims,
    ListIssuer,
    Move,
    Operation,
    Policy,
    TrustBook,
    TrustStore,
    Witnessed,
)
from oneservice.cli.demo_regions_sites import PublicSite
from oneservice.cli.demo_regions_world import (
    BIRTH,
    HEALTH,
    HOME,
    REGIONS,
    Member,
    member,
    policy_for,
    trust_of,
    witness_of,
)
from oneservice.cli.demo_scripts import example
from oneservice.clocks import VirtualClock
from oneservice.departments import (
    REQUEST_TAG,
    Caller,
    Callers,
    DepartmentEndpoint,
    GuardedWeb,
    HttpDepartments,
    MessageSigner,
    event_keys_of,
    running,
)
from oneservice.engine import Engine, KeySigner
from oneservice.errors import FileUnusableError, OneServiceError
from oneservice.federation import Offer, RegionOffice
from oneservice.ports import WebRequest
from oneservice.runtimes import (
    ArrivalDesk,
    DepartureDesk,
    MovingBook,
    MovingOffice,
    StatusRegister,
)
from oneservice.tlog import (
    Alarm,
    FileAnchor,
    LogFolder,
    LogKeeper,
    LogSite,
    NeighbourLog,
    NeighbourWatch,
    SiteView,
    TileLog,
    Watched,
    Witness,
    WitnessSite,
    open_alarm,
)

__all__ = ["main"]

_LISTS_LAST: Final = timedelta(hours=12)
_ENTRIES: Final = 131_072
_LETTER_BYTES: Final = 1_048_576


@dataclass(slots=True, kw_only=True)
class _Region:
    """A region, open."""

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


@asynccontextmanager
async def _opened(base: Path, region: str, clock: VirtualClock) -> AsyncIterator[_Region]:
    own = member(base, region)
    ways: dict[str, Any] = json.loads((own.folder / "ways.json").read_text(encoding="utf-8"))
    trust = trust_of(base)
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(GuardedWeb(is_internal=True))
        endpoints: dict[str, DepartmentEndpoint] = {}
        for name in own.departments:
            office = stack.enter_context(
                offices.opened_office(
                    own.folder / "offices" / name, name, clock=clock, region=region
                )
            )
            url = await stack.enter_async_context(running(office.app))
            endpoints[name] = DepartmentEndpoint(
                base_url=url,
                keys=event_keys_of(trust_list(trust, region), name),
                per_minute=100_000,
            )
        others = {one: member(base, one) for one in REGIONS if one != region}
        for one, other in others.items():
            endpoints[other.office] = DepartmentEndpoint(
                base_url=ways[one]["office"],
                keys=(other.verifying_key,),
                per_minute=100_000,
                signer=MessageSigner(key=own.key, tag=REQUEST_TAG),
            )
        departments = await stack.enter_async_context(HttpDepartments(endpoints, clock=clock))
        engine = await stack.enter_async_context(
            Engine.embedded(
                own.folder / "cases.db",
                region=region,
                departments=departments,
                signer=KeySigner(own.holder, own.seal),
                catalog=load_catalog([bundled_catalog_dir()]),
                trust=trust_list(trust, region),
                clock=clock,
                feed_every=timedelta(minutes=1),
                peers={f"{one[:4]}00": other.office for one, other in others.items()},
            )
        )
        callers = Callers(
            *(
                Caller(id=f"region-{one}", keys=(other.verifying_key,))
                for one, other in others.items()
            )
        )
        office_app = RegionOffice(
            engine,
            department=own.office,
            region=region,
            store=own.folder / "counter.db",
            event_key=own.key,
            callers=callers,
            base_url=ways[region]["office"],
            offers=(Offer.item("newborn", "birth_registration"),),
        )
        office_url = await stack.enter_async_context(running(office_app))
        keeper = await stack.enter_async_context(_log(base, own, ways, web))
        witness = stack.enter_context(
            Witness(
                own.folder / "witness",
                signers=[own.witness],
                logs=[other.log.key for other in others.values()],
                clock=clock,
            )
        )
        uri = f"https://certificates.{region}.example/status/1"
        register = await stack.enter_async_context(
            await StatusRegister.open(own.folder / "status.db", uri=uri, entries=_ENTRIES)
        )
        book = stack.enter_context(MovingBook(own.folder / "moves.db"))
        mover = MovingOffice(
            holder=own.holder,
            key=own.seal,
            key_id=own.key_id,
            trust=lambda: trust_of(base),  # lists change while a move is under way
            clock=clock,
            policy=Policy.standard().also(Witnessed(at_least=3)),
            log=keeper,
        )
        leaving = DepartureDesk(office=mover, book=book, register=register)
        arriving = ArrivalDesk(office=mover, book=book, register=register)
        watch = NeighbourWatch(
            own.folder / "watch",
            logs=[_watched(base, one, ways, web) for one in others],
            signer=own.log,
            clock=clock,
        )

        def letter(move_id: str) -> bytes | None:
            return leaving.letter(move_id) or arriving.letter(move_id)

        sites: dict[str, Any] = {
            "log": LogSite(LogFolder(own.folder / "log")),
            "witness": WitnessSite(witness),
        }
        public = PublicSite(sites, letter=letter, alarms=watch.alarms)
        public_url = await stack.enter_async_context(running(public))
        _say({"office": office_url, "public": public_url})
        yield _Region(
            own=own,
            ways=ways,
            clock=clock,
            engine=engine,
            office=office_app,
            register=register,
            leaving=leaving,
            arriving=arriving,
            keeper=keeper,
            watch=watch,
            web=web,
        )


@asynccontextmanager
async def _log(
    base: Path, own: Member, ways: dict[str, Any], web: GuardedWeb
) -> AsyncIterator[LogKeeper]:
    path = own.folder / "log"
    log = TileLog(path, own.log) if path.exists() else TileLog.create(path, own.log)
    urls = {name: way["witness"] for name, way in ways.items() if name != own.region}
    anchor = FileAnchor(own.folder / "anchor")
    policy = policy_for(base, own.region, urls)
    async with LogKeeper(log, policy=policy, web=web, anchor=anchor) as keeper:
        yield keeper


def _watched(base: Path, region: str, ways: dict[str, Any], web: GuardedWeb) -> NeighbourLog:
    key = member(base, region).log.key
    log = Watched(view=SiteView(f"{ways[region]['public']}/log", web))
    return NeighbourLog(log=key, policy=policy_for(base, region, {}), watched=(log,))


def trust_list(trust: TrustBook, region: str) -> TrustStore:
    """Return the one list that speaks for ``region``."""
    found = trust.list_for(region)
    if found is None:
        msg = f"no trust list speaks for {region}; make the folder of the story anew"
        raise FileUnusableError(msg)
    return found


async def _serve(base: Path, region: str, skew: timedelta) -> None:
    first = json.loads(await _line())
    clock = VirtualClock(datetime.fromisoformat(first["now"]) + skew)
    async with _opened(base, region, clock) as opened:
        while line := await _line():
            order = json.loads(line)
            clock.set(datetime.fromisoformat(order["now"]) + skew)
            try:
                told = await getattr(opened, f"do_{order['do']}")(order)
            except OneServiceError as error:
                told = {"error": f"{error.code}: {error}"}
            _say(told)


def _say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    sys.stdout.flush()


async def _line() -> str:
    return await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


async def _witness(base: Path, name: str, skew: timedelta) -> None:
    """Be a witness that is no region's: it cosigns, and does nothing else."""
    first = json.loads(await _line())
    clock = VirtualClock(datetime.fromisoformat(first["now"]) + skew)
    logs = [member(base, one).log.key for one in REGIONS]
    signers = [witness_of(base, name)]
    with Witness(base / name / "witness", signers=signers, logs=logs, clock=clock) as witness:
        async with running(PublicSite({"witness": WitnessSite(witness)})) as url:
            _say({"public": url})
            while line := await _line():
                clock.set(datetime.fromisoformat(json.loads(line)["now"]) + skew)
                _say({})


def main(arguments: list[str]) -> None:
    """Be the region or the auditor that the command line names."""
    base, name, skew = Path(arguments[0]), arguments[1], timedelta(hours=float(arguments[2]))
    asyncio.run(_serve(base, name, skew) if name in REGIONS else _witness(base, name, skew))


if __name__ == "__main__":
    main(sys.argv[1:])
