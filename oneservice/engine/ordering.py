"""From an operator's order to the input that the core decides, and the bytes that go with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, assert_never

from oneservice.canonical import Digest, digest_bytes
from oneservice.case import (
    Actor,
    AdoptOutcome,
    CloseCase,
    ConsentGiven,
    Form,
    Migrate,
    Reassign,
    Resume,
    RetryNow,
    fill_form,
)
from oneservice.catalog import (
    Catalog,
    EffectiveThing,
    normalise_answers,
    single_step,
)
from oneservice.engine.orders import (
    AdoptOrder,
    CloseOrder,
    MigrateOrder,
    Order,
    ReassignOrder,
    ResumeOrder,
    RetryOrder,
)
from oneservice.engine.pinned import alone_step
from oneservice.engine.same_parts import Carried
from oneservice.plan import Plan, build_plan, holdings_in, plan_body
from oneservice.runtimes import HotCase
from oneservice.workdays import WorkCalendar, legal_day

__all__ = ["Ordered", "Ordering", "refitted"]

_Input = Resume | RetryNow | AdoptOutcome | Reassign | Migrate | CloseCase


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """An order as the core takes it, and what must be durable with it."""

    given: _Input
    blobs: Mapping[Digest, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordering:
    """What orders need beside the case: the published definitions and the calendar."""

    catalog: Catalog
    calendar: WorkCalendar
    peers: Mapping[str, str] = field(default_factory=dict)

    def of(self, order: Order, hot: HotCase, *, at: datetime, by: Actor, why: str) -> Ordered:
        """Return the input that ``order`` is for the case ``hot``.

        Raises:
            CaseError: a migration whose answers or form do not fit; everything at once.
            CatalogError: the one-thing is not published on that day.
        """
        match order:
            case RetryOrder():
                return Ordered(given=RetryNow(at=at, sub_case_id=order.sub_case_id, by=by, why=why))
            case ResumeOrder():
                return Ordered(given=Resume(at=at, sub_case_id=order.sub_case_id, by=by, why=why))
            case AdoptOrder():
                return _adoption(order, at=at, by=by, why=why)
            case ReassignOrder():
                reassign = Reassign(
                    at=at,
                    sub_case_id=order.sub_case_id,
                    department=order.department,
                    by=by,
                    why=why,
                    region=order.region,
                )
                return Ordered(given=reassign)
            case MigrateOrder():
                return self._migration(order, hot, at=at, by=by, why=why)
            case CloseOrder():
                return Ordered(given=CloseCase(at=at, by=by, why=why))
        assert_never(order)

    def _migration(
        self, order: MigrateOrder, hot: HotCase, *, at: datetime, by: Actor, why: str
    ) -> Ordered:
        day = order.on or legal_day(at)
        before = hot.plan
        definition = self._definition(before, on=day)
        asked = {one.id for one in definition.thing.situations}
        kept = {name: value for name, value in before.answers.items() if name in asked}
        answers = normalise_answers(definition, kept | dict(order.answers))
        plan = build_plan(
            definition,
            answers,
            on=day,
            calendar=self.calendar,
            holdings=holdings_in(before),
            origin=before.origin,
            peers=self.peers,
        )
        form = refitted(hot.form, plan, before=before, fields=order.fields, consents=order.consents)
        migrate = Migrate(at=at, before=before, plan=plan, form=form, by=by, why=why)
        return Ordered(
            given=migrate, blobs={plan.digest: plan_body(plan), form.digest: form.dump()}
        )

    def _definition(self, before: Plan, *, on: date) -> EffectiveThing:
        """Return what counts ``on`` that day; of a step that was handled alone, it alone."""
        whole = self.catalog.thing(before.thing, region=before.region, on=on)
        was = self.catalog.thing(before.thing, region=before.region, on=before.on)
        only = alone_step(before, was)
        return whole if only is None else single_step(whole, only)


def refitted(
    form: Form,
    plan: Plan,
    *,
    before: Plan,
    fields: Mapping[str, Any],
    consents: Mapping[str, ConsentGiven] | None = None,
) -> Form:
    """Return what was handed in as ``plan`` asks for it; what it does not ask for is left out.

    So is what the id that it had in ``before`` means otherwise by now.

    Raises:
        FormIncompleteError: the new plan asks for what is not there, or takes a value otherwise.
    """
    wanted = {one.group or one.id for one in plan.form}
    entered = {one.id for one in plan.form if one.group is None}
    carried = Carried(before, plan)
    kept, promised = carried.materials(form.materials), carried.materials(form.promises)
    moved = carried.fields(form.fields)
    known = {name: value for name, value in moved.items() if name in entered}
    known |= {name: [*rows] for name, rows in form.groups.items() if name in wanted}
    parties = {one.id for one in plan.parties}
    agreed = {name: one for name, one in form.consents.items() if name in parties}
    filled = fill_form(
        plan,
        form.applicant,
        fields=_without_strangers(plan, known) | dict(fields),
        materials={},
        consents=agreed | dict(consents or {}),
        kept=kept,
    )
    return replace(filled, materials=kept, promises=promised)


def _without_strangers(plan: Plan, known: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out of each entry of a repeated group what the new plan does not ask for."""
    columns: dict[str, set[str]] = {}
    for one in plan.form:
        if one.group is not None:
            columns.setdefault(one.group, set()).add(one.id)
    return {
        name: [{key: row[key] for key in row if key in columns[name]} for row in value]
        if name in columns
        else value
        for name, value in known.items()
    }


def _adoption(order: AdoptOrder, *, at: datetime, by: Actor, why: str) -> Ordered:
    evidence = digest_bytes(order.paper)
    adopt = AdoptOutcome(
        at=at,
        sub_case_id=order.sub_case_id,
        decision=order.decision,
        decided_on=order.decided_on,
        evidence=evidence,
        by=by,
        why=why,
        number=order.number,
        second=order.second,
    )
    return Ordered(given=adopt, blobs={evidence: order.paper})
