"""A plan as a page for the person in front of it, the parts in the order of her questions."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from oneservice.catalog import LimitUnit, MaterialSource, StepKind
from oneservice.cli.pages import counted
from oneservice.plan import ReasonKind, explain_plan, reduction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oneservice.catalog import Text
    from oneservice.cli.pages import Page
    from oneservice.plan import (
        DueDate,
        Language,
        Plan,
        PlannedMaterial,
        PlannedStep,
        Reason,
        TimeLimit,
    )

__all__ = ["show_plan", "show_reasons"]


def show_plan(page: Page, plan: Plan, language: Language) -> None:
    """Write the page: promise, steps, what to bring, what nobody asks for, form, savings."""
    words = _Words(language)
    page.title(words.of(plan.title))
    page.line(
        words(
            f"区划 {plan.region}，{plan.on} 受理；承诺 {plan.promised_working_days} 个工作日，"
            f"{words.day(plan.due)} 前办结",
            f"region {plan.region}, accepted {plan.on}; "
            f"{counted(plan.promised_working_days, 'working day')} promised, "
            f"due {words.day(plan.due)}",
        )
    )
    _steps(page, plan, words)
    _materials(page, plan, words)
    _not_needed(page, plan, words)
    _form(page, plan, words)
    _savings(page, plan, words)
    page.line()
    page.line(words(f"计划摘要 {plan.digest}", f"plan {plan.digest}"), style="dim")


def show_reasons(page: Page, plan: Plan, language: Language) -> None:
    """Write why each step, material and field is there, or is not."""
    words = _Words(language)
    page.head(words("为什么", "Why"))
    page.line(
        words(
            "+ 办理   - 不办理   # 材料   * 字段",
            "+ step   - step not needed   # material   * field",
        ),
        indent=2,
        style="dim",
    )
    _head, _path, *lines = explain_plan(plan, language=language).splitlines()
    for text in lines:
        mark, _, rest = text.partition(" ")
        if mark:
            page.point(rest.strip(), mark=mark)
        else:
            page.line(text.strip(), indent=6)


class _Words:
    """Chooses the language of a phrase."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.is_zh = language == "zh"

    def __call__(self, zh: str, en: str) -> str:
        return zh if self.is_zh else en

    def of(self, text: Text) -> str:
        return text.zh if self.is_zh else text.en

    def day(self, due: DueDate) -> str:
        return f"{due.on}" + (self("（暂定）", " (provisional)") if due.is_provisional else "")

    def limit(self, limit: TimeLimit) -> str:
        if limit.days == 0:
            return self("当日", "same day")
        if limit.unit is LimitUnit.NATURAL_DAYS:
            return self(f"{limit.days} 个自然日", counted(limit.days, "natural day"))
        return self(f"{limit.days} 个工作日", counted(limit.days, "working day"))

    def listed(self, names: Iterable[str]) -> str:
        return self("、", ", ").join(names)


def _steps(page: Page, plan: Plan, words: _Words) -> None:
    page.head(words("事项", "Steps"))
    folded = _folded(plan.steps)
    rows = [(_step_title(steps, words), steps[0]) for steps in folded]
    if page.is_narrow:
        for title, step in rows:
            page.point(title, mark="*" if step.is_critical else "-")
            page.line(_office(step, words), indent=4)
            limit = words.limit(step.promised)
            page.line(
                words(f"{limit}，{words.day(step.due)} 前", f"{limit}, due {words.day(step.due)}"),
                indent=4,
            )
    else:
        page.table(
            [
                "",
                words("事项", "step"),
                words("部门", "department"),
                words("承诺", "promised"),
                words("期限", "due"),
            ],
            [
                (
                    "*" if step.is_critical else "",
                    title,
                    _office(step, words),
                    words.limit(step.promised),
                    words.day(step.due),
                )
                for title, step in rows
            ],
            unbroken=frozenset({0, 3, 4}),
        )
    titles = {steps[0].id: title for steps, (title, _) in zip(folded, rows, strict=True)}
    path = " → ".join(titles[name] for name in plan.critical_path)
    page.line()
    page.line(words(f"* 关键路径：{path}", f"* critical path: {path}"), indent=2)
    if plan.joint_inspection:
        names = [
            title
            for steps, (title, _) in zip(folded, rows, strict=True)
            if steps[0].id in plan.joint_inspection
        ]
        page.line(
            words(
                f"一次联合勘验：{words.listed(names)}",
                f"one joint visit for: {words.listed(names)}",
            ),
            indent=2,
        )


def _folded(steps: Iterable[PlannedStep]) -> list[list[PlannedStep]]:
    """Return the sub-cases by step: the instances of a repeated one differ in nothing here."""
    return [list(group) for _, group in groupby(steps, key=lambda step: step.step_id)]


def _step_title(steps: list[PlannedStep], words: _Words) -> str:
    times = f" ×{len(steps)}" if len(steps) > 1 else ""
    after = words("（出件后）", " (afterwards)") if steps[0].kind is StepKind.FOLLOW_UP else ""
    return words.of(steps[0].title) + times + after


def _office(step: PlannedStep, words: _Words) -> str:
    return words.of(step.department_name)


def _materials(page: Page, plan: Plan, words: _Words) -> None:
    bring = [one for one in plan.materials if one.must_bring]
    sign = [one for one in plan.materials if _is_made(one)]
    spared = [one for one in plan.materials if not one.must_bring and not _is_made(one)]
    page.head(words(f"只需提交一次的材料（{len(bring)}）", f"Bring once ({len(bring)})"))
    for one in bring:
        page.point(words.of(one.title))
    if sign:
        page.head(
            words(
                f"系统生成，只需签字（{len(sign)}）",
                f"Made from your answers, only sign ({len(sign)})",
            )
        )
        for one in sign:
            page.point(words.of(one.title))
    if spared:
        page.head(words(f"无需提交（{len(spared)}）", f"Nobody asks you for ({len(spared)})"))
        for one in spared:
            page.point(words.of(one.title) + words("：", ": ") + _why_spared(one, plan, words))


def _is_made(material: PlannedMaterial) -> bool:
    return not material.yielded_by and material.source is MaterialSource.GENERATED


def _why_spared(material: PlannedMaterial, plan: Plan, words: _Words) -> str:
    if not material.yielded_by:
        return words("经你同意，由部门调取", "an office looks it up, with your consent")
    titles = {step.id: words.of(step.title) for step in plan.steps}
    makers = words.listed(dict.fromkeys(titles[name] for name in material.yielded_by))
    return words(f"由本次办理的“{makers}”产生", f"this case itself yields it: {makers}")


def _not_needed(page: Page, plan: Plan, words: _Words) -> None:
    if not plan.skipped:
        return
    page.head(words("按所答情形无需办理", "Not needed for these answers"))
    for step in plan.skipped:
        why = _why_skipped(step.reasons)
        because = words(f"（{why}）", f": because {why}") if why else ""
        page.point(words.of(step.title) + because)


def _why_skipped(reasons: Iterable[Reason]) -> str:
    """Return the parts of the rule that decided, with their values."""
    rules = (reason.because for reason in reasons if reason.kind is ReasonKind.RULE)
    return "; ".join(because for because in rules if because)


def _form(page: Page, plan: Plan, words: _Words) -> None:
    known = sum(field.value is not None for field in plan.form)
    total = len(plan.form)
    page.head(words("一张表", "One form"))
    page.line(
        words(
            f"{total} 个字段，其中 {known} 个已由所答情形填好，还需填写 {total - known} 个",
            f"{counted(total, 'field')}: {known} known from your answers, "
            f"{total - known} to fill in",
        ),
        indent=2,
    )


def _savings(page: Page, plan: Plan, words: _Words) -> None:
    saved = reduction(plan)
    if saved is None:
        return
    page.head(words("改革前后", "Before and after"))
    changes = (
        (words("字段", "fields"), saved.fields),
        (words("材料", "materials"), saved.materials),
        (words("工作日", "working days"), saved.working_days),
    )
    page.table(
        ["", words("之前", "before"), words("现在", "now"), words("减少", "saved")],
        [
            (name, f"{one.before}", f"{one.after}", f"{one.saved_percent} %")
            for name, one in changes
        ],
        right=frozenset({1, 2, 3}),
    )
    page.line(
        words(
            f"材料中需申请人自带的 {saved.to_bring} 件。之前：{words.of(saved.source)}",
            f"Of the materials, {saved.to_bring} are to bring. Before: {words.of(saved.source)}.",
        ),
        indent=2,
        style="dim",
    )
