"""A plan as a page for the person in front of it, the parts in the order of her questions."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from oneservice.catalog import StepKind, Text
from oneservice.cli.pages import counted
from oneservice.cli.plan_law import show_laws
from oneservice.cli.plan_needs import show_form, show_materials, show_not_needed, show_savings
from oneservice.cli.plan_words import Words, is_outside
from oneservice.exchange import answer_words, make_up_days, said_at_the_top
from oneservice.plan import NO_WAY, NO_WAY_ADVICE, crossing_words, explain_plan, without_way

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from oneservice.catalog import Situation
    from oneservice.cli.pages import Page
    from oneservice.exchange import Invitation
    from oneservice.plan import Language, Plan, PlannedStep, WayInWords

__all__ = ["show_answers", "show_plan", "show_reasons"]

_SATURDAY = 5

_NOTES = {
    StepKind.FOLLOW_UP: Text(zh="（出件后）", en=" (afterwards)"),
    StepKind.EXTERNAL: Text(zh="（第三方）", en=" (by others)"),
    StepKind.NOTIFY: Text(zh="（告知）", en=" (is told)"),
}


def show_plan(
    page: Page,
    plan: Plan,
    language: Language,
    *,
    invited: Iterable[Invitation] = (),
    regions: Mapping[str, Text] | None = None,
) -> None:
    """Write the page: promise, steps, what to bring, what nobody asks for, form, savings.

    ``invited`` says what would be spared by showing what people hold already: beside a step that
    nobody can hand in from elsewhere, or else under a head of its own. ``regions`` are what
    people call regions, by code.
    """
    words = Words(language, regions)
    page.title(words.of(plan.title))
    place = words.region(plan.region)
    page.line(words(f"{place}，{plan.on} 受理", f"{place}, accepted {plan.on}"))
    days, due = plan.promised_working_days, words.day(plan.due)
    page.line(
        words(
            f"承诺 {days} 个工作日，{due} 前办结",
            f"{counted(days, 'working day')} promised, due {due}",
        )
    )
    page.line(
        words(
            f"联合办理法定上限 {words.day(plan.joint_cap_due)}",
            f"legal limit of joint handling {words.day(plan.joint_cap_due)}",
        )
    )
    _people(page, plan, words)
    _steps(page, plan, words)
    show_laws(page, plan, words)
    shown = list(invited)
    first = said_at_the_top(plan, shown)
    _visits(page, plan, first, words)
    show_materials(page, plan, words)
    if others := [one for one in shown if one not in first]:
        page.head(words("也许已有的证照（--held）", "What you may hold already (--held)"))
        for one in others:
            page.point(one.said[0].upper() + one.said[1:])
    show_not_needed(page, plan, words)
    show_form(page, plan, words)
    show_savings(page, plan, words)
    page.line()
    page.line(words(f"计划摘要 {plan.digest}", f"plan {plan.digest}"), style="dim")


def show_answers(
    page: Page, plan: Plan, questions: Iterable[Situation], language: Language
) -> None:
    """Write each answer with its question, under the name by which reasons call it."""
    words = Words(language)
    page.head(words("所答情形", "Your answers"))
    for one in questions:
        if one.id in plan.answers:
            said = answer_words(one, plan.answers[one.id], language)
            asked = words.of(one.question)
            page.point(words(f"{one.id}：{asked}{said}", f"{one.id}: {asked} {said}"))


def show_reasons(page: Page, plan: Plan, language: Language) -> None:
    """Write why each step, material and field is there, or is not."""
    words = Words(language)
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


def _steps(page: Page, plan: Plan, words: Words) -> None:
    page.head(words("事项", "Steps"))
    folded = _folded(plan.steps)
    rows = [(_step_title(steps, words), steps[0]) for steps in folded]
    if page.is_narrow:
        for title, step in rows:
            page.point(title, mark="*" if step.is_critical else "-")
            page.line(_office(step, words), indent=4)
            limit, due = words.step_limit(step), words.step_due(step)
            if is_outside(step):
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
    for worked in sorted(make_up_days(plan)):
        name = words("六", "Saturday") if worked.weekday() == _SATURDAY else words("日", "Sunday")
        said = words(
            f"{worked} 为周{name}，调休上班", f"{worked} is a {name} on which offices work"
        )
        page.line(said, indent=2)
    if plan.expected is not None:
        day = words.day(plan.expected)
        page.line(
            words(
                f"第三方用时不计入承诺；计入后预计 {day} 全部办结",
                f"the time of others is not counted; with it, all is expected by {day}",
            ),
            indent=2,
        )


def _people(page: Page, plan: Plan, words: Words) -> None:
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


def _visits(page: Page, plan: Plan, invited: Iterable[Invitation], words: Words) -> None:
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
        if trip.region is not None:
            place = words.region(trip.region)
            where += words(f"，{place}", f", {place}")
        page.line(
            words(
                f"到 {where} {trip.visits} 次：{names}",
                f"{counted(trip.visits, 'trip')} to {where}: {names}",
            ),
            indent=2,
        )
    _show_crossings(page, plan, invited, words)
    if plan.trip_count == 0:
        page.line(words("全程网办，无需到现场", "no trip is needed"), indent=2)
    for total in plan.fees:
        fees = words(f"费用 {total.amount} ", f"fees: {total.amount} ") + total.currency
        if total.reducible != "0.00":
            part = total.reducible
            fees += words(f"，其中可减免 {part}", f", of which {part} may be reduced")
        page.line(fees, indent=2)
    if plan.has_open_fees:
        more = "more fees may be due: another region settles them"
        page.line(words("费用不全，另有部分由决定地区确定", more), indent=2)


def _show_crossings(page: Page, plan: Plan, invited: Iterable[Invitation], words: Words) -> None:
    """Write how steps are handed in from where the applicant is; facts, then what to do."""
    found: dict[tuple[WayInWords, ...], dict[str, None]] = {}
    for step in plan.steps:
        if step.crossing is not None and step.crossing.mode is not None:
            found.setdefault(crossing_words(step.crossing), {})[words.of(step.title)] = None
    if plan.origin is None:
        return
    origin = words.region(plan.origin)
    here = words(f"在{origin}申请，", f"from {origin}, ")
    for ways, names in found.items():
        modes = words("或", " or ").join(words.of(one.title) for one in ways)
        page.line(f"{here}{modes}{words('：', ': ')}{words.listed(names)}", indent=2)
        for place, way in enumerate(ways):
            means = (words("也可", "or ") if place else "") + words.of(way.means)
            for line in (means, *map(words.of, way.details)):
                page.line(line, indent=4, style="dim")
    closed = words.listed(words.of(one) for one in without_way(plan.steps))
    if closed:
        page.line(f"{here}{words.of(NO_WAY)}{words('：', ': ')}{closed}", indent=2)
        asked = words.of(NO_WAY_ADVICE)
        said = [one.said for one in invited]
        for one in (*said, words("没有证照的，", "otherwise ") + asked if said else asked):
            then = words("建议：", "what you can do: ") + one
            page.line(then, indent=4, style="dim")


def _folded(steps: Iterable[PlannedStep]) -> list[list[PlannedStep]]:
    """Return the sub-cases by step: the instances of a repeated one differ in nothing here."""
    return [list(group) for _, group in groupby(steps, key=lambda step: step.step_id)]


def _step_title(steps: list[PlannedStep], words: Words) -> str:
    times = f" ×{len(steps)}" if len(steps) > 1 else ""
    note = _NOTES.get(steps[0].kind)
    return words.of(steps[0].title) + times + (words.of(note) if note else "")


def _office(step: PlannedStep, words: Words) -> str:
    office = words.of(step.department_name)
    if step.region_from is None:
        return office
    place = words.region(step.region)
    return words(f"{office}，{place}", f"{office}, {place}")
