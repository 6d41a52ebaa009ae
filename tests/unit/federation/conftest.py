"""Two regions over real sockets: each with its engine, database, keys and departments."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice import Applicant, Engine
from oneservice.canonical import canonical, digest_bytes
from oneservice.case import Case, ConsentGiven, Recorded, read_record
from oneservice.catalog import Catalog, bundled_catalog_dir, load_answers, load_catalog
from oneservice.certificates import Cryptosuite, SigningKey
from oneservice.clocks import VirtualClock
from oneservice.departments import (
    REQUEST_TAG,
    Accepted,
    AdapterApp,
    Caller,
    Callers,
    DepartmentEndpoint,
    Ed25519EventKey,
    Granted,
    HttpDepartments,
    MessageSigner,
    Received,
    Submission,
    VerifyingKey,
    running,
)
from oneservice.engine import KeySigner
from oneservice.federation import Offer, RegionOffice
from oneservice.plan import Plan
from oneservice.ports import SealHolder
from oneservice.relying import Replayed, replay_records
from oneservice.workdays import announced_calendar

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
BIRTH, HOME = "970301", "980201"
OFFICE = "region-980200"
CERTIFICATE = "birth_certificate"
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "newborn.yaml"


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog([bundled_catalog_dir()])


def public(key: Ed25519EventKey) -> VerifyingKey:
    return VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key)


def decides(submission: Submission) -> Any:
    """Grant at once: what offices say where nothing is said of them."""
    return Accepted(), Granted(number=f"N-{submission.id}"[:40])


@dataclass(repr=False)
class Region:
    """One region: its departments behind sockets, its engine over them."""

    name: str
    catalog: Catalog
    folder: Path
    clock: VirtualClock
    things: tuple[str, ...] = ("newborn",)
    decide: dict[str, Callable[[Submission], Any]] = field(default_factory=dict)
    filed: dict[str, list[Submission]] = field(default_factory=dict)
    apps: dict[str, AdapterApp] = field(default_factory=dict)
    key: Ed25519EventKey = field(init=False)
    seal: SigningKey = field(
        default_factory=lambda: SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)
    )
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.key = Ed25519EventKey.generate(f"region-{self.name}")
        self.folder.mkdir(exist_ok=True)

    def _adapter(self, name: str, steps: Iterable[str]) -> tuple[AdapterApp, Ed25519EventKey]:
        key = Ed25519EventKey.generate(f"{self.name}-{name}")
        app = AdapterApp(name, store=self.folder / f"{name}.db", event_key=key, clock=self.clock)

        def take(submission: Submission) -> Any:
            self.filed.setdefault(submission.step_id, []).append(submission)
            return self.decide.get(submission.step_id, decides)(submission)

        for step in steps:
            app.step(step)(take)
        self.apps[name] = app
        return app, key

    @contextlib.asynccontextmanager
    async def open(
        self, neighbours: dict[str, DepartmentEndpoint] | None = None, **more: Any
    ) -> Any:
        async with contextlib.AsyncExitStack() as stack:
            ways = dict(neighbours or {})
            steps: dict[str, set[str]] = {}
            for thing in self.things:
                found = self.catalog.thing(thing, region=self.name, on=START.date())
                for one in found.thing.steps:
                    if str(one.kind) != "bundle":
                        steps.setdefault(found.items[one.item].department, set()).add(one.id)
            for name, served in sorted(steps.items()):
                app, key = self._adapter(name, sorted(served))
                url = await stack.enter_async_context(running(app))
                ways[name] = DepartmentEndpoint(
                    base_url=url, keys=(public(key),), per_minute=100_000
                )
            ports = await stack.enter_async_context(HttpDepartments(ways, clock=self.clock))
            holder = SealHolder(
                id=f"https://c.invalid/{self.name}", name={"en": "Centre"}, region=self.name
            )
            self.engine = await stack.enter_async_context(
                Engine.embedded(
                    self.folder / "cases.db",
                    region=self.name,
                    departments=ports,
                    signer=KeySigner(holder, self.seal),
                    catalog=self.catalog,
                    clock=self.clock,
                    feed_every=timedelta(minutes=1),
                    **more,
                )
            )
            yield self.engine

    async def replays(self, case_id: str) -> None:
        """Tell a journal to the core again: the rules lead to every record, or it is a message."""
        records: list[Recorded] = []
        for seq, line in enumerate(await self.engine.journal(case_id), 1):
            prev = records[-1].digest if records else None
            records.append(read_record(line, case_id=case_id, seq=seq, prev=prev))
        plan = await self.engine.plan_of(case_id)
        replay = replay_records(
            case_id, records, plans={plan.digest: plan}, calendar=announced_calendar()
        )
        assert replay.stopped_at is None
        assert {one.result for one in replay.records} <= {Replayed.DECIDED, Replayed.TAKEN}


@dataclass(repr=False)
class Pair:
    """The region of birth, where parents apply, and the region of home, which registers."""

    birth: Region
    home: Region
    clock: VirtualClock
    example: Path = EXAMPLE
    more: dict[str, Any] = field(default_factory=dict)
    home_more: dict[str, Any] = field(default_factory=dict)
    office: RegionOffice = field(init=False)
    way: DepartmentEndpoint = field(init=False)

    @contextlib.asynccontextmanager
    async def open(self, *offers: Offer, callers: Callers | None = None) -> AsyncIterator[Pair]:
        known = callers or Callers(Caller(id=f"region-{BIRTH}", keys=(public(self.birth.key),)))
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(self.home.open(**self.home_more))
            self.office = RegionOffice(
                self.home.engine,
                department=OFFICE,
                region=HOME,
                store=self.home.folder / "counter.db",
                event_key=self.home.key,
                callers=known,
                offers=offers or (Offer.item("newborn", "birth_registration"),),
            )
            url = await stack.enter_async_context(running(self.office))
            self.way = DepartmentEndpoint(
                base_url=url,
                keys=(public(self.home.key),),
                per_minute=100_000,
                signer=MessageSigner(key=self.birth.key, tag=REQUEST_TAG),
            )
            await stack.enter_async_context(
                self.birth.open({OFFICE: self.way}, peers={"980200": OFFICE}, **self.more)
            )
            yield self

    async def carry(self, *, minutes: int = 5) -> None:
        """Let both regions work for a while of their common, virtual time."""
        for _ in range(minutes):
            for _ in range(3):
                await self.birth.engine.progress()
                await self.home.engine.progress()
                await self.office.pump()
            self.clock.advance(timedelta(minutes=1))

    def plan(self, *, origin: str | None = None, **answers: Any) -> Plan:
        given = load_answers(EXAMPLE)
        told = {"born_in": BIRTH, "home_region": HOME, "children": 1, "wants_insurance": False}
        asked = {**given.answers, **told, "mother_insured": "none", **answers}
        dropped = ("wants_card", "care_costs", "mother_insured_in", "settled_at_discharge")
        kept = {name: one for name, one in asked.items() if name not in dropped}
        return self.birth.engine.plan("newborn", answers=kept, origin=origin)

    async def apply(self, plan: Plan | None = None, **more: Any) -> Case:
        plan = plan or self.plan()
        given = load_answers(EXAMPLE)
        names = {one.group or one.id for one in plan.form if one.value is None}
        fields = {name: one for name, one in given.fields.items() if name in names}
        fields = {
            name: one[:1] if isinstance(one, (list, tuple)) else one for name, one in fields.items()
        }
        consent = ConsentGiven(
            by="the father", at=START, proof=digest_bytes(b"I agree"), until=date(2026, 12, 31)
        )
        consents: dict[str, Any] = {one.id: consent for one in plan.parties}
        own = more.pop("consents", None)
        if own is None:
            now = self.clock.now()
            crossings = await self.birth.engine.people.crossings(plan)
            own = {one.consent_id: one.agreed(by="何静", at=now) for one in crossings}
        consents |= own
        applicant = Applicant(name="何静", code="97030119940312004X", kind="person")
        return await self.birth.engine.submit(
            plan, applicant, fields=fields | more.pop("fields", {}), consents=consents, **more
        )

    async def apply_for_twins(self, **answers: Any) -> Case:
        """Apply for a mother of two, alone; nobody else has to agree."""
        plan = self.plan(two_parents=False, children=2, **answers)
        row = dict(load_answers(EXAMPLE).fields["child"][0])
        return await self.apply(plan, fields={"child": [row, row]})

    async def apply_held(self, applying: Coroutine[Any, Any, Case]) -> Case:
        """Apply while the office of birth certificates, for which the rest waits, keeps silent.

        Engines work on their own once somebody has applied. What a test does before anything
        crosses the border comes before it for certain only if nothing can go on.
        """
        self.birth.decide[CERTIFICATE] = lambda _: Received()
        case = await applying
        await self.carry(minutes=1)
        assert self.birth.filed[CERTIFICATE]
        return case

    async def certify(self) -> None:
        """Let the held certificates be granted: what waited for them may go on."""
        for one in self.birth.filed[CERTIFICATE]:
            await self.birth.apps["health"].record(one.id, *decides(one))

    def newborn(self, **other_answers: Any) -> bytes:
        """Return an application for the whole: answers and fields side by side."""
        given = load_answers(self.example)
        answers = {
            "born_in": HOME,
            "home_region": HOME,
            "has_birth_certificate": True,
            "two_parents": False,
            "wants_insurance": False,
            "mother_insured": "none",
        } | other_answers
        known = self.home.engine.plan("newborn", answers=answers | {"children": 1})
        names = {one.group or one.id for one in known.form if one.value is None}
        fields = {name: one for name, one in given.fields.items() if name in names}
        ours = {one.id for one in known.form if one.group == "child"}
        row = {name: one for name, one in fields["child"][0].items() if name in ours}
        fields |= {"child": [row | {"certificate_number": "O990000001"}]}
        return canonical(
            {
                "case_id": "c9",
                "step_id": "newborn",
                "attempt": 1,
                "region": HOME,
                "applicant": {"kind": "person", "name": "何静", "code": "97030119940312004X"},
                "fields": answers | {"children": 1} | fields,
                "materials": [],
                "consents": [{"id": "k1", "scope": "newborn"}],
            }
        )


@pytest.fixture
def pair(tmp_path: Path, catalog: Catalog) -> Pair:
    clock = VirtualClock(START)
    return Pair(
        birth=Region(BIRTH, catalog, tmp_path / "birth", clock),
        home=Region(HOME, catalog, tmp_path / "home", clock),
        clock=clock,
    )


@pytest.fixture
def arrival(tmp_path: Path, catalog: Catalog) -> Pair:
    """Return a pair whose first region is one at which trains from other provinces arrive."""
    clock = VirtualClock(START)
    return Pair(
        birth=Region("990101", catalog, tmp_path / "arrival", clock),
        home=Region(HOME, catalog, tmp_path / "home", clock),
        clock=clock,
    )
