"""Conditions that decide nothing: never true, always true, or always too late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.catalog.lint.solving import Goal, Space

if TYPE_CHECKING:
    from oneservice.catalog.lint.activity import Activity
    from oneservice.catalog.lint.notes import Notes
    from oneservice.catalog.models import FieldSpec, Item, MaterialSpec, Step

__all__ = ["check_conditions", "has_a_way_through"]

_REMEDY = "correct the condition, or drop what hangs on it"


def has_a_way_through(notes: Notes, space: Space) -> bool:
    """Say whether some answers contradict nothing; where none do, all else would echo that."""
    if space.find() is not None or space.unproven:
        return True
    notes.add(
        "contradictions.0.when",
        "no_way_through",
        "whatever a person answers, a contradiction holds",
        "narrow the contradictions; look at each and at their bounds",
    )
    return False


def check_conditions(notes: Notes, activity: Activity) -> None:
    """Note conditions that come out the same way for all answers."""
    space = activity.space
    thing = notes.thing
    for situation in thing.situations:
        _rule(notes, space, f"situations.{situation.id}.visible_when", situation.visible_when)
    for index, contradiction in enumerate(thing.contradictions):
        _contradiction(notes, space, index, contradiction.when)
    for step in thing.steps:
        _step(notes, activity, step)
    for section, specs in (("fields", thing.fields), ("materials", thing.materials)):
        for spec in specs:
            _spec(notes, activity, section, spec)
    for index, party in enumerate(thing.parties):
        _rule(notes, space, f"parties.{index}.when", party.when)
    for index, batch in enumerate(thing.batches):
        _rule(notes, space, f"batches.{index}.when", batch.when)
    for item in notes.effective.items.values():
        _item(notes, space, item)


def _can(space: Space, *goals: Goal) -> bool:
    """Say whether ``goals`` can hold, or whether nobody can say that they cannot."""
    return space.find(*goals) is not None or space.is_unproven(*goals)


def _rule(notes: Notes, space: Space, path: str, text: str | None) -> bool:
    """Note a rule with one outcome; return whether it can hold at all."""
    if text is None:
        return True
    if not _can(space, (text, True)):
        notes.add(path, "rule_never_true", "this holds for no answers", _REMEDY)
        return False
    if not (_can(space, (text, False)) or _can(space, (text, None))):
        remedy = "drop the condition, or correct it"
        notes.add(path, "rule_always_true", "this holds for all answers", remedy)
    return True


def _contradiction(notes: Notes, space: Space, index: int, text: str) -> None:
    goal: Goal = (text, True)
    found = space.find(goal, ignores_contradictions=True)
    if found is None and not space.is_unproven(goal, ignores_contradictions=True):
        notes.add(
            f"contradictions.{index}.when",
            "contradiction_never",
            "no answers make this contradiction",
            "correct it, or drop it",
        )


def _step(notes: Notes, activity: Activity, step: Step) -> None:
    if step.id not in activity.reachable:
        return  # told where steps are looked at
    space = activity.space
    _rule(notes, space, f"steps.{step.id}.when", step.when)
    if step.region is not None:
        _rule(notes, space, f"steps.{step.id}.region.when", step.region.when)
    active = activity.active(step.id)
    earlier: list[Goal] = []
    for index, limit in enumerate(step.limits):
        path = f"steps.{step.id}.limits.{index}.when"
        can_hold = _rule(notes, space, path, limit.when)
        if can_hold and not _can(space, *active, *earlier, (limit.when, True)):
            text = f"'{step.id}' never comes to this limit: it is off then, or another holds first"
            notes.add(path, "limit_unreachable", text, "change the order or the condition")
        earlier.append((limit.when, False))


def _spec(notes: Notes, activity: Activity, section: str, spec: FieldSpec | MaterialSpec) -> None:
    path = f"{section}.{spec.id}.when"
    users = [name for name in spec.steps if name in activity.reachable]
    if not _rule(notes, activity.space, path, spec.when) or not users or spec.when is None:
        return
    asked: Goal = (spec.when, True)
    if not any(_can(activity.space, *activity.active(name), asked) for name in users):
        text = f"'{spec.id}' is never asked for: no step that uses it is active when this holds"
        notes.add(path, "never_needed", text, _REMEDY)


def _item(notes: Notes, space: Space, item: Item) -> None:
    """Look at the rules of an item; another one-thing may place it and answer otherwise."""
    path = f"items.{item.id}"
    rules = [(f"{path}.channels.{i}.when", each.when) for i, each in enumerate(item.channels)]
    rules += [(f"{path}.fees.{i}.when", each.when) for i, each in enumerate(item.fees)]
    if item.commitment is not None:
        rules.append((f"{path}.commitment.when", item.commitment.when))
    for place, text in rules:
        if text is not None:
            never = not _can(space, (text, True))
            always = not (_can(space, (text, False)) or _can(space, (text, None)))
            words = "this holds for no answers of any one-thing"
            notes.doubt(place, "rule_never_true", words, _REMEDY, is_wrong=never)
            words = "this holds for all answers of every one-thing"
            notes.doubt(place, "rule_always_true", words, _REMEDY, is_wrong=always and not never)
    _channels(notes, space, item)


def _channels(notes: Notes, space: Space, item: Item) -> None:
    if not item.channels:
        return
    closed: list[Goal] = []
    for index, channel in enumerate(item.channels):
        path = f"items.{item.id}.channels.{index}"
        own = () if channel.when is None else ((channel.when, True),)
        is_open = channel.when is None or _can(space, *own)
        is_late = is_open and bool(closed) and not _can(space, *closed, *own)
        words = f"nobody comes to this way in to '{item.id}': an earlier one is always open"
        remedy = "change the order, or give the earlier one a condition"
        notes.doubt(path, "limit_unreachable", words, remedy, is_wrong=is_late)
        closed.append(("false" if channel.when is None else channel.when, channel.when is None))
    path = f"items.{item.id}.channels"
    words = f"for some answers there is no way to hand in '{item.id}'"
    remedy = "add a last channel without 'when'"
    is_shut = space.find(*closed) is not None
    notes.doubt(path, "no_channel", words, remedy, is_wrong=is_shut, at_key=True)
