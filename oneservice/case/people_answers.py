"""What an answer to a consent takes the place of: earlier ones, as far as it is about the same.

An answer is about some steps, and a party's may be about some offices elsewhere. What was said, or
is awaited, of other steps and other offices stands: a yes to one filing lifts no no to another.
"""

from __future__ import annotations

from collections.abc import Iterable

from oneservice.case.changing import changed
from oneservice.case.people import Consent

__all__ = ["with_answer"]


def with_answer(
    consents: tuple[Consent, ...], answer: Consent, steps: Iterable[str]
) -> tuple[Consent, ...]:
    """Return ``consents`` once ``answer`` was given, the latest at the end.

    Args:
        consents: as they were.
        answer: a yes, or a no.
        steps: all sub-cases, for a consent that covers every one.
    """
    some = tuple(steps)
    left = (one if one.id != answer.id else _left(one, answer, some) for one in consents)
    return (*(one for one in left if one is not None), answer)


def _left(one: Consent, answer: Consent, steps: tuple[str, ...]) -> Consent | None:
    """Return what stands of ``one`` beside a later ``answer`` of the same person."""
    if answer.is_alive and one.offices and not {*one.offices} <= {*answer.offices}:
        others = tuple(name for name in one.offices if name not in answer.offices)
        return changed(one, offices=others)
    if answer.offices and not one.offices and one.is_alive:
        return one  # what was agreed to for no office by name, beside what is for this one
    others = tuple(name for name in one.sub_case_ids or steps if not answer.covers(name))
    if not others or (one.is_alive and not one.is_own):
        return None  # a party that agrees to less has taken back the rest
    return changed(one, sub_case_ids=others)
