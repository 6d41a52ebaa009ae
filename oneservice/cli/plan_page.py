"""A plan as a page for the person in front of it, the parts in the order of her questions."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from oneservice.catalog import LimitUnit, MaterialSource, StepKind, Text
from oneservice.cli.pages import counted
from oneservice.plan import ReasonKind, explain_plan, reduction, where_to_get

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oneservice.cli.pages import Page
    from oneservice.plan import (
        DueDate,
        HeldCertificate,
        Language,
        Plan,
        PlannedMaterial,
        PlannedStep,
        Reason,
        TimeLimit,
    )

__all__ = ["show_plan", "show_reasons"]

_NOTES = {
    StepKind.FOLLOW_UP: Text(zh="（出件后）", en=" (afterwards)"),
    StepKind.EXTERNAL: Text(zh="（第三方）", en=" (by others)"),
    StepKind.NOTIFY: Text(zh="（告知）", en=" (is told)"),
}


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
    _people(page, plan, words)
    _steps(page, plan, words)
    _visits(page, plan, words)
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
            "! 情况   + 办理   - 不办理   # 材料   * 字段",
            "! circumstance   + step   - step not needed   # material   * field",
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
            page.line(text.strip(), indent=len(text) - len(text.lstrip()) + 2)


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

    def step_limit(self, step: PlannedStep) -> str:
        """Return the promise; what others usually take is none, and says so."""
        limit = self.limit(step.promised)
        return self(f"约 {limit}", f"about {limit}") if _is_outside(step) else limit

    def step_due(self, step: PlannedStep) -> str:
        return self("不计入", "not counted") if _is_outside(step) else self.day(step.due)

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
            limit, due = words.step_limit(step), words.step_due(step)
            if _is_outside(step):
                page.line(words(f"{limit}，{due}", f"{limit}, {due}"), indent=4)
            else:
                page.line(words(f"{limit}，{due} 前", f"{limit}, due {due}"), indent=4)
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
                    words.step_limit(step),
                    words.step_due(step),
                )
                for title, step in rows
            ],
            unbroken=frozenset({0, 3, 4}),
        )
    titles = {steps[0].id: title for steps, (title, _) in zip(folded, rows, strict=True)}
    path = " → ".join(titles[name] for name in plan.critical_path)
    page.line()
    page.line(words(f"* 关键路径：{path}", f"* critical path: {path}"), indent=2)
    if plan.expected is not None:
        day = words.day(plan.expected)
        page.line(
            words(
                f"第三方用时不计入承诺；计入后预计 {day} 全部办结",
                f"the time of others is not counted; with it, all is expected by {day}",
            ),
            indent=2,
        )


def _people(page: Page, plan: Plan, words: _Words) -> None:
    """Write whom it is about, who must agree, and when applications are taken."""
    if plan.subject is not None:
        title = words.of(plan.subject.title)
        page.line(words(f"办理对象：{title}", f"about: {title}"))
    for party in plan.parties:
        title = words.of(party.title)
        if party.must_consent:
            page.line(words(f"须经同意：{title}", f"must agree first: {title}"))
        else:
            page.line(words(f"参与人：{title}", f"takes part: {title}"))
    batch = plan.batch
    if batch is not None:
        title = words.of(batch.title)
        over = words("，已截止", ", over") if batch.closes < plan.on else ""
        page.line(
            words(
                f"批次：{title}，{batch.opens} 至 {batch.closes} 受理{over}",
                f"batch: {title}, taken from {batch.opens} to {batch.closes}{over}",
            )
        )


def _visits(page: Page, plan: Plan, words: _Words) -> None:
    """Write who comes, where one has to go, and what it costs."""
    titles = {step.id: words.of(step.title) for step in plan.steps}

    def named(steps: Iterable[str]) -> str:
        return words.listed(dict.fromkeys(titles[name] for name in steps))

    for visit in plan.appointments:
        names, is_joint = named(visit.steps), len(visit.steps) > 1
        page.line(
            words(
                f"{'一次联合勘验' if is_joint else '现场勘验'}：{names}"
                f"（{visit.earliest} 至 {visit.latest}）",
                f"one {'joint ' if is_joint else ''}visit for: {names}, "
                f"between {visit.earliest} and {visit.latest}",
            ),
            indent=2,
        )
    for trip in plan.trips:
        where, names = words.of(trip.where), named(trip.steps)
        page.line(
            words(
                f"到 {where} {trip.visits} 次：{names}",
                f"{counted(trip.visits, 'trip')} to {where}: {names}",
            ),
            indent=2,
        )
    if plan.trip_count == 0:
        page.line(words("全程网办，无需到现场", "no trip is needed"), indent=2)
    for total in plan.fees:
        page.line(
            words(
                f"费用 {total.amount} {total.currency}，其中可减免 {total.reducible}",
                f"fees: {total.amount} {total.currency}, of which {total.reducible} may be reduced",
            ),
            indent=2,
        )


def _folded(steps: Iterable[PlannedStep]) -> list[list[PlannedStep]]:
    """Return the sub-cases by step: the instances of a repeated one differ in nothing here."""
    return [list(group) for _, group in groupby(steps, key=lambda step: step.step_id)]


def _step_title(steps: list[PlannedStep], words: _Words) -> str:
    times = f" ×{len(steps)}" if len(steps) > 1 else ""
    note = _NOTES.get(steps[0].kind)
    return words.of(steps[0].title) + times + (words.of(note) if note else "")


def _office(step: PlannedStep, words: _Words) -> str:
    office = words.of(step.department_name)
    if step.region_from is None:
        return office
    return words(f"{office}（{step.region}）", f"{office} ({step.region})")


def _is_outside(step: PlannedStep) -> bool:
    return step.kind is StepKind.EXTERNAL


def _materials(page: Page, plan: Plan, words: _Words) -> None:
    bring = [one for one in plan.materials if one.must_bring]
    sign = [one for one in plan.materials if _is_made(one)]
    spared = [one for one in plan.materials if not one.must_bring and not _is_made(one)]
    page.head(words(f"只需提交一次的材料（{len(bring)}）", f"Bring once ({len(bring)})"))
    late = {
        name: step.tolerance
        for step in plan.steps
        if step.tolerance is not None
        for name in step.tolerance.materials
    }
    for one in bring:
        later = late.get(one.id)
        day = words.day(later.until) if later is not None else ""
        page.point(
            words.of(one.title)
            + (words(f"（可容缺，{day} 前补交）", f" (may follow until {day})") if later else "")
        )
        for place in where_to_get(one, words.language):
            page.line(words("可在此办理：", "get it: ") + place, indent=4, style="dim")
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


def _held(held: HeldCertificate, words: _Words) -> str:
    if held.valid_until is None:
        return words("您已持有", "you hold it already")
    return words(
        f"您已持有，有效期至 {held.valid_until}", f"you hold it, valid until {held.valid_until}"
    )


def _is_made(material: PlannedMaterial) -> bool:
    return not material.yielded_by and material.source is MaterialSource.GENERATED


def _why_spared(material: PlannedMaterial, plan: Plan, words: _Words) -> str:
    if material.held is not None:
        return _held(material.held, words)
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
    held = sum(field.held is not None for field in plan.form)
    total = len(plan.form)
    ask = total - known - held
    stored = words(f"，{held} 个有存档只需确认", f", {held} on record to confirm") if held else ""
    page.head(words("一张表", "One form"))
    page.line(
        words(
            f"{total} 个字段，其中 {known} 个已由所答情形填好{stored}，还需填写 {ask} 个",
            f"{counted(total, 'field')}: {known} known from your answers{stored}, {ask} to fill in",
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
        (words("跑动次数", "trips"), saved.trips),
        (words("路程（公里）", "kilometres"), saved.kilometres),
        (words("路上和等候（分钟）", "minutes"), saved.minutes),
    )
    page.table(
        ["", words("之前", "before"), words("现在", "now"), words("减少", "saved")],
        [
            (name, f"{one.before}", f"{one.after}", f"{one.saved_percent} %")
            for name, one in changes
            if one is not None
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
