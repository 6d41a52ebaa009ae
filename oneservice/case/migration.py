"""Moving an open case to another definition (定义迁移): explicit, recorded, with what changes.

What was filed stays as it was filed: its department works under the definition of that day, and a
supplement is checked against that plan. Only what no department has seen goes by the new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from oneservice.case.consents import consent_terms
from oneservice.case.draft import Draft
from oneservice.case.migration_events import Migrated, PlanChange
from oneservice.case.opening import step_specs
from oneservice.case.operating_inputs import Migrate
from oneservice.case.people import Consent
from oneservice.case.people_decide import await_consents, consent_recorded
from oneservice.case.people_inputs import ConsentTerms
from oneservice.case.sparing import sparing_papers
from oneservice.case.state import Case, SubCaseStatus
from oneservice.catalog import Text
from oneservice.errors import IllegalInputError
from oneservice.plan import Plan, PlannedStep, TimeLimit, masked

__all__ = ["filed_steps", "migrated", "plan_changes"]


def migrated(draft: Draft, given: Migrate) -> None:
    """Pin the case to the new plan; ``given.before`` must be the one that it is pinned to."""
    case = draft.case
    problem = _why_not(case, given)
    if problem is not None:
        msg = f"case {case.id} stays under its definition: {problem}"
        raise IllegalInputError(msg, status=str(case.status))
    plan = given.plan
    draft.add(
        Migrated(
            at=given.at,
            before=given.before.digest,
            plan=plan.digest,
            definition=plan.definition,
            calendar=plan.calendar,
            form=given.form.digest,
            kept=filed_steps(case),
            steps=step_specs(plan),
            changes=plan_changes(given.before, plan),
            by=given.by,
            why=given.why,
            lead=plan.lead_department,
            promised_days=plan.promised_working_days,
            joint_days=plan.joint_cap.days if plan.joint_cap is not None else -1,
        )
    )
    for terms in consent_terms(plan, given.form.consents):
        if _is_news(draft.case.people.consent(terms.consent_id), terms):
            draft.add(consent_recorded(given.at, terms, by=given.by, why=given.why))
    await_consents(draft, given.wanted, given.at)


def _is_news(known: Consent | None, terms: ConsentTerms) -> bool:
    """Say whether a consent of the form is another one under the new plan, or is new with it."""
    if known is None:
        return True
    is_same = known.is_alive and known.proof == terms.proof  # not given anew since
    return is_same and (known.sub_case_ids, known.is_required) != (
        terms.sub_case_ids,
        terms.is_required,
    )


def filed_steps(case: Case) -> tuple[str, ...]:
    """Return the steps that stay under the plan they were filed under, in plan order."""
    return tuple(
        sub.id
        for sub in case.sub_cases.values()
        if sub.submission is not None or sub.status is not SubCaseStatus.WAITING
    )


def _why_not(case: Case, given: Migrate) -> str | None:
    plan = given.plan
    if case.outcome is not None or case.bundle is not None:
        return "its results are handed out, or it has ended"
    if given.before.digest != case.plan:
        return "it moved to another plan meanwhile; look at it again"
    if plan.thing != case.thing or plan.region != case.region:
        return "the new plan is of another one-thing or region; open a case for that"
    if plan.digest == case.plan:
        return "the definition makes the same plan; there is nothing to move to"
    unseen = _unseen(given.before, plan)
    if unseen:
        return (
            f"the new plan spares {', '.join(unseen)} by a certificate that nobody looked at when "
            "the case was opened; open a case for that"
        )
    known = {step.id for step in plan.steps}
    gone = [name for name in filed_steps(case) if name not in known]
    if gone:
        return f"the new definition has no {', '.join(gone)}, which is filed; let it end first"
    return None


def _unseen(before: Plan, after: Plan) -> list[str]:
    """Return the steps that ``after`` spares by papers that spared them in no plan before.

    Each paper of the plan before was looked at: at the opening, as ``refuse_unspared`` has it.
    """
    seen, wanted = sparing_papers(before), sparing_papers(after)
    return sorted(name for name, paper in wanted.items() if not _is_that(paper, seen.get(name)))


def _is_that(paper: tuple[str, str], seen: tuple[str, str] | None) -> bool:
    """Say whether a paper was seen; old plans have whole numbers, where new ones show the ends."""
    if seen is None:
        return False
    (kind, number), (seen_kind, seen_number) = paper, seen
    return kind == seen_kind and number in (seen_number, masked(seen_number))


# --- what is different, in plain words ------------------------------------------------------------


def plan_changes(before: Plan, after: Plan) -> tuple[PlanChange, ...]:
    """Return what ``after`` changes for the applicant of ``before``; empty: nothing that shows.

    Steps first, each with its limit, department, order, fields and materials; then fields and
    materials of the whole case, then fees.
    """
    return (
        *_steps(before, after),
        *_listed("field", _titles(before.form), _titles(after.form)),
        *_listed("material", _titles(before.materials), _titles(after.materials)),
        *_fees(before, after),
    )


def _steps(before: Plan, after: Plan) -> Iterator[PlanChange]:
    old = {step.id: step for step in before.steps}
    new = {step.id: step for step in after.steps}
    yield from _listed("step", _titles(before.steps), _titles(after.steps))
    for name, step in new.items():
        if name in old:
            yield from _step(old[name], step)


def _step(old: PlannedStep, new: PlannedStep) -> Iterator[PlanChange]:
    name, title = new.id, new.title
    if old.promised != new.promised:
        yield _differs(
            ("limit", name), title, _PROMISED, _limit(old.promised), _limit(new.promised)
        )
    if old.statutory != new.statutory:
        yield _differs(
            ("limit", name), title, _BY_LAW, _limit(old.statutory), _limit(new.statutory)
        )
    if old.department != new.department:
        yield _differs(
            ("department", name), title, _DECIDES, old.department_name, new.department_name
        )
    if old.requires != new.requires:
        yield _differs(("order", name), title, _AFTER, _names(old.requires), _names(new.requires))
    for part, label, one, other in (
        ("field", _FIELDS, old.fields, new.fields),
        ("material", _MATERIALS, old.materials, new.materials),
    ):
        if set(one) != set(other):
            yield _differs((part, name), title, label, _names(one), _names(other))


def _fees(before: Plan, after: Plan) -> Iterator[PlanChange]:
    old, new = ({one.currency: one.amount for one in plan.fees} for plan in (before, after))
    for currency in sorted({*old, *new}):
        one, other = old.get(currency, "0"), new.get(currency, "0")
        if one != other:
            yield _differs(
                ("fee", currency), _FEES, _TOTAL, Text(zh=one, en=one), Text(zh=other, en=other)
            )


_PROMISED: Final = Text(zh="承诺时限", en="promised limit")
_BY_LAW: Final = Text(zh="法定时限", en="limit by law")
_DECIDES: Final = Text(zh="办理部门", en="department")
_AFTER: Final = Text(zh="前置环节", en="comes after")
_FIELDS: Final = Text(zh="所需字段", en="fields")
_MATERIALS: Final = Text(zh="所需材料", en="materials")
_FEES: Final = Text(zh="费用", en="fees")
_TOTAL: Final = Text(zh="合计", en="total")
_UNITS: Final = {
    "working_days": Text(zh="个工作日", en="working days"),
    "natural_days": Text(zh="个自然日", en="natural days"),
}
_NONE: Final = Text(zh="无", en="none")


def _titles(parts: Iterable[object]) -> dict[str, Text]:
    return {one.id: one.title for one in parts}  # type: ignore[attr-defined]


def _listed(part: str, old: Mapping[str, Text], new: Mapping[str, Text]) -> Iterator[PlanChange]:
    for name, title in new.items():
        if name not in old:
            yield PlanChange(part=part, id=name, zh=f"新增：{title.zh}", en=f"new: {title.en}")
    for name, title in old.items():
        if name not in new:
            yield PlanChange(
                part=part, id=name, zh=f"不再需要：{title.zh}", en=f"no longer: {title.en}"
            )


def _differs(place: tuple[str, str], title: Text, label: Text, old: Text, new: Text) -> PlanChange:
    return PlanChange(
        part=place[0],
        id=place[1],
        zh=f"{title.zh}，{label.zh}：由“{old.zh}”改为“{new.zh}”",
        en=f'{title.en}, {label.en}: from "{old.en}" to "{new.en}"',
    )


def _names(names: Iterable[str]) -> Text:
    text = ", ".join(sorted(names))
    return Text(zh=text, en=text) if text else _NONE


def _limit(limit: TimeLimit | None) -> Text:
    if limit is None:
        return _NONE
    unit = _UNITS.get(str(limit.unit), Text(zh=str(limit.unit), en=str(limit.unit)))
    named = unit.en.removesuffix("s") if limit.days == 1 else unit.en
    return Text(zh=f"{limit.days}{unit.zh}", en=f"{limit.days} {named}")
