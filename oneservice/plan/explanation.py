"""Why something is in a plan, or is not: the answer, the clause, the date, in words."""

from __future__ import annotations

from typing import Final

from oneservice.catalog import StepKind, Text
from oneservice.errors import CaseError
from oneservice.plan.models import FormField, Plan, PlannedMaterial, PlannedStep, SkippedStep
from oneservice.plan.particulars import (
    plan_particulars,
    step_particulars,
    titles_in,
    where_to_get,
)
from oneservice.plan.wording import (
    Language,
    Titles,
    day_text,
    in_language,
    limit_text,
    reason_lines,
    value_text,
)

__all__ = [
    "explain_field",
    "explain_material",
    "explain_plan",
    "explain_step",
]

_LANGUAGES: Final[tuple[Language, Language]] = ("zh", "en")


def explain_plan(plan: Plan, *, language: Language = "en") -> str:
    """Return the whole plan with every reason: steps, skipped steps, materials, fields."""
    titles = titles_in(plan)
    path = ("关键路径：" if language == "zh" else "critical path: ") + " → ".join(
        titles.of_steps((name,), language) for name in plan.critical_path
    )
    once = dict.fromkeys(step.step_id for step in plan.steps)
    sections = [_head(plan, language), path, *plan_particulars(plan, language)]
    sections += [
        _step([step for step in plan.steps if step.step_id == name], language, titles)
        for name in once
    ]
    sections += [_skipped(skipped, language) for skipped in plan.skipped]
    sections += [_material(material, language, titles) for material in plan.materials]
    sections += [_field(field, language) for field in plan.form]
    return "\n".join(sections) + "\n"


def _head(plan: Plan, language: Language) -> str:
    days = plan.promised_working_days
    due, cap = day_text(plan.due, language), day_text(plan.joint_cap_due, language)
    if language == "zh":
        what = f"{plan.title.zh}（{plan.region}，{plan.on} 受理）"
        return f"{what}：承诺 {days} 个工作日，{due}前办结；联合办理最长至 {cap}"
    what = f"{plan.title.en} ({plan.region}, accepted {plan.on})"
    many = "" if days == 1 else "s"
    promise = f"{days} working day{many} promised, due {due}"
    return f"{what}: {promise}; joint handling ends {cap} at the latest"


def explain_step(plan: Plan, step_id: str, *, language: Language = "en") -> str:
    """Return why a step is in the plan or not, with its limits and days.

    Of a step that repeats both are told: the instances that are taken, and those that are spared.

    Args:
        plan: the plan.
        step_id: a step (``health_cert``) or one sub-case of it (``health_cert-2``).
        language: of the text.

    Raises:
        CaseError: the plan knows no such step, neither active nor skipped.
    """
    steps = [step for step in plan.steps if step_id in (step.id, step.step_id)]
    told = [_step(steps, language, titles_in(plan))] if steps else []
    told += [_skipped(one, language) for one in plan.skipped if step_id in (one.id, one.step_id)]
    if told:
        return "\n".join(told)
    known = [step.step_id for step in plan.steps] + [one.step_id for one in plan.skipped]
    raise _unknown("step", step_id, [*dict.fromkeys(known)])


def explain_field(plan: Plan, field_id: str, *, language: Language = "en") -> str:
    """Return why a field is in the form.

    Raises:
        CaseError: the form has no such field.
    """
    for field in plan.form:
        if field.id == field_id:
            return _field(field, language)
    raise _unknown("field", field_id, [field.id for field in plan.form])


def explain_material(plan: Plan, material_id: str, *, language: Language = "en") -> str:
    """Return why a material is in the set, and who supplies it.

    Raises:
        CaseError: the set has no such material.
    """
    for material in plan.materials:
        if material.id == material_id:
            return _material(material, language, titles_in(plan))
    raise _unknown("material", material_id, [material.id for material in plan.materials])


def _unknown(what: str, name: str, known: list[str]) -> CaseError:
    return CaseError(f"the plan has no {what} {name[:48]!r}; it has: {', '.join(known)}")


def _step(steps: list[PlannedStep], language: Language, titles: Titles) -> str:
    step = steps[0]
    zh = language == "zh"
    name = step.step_id if len(steps) > 1 else step.id
    times = f" ×{len(steps)}" if len(steps) > 1 else ""
    title = in_language(step.title, language)
    office = in_language(step.department_name, language)
    head = f"+ {name}{times}  {title}" + (f"（{office}）" if zh else f" ({office})")
    shared = tuple(one for one in step.reasons if all(one in other.reasons for other in steps))
    lines = [head, f"    {_days(step, language, titles)}", *reason_lines(shared, language)]
    for each in steps:  # whose paper does not count is a matter of one instance
        own = tuple(one for one in each.reasons if one not in shared)
        lines += [f"    {each.id}: {line.lstrip()}" for line in reason_lines(own, language)]
    return "\n".join([*lines, *step_particulars(step, language, titles)])


def _days(step: PlannedStep, language: Language, titles: Titles) -> str:
    zh = language == "zh"
    promised = limit_text(step.promised, language)
    due = day_text(step.due, language)
    if zh:
        line = f"{step.starts_on} 起，承诺 {promised}，{due} 前"
        if step.kind is StepKind.EXTERNAL:
            line = f"{step.starts_on} 起，由第三方办理，约 {promised}，不计入承诺"
        if step.statutory and step.statutory_due:
            last = day_text(step.statutory_due, language)
            line += f"；法定 {limit_text(step.statutory, language)}，{last} 前"
    else:
        line = f"from {step.starts_on}, promised {promised}: due {due}"
        if step.kind is StepKind.EXTERNAL:
            line = f"from {step.starts_on}, by others: about {promised}, not counted"
        if step.statutory and step.statutory_due:
            last = day_text(step.statutory_due, language)
            line += f"; statutory {limit_text(step.statutory, language)}: {last}"
    if step.requires:
        line += ("；须先办：" if zh else "; after: ") + titles.of_steps(step.requires, language)
    if step.kind is StepKind.NOTIFY:
        line += "；只告知，不审批" if zh else "; it is told, nobody decides"
    if step.kind is StepKind.FOLLOW_UP:
        line += "；办结不等待此项" if zh else "; the case does not wait for it"
    return line


def _skipped(skipped: SkippedStep, language: Language) -> str:
    head = f"- {skipped.id}  {in_language(skipped.title, language)}"
    return "\n".join([head, *reason_lines(skipped.reasons, language)])


def _field(field: FormField, language: Language) -> str:
    times = f" ×{len(field.asked_entries)}" if field.instances else ""
    value = "" if field.value is None else f" = {value_text(field.value)}"
    head = f"* {field.id}{times}{value}  {in_language(field.title, language)}"
    return "\n".join([head, *reason_lines(field.reasons, language)])


def _material(material: PlannedMaterial, language: Language, titles: Titles) -> str:
    who = _supplier(material, titles)
    title = in_language(material.title, language)
    head = f"# {material.id}  {title}" + (f"（{who.zh}）" if language == "zh" else f" ({who.en})")
    get = "可在此办理：" if language == "zh" else "get it: "
    places = [f"    {get}{place}" for place in where_to_get(material, language)]
    return "\n".join([head, *reason_lines(material.reasons, language), *places])


def _supplier(material: PlannedMaterial, titles: Titles) -> Text:
    if material.yielded_by:
        zh, en = (titles.of_steps(material.yielded_by, one) for one in _LANGUAGES)
        if material.spared_by:
            count = len(material.spared_by)
            return Text(
                zh=f"{count} 份已持有，其余由“{zh}”产生，不需提交",
                en=f"{count} held already, the rest yielded by {en}, not asked for",
            )
        return Text(zh=f"由“{zh}”产生，不需提交", en=f"yielded by {en}, not asked for")
    if material.held is not None or material.spared_by:
        return Text(zh="您已持有，不需提交", en="you hold it already, not asked for")
    if material.must_bring:
        return Text(zh="申请人提交", en="to bring")
    if material.source.value == "lookup":
        return Text(zh="经同意调取电子证照", en="looked up by consent")
    return Text(zh="系统生成，申请人签字", en="made from the form, to sign")
