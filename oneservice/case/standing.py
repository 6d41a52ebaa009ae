"""What still stands of a case, what is missing and why, and what can be done until when.

For the applicant, in plain words: a refusal of one office takes nothing from what another has
granted (domain page, section 3), and each decision against them has remedies with a last day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from oneservice.case.attempts import may_file_again
from oneservice.case.clocks import correction_until, promise_until
from oneservice.case.limits import due_date
from oneservice.case.standing_people import (
    AwaitedConsent,
    SparedStep,
    awaited_consents,
    lacking_words,
    spared_steps,
)
from oneservice.case.standing_words import MISSING_WORDS, OPTION_WORDS
from oneservice.case.state import Case, CaseStatus, SubCase, SubCaseStatus
from oneservice.case.stated_days import stated_day
from oneservice.catalog import Text
from oneservice.plan import Plan
from oneservice.workdays import WorkCalendar, due_natural_day, legal_day

__all__ = ["Missing", "Option", "OptionKind", "Standing", "Stands", "follow_up_of", "standing_of"]

REVIEW_NATURAL_DAYS: Final = 60
"""Administrative Reconsideration Law art. 20: from the day on which one knows of the decision."""
LAWSUIT_MONTHS: Final = 6
"""Administrative Litigation Law art. 46."""


class OptionKind(StrEnum):
    """What an applicant can do."""

    SUPPLEMENT = "supplement"
    PROMISE = "promise"
    FILE_AGAIN = "file_again"
    REVIEW = "review"
    LAWSUIT = "lawsuit"
    REVIEW_OF_SILENCE = "review_of_silence"
    WITHDRAW = "withdraw"
    FRESH_BUNDLE = "fresh_bundle"
    SHARE = "share"
    """Let the data go to the office elsewhere after all."""
    IN_PERSON = "in_person"
    """Do it there in person instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """A result that stands. ``is_checked_later``: a check after the grant is still to come.

    ``is_adopted``: taken over from paper, and not confirmed by the department's own word yet.
    """

    sub_case_id: str
    title: Text
    since: date | None
    number: str
    is_by_silence: bool
    is_checked_later: bool
    is_adopted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A result that is not there: ``why`` in words, ``reasons`` as the department gave them.

    ``due`` is the last day of the promise while the office still works on it.
    """

    sub_case_id: str
    title: Text
    status: SubCaseStatus
    why: Text
    reasons: tuple[Text, ...] = ()
    due: date | None = None
    is_provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Something that can be done, ``until`` a last day (inclusive); ``None``: no day is set."""

    sub_case_id: str
    kind: OptionKind
    text: Text
    until: date | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The answer to "what have I got, what not, and what now?" on one day.

    ``spared`` are steps that a held certificate spares; ``awaited`` the consents for lack of which
    something stands still, the applicant's own and those of others.
    """

    case_id: str
    on: date
    status: CaseStatus
    stands: tuple[Stands, ...]
    missing: tuple[Missing, ...]
    options: tuple[Option, ...]
    spared: tuple[SparedStep, ...] = ()
    awaited: tuple[AwaitedConsent, ...] = ()

    @property
    def is_provisional(self) -> bool:
        """Whether a day in it may move, because a year is not announced yet."""
        return any(one.is_provisional for one in self.missing)


def standing_of(case: Case, plan: Plan, *, on: date, calendar: WorkCalendar) -> Standing:
    """Return what stands of ``case`` on the day ``on``, what is missing, and what can be done.

    Args:
        case: the case.
        plan: its pinned plan, for the titles.
        on: the day for which the answer holds, in the offices' zone.
        calendar: the working days of the deciding offices.

    References:
        Administrative Licensing Law art. 38; Administrative Reconsideration Law art. 20;
        Administrative Litigation Law art. 46; domain page, sections 3 and 7.
    """
    titles = {step.id: step.title for step in plan.steps}
    subs = [one for one in case.sub_cases.values() if one.spec.kind != "bundle"]
    return Standing(
        case_id=case.id,
        on=on,
        status=case.status,
        stands=tuple(_stands(case, one, titles) for one in subs if one.is_granted),
        missing=tuple(_missing(case, one, plan, calendar) for one in subs if not one.is_granted),
        options=tuple(_options(case, subs, on, calendar)),
        spared=tuple(spared_steps(plan)),
        awaited=tuple(awaited_consents(case, plan)),
    )


def follow_up_of(case: Case, sub_case_id: str) -> str | None:
    """Say what the check after the grant of ``sub_case_id`` (事后核查) came to.

    ``pending``, ``verified``, ``to_be_corrected``, ``revoked`` or ``failed`` (not verified, and
    the grant not revoked: it stands); ``None``: there is no such check.
    """
    checks = [
        one
        for one in case.sub_cases.values()
        if one.spec.kind == "follow_up" and sub_case_id in one.spec.requires
    ]
    if not checks:
        return None
    if case.sub_cases[sub_case_id].is_revoked:
        return "revoked"
    return _outcome_of(checks[0])


def _outcome_of(check: SubCase) -> str:
    if check.status is SubCaseStatus.GRANTED:
        told = str((check.outcome or {}).get("decision", ""))
        return "to_be_corrected" if told == "ordered_to_correct" else "verified"
    if check.status is SubCaseStatus.CORRECTION_REQUESTED:
        return "to_be_corrected"
    return "failed" if check.is_decided else "pending"


def _title(sub: SubCase, titles: dict[str, Text]) -> Text:
    return titles.get(sub.id) or Text(zh=sub.id, en=sub.id)


def _stands(case: Case, sub: SubCase, titles: dict[str, Text]) -> Stands:
    return Stands(
        sub_case_id=sub.id,
        title=_title(sub, titles),
        since=legal_day(sub.decided_at) if sub.decided_at is not None else None,
        number=str((sub.outcome or {}).get("number") or ""),
        is_by_silence=sub.is_granted_by_silence,
        is_checked_later=follow_up_of(case, sub.id) in ("pending", "to_be_corrected"),
        is_adopted=sub.basis == "adopted",
    )


def _missing(case: Case, sub: SubCase, plan: Plan, calendar: WorkCalendar) -> Missing:
    due = None if sub.is_decided else due_date(sub, "promised", calendar)
    titles = {step.id: step.title for step in plan.steps}
    why, because = _why(case, sub, plan)
    zh, en = MISSING_WORDS[why]
    return Missing(
        sub_case_id=sub.id,
        title=_title(sub, titles),
        status=sub.status,
        why=Text(zh=zh.format(because.zh), en=en.format(because.en)),
        reasons=tuple(_told(one) for one in sub.reasons),
        due=due.on if due is not None else None,
        is_provisional=due is not None and due.is_provisional,
    )


def _why(case: Case, sub: SubCase, plan: Plan) -> tuple[str, Text]:
    """Return which words say why it is missing, and what they name."""
    name = sub.course.because or sub.spec.department
    named = Text(zh=name, en=name)
    if sub.is_revoked:
        return "revoked", named
    if sub.halted is not None:
        return "halted", named
    lacking = lacking_words(case, sub, plan)
    if lacking is not None:
        return lacking
    return "closed" if _ended_with_the_case(case, sub) else str(sub.status), named


def _is_unshared(case: Case, sub: SubCase) -> bool:
    """Say whether it waits for nothing but the applicant's own consent."""
    is_waiting = sub.status is SubCaseStatus.WAITING
    return is_waiting and case.people.unshared(sub.id, sub.spec.department) is not None


def _ended_with_the_case(case: Case, sub: SubCase) -> bool:
    """Say whether it was withdrawn because an operator closed the case, and by nobody else."""
    closed = case.people.closed
    if closed is None or sub.status is not SubCaseStatus.WITHDRAWN:
        return False
    return sub.id in closed.left or sub.withdrawal_asked_at == closed.at


def _told(reason: Any) -> Text:
    """Return a reason as the department told it, in whichever language it did."""
    text = reason.get("text") if hasattr(reason, "get") else reason
    if hasattr(text, "get"):
        zh, en = str(text.get("zh") or ""), str(text.get("en") or "")
    else:
        zh = en = str(text or "")
    return Text(zh=zh or en or "-", en=en or zh or "-")


def _options(case: Case, subs: list[SubCase], on: date, calendar: WorkCalendar) -> Iterator[Option]:
    for sub in subs:
        if sub.correction is not None:
            until = stated_day(sub.correction.due_on) or correction_until(
                sub, sub.correction, calendar
            )
            yield _option(sub, OptionKind.SUPPLEMENT, until, sub.correction.correction_id)
        if not sub.is_decided:
            for promise in sub.course.promises:
                until = promise_until(sub, promise, calendar)
                yield _option(sub, OptionKind.PROMISE, until, promise.material)
        if _is_unshared(case, sub):
            yield _option(sub, OptionKind.SHARE)
            yield _option(sub, OptionKind.IN_PERSON)
        if may_file_again(case, sub):
            yield _option(sub, OptionKind.FILE_AGAIN)
        yield from (one for one in _remedies(sub) if one.until is None or one.until >= on)
        if "statutory" in sub.passed and sub.decided_at is None:
            yield _option(sub, OptionKind.REVIEW_OF_SILENCE)
        if _may_withdraw(sub):
            yield _option(sub, OptionKind.WITHDRAW)
    if case.is_bundle_outdated and case.granted and not case.course.wants_bundle:
        zh, en = OPTION_WORDS[OptionKind.FRESH_BUNDLE]
        yield Option(sub_case_id="", kind=OptionKind.FRESH_BUNDLE, text=Text(zh=zh, en=en))


def _may_withdraw(sub: SubCase) -> bool:
    is_open = not sub.is_decided and sub.status is not SubCaseStatus.GRANTED_PENDING_MATERIAL
    return is_open and sub.withdrawal in ("no", "refused")


def _option(sub: SubCase, kind: OptionKind, until: date | None = None, name: str = "") -> Option:
    zh, en = OPTION_WORDS[kind]
    return Option(sub_case_id=sub.id, kind=kind, text=Text(zh=zh, en=en), until=until, name=name)


_AGAINST: Final = frozenset({SubCaseStatus.REFUSED, SubCaseStatus.NOT_ACCEPTED})


def _remedies(sub: SubCase) -> Iterator[Option]:
    """Yield the remedies that the department named, with its last day or the law's."""
    if sub.status not in _AGAINST or sub.decided_at is None:
        return
    since = legal_day(sub.decided_at)
    by_law = {
        "review": due_natural_day(since, REVIEW_NATURAL_DAYS),
        "lawsuit": _months_after(since, LAWSUIT_MONTHS),
    }
    for remedy in sub.remedies:
        name = str(remedy.get("kind", "")) if hasattr(remedy, "get") else ""
        if name in by_law:
            until = stated_day(remedy.get("until")) or by_law[name]
            yield _option(sub, OptionKind(name), until, _told(remedy.get("where") or "").zh)


_DECEMBER: Final = 12


def _months_after(day: date, months: int) -> date:
    """Return the same day some months later, or the last one of a shorter month."""
    month = day.month + months
    year, month = (day.year + 1, month - _DECEMBER) if month > _DECEMBER else (day.year, month)
    first = date(year, month, 1)
    following = (first + timedelta(days=31)).replace(day=1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))
