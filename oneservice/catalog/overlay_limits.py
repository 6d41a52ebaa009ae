"""Other tracks for a step, as an overlay writes them: within what the law and the base allow.

An overlay states a step's whole list anew. What the law sets for one of the cases must not get lost
on the way: not by leaving the case out, not by putting a wider one before it (domain section 6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.catalog.bounds import in_words, is_within
from oneservice.errors import OverlayError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oneservice.catalog.models import Item, LimitCase, Step
    from oneservice.catalog.overlay_place import OverlayPlace
    from oneservice.catalog.terms import Limit

__all__ = ["replaced_limits"]


def replaced_limits(
    step: Step, item: Item | None, cases: tuple[LimitCase, ...], at: OverlayPlace, number: int
) -> tuple[LimitCase, ...]:
    """Return the list that takes the place of the step's own, each case with its law.

    Raises:
        OverlayError: a promise goes beyond the statutory limit or, where there is none, beyond
            every promise it replaces; or a limit that the law sets for a case would be lost.
    """
    law = {case.when: case.statutory for case in step.limits if case.statutory is not None}
    for when, statutory in law.items():
        if when not in {case.when for case in cases}:
            msg = (
                f"the law sets {in_words(statutory)} for '{when}' of '{step.id}', which is no case "
                "here any more; keep that case"
            )
            raise OverlayError(msg, source=at.source("change_steps", number, "limits"))
    general = item.statutory if item else None
    for index, case in enumerate(cases):
        place = ("change_steps", number, "limits", index)
        bound = law.get(case.when, general)
        if case.statutory is not None and case.statutory != bound:
            msg = "a statutory limit is set by law, not by an overlay; leave 'statutory' out"
            raise OverlayError(msg, source=at.source(*place, "statutory"))
        shadowed = (law[later.when] for later in cases[index:] if later.when in law)
        problem = _beyond_law(case, bound, shadowed) or _beyond_promises(case, bound, step, item)
        if problem is not None:
            msg = (
                f"'{step.id}' would be promised in {in_words(case.promised)}, beyond {problem}; "
                "an overlay may only stay within it"
            )
            raise OverlayError(msg, source=at.source(*place, "promised"))
    return tuple(
        case.model_copy(update={"statutory": law[case.when]}) if case.when in law else case
        for case in cases
    )


def _beyond_law(case: LimitCase, bound: Limit | None, shadowed: Iterable[Limit]) -> str | None:
    """Return the limit that is passed; the first case wins, so those after it bind it too."""
    for limit in (*([bound] if bound else ()), *shadowed):
        if not is_within(case.promised, limit):
            return f"the statutory limit of {in_words(limit)}"
    return None


def _beyond_promises(
    case: LimitCase, bound: Limit | None, step: Step, item: Item | None
) -> str | None:
    """Return what is passed where the law sets nothing: every promise that there was."""
    promises = [each.promised for each in step.limits] + ([item.promised] if item else [])
    if bound is not None or not promises or any(is_within(case.promised, p) for p in promises):
        return None
    return f"the promise it replaces, of {in_words(promises[-1])}"
