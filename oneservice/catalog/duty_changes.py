"""Rows that a region drops from a duty table or adds to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.catalog.overlay_place import OverlayPlace, require_known
from oneservice.errors import OverlayError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oneservice.catalog.documents import DispatchChange
    from oneservice.catalog.effective import Origin
    from oneservice.catalog.models import Dispatch, OneThing

__all__ = ["changed_dispatch"]

_KEY = "change_dispatch"
_ROWS = "dispatch.duties"


def changed_dispatch(
    thing: OneThing, change: DispatchChange, at: OverlayPlace, known: Mapping[str, Origin]
) -> tuple[Dispatch, dict[str, Origin]]:
    """Return the duty table after ``change``, and where each of its rows comes from.

    Args:
        thing: the one-thing so far.
        change: what the overlay says of its duty table.
        at: where the overlay stands.
        known: where the parts of ``thing`` come from, by dotted path; of the thing itself by "".

    Raises:
        OverlayError: there is no duty table, a row exists already, or units would get more time.
        UnknownReferenceError: a row to drop is not there.
    """
    dispatch = thing.dispatch
    if dispatch is None:
        msg = f"'{thing.id}' has no duty table to change; publish a one-thing with one"
        raise OverlayError(msg, source=at.source(_KEY))
    hours = change.accept_hours or dispatch.accept_hours
    if hours > dispatch.accept_hours:
        msg = f"units take reports within {dispatch.accept_hours} hours; only fewer are allowed"
        raise OverlayError(msg, source=at.source(_KEY, "accept_hours"))
    duties = {duty.id: duty for duty in dispatch.duties}
    for number, name in enumerate(change.drop_duties):
        require_known(name, duties, "duty", at, _KEY, "drop_duties", number)
        del duties[name]
    document, path = known[""]
    origins = {
        duty.id: known.get(f"{_ROWS}.{index}") or (document, (*path, "dispatch", "duties", index))
        for index, duty in enumerate(dispatch.duties)
    }
    for number, duty in enumerate(change.add_duties):
        place = (_KEY, "add_duties", number)
        if duty.id in duties:
            msg = f"the duty '{duty.id}' exists already; drop it first, or use another id"
            raise OverlayError(msg, source=at.source(*place, "id"))
        origins[duty.id] = at.origin(*place)
        duties[duty.id] = duty
    update = {"duties": tuple(duties.values()), "accept_hours": hours}
    rows = {f"{_ROWS}.{index}": origins[name] for index, name in enumerate(duties)}
    return dispatch.model_copy(update=update), rows
