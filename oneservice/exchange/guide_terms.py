"""Fees, ways and journeys; rights; what is saved; the answers that all of it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from oneservice.catalog import Situation, Text
from oneservice.exchange.guide_papers import is_made
from oneservice.exchange.guide_parts import (
    Column,
    Section,
    folded,
    mark,
    note,
    plain_list,
    small,
    table,
    titles_of,
)
from oneservice.exchange.guide_words import CHANNELS, GuideWords, answer_words
from oneservice.exchange.html import Html, joined, link, tag, unbroken
from oneservice.plan import Answer, Plan, PlannedChannel, PlannedStep, reduction

__all__ = [
    "answers_section",
    "fees_section",
    "rights_section",
    "savings_section",
    "ways_section",
    "what_is_counted",
]


def fees_section(plan: Plan, words: GuideWords) -> Section:
    """Return what it costs; where no fee is published, that is said in so many words."""
    rows = [
        (
            joined((words.of(fee.title), small(words.of(step.title)))),
            joined(
                (
                    words.money(fee.amount, fee.currency),
                    mark(words("可申请减免", "may be reduced"), "good") if fee.is_reducible else "",
                )
            ),
            joined([small(words.of(one.text)) for one in fee.reasons if one.clause]),
        )
        for step in plan.steps
        for fee in step.fees
    ]
    title = words("费用", "Fees")
    more = _open_fees(plan, words)
    if not rows:
        none = words("以上事项均未列收费项目。", "No fee is listed for any of these steps.")
        return Section(id="fees", title=title, content=(tag("p", none), *more))
    columns = (
        Column(title=words("收费项目", "Fee")),
        Column(title=words("金额", "Amount"), kind="num"),
        Column(title=words("依据", "Legal basis")),
    )
    total = words.listed(words.money(one.amount, one.currency) for one in plan.fees)
    caption = words(f"合计 {total}。", f"{total} in all.")
    return Section(id="fees", title=title, content=(table(caption, columns, rows), *more))


def _open_fees(plan: Plan, words: GuideWords) -> list[Html]:
    """Return that more may have to be paid, where another region settles what for."""
    if not plan.has_open_fees:
        return []
    steps = (one.id for one in plan.steps if one.law is not None and one.law.has_open_fees)
    said = words(
        "费用不全，另有部分由办理地确定：", "More may be due; the deciding region settles it: "
    )
    return [note(said, titles_of(plan, steps, words), kind="warn")]


def ways_section(plan: Plan, words: GuideWords) -> Section:
    """Return how and where to hand in, and every journey that cannot be spared."""
    content: list[Html] = []
    if plan.trip_count == 0:
        content.append(note(words("全程不需要到现场。", "No journey is needed at all.")))
    content += [_trips(plan, words)] if plan.trips else []
    rows = [_way_row(steps[0], words) for steps in folded(plan.steps) if steps[0].channels]
    if rows:
        columns = (
            Column(title=words("事项", "Step")),
            Column(title=words("办理渠道", "Way")),
            Column(title=words("不便使用时", "Otherwise")),
        )
        content.append(table(words("按优先顺序", "In order of preference"), columns, rows))
    if not content and any(one.crossing and one.crossing.mode for one in plan.steps):
        across = words(
            "从外地申请的，按“办理事项”中各事项所列的跨区域方式递交。",
            "From another region, hand each step in as it stands under Steps.",
        )
        content.append(tag("p", across))
    if not content:
        words_for_none = words(
            "通过一件事专窗或政务服务网统一申请；各事项未单列渠道。",
            "Apply once, at the one window or on the service portal; the steps list no ways of "
            "their own.",
        )
        content.append(tag("p", words_for_none))
    return Section(
        id="ways", title=words("渠道与跑动", "Ways and journeys"), content=tuple(content)
    )


def _trips(plan: Plan, words: GuideWords) -> Html:
    points = [
        tag(
            "li",
            tag("strong", words.of(one.where)),
            words("：", ": "),
            words.count(one.visits, "次", "visit"),
            small(titles_of(plan, one.steps, words)),
        )
        for one in plan.trips
    ]
    return plain_list(points)


def _way_row(step: PlannedStep, words: GuideWords) -> tuple[str, ...]:
    way, other = step.channel, step.equivalent_channel
    closed = [
        small(words.of(reason.text))
        for one in step.channels
        if not one.is_open
        for reason in one.reasons[:1]
    ]
    return (
        words.of(step.title),
        joined((_way(way, words) if way else words("见窗口", "ask at the window"), *closed)),
        _way(other, words) if other else "",
    )


def _way(way: PlannedChannel, words: GuideWords) -> Html:
    place = words.of(way.where)
    kind = words.of(CHANNELS[way.kind])
    visits = (
        words("不需到场", "no visit") if way.visits == 0 else words.count(way.visits, "次", "visit")
    )
    shown = link(way.url, place) if way.url else place
    return joined((shown, unbroken(words(f"（{kind}，{visits}）", f" ({kind}, {visits})"))))


_RIGHTS: Final = (
    (
        Text(zh="一次告知补正", en="Told once, of everything"),
        Text(
            zh="材料不齐的，应当当场或者五个工作日内一次告知；逾期不告知，自收到之日起即为受理。",
            en="If papers are missing you are told on the spot or within five working days, of all "
            "at once. Silence means accepted from the day of receipt.",
        ),
        Text(zh="行政许可法第三十二条", en="Administrative Licensing Law, art. 32"),
    ),
    (
        Text(zh="说明理由", en="Reasons"),
        Text(
            zh="不予许可的，应当书面说明理由，并告知救济途径。",
            en="A refusal comes in writing, with its reasons and with what you can do about it.",
        ),
        Text(zh="行政许可法第三十八条", en="Administrative Licensing Law, art. 38"),
    ),
    (
        Text(zh="行政复议：60 日内", en="Review: within 60 days"),
        Text(
            zh="自知道或者应当知道该决定之日起六十日内，可以申请行政复议。",
            en="You may apply for administrative review within 60 days of learning of a decision.",
        ),
        Text(zh="行政复议法第二十条", en="Administrative Review Law, art. 20"),
    ),
    (
        Text(zh="行政诉讼：6 个月内", en="Lawsuit: within 6 months"),
        Text(
            zh="自知道或者应当知道该决定之日起六个月内，可以向人民法院提起诉讼。",
            en="You may sue at the people's court within six months of learning of a decision.",
        ),
        Text(zh="行政诉讼法第四十六条", en="Administrative Litigation Law, art. 46"),
    ),
    (
        Text(zh="好差评", en="Your rating"),
        Text(
            zh="每个事项办结后可以评价一次，自愿；差评会回访、核实、整改。",
            en="You may rate each step once it is done; a poor rating is followed up.",
        ),
        None,
    ),
)
"""What holds for every licence; days of review and lawsuit are calendar days and months."""


def rights_section(words: GuideWords) -> Section:
    """Return what the applicant may demand, and where to turn; each with the law that says so."""
    points = (
        tag(
            "li",
            tag("strong", words.of(head)),
            tag("div", words.of(body)),
            small(words.of(law)) if law else "",
        )
        for head, body, law in _RIGHTS
    )
    return Section(
        id="rights", title=words("您的权利", "Your rights"), content=(plain_list(points),)
    )


def savings_section(plan: Plan, words: GuideWords) -> Section:
    """Return what the same goal took before, and takes now."""
    saved = reduction(plan)
    title = words("改革前后", "Before and after")
    if saved is None:
        return Section(id="savings", title=title, content=())
    rows = [
        (name, f"{one.before}", f"{one.after}", f"{one.saved_percent} %")
        for name, one in (
            (words("表单字段", "Form fields"), saved.fields),
            (words("材料", "Materials"), saved.materials),
            (words("工作日", "Working days"), saved.working_days),
        )
    ]
    columns = (
        Column(title=""),
        Column(title=words("以前", "Before"), kind="num"),
        Column(title=words("现在", "Now"), kind="num"),
        Column(title=words("减少", "Saved"), kind="num"),
    )
    source = words.of(saved.source)
    caption = words(f"以前的数据：{source}", f"Earlier figures: {source}.")
    counted = tag("p", unbroken(what_is_counted(plan, words)), class_="hint")
    return Section(id="savings", title=title, content=(table(caption, columns, rows), counted))


def what_is_counted(plan: Plan, words: GuideWords) -> str:
    """Return what the figures of today are made of, by the parts that people meet elsewhere.

    As :func:`oneservice.plan.reduction` counts: what was answered was filled in by a person, too;
    what is there already, or comes of the case itself, is asked of nobody.
    """
    asked = [one for one in plan.form if one.held is None]
    known = sum(one.value is not None for one in asked)
    there = [one for one in plan.materials if one.yielded_by or one.spared_by or one.held]
    bring, sign = len(plan.missing), sum(map(is_made, plan.materials))
    fetched = len(plan.materials) - len(there) - bring - sign
    fields = words(
        f"字段：待填写 {len(asked) - known} 个，由您的回答填好 {known} 个。",
        f"Fields: {len(asked) - known} to fill in, {known} known from your answers.",
    )
    papers = words(
        f"材料：自带 {bring} 件，签字 {sign} 件，由部门调取 {fetched} 件",
        f"Materials: {bring} to bring, {sign} only to sign, {fetched} that offices look up",
    )
    rest = words(
        f"；已持有或由本次办理产生的 {len(there)} 件不计",
        f"; not counted: {len(there)} that this case yields, or that you hold",
    )
    return words.sentence(fields, papers + (rest if there else "") + words("。", "."))


def answers_section(plan: Plan, questions: Mapping[str, Situation], words: GuideWords) -> Section:
    """Return the questions and answers on which the whole notice rests."""
    given = plan.answers
    asked = [(one, given[name]) for name, one in questions.items() if name in given]
    points = [
        tag("li", words.of(question.question), small(_said(question, value, words)))
        for question, value in asked
    ]
    hint = words(
        "本指南按以下回答生成；情形变化时请重新生成。",
        "This guide holds for these answers. Make a new one when something changes.",
    )
    content = (tag("p", hint), plain_list(points, in_columns=True)) if points else ()
    return Section(id="answers", title=words("您的情形", "Your answers"), content=content)


def _said(question: Situation, value: Answer, words: GuideWords) -> Html:
    return tag("strong", answer_words(question, value, words.language))
