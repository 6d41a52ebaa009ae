"""Why something is in a plan, or is not: the answer, the clause, the date, in words."""

from __future__ import annotations

from typing import Literal, TypeAlias, assert_never

from oneservice.catalog import LimitUnit, StepKind, Text
from oneservice.errors import CaseError
from oneservice.plan.models import FormField, Plan, PlannedMaterial, PlannedStep, SkippedStep
from oneservice.plan.terms import Answer, DueDate, Reason, ReasonKind, TimeLimit

__all__ = [
    "Language",
    "explain_field",
    "explain_material",
    "explain_plan",
    "explain_step",
    "in_language",
    "limit_text",
]

Language: TypeAlias = Literal["zh", "en"]


def in_language(text: Text, language: Language) -> str:
    """Return ``text`` in ``language``."""
    return text.zh if language == "zh" else text.en


def explain_plan(plan: Plan, *, language: Language = "en") -> str:
    """Return the whole plan with every reason: steps, skipped steps, materials, fields."""
    path = ("关键路径：" if language == "zh" else "critical path: ") + " → ".join(
        plan.critical_path
    )
    once = dict.fromkeys(step.step_id for step in plan.steps)
    sections = [_head(plan, language), path]
    sections += [explain_step(plan, name, language=language) for name in once]
    sections += [explain_step(plan, skipped.step_id, language=language) for skipped in plan.skipped]
    sections += [_material(material, language) for material in plan.materials]
    sections += [_field(field, language) for field in plan.form]
    return "\n".join(sections) + "\n"


def _head(plan: Plan, language: Language) -> str:
    days = plan.promised_working_days
    due, cap = _day(plan.due, language), _day(plan.joint_cap_due, language)
    if language == "zh":
        what = f"{plan.title.zh}（{plan.region}，{plan.on} 受理）"
        return f"{what}：承诺 {days} 个工作日，{due}前办结；联合办理最长至 {cap}"
    what = f"{plan.title.en} ({plan.region}, accepted {plan.on})"
    many = "" if days == 1 else "s"
    promise = f"{days} working day{many} promised, due {due}"
    return f"{what}: {promise}; joint handling ends {cap} at the latest"


def explain_step(plan: Plan, step_id: str, *, language: Language = "en") -> str:
    """Return why a step is in the plan or not, with its limits and days.

    Args:
        plan: the plan.
        step_id: a step (``health_cert``) or one sub-case of it (``health_cert-2``).
        language: of the text.

    Raises:
        CaseError: the plan knows no such step, neither active nor skipped.
    """
    steps = [step for step in plan.steps if step_id in (step.id, step.step_id)]
    if steps:
        return _step(steps, language)
    for skipped in plan.skipped:
        if skipped.step_id == step_id:
            return _skipped(skipped, language)
    known = [*dict.fromkeys(step.step_id for step in plan.steps)]
    known += [skipped.step_id for skipped in plan.skipped]
    raise _unknown("step", step_id, known)


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
            return _material(material, language)
    raise _unknown("material", material_id, [material.id for material in plan.materials])


def _unknown(what: str, name: str, known: list[str]) -> CaseError:
    return CaseError(f"the plan has no {what} {name[:48]!r}; it has: {', '.join(known)}")


def _step(steps: list[PlannedStep], language: Language) -> str:
    step = steps[0]
    zh = language == "zh"
    name = step.step_id if len(steps) > 1 else step.id
    times = f" ×{len(steps)}" if len(steps) > 1 else ""
    title = in_language(step.title, language)
    office = in_language(step.department_name, language)
    head = f"+ {name}{times}  {title}" + (f"（{office}）" if zh else f" ({office})")
    return "\n".join([head, f"    {_days(step, language)}", *_reasons(step.reasons, language)])


def _days(step: PlannedStep, language: Language) -> str:
    zh = language == "zh"
    promised = limit_text(step.promised, language)
    due = _day(step.due, language)
    if zh:
        line = f"{step.starts_on} 起，承诺 {promised}，{due} 前"
        if step.statutory and step.statutory_due:
            last = _day(step.statutory_due, language)
            line += f"；法定 {limit_text(step.statutory, language)}，{last} 前"
    else:
        line = f"from {step.starts_on}, promised {promised}: due {due}"
        if step.statutory and step.statutory_due:
            last = _day(step.statutory_due, language)
            line += f"; statutory {limit_text(step.statutory, language)}: {last}"
    if step.requires:
        line += ("；须先办：" if zh else "; after ") + ", ".join(_folded(step.requires))
    if step.kind is StepKind.FOLLOW_UP:
        line += "；办结不等待此项" if zh else "; the case does not wait for it"
    return line


def _skipped(skipped: SkippedStep, language: Language) -> str:
    head = f"- {skipped.step_id}  {in_language(skipped.title, language)}"
    return "\n".join([head, *_reasons(skipped.reasons, language)])


def _field(field: FormField, language: Language) -> str:
    times = f" ×{field.instances}" if field.instances else ""
    value = "" if field.value is None else f" = {_json(field.value)}"
    head = f"* {field.id}{times}{value}  {in_language(field.title, language)}"
    return "\n".join([head, *_reasons(field.reasons, language)])


def _material(material: PlannedMaterial, language: Language) -> str:
    who = _supplier(material)
    title = in_language(material.title, language)
    head = f"# {material.id}  {title}" + (f"（{who.zh}）" if language == "zh" else f" ({who.en})")
    return "\n".join([head, *_reasons(material.reasons, language)])


def _supplier(material: PlannedMaterial) -> Text:
    if material.yielded_by:
        names = ", ".join(_folded(material.yielded_by))
        return Text(zh=f"由 {names} 产生，不需提交", en=f"yielded by {names}, not asked for")
    if material.must_bring:
        return Text(zh="申请人提交", en="to bring")
    if material.source.value == "lookup":
        return Text(zh="经同意调取电子证照", en="looked up by consent")
    return Text(zh="系统生成，申请人签字", en="made from the form, to sign")


def _reasons(reasons: tuple[Reason, ...], language: Language) -> list[str]:
    return [f"    {_reason(reason, language)}" for reason in reasons]


def _reason(reason: Reason, language: Language) -> str:
    text = in_language(reason.text, language)
    match reason.kind:
        case ReasonKind.RULE:
            because = f": {reason.because}" if reason.because else ""
            rule = f"  [{reason.rule}]" if reason.rule else ""
            return f"{text}{because}{rule}"
        case ReasonKind.LAW:
            return ("依据 " if language == "zh" else "law: ") + text
        case ReasonKind.ROUTED | ReasonKind.TRACK | ReasonKind.DUTY:
            return f"{text}: {reason.because}" if reason.because else text
        case (
            ReasonKind.ALWAYS
            | ReasonKind.NEEDED_BY
            | ReasonKind.ANSWER
            | ReasonKind.YIELDED
            | ReasonKind.HELD
            | ReasonKind.NOT_HELD
        ):
            return text
        case _:
            assert_never(reason.kind)


def limit_text(limit: TimeLimit, language: Language) -> str:
    """Return ``limit`` in words: ``8 working days``, ``当日``."""
    if limit.days == 0:
        return "当日" if language == "zh" else "the same day"
    match limit.unit:
        case LimitUnit.WORKING_DAYS:
            zh, en = "工作日", "working day"
        case LimitUnit.NATURAL_DAYS:
            zh, en = "自然日", "natural day"
        case _:
            assert_never(limit.unit)
    if language == "zh":
        return f"{limit.days} 个{zh}"
    return f"{limit.days} {en}{'' if limit.days == 1 else 's'}"


def _day(due: DueDate, language: Language) -> str:
    if not due.is_provisional:
        return f"{due.on}"
    return f"{due.on}（暂定）" if language == "zh" else f"{due.on} (provisional)"


def _folded(names: tuple[str, ...]) -> list[str]:
    """Return ``names`` with the instances of one step as one entry: ``health_cert ×3``."""
    counts: dict[str, int] = {}
    for name in names:
        stem = name.partition("-")[0]
        counts[stem] = counts.get(stem, 0) + 1
    return [
        f"{stem} ×{count}" if f"{stem}-1" in names and count > 1 else stem
        for stem, count in counts.items()
    ]


def _json(value: Answer) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
