"""The service guide (一次告知): one notice per plan, as one page to read, keep and print.

One self-contained file: no script, no picture, nothing to fetch. It says everything at once, in
the order of the applicant's questions, and ends with the digest of the plan that it was made from,
so that anybody can check that the notice and the case go by the same rules.

References:
    Administrative Licensing Law art. 30 and 32 (publication, notice at once); GB/T 36114.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from oneservice.catalog import Choice, EffectiveThing, Situation, Text
from oneservice.exchange.guide_invitations import Invitation, invitations, said_at_the_top
from oneservice.exchange.guide_papers import bring_section, form_section, spared_section
from oneservice.exchange.guide_parts import Section, advice, note, small, weekday
from oneservice.exchange.guide_steps import (
    days_section,
    results_section,
    steps_section,
    without_way_notes,
)
from oneservice.exchange.guide_style import STYLE
from oneservice.exchange.guide_terms import (
    answers_section,
    fees_section,
    rights_section,
    savings_section,
    ways_section,
)
from oneservice.exchange.guide_words import GuideWords
from oneservice.exchange.html import Html, joined, tag, text, unbroken
from oneservice.plan import Language, Plan, without_way

__all__ = ["service_guide"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def service_guide(
    plan: Plan,
    *,
    language: Language = "zh",
    questions: Sequence[Situation] = (),
    definition: EffectiveThing | None = None,
    regions: Mapping[str, Text] = MappingProxyType({}),
) -> str:
    """Return the guide as a whole HTML document; the same input gives the same text.

    Args:
        plan: what follows from the applicant's answers.
        language: of every word in it.
        questions: those of the one-thing; with them the guide repeats what was answered.
        definition: what the plan was made of; with it the guide invites people to show what they
            hold already, says among what a field lets them choose, and has the questions, too.
        regions: what people call regions, by code: :meth:`oneservice.catalog.Catalog.region_names`.
    """
    words = GuideWords(language=language, regions=regions)
    asked = questions if definition is None else definition.thing.situations
    by_id = {one.id: one for one in asked}
    shown = [] if definition is None else invitations(plan, definition, language)
    first = said_at_the_top(plan, shown)
    invited = [advice(one.said, words) for one in shown if one not in first]
    fields = () if definition is None else definition.thing.fields
    offered = {one.id: one.choices for one in fields}
    sections = [one for one in _sections(plan, by_id, offered, invited, words) if one.content]
    body = tag(
        "div",
        _header(plan, words),
        _facts(plan, words),
        tag(
            "main",
            *_notes(plan, first, words),
            *(one.markup(number) for number, one in enumerate(sections, 1)),
        ),
        _footer(plan, words),
        class_="sheet",
    )
    title = words(f"{plan.title.zh} 服务指南", f"{plan.title.en}: service guide")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("title", title),
        tag("style", Html(STYLE)),
    )
    page = tag("html", head, tag("body", body), lang=words("zh-CN", "en"))
    return f"<!DOCTYPE html>\n{page}\n"


def _sections(
    plan: Plan,
    questions: Mapping[str, Situation],
    offered: Mapping[str, Sequence[Choice]],
    invited: Sequence[Html],
    words: GuideWords,
) -> tuple[Section, ...]:
    return (
        results_section(plan, words),
        bring_section(plan, invited, words),
        spared_section(plan, words),
        steps_section(plan, words),
        days_section(plan, words),
        fees_section(plan, words),
        ways_section(plan, words),
        form_section(plan, questions, offered, words),
        rights_section(words),
        savings_section(plan, words),
        answers_section(plan, questions, words),
    )


def _header(plan: Plan, words: GuideWords) -> Html:
    offices = len({step.department for step in plan.steps})
    lead = words(
        f"一次告知：{offices} 个部门、一张表、一套材料、一次出件。以下内容按您的回答生成，"
        f"适用于 {words.day(plan.on)}受理的申请。",
        f"Everything at once: {words.count(offices, '', 'office')}, one form, one set of papers, "
        f"one handing out. Made for your answers, for an application accepted on "
        f"{words.day(plan.on)}.",
    )
    region = words("服务指南 · ", "Service guide · ") + words.region(plan.region)
    return tag(
        "header",
        tag("p", region, class_="eyebrow"),
        tag("h1", unbroken(words.of(plan.title))),
        tag("p", unbroken(lead), class_="lead"),
    )


def _facts(plan: Plan, words: GuideWords) -> Html:
    """Return the six figures that people look for first."""
    to_bring = len(plan.missing)
    to_fill = sum(field.value is None for field in plan.form)
    fees = words.listed(words.money(one.amount, one.currency) for one in plan.fees)
    trips = plan.trip_count
    visits = (words("未公布", "not published"), words("请向窗口确认", "ask the window"))
    if trips is not None:
        visits = (f"{trips}", words("次", "visit" if trips == 1 else "visits"))
    day = plan.due.on
    due = words(f"{day.month}月{day.day}日", words.day(day).removesuffix(f" {day.year}"))
    doubt = words("暂定", "provisional") if plan.due.is_provisional else ""
    name = weekday(plan, day, words)
    year = words(f"{day.year}年", f"{day.year}")
    when = words("，", ", ").join(part for part in (year, name, doubt) if part)
    promised = plan.promised_working_days
    facts = (
        (
            words("承诺时限", "Promised"),
            f"{promised}",
            words.unit(promised, "个工作日", "working day"),
        ),
        (words("最迟办结", "Done by"), due, when),
        (words("自带材料", "To bring"), f"{to_bring}", words.unit(to_bring, "件", "paper")),
        (words("填写字段", "To fill in"), f"{to_fill}", words.unit(to_fill, "个", "field")),
        (words("跑动", "Journeys"), *visits),
        (words("费用", "Fees"), fees or words("未列收费", "none listed"), _open_fees(plan, words)),
    )
    return tag("dl", *(_fact(*one) for one in facts), class_="facts")


def _open_fees(plan: Plan, words: GuideWords) -> str:
    return words("另有部分待定", "more is open") if plan.has_open_fees else ""


def _fact(name: str, value: str, more: str) -> Html:
    """Return one figure; what is said in words is smaller than a number, and fits beside it."""
    kind = {} if any(sign.isdigit() for sign in value) else {"class_": "words"}
    return tag("div", tag("dt", name), tag("dd", value, small(more) if more else "", **kind))


def _notes(plan: Plan, shown: Sequence[Invitation], words: GuideWords) -> list[Html]:
    """Return what must be known before all else: whom it is about, who must agree, the window."""
    notes: list[Html] = []
    notes += _crossing_notes(plan, shown, words)
    if plan.subject is not None:
        whom = words.of(plan.subject.title)
        notes.append(note(words(f"为谁办理：{whom}。", f"Whom this is about: {whom}.")))
    if plan.batch is not None:
        opens, closes = words.day(plan.batch.opens), words.day(plan.batch.closes)
        title = words.of(plan.batch.title)
        window = words(f"{title}：{opens}至{closes}", f"{title}: {opens} to {closes}")
        decided = plan.batch.decided_by
        until = (
            words(f"；{words.day(decided)}前公布结果", f"; decided by {words.day(decided)}")
            if decided
            else ""
        )
        notes.append(note(tag("strong", window), until, kind="warn"))
    must = [words.of(one.title) for one in plan.parties if one.must_consent]
    if must:
        who = words.listed(must)
        notes.append(
            note(
                words(f"须由以下各方同意：{who}。", f"These must agree first: {who}."), kind="warn"
            )
        )
    return notes


def _crossing_notes(plan: Plan, shown: Sequence[Invitation], words: GuideWords) -> list[Html]:
    """Return how somebody elsewhere hands it in: what can be, what cannot, what to do then."""
    crossing = [one for one in plan.steps if one.crossing is not None]
    if plan.origin is None or not crossing:
        return []
    here, there = words.region(plan.origin), words.region(plan.region)
    said = words(
        f"您在{here}申请，由{there}办理。",
        f"You apply from {here}; {there} decides.",
    )
    closed = {one.zh for one in without_way(crossing)}
    ways = words.listed(words.of(one.title) for one in crossing if one.title.zh not in closed)
    if ways:
        how = words(
            f"以下事项可以异地递交，方式见“办理事项”：{ways}。",
            f"How these are handed in from there stands under Steps: {ways}.",
        )
        said = words.sentence(said, how)
    return [note(said), *without_way_notes(plan, shown, words)]


_YEARS: Final = re.compile(r"(?<=\+)\d{4}(?:-\d{4})+(?=\.)")


def _years_in_short(calendar: str) -> str:
    """Return the version of a calendar with years in a row as first and last one."""

    def short(found: re.Match[str]) -> str:
        first, *_, last = years = [int(one) for one in found[0].split("-")]
        is_whole = years == list(range(first, last + 1))
        return f"{first}…{last}" if is_whole else found[0]

    return _YEARS.sub(short, calendar)


def _footer(plan: Plan, words: GuideWords) -> Html:
    provisional = words(
        "标“暂定”的日期待国务院公布当年节假日安排后重算。",
        "Provisional days are counted again once that year's holidays are announced.",
    )
    what = words(
        "本指南是告知，不是决定；以受理时的计划为准。",
        "This is a notice, not a decision; the plan pinned at acceptance counts.",
    )
    digests = (
        (words("计划摘要", "Plan"), plan.digest),
        (words("定义摘要", "Definition"), plan.definition),
        (words("日历", "Calendar"), _years_in_short(plan.calendar)),
    )
    lines = (tag("p", name, " ", tag("code", text(value))) for name, value in digests)
    return tag("footer", tag("p", joined((words.sentence(what, provisional),))), *lines)
