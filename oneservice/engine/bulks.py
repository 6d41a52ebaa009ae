"""One order for many cases: which ones, the one record of it, and what became of each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from oneservice.canonical import (
    Digest,
    JsonObject,
    canonical,
    digest_bytes,
    parse_object,
    write_instant,
)
from oneservice.case import Actor, Case, CaseStatus, SubCase
from oneservice.catalog import Catalog, did_you_mean
from oneservice.engine.orders import CloseOrder, MigrateOrder, Order, order_document
from oneservice.errors import IllegalInputError

__all__ = [
    "BulkItem",
    "BulkReport",
    "CaseFilter",
    "aimed",
    "order_bytes",
    "read_report",
    "refuse_unknown",
    "step_of",
]

_FORMAT: Final = "oneservice-bulk/1"
_SHOWN: Final = 60
_REPORT_BYTES: Final = 67_108_864
"""A line per case and step: enough for half a million of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which cases, and which of their steps; what is ``None`` is not asked for.

    Args:
        thing: id of the one-thing.
        status: where the case stands as a whole.
        department: of the step.
        problem: how the text of the step's halt or incident begins: ``rewound``, ``contract``.
        since: cases that were opened at this instant or later.
    """

    thing: str | None = None
    status: CaseStatus | None = None
    department: str | None = None
    problem: str | None = None
    since: datetime | None = None

    def takes(self, case: Case) -> bool:
        """Say whether ``case`` as a whole is meant."""
        return (
            (self.thing is None or case.thing == self.thing)
            and (self.status is None or case.status is self.status)
            and (self.since is None or case.opened_at >= self.since)
        )

    def takes_step(self, sub: SubCase) -> bool:
        """Say whether the step ``sub`` of such a case is meant."""
        if self.department is not None and sub.spec.department != self.department:
            return False
        troubles = [one for one in (sub.halted, sub.incident) if one is not None]
        return self.problem is None or any(one.startswith(self.problem) for one in troubles)

    def as_json(self) -> JsonObject:
        """Return what is asked for."""
        asked: JsonObject = {}
        for name in ("thing", "status", "department", "problem"):
            value = getattr(self, name)
            if value is not None:
                asked[name] = str(value)
        if self.since is not None:
            asked["since"] = write_instant(self.since)
        return asked


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkItem:
    """What became of one case: ``problem`` is ``None`` where the order was carried out."""

    case_id: str
    sub_case_id: str
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkReport:
    """The one record of a bulk; ``id`` stands in each case that it touched.

    ``is_dry_run``: nothing happened; ``items`` say what would.
    """

    id: Digest
    is_dry_run: bool
    items: tuple[BulkItem, ...]

    @property
    def done(self) -> tuple[BulkItem, ...]:
        """Those that were, or would be, carried out."""
        return tuple(one for one in self.items if one.problem is None)

    @property
    def failed(self) -> tuple[BulkItem, ...]:
        """Those that were, or would be, refused, each with the reason."""
        return tuple(one for one in self.items if one.problem is not None)

    def dump(self) -> str:
        """Return the durable form: canonical JSON, no person in it."""
        rows = [
            {"case": one.case_id, "step": one.sub_case_id}
            | ({"problem": one.problem} if one.problem is not None else {})
            for one in self.items
        ]
        return canonical({"format": _FORMAT, "bulk": self.id, "items": rows}).decode("utf-8")


def read_report(text: str) -> BulkReport:
    """Return what :meth:`BulkReport.dump` wrote.

    Raises:
        MalformedJsonError: it is no JSON.
    """
    stored = parse_object(text.encode("utf-8"), max_bytes=_REPORT_BYTES)
    items = tuple(
        BulkItem(case_id=row["case"], sub_case_id=row["step"], problem=row.get("problem"))
        for row in stored["items"]
    )
    return BulkReport(id=Digest(stored["bulk"]), is_dry_run=False, items=items)


def refuse_unknown(
    asked: CaseFilter, catalog: Catalog, *, things: Collection[str], departments: Collection[str]
) -> None:
    """Refuse a filter that means nothing because what it names is not there.

    Args:
        asked: which cases and steps.
        catalog: of any day and region: old cases are of what was published then.
        things: of which there are cases, whatever the catalog says today.
        departments: that can be reached.

    Raises:
        IllegalInputError: there is no such one-thing or department; the text tells what was meant.
    """
    for kind, name, known in (
        ("one-thing", asked.thing, {*things, *_declared(catalog, "things")}),
        ("department", asked.department, {*departments, *_declared(catalog, "departments")}),
    ):
        if name is not None and name not in known:
            hint = did_you_mean(name[:_SHOWN], known) or "; see the catalog"
            msg = f"no case is meant: there is no {kind} {name[:_SHOWN]!r}{hint}"
            raise IllegalInputError(msg, status="none")


def _declared(catalog: Catalog, section: str) -> set[str]:
    return {name for one in catalog.documents for name in one.names[section]}


def aimed(order: Order, case: Case, asked: CaseFilter) -> tuple[Order, ...]:
    """Return ``order`` for ``case``, or for each of its steps that ``asked`` means."""
    steps = [
        sub
        for sub in case.sub_cases.values()
        if sub.spec.kind != "bundle" and asked.takes_step(sub)
    ]
    if isinstance(order, (MigrateOrder, CloseOrder)):
        return (replace(order, case_id=case.id),) if steps else ()
    return tuple(
        replace(order, case_id=case.id, sub_case_id=sub.id)
        for sub in steps
        if asked.problem is not None or not sub.is_decided
    )


def step_of(order: Order) -> str:
    """Return the step that ``order`` is for; empty: the whole case."""
    return "" if isinstance(order, (MigrateOrder, CloseOrder)) else order.sub_case_id


def order_bytes(
    order: Order, asked: CaseFilter, *, by: Actor, why: str, at: datetime, count: int
) -> tuple[Digest, bytes]:
    """Return the one order for all, and the digest that stands in each case it touches."""
    document = canonical(
        {
            "format": _FORMAT,
            "filter": asked.as_json(),
            "order": order_document(order),
            "by": str(by),
            "why": why,
            "at": write_instant(at),
            "count": count,
        }
    )
    return digest_bytes(document), document
