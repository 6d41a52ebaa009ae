"""What is to be said of a step or a plan beyond its days: ways, money, tracks, other people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from oneservice.catalog import Text
from oneservice.plan.crossing_words import NO_WAY, NO_WAY_ADVICE, crossing_words
from oneservice.plan.models import Plan, PlannedMaterial, PlannedStep
from oneservice.plan.parts import OtherCrossing, PlannedChannel, PlannedCrossing
from oneservice.plan.wording import (
    CHANNELS,
    Language,
    Titles,
    day_text,
    in_language,
    limit_text,
    reason_lines,
)

__all__ = ["plan_particulars", "step_particulars", "titles_in", "where_to_get"]


def titles_in(plan: Plan) -> Titles:
    """Return what the steps and materials of ``plan`` are called."""
    steps = {one.step_id: one.title for one in plan.skipped}
    steps |= {one.step_id: one.title for one in plan.steps}
    materials = {one.id: one.title for one in plan.materials}
    return Titles(steps=_told_apart(steps), materials=_told_apart(materials))


def _told_apart(titles: Mapping[str, Text]) -> dict[str, Text]:
    """Return ``titles`` with the id beside those that two things share."""
    shared = Counter(titles.values())
    return {
        name: title
        if shared[title] == 1
        else Text(zh=f"{title.zh}（{name}）", en=f"{title.en} ({name})")
        for name, title in titles.items()
    }


def step_particulars(step: PlannedStep, language: Language, titles: Titles) -> list[str]:
    """Return lines about how a step is handed in, what it costs and which lighter track is open."""
    lines = [*_ways(step, language)]
    zh = language == "zh"
    for fee in step.fees:
        title = in_language(fee.title, language)
        less = ("，可减免" if zh else ", may be reduced") if fee.is_reducible else ""
        lines.append(f"    {'费用：' if zh else 'fee: '}{title} {fee.amount} {fee.currency}{less}")
        lines += reason_lines(fee.reasons, language, indent=6)
    if step.tolerance is not None:
        names = titles.of_materials(step.tolerance.materials, language)
        until = day_text(step.tolerance.until, language)
        lines.append(
            f"    容缺受理：{names} 可于 {until} 前补交"
            if zh
            else f"    may follow until {until}: {names}"
        )
        lines += reason_lines(step.tolerance.reasons, language, indent=6)
    if step.commitment is not None:
        text = in_language(step.commitment.text, language)
        lines.append(f"    {'告知承诺：' if zh else 'on commitment: '}{text}")
        if step.commitment.follow_up:
            names = titles.of_steps(step.commitment.follow_up, language)
            lines.append(f"    {'事后核查：' if zh else 'verified by: '}{names}")
        lines += reason_lines(step.commitment.reasons, language, indent=6)
    return lines


def _ways(step: PlannedStep, language: Language) -> Iterator[str]:
    """Yield the way that is taken, why better ones are closed, and the nearest equivalent."""
    zh = language == "zh"
    for channel in step.channels:
        if channel.is_open:
            break
        yield f"    {'不可用：' if zh else 'closed: '}{_way(channel, language)}"
        yield from reason_lines(channel.reasons, language, indent=6)
    taken, other = step.channel, step.equivalent_channel
    if taken is not None:
        yield f"    {'办理渠道：' if zh else 'hand in: '}{_way(taken, language)}"
        yield from reason_lines(taken.reasons, language, indent=6)
    if other is not None:
        yield f"    {'等效渠道：' if zh else 'or else: '}{_way(other, language)}"
    if step.crossing is not None:
        yield from _crossing(step.crossing, language)


def _crossing(crossing: PlannedCrossing, language: Language) -> Iterator[str]:
    zh = language == "zh"
    head = f"在 {crossing.origin} 申请" if zh else f"from {crossing.origin}"
    ways = crossing_words(crossing)
    if not ways:
        fact, then = in_language(NO_WAY, language), in_language(NO_WAY_ADVICE, language)
        yield f"    {head}：{fact}" if zh else f"    {head}: {fact}"
        yield f"      {'建议：' if zh else 'what you can do: '}{then}"
        return
    given: list[PlannedCrossing | OtherCrossing] = [crossing, *(crossing.others or ())]
    for way, told in zip(given, ways, strict=True):
        yield f"    {head}"
        for line in (told.means, *told.details):
            yield f"      {in_language(line, language)}"
        yield from reason_lines(way.reasons[1:], language, indent=6)
        head = "或者" if zh else "or else"


def _way(channel: PlannedChannel, language: Language) -> str:
    zh = language == "zh"
    parts = [in_language(CHANNELS[channel.kind], language), in_language(channel.where, language)]
    if channel.visits:
        times = "" if channel.visits == 1 else "s"
        parts.append(f"到现场 {channel.visits} 次" if zh else f"{channel.visits} visit{times}")
    return ("，" if zh else ", ").join(parts) + (f" <{channel.url}>" if channel.url else "")


def where_to_get(material: PlannedMaterial, language: Language) -> list[str]:
    """Return where to get a material now, the easiest place first, one line for each."""
    zh = language == "zh"
    lines = []
    for place in material.obtain:
        kind = in_language(CHANNELS[place.channel], language)
        where = in_language(place.where, language)
        days = place.working_days
        if days is None:
            time = ""
        elif days == 0:
            time = "，当场可取" if zh else ", at once"
        elif zh:
            time = f"，约 {days} 个工作日"
        else:
            time = f", about {days} working day{'' if days == 1 else 's'}"
        link = f" <{place.url}>" if place.url else ""
        lines.append(f"{where}（{kind}{time}）{link}" if zh else f"{where} ({kind}{time}){link}")
    return lines


def plan_particulars(plan: Plan, language: Language) -> list[str]:
    """Return lines, each with the mark ``!``, about people, batches, visits, journeys and money."""
    zh = language == "zh"
    lines: list[str] = []
    titles = titles_in(plan)
    if plan.subject is not None:
        subject = in_language(plan.subject.title, language)
        lines.append(f"! {'办理对象：' if zh else 'about: '}{subject}")
    for party in plan.parties:
        title = in_language(party.title, language)
        consent = ("，须其同意" if zh else ", must consent") if party.must_consent else ""
        lines.append(f"! {'参与人：' if zh else 'takes part: '}{title}{consent}")
        lines += reason_lines(party.reasons, language)
    lines += _batch(plan, language)
    if plan.expected is not None:
        lines.append(
            f"! 第三方用时不计入承诺；计入后预计 {day_text(plan.expected, language)} 办结"
            if zh
            else "! the time of others is not counted; with it, "
            f"all is expected by {day_text(plan.expected, language)}"
        )
    if plan.joint_cap is not None and plan.joint_cap_extended_due is not None:
        cap, later = plan.joint_cap, day_text(plan.joint_cap_extended_due, language)
        end = day_text(plan.joint_cap_due, language)
        lines.append(
            f"! 联合办理法定上限 {limit_text(cap, language)}，{end}；经批准延长至 {later}"
            if zh
            else f"! joint handling: {limit_text(cap, language)} at most, {end}; "
            f"{later} if extended once"
        )
    return [*lines, *_visits(plan, language, titles), *_money(plan, language, titles)]


def _batch(plan: Plan, language: Language) -> Iterable[str]:
    batch = plan.batch
    if batch is None:
        return ()
    zh = language == "zh"
    title = in_language(batch.title, language)
    line = (
        f"{title}，{batch.opens} 至 {batch.closes}"
        if zh
        else (f"{title}, {batch.opens} to {batch.closes}")
    )
    if batch.decided_by is not None:
        line += f"，{batch.decided_by} 前公布" if zh else f", decided by {batch.decided_by}"
    if batch.closes < plan.on:
        line += "；已截止" if zh else "; it is over"
    elif plan.on < batch.opens:
        line += "；尚未开始" if zh else "; not open yet"
    return (f"! {'批次：' if zh else 'batch: '}{line}", *reason_lines(batch.reasons, language))


def _visits(plan: Plan, language: Language, titles: Titles) -> Iterator[str]:
    zh = language == "zh"
    for visit in plan.appointments:
        names = titles.of_steps(visit.steps, language)
        yield (
            f"! 勘验一次，{visit.earliest} 至 {visit.latest} 之间：{names}"
            if zh
            else f"! one visit between {visit.earliest} and {visit.latest}: {names}"
        )
    for trip in plan.trips:
        where, names = in_language(trip.where, language), titles.of_steps(trip.steps, language)
        if trip.region is not None:
            where += f"（{trip.region}）" if zh else f" ({trip.region})"
        times = "" if trip.visits == 1 else "s"
        yield (
            f"! 到 {where} {trip.visits} 次：{names}"
            if zh
            else f"! {trip.visits} trip{times} to {where}: {names}"
        )
    if plan.trip_count == 0:
        yield "! 无需到现场" if zh else "! no trip is needed"


def _money(plan: Plan, language: Language, titles: Titles) -> Iterator[str]:
    zh = language == "zh"
    for total in plan.fees:
        less = total.reducible
        yield (
            f"! 费用合计 {total.amount} {total.currency}，其中可减免 {less}"
            if zh
            else f"! fees {total.amount} {total.currency}, of which {less} may be reduced"
        )
    if plan.has_open_fees:
        open_ones = (one.id for one in plan.steps if one.law and one.law.has_open_fees)
        names = titles.of_steps(tuple(open_ones), language)
        yield (
            f"! 费用不全，另有部分由决定地区确定：{names}"
            if zh
            else f"! not all fees are known here, the deciding region settles the rest: {names}"
        )
