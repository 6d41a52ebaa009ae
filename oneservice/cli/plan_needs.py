"""What a plan asks of a person, and what it spares: papers, steps, fields; before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.catalog import MaterialSource
from oneservice.cli.pages import counted
from oneservice.exchange import GuideWords, what_is_counted
from oneservice.plan import ReasonKind, reduction, where_to_get

if TYPE_CHECKING:
    from oneservice.cli.pages import Page
    from oneservice.cli.plan_words import Words
    from oneservice.plan import HeldCertificate, Plan, PlannedMaterial

__all__ = ["show_form", "show_materials", "show_not_needed", "show_savings"]


def show_materials(page: Page, plan: Plan, words: Words) -> None:
    """Write what to bring and where to get it, what to sign, and what nobody asks for."""
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
        for reason in one.reasons:
            if reason.kind is ReasonKind.NOT_HELD:
                page.line(words.of(reason.text), indent=4)
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


def _held(held: HeldCertificate, words: Words) -> str:
    until = held.valid_until
    if until is None:
        said = words("您已持有", "you hold it already")
    else:
        said = words(f"您已持有，有效期至 {until}", f"you hold it, valid until {until}")
    return said if held.basis is None else said + words("；", "; ") + words.of(held.basis)


def _is_made(material: PlannedMaterial) -> bool:
    is_there = material.yielded_by or material.spared_by
    return not is_there and material.source is MaterialSource.GENERATED


def _why_spared(material: PlannedMaterial, plan: Plan, words: Words) -> str:
    if material.held is not None:
        return _held(material.held, words)
    if material.spared_by:
        return _spared_by(material, plan, words)
    if not material.yielded_by:
        return words("经您同意，由部门调取", "an office looks it up, with your consent")
    makers = _makers(material, plan, words)
    return words(f"由本次办理的“{makers}”产生", f"this case itself yields it: {makers}")


def _makers(material: PlannedMaterial, plan: Plan, words: Words) -> str:
    titles = {step.id: words.of(step.title) for step in plan.steps}
    return words.listed(dict.fromkeys(titles[name] for name in material.yielded_by))


def _spared_by(material: PlannedMaterial, plan: Plan, words: Words) -> str:
    count = len(material.spared_by)
    said = words(f"已持有 {count} 份", f"{count} held already")
    if not material.yielded_by:
        return said
    makers = _makers(material, plan, words)
    return said + words(f"，其余由“{makers}”产生", f", the rest this case yields: {makers}")


def show_not_needed(page: Page, plan: Plan, words: Words) -> None:
    """Write what papers and answers spare; the rules behind it are for ``--why``."""
    off = [one for one in plan.skipped if one.held is None]
    spared = [one for one in plan.skipped if one.held is not None]
    if spared:
        page.head(words("已持有证照，无需再办", "Spared by what is held already"))
    for one in spared:
        number = "" if one.instance is None else f" #{one.instance}"
        page.point(words.of(one.title) + number)
        page.line(words.of(one.reasons[0].text), indent=4, style="dim")
    if off:
        page.head(words("按所答情形无需办理", "Not needed for these answers"))
    for one in off:
        page.point(words.of(one.title))


def show_form(page: Page, plan: Plan, words: Words) -> None:
    """Write how much of the one form is left to fill in."""
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


def show_savings(page: Page, plan: Plan, words: Words) -> None:
    """Write what the same goal cost before, and what it costs now."""
    saved = reduction(plan)
    if saved is None:
        return
    page.head(words("改革前后", "Before and after"))
    counted_now = what_is_counted(plan, GuideWords(language=words.language))
    changes = (
        (words("表单字段", "form fields"), saved.fields),
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
            f"{counted_now}之前：{words.of(saved.source)}",
            f"{counted_now} Before: {words.of(saved.source)}.",
        ),
        indent=2,
        style="dim",
    )
