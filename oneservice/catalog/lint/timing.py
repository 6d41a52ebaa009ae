"""Limits that keep to the law, tolerance to its bounds, windows that open before they close."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.catalog.bounds import is_within
from oneservice.catalog.terms import LimitUnit

if TYPE_CHECKING:
    from oneservice.catalog.lint.notes import Notes
    from oneservice.catalog.models import Item
    from oneservice.catalog.terms import Limit

__all__ = ["LONGEST_JOINT_CAP", "check_timing"]

LONGEST_JOINT_CAP = 45
"""Days for handling together (Administrative Licensing Law art. 42); 15 more only case by case."""
_TOLERANCE_MARGIN = 2
"""Working days that an office keeps to decide after the last paper came (domain section 7)."""


def check_timing(notes: Notes) -> None:
    """Note promises beyond the law, tolerance beyond the promise, and windows of no days."""
    for item in notes.effective.items.values():
        path = f"items.{item.id}.promised"
        _promise(notes, path, item.promised, item.statutory)
        if item.is_on_the_spot and item.promised.days > 0:
            text = f"'{item.id}' is done on the spot, and promised in {item.promised.days} days"
            notes.add(path, "on_the_spot_promise", text, "promise 0 days, or drop 'is_on_the_spot'")
        _tolerance(notes, item)
    for step in notes.thing.steps:
        item_of_step = notes.effective.items.get(step.item)
        for index, case in enumerate(step.limits):
            bound = case.statutory or (item_of_step.statutory if item_of_step else None)
            _promise(notes, f"steps.{step.id}.limits.{index}.promised", case.promised, bound)
    cap = notes.thing.joint_cap
    if cap.days > LONGEST_JOINT_CAP:
        text = f"the joint limit is {cap.days} days, the law allows {LONGEST_JOINT_CAP}"
        remedy = "a longer one is decided case by case, by 15 days at most"
        notes.add("joint_cap", "joint_cap_over_law", text, remedy)
    _batches(notes)


def _promise(notes: Notes, path: str, promised: Limit, statutory: Limit | None) -> None:
    if statutory is None or is_within(promised, statutory):
        return
    notes.add(
        path,
        "promise_over_statutory",
        f"promised {_days(promised)}, the law allows {_days(statutory)}",
        "promise less; in natural days only where the law counts them too",
    )


def _days(limit: Limit) -> str:
    return f"{limit.days} {limit.unit.replace('_', ' ')}"


def _tolerance(notes: Notes, item: Item) -> None:
    if item.tolerance is None or item.promised.unit is not LimitUnit.WORKING_DAYS:
        return
    latest = max(item.promised.days - _TOLERANCE_MARGIN, 0)
    follow = item.tolerance.max_working_days
    if follow <= latest:
        return
    path, origins = f"items.{item.id}", notes.effective.origins
    remedy = f"allow at most {latest}: two working days before the promise"
    if f"{path}.promised" in origins and f"{path}.tolerance" not in origins:
        # An overlay promises sooner, and the base below it is right as it stands.
        due = follow + _TOLERANCE_MARGIN
        remedy = f"promise {due} working days or more, or change 'tolerance' here too"
        path = f"{path}.promised"
    else:
        path = f"{path}.tolerance.max_working_days"
    text = (
        f"papers may follow within {follow} working days, and '{item.id}' is promised in "
        f"{item.promised.days}"
    )
    notes.add(path, "tolerance_too_long", text, remedy)


def _batches(notes: Notes) -> None:
    batches = notes.thing.batches
    for index, batch in enumerate(batches):
        path = f"batches.{index}"
        if batch.closes < batch.opens:
            text = f"'{batch.id}' closes on {batch.closes}, before it opens on {batch.opens}"
            notes.add(f"{path}.closes", "batch_reversed", text, "exchange the two days")
        elif batch.decided_by is not None and batch.decided_by < batch.closes:
            text = f"'{batch.id}' is decided by {batch.decided_by}, before it closes"
            notes.add(f"{path}.decided_by", "batch_reversed", text, "name a later day")
        for earlier in batches[:index]:
            is_apart = batch.closes < earlier.opens or earlier.closes < batch.opens
            if earlier.when == batch.when and not is_apart:
                text = f"'{batch.id}' and '{earlier.id}' are open at once for the same answers"
                remedy = "move one of them, or tell them apart by 'when'"
                notes.add(path, "batch_overlap", text, remedy)
