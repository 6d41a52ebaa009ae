"""Steps as most offices know them, in a line or two: a look into a register, a note, a decision.

What a step has beyond that (a track, a visit, something in the form that must be mended) it says
with the words of :mod:`oneservice_adapters.procedure`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from oneservice.departments import CorrectionItem, Submission
from oneservice.identifiers import mask_citizen_number
from oneservice_adapters.numbers import lettered
from oneservice_adapters.procedure import Course, Holder, Paper, Procedure, Special, always

__all__ = ["bilingual", "looked_up", "noted", "ordinary", "person", "receipt", "wrong_field"]

Text: TypeAlias = Mapping[str, str]


def bilingual(zh: str, en: str) -> Text:
    """Return a text in both languages, as the wire carries it."""
    return {"zh": zh, "en": en}


def ordinary(
    step_id: str,
    by_law: str,
    refusal: Text,
    *,
    days: int,
    main: tuple[str, ...] = (),
    also: tuple[str, ...] = (),
    special: Special | None = None,
    course: Callable[[Submission], Course] | None = None,
    wanted: Callable[[Submission], tuple[str, ...]] | None = None,
    **more: Any,
) -> Procedure:
    """Return a step that somebody decides on.

    Args:
        step_id: as catalogs name it.
        by_law: under which the office asks for papers, and refuses.
        refusal: what it says when it refuses.
        days: promised working days.
        main: materials without which nothing goes on. What a colleague found without a certificate
            is none of them: an engine hands on certificates, and an office looks the rest up.
        also: further materials that the office looks at where they come.
        special: what stops the clock, where every application goes that way.
        course: how an application goes, where not all go the same way.
        wanted: the materials of an application, where not all need the same ones.
        more: other members of :class:`Procedure`.
    """
    usual = Course(promised_working_days=days, special=special)
    return Procedure(
        step_id=step_id,
        by_law=by_law,
        refusal=refusal,
        promised_working_days=days,
        course=course or (lambda _: usual),
        materials=wanted or always(*main),
        knows=(*main, *also),
        **more,
    )


def looked_up(
    step_id: str, by_law: str, refusal: Text, *, main: tuple[str, ...] = (), **more: Any
) -> Procedure:
    """Return a step that is a look into the office's register while the caller waits."""
    at_once = Course(promised_working_days=0, is_on_the_spot=True)
    return ordinary(
        *(step_id, by_law, refusal),
        days=0,
        main=main,
        course=lambda _: at_once,
        is_on_the_spot=True,
        **more,
    )


def noted(step_id: str, by_law: str, *main: str, days: int = 1, **more: Any) -> Procedure:
    """Return a step in which the office takes note of what a colleague has decided."""
    refusal = bilingual(
        "登记簿中没有与所告知事实相符的记录。",
        "The register has no entry that fits what was told.",
    )
    return ordinary(step_id, by_law, refusal, days=days, main=main, **more)


def receipt(kind: str, zh: str, en: str, letters: str) -> Paper:
    """Return a result that is a number on record, without a certificate."""
    return Paper(
        type=kind,
        title=bilingual(zh, en),
        type_no="",
        number=lettered(letters),
        is_certificate=False,
    )


def person(name: str, code: str | None = None) -> Callable[[Submission, str], Holder]:
    """Return the rule that a paper is for the person whom the form names.

    Args:
        name: field of the name.
        code: field of the citizen number, of which month and day of birth stay hidden; ``None``
            for people who have none yet.
    """

    def holder(submission: Submission, number: str) -> Holder:
        del number
        given = submission.fields
        shown = str(given.get(name) or submission.applicant.get("name") or "-")
        found = given.get(code) if code else None
        return Holder(name=shown, code=mask_citizen_number(str(found)) if found else "")

    return holder


def wrong_field(field: str, problem: str, by_law: str, note: Text) -> tuple[CorrectionItem, ...]:
    """Return the request to mend one field, in words of its own."""
    return (CorrectionItem(field=field, problem=problem, note=note, by_law=by_law),)
