"""Receiving for an office elsewhere (异地代收代办): what the window checks, and two instants.

Theory of operation: a receiving window looks at *form* and *identity* and at nothing else, and
passes the papers on; the deciding office accepts, and its limit starts when it accepts. So
each application has two instants that must not be mixed up: *received* (收件) at the window, by the
window's own record, and *accepted* (受理) at the deciding office, by that office's signed event.
What lies between them is the window's time and the courier's, and is nobody else's.

The custody of originals is that of every counter (:mod:`counter_custody`): the receiving window
takes them in, a courier carries them under seal, the deciding window opens them.

References:
    domain page, section 6 (collect elsewhere; two time stamps); 国办发〔2020〕35号.
"""

from __future__ import annotations

from oneservice.case.counter_checks import be_there, refusal, require_label
from oneservice.case.counter_events import WindowChecked
from oneservice.case.counter_inputs import CheckAtWindow
from oneservice.case.counter_state import WindowCheck
from oneservice.case.counter_terms import CaseChannel, VisitPurpose, is_label
from oneservice.case.draft import Draft
from oneservice.case.state import DECIDED
from oneservice.errors import IdentifierError
from oneservice.identifiers import parse_region
from oneservice.workdays import legal_day

__all__ = ["check_at_window"]


def check_at_window(draft: Draft, given: CheckAtWindow) -> None:
    """Record what a receiving window found; telling the same twice changes nothing."""
    require_label(draft, "place", given.place)
    _require_region(draft, given.region)
    _require_open(draft, given.sub_case_ids)
    for name in given.wanting:
        if not is_label(name):
            what = "'wanting' names materials and fields as the plan does, and never a value"
            raise refusal(draft, what)
    if given.forward_by is not None and given.forward_by < legal_day(given.at):
        raise refusal(draft, "'forward_by' lies before the day of receipt; work it out anew")
    if any(_is_told_again(one, given) for one in draft.case.counter.window_checks):
        return
    draft.add(
        WindowChecked(
            at=given.at,
            sub_case_ids=given.sub_case_ids,
            region=given.region,
            place=given.place,
            identity=given.identity,
            by=given.by,
            wanting=given.wanting,
            forward_by=given.forward_by,
        )
    )
    be_there(
        draft,
        at=given.at,
        channel=CaseChannel.WINDOW,
        place=given.place,
        purpose=VisitPurpose.HAND_IN,
        by=given.by,
    )


def _require_region(draft: Draft, region: str) -> None:
    try:
        parse_region(region)
    except IdentifierError as error:
        raise refusal(draft, f"'region' is none: {error}") from None


def _require_open(draft: Draft, names: tuple[str, ...]) -> None:
    """Refuse a receipt for nothing, twice the same, or what is decided already."""
    known = draft.case.sub_cases
    if not names or len(set(names)) != len(names) or not set(names) <= known.keys():
        what = f"a receipt names steps of the case, each once; there are {', '.join(known)}"
        raise refusal(draft, what)
    late = [name for name in names if known[name].status in DECIDED]
    if late:
        raise refusal(draft, f"{', '.join(late)} is decided; there is nothing to receive for it")


def _is_told_again(known: WindowCheck, given: CheckAtWindow) -> bool:
    """Say whether the same window tells the same findings of the same day once more."""
    before = (known.sub_case_ids, known.region, known.place, known.identity, known.by)
    now = (given.sub_case_ids, given.region, given.place, given.identity, given.by)
    return (
        before == now
        and known.wanting == given.wanting
        and legal_day(known.at) == legal_day(given.at)
    )
