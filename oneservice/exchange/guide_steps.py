"""What one gets, from whom, when: results, steps, and the days in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from oneservice.catalog import StepKind
from oneservice.exchange.guide_invitations import Invitation
from oneservice.exchange.guide_parts import (
    Column,
    Section,
    advice,
    folded,
    mark,
    note,
    plain_list,
    small,
    table,
    titles_of,
    weekday,
)
from oneservice.exchange.guide_words import GuideWords
from oneservice.exchange.html import Html, joined, tag, unbroken
from oneservice.plan import (
    NO_WAY,
    NO_WAY_ADVICE,
    Plan,
    PlannedCrossing,
    PlannedStep,
    ReasonKind,
    SkippedStep,
    crossing_words,
    without_way,
)

__all__ = [
    "days_section",
    "results_section",
    "steps_section",
    "without_way_notes",
]

_WHERE = frozenset({ReasonKind.ROUTED, ReasonKind.ELSEWHERE})
"""Reasons that belong beside the office: who decides, and by whose law and days."""
_Dated = tuple[date, str, bool]
"""A day, what happens, and whether it is an end."""


def results_section(plan: Plan, words: GuideWords) -> Section:
    """Return what is handed out: certificates and other results, by whom, for how long."""
    rows = [
        (
            _result_title(steps, words),
            words.of(steps[0].department_name),
            _validity(steps[0], words),
        )
        for steps in folded(plan.steps)
        if steps[0].result is not None and steps[0].kind is not StepKind.CHECK
    ]
    columns = (
        Column(title=words("结果", "Result")),
        Column(title=words("出具部门", "Issued by")),
        Column(title=words("有效期", "Valid for")),
    )
    caption = words("全部结果一并出件。", "All results are handed out together.")
    content = (table(caption, columns, rows),) if rows else ()
    return Section(id="results", title=words("您将得到", "What you get"), content=content)


def _result_title(steps: list[PlannedStep], words: GuideWords) -> Html:
    result = steps[0].result
    title = words.of(result.title) if result else ""
    times = f" ×{len(steps)}" if len(steps) > 1 else ""
    is_paper = result is not None and result.is_certificate and steps[0].kind is StepKind.DECISION
    return joined((title + times, mark(words("证照", "certificate"), "good") if is_paper else ""))


def _validity(step: PlannedStep, words: GuideWords) -> str:
    if step.result is None or not step.result.is_certificate or step.kind is StepKind.BUNDLE:
        return words("不适用", "not applicable")
    years = step.result.valid_years
    return words.count(years, "年", "year") if years else words("未规定", "no end stated")


def steps_section(plan: Plan, words: GuideWords) -> Section:
    """Return the steps with office, limits and law; offices work in parallel where they may."""
    columns = (
        Column(title=words("事项", "Step")),
        Column(title=words("部门", "Department")),
        Column(title=words("承诺时限", "Promised"), kind="day"),
        Column(title=words("最迟", "Due by"), kind="day"),
        Column(title=words("法定时限", "By law"), kind="day"),
    )
    rows = [_step_row(plan, steps, words) for steps in folded(plan.steps)]
    caption = words(
        "各部门并联办理；期限自受理次日起算，不计法定节假日和特别程序。",
        "Offices work in parallel. Days count from the day after acceptance; holidays and special "
        "procedures do not count.",
    )
    content = [table(caption, columns, rows)]
    path = titles_of(plan, plan.critical_path, words)
    content.append(
        tag("p", words("决定总时限的事项：", "The total follows from: "), path, class_="hint")
    )
    content += [_visit(plan, names, words) for names in _joint_visits(plan)]
    if plan.skipped:
        content += _skipped(plan, words)
    return Section(id="steps", title=words("办理事项", "Steps"), content=tuple(content))


def _step_row(plan: Plan, steps: list[PlannedStep], words: GuideWords) -> tuple[str, ...]:
    step = steps[0]
    times = f" ×{len(steps)}" if len(steps) > 1 else ""
    own = {one.id for one in steps}
    after = titles_of(plan, (name for name in step.requires if name not in own), words)
    is_last = step.kind is StepKind.BUNDLE
    laws = [words.of(one.text) for one in step.reasons if one.kind is ReasonKind.LAW]
    details = [small(law) for law in laws]
    if after and not is_last:
        details.insert(0, small(words("须先办：", "after: "), after))
    if step.commitment is not None:
        details.insert(0, small(words.of(step.commitment.text)))
    if step.crossing is not None:
        details += [small(line) for line in _crossing(step.crossing, words)]
    title = (words.of(step.title) + times, *_step_marks(step, words), *details)
    routed = [small(words.of(one.text)) for one in step.reasons if one.kind in _WHERE]
    if step.region != plan.region:
        routed.insert(0, small(words.region(step.region)))
    statutory = words.limit(step.statutory) if step.statutory else words("未规定", "none set")
    return (
        joined(title),
        joined((words.of(step.department_name), *routed)),
        *_promise(plan, step, words),
        statutory,
    )


def _crossing(crossing: PlannedCrossing, words: GuideWords) -> Iterable[str]:
    """Return how it is handed in from where the applicant is: the way, the window, the papers."""
    for place, way in enumerate(crossing_words(crossing)):
        yield (words("也可", "or ") if place else "") + words.of(way.means)
        for detail in way.details:
            yield words.of(detail)


def without_way_notes(plan: Plan, shown: Sequence[Invitation], words: GuideWords) -> list[Html]:
    """Return the fact that steps cannot be handed in from elsewhere; beside it, what to do.

    Of ``shown``, what spares such a step comes first.
    """
    titles = words.listed(words.of(one) for one in without_way(plan.steps))
    if not titles:
        return []
    fact, then = tag("strong", words.of(NO_WAY).capitalize()), words.of(NO_WAY_ADVICE)
    other = words("没有证照的，", "otherwise ") if shown else ""
    return [
        note(fact, words("：", ": "), titles, words("。", "."), kind="warn"),
        *(advice(one.said, words) for one in shown),
        advice(f"{other}{then}" + words("。", "."), words),
    ]


def _promise(plan: Plan, step: PlannedStep, words: GuideWords) -> tuple[str, str]:
    """Return limit and last day; nobody here can promise the time of others."""
    if step.kind is StepKind.EXTERNAL:
        usual = words("通常 ", "usually ") + words.limit(step.promised)
        return usual, words("不计入承诺", "not counted")
    day = joined((words.due(step.due), small(weekday(plan, step.due.on, words))))
    return words.limit(step.promised), day


def _step_marks(step: PlannedStep, words: GuideWords) -> Iterable[Html]:
    if step.kind is StepKind.FOLLOW_UP:
        yield mark(words("出件后", "afterwards"), "warn")
    if step.kind is StepKind.NOTIFY:
        yield mark(words("告知", "notice only"))
    if step.kind is StepKind.EXTERNAL:
        yield mark(words("第三方，不计入承诺", "by others, not counted"), "warn")
    if step.commitment is not None:
        yield mark(words("告知承诺", "on your commitment"), "good")
    if step.is_on_the_spot:
        yield mark(words("即办", "at once"), "good")
    if step.crossing is not None and step.crossing.mode is None:
        yield mark(words("异地方式未公布", "from elsewhere: not published"), "warn")


def _joint_visits(plan: Plan) -> list[tuple[tuple[str, ...], date | None, date | None]]:
    if plan.appointments:
        return [(one.steps, one.earliest, one.latest) for one in plan.appointments]
    return [(plan.joint_inspection, None, None)] if plan.joint_inspection else []


def _visit(
    plan: Plan, visit: tuple[tuple[str, ...], date | None, date | None], words: GuideWords
) -> Html:
    names, first, last = visit
    when = ""
    if first and last:
        days = (words.day(first), words.day(last))
        when = words(f"（{days[0]}至{days[1]}之间）", f", between {days[0]} and {days[1]}")
    called = words("现场勘验", "One visit to the premises")
    if len(names) > 1:
        called = words("一次上门、联合勘验", "One joint visit")
    title = tag("strong", called, when)
    return note(title, words("：", ": "), titles_of(plan, names, words))


def _skipped(plan: Plan, words: GuideWords) -> list[Html]:
    off = [one for one in plan.skipped if one.held is None]
    spared = [one for one in plan.skipped if one.held is not None]
    found: list[Html] = []
    if off:
        head = words("按您的情形不需要办理", "Not needed for your answers")
        names = words.listed(words.of(one.title) for one in off)
        found += [tag("h3", head), tag("p", names, class_="hint")]
    if spared:
        head = words("已持有证照，不需再办", "Spared by a certificate that is held already")
        found += [tag("h3", head), plain_list(_spared(one, words) for one in spared)]
    return found


def _spared(one: SkippedStep, words: GuideWords) -> Html:
    """Return one sub-case that is spared: whose, by which paper, by which law."""
    number = "" if one.instance is None else words(f"（第 {one.instance} 人）", f" #{one.instance}")
    why = [small(words.of(reason.text)) for reason in one.reasons]
    return tag("li", tag("strong", words.of(one.title), number), *why)


def days_section(plan: Plan, words: GuideWords) -> Section:
    """Return every day that matters, in order."""
    by_day: dict[date, list[tuple[str, bool]]] = {}
    for day, what, is_end in sorted(_dated(plan, words), key=lambda entry: entry[0]):
        by_day.setdefault(day, []).append((what, is_end))
    points = [
        tag(
            "li",
            tag("div", words.time(day), small(weekday(plan, day, words))),
            tag("div", *(tag("div", unbroken(what)) for what, _ in some)),
            **({"class_": "end"} if any(is_end for _, is_end in some) else {}),
        )
        for day, some in by_day.items()
    ]
    hint = words(
        "若补正材料或进入特别程序，日期相应顺延。",
        "Days move if something must be corrected, or while a special procedure runs.",
    )
    content = (tag("ol", *points, class_="days"), tag("p", hint, class_="hint"))
    return Section(id="dates", title=words("重要日期", "Dates"), content=content)


def _dated(plan: Plan, words: GuideWords) -> Iterable[_Dated]:
    yield plan.on, words("受理", "Accepted"), True
    for names, first, _ in _joint_visits(plan):
        if first is not None:
            what = words("可约现场勘验：", "A visit may be made from this day: ")
            if len(names) > 1:
                what = words("可约联合勘验：", "A joint visit may be made from this day: ")
            yield first, what + titles_of(plan, names, words), False
    for steps in folded(plan.steps):
        step = steps[0]
        is_at_once = step.due.on == plan.on and step.is_on_the_spot
        if step.kind in {StepKind.BUNDLE, StepKind.EXTERNAL} or is_at_once:
            continue
        times = f" ×{len(steps)}" if len(steps) > 1 else ""
        title = words.of(step.title) + times + _doubt(step.due.is_provisional, words)
        yield step.due.on, _latest(title, step.kind, words), False
    yield from _ends(plan, words)
    if plan.expected is not None:
        what = words("预计全部完成（含第三方时间）", "Expected end, with the time of others")
        yield plan.expected.on, what, False
    cap = words("联合办理的法定最长期限", "Joint handling ends at the latest, by law")
    yield plan.joint_cap_due.on, cap + _doubt(plan.joint_cap_due.is_provisional, words), False


def _latest(title: str, kind: StepKind, words: GuideWords) -> str:
    if kind is StepKind.NOTIFY:
        return words(f"{title}：最迟告知", f"{title}: told at the latest")
    return words(f"{title}：最迟办结", f"{title}: decided at the latest")


def _ends(plan: Plan, words: GuideWords) -> Iterable[_Dated]:
    """Yield when all is handed out and when all is done: a register may be told after that."""
    together = next((step.due for step in plan.steps if step.kind is StepKind.BUNDLE), plan.due)
    sure = _doubt(together.is_provisional, words)
    if together.on == plan.due.on:
        yield (
            plan.due.on,
            words("全部办结，一并出件", "All results handed out together") + sure,
            True,
        )
        return
    yield together.on, words("一并出件", "All results handed out together") + sure, True
    sure = _doubt(plan.due.is_provisional, words)
    yield plan.due.on, words("全部办结", "Everything done") + sure, True


def _doubt(is_provisional: bool, words: GuideWords) -> str:  # noqa: FBT001 - one flag, one meaning
    return words("（暂定）", " (provisional)") if is_provisional else ""
