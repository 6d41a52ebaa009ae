"""What to bring, what only to sign, what nobody asks for; and the one form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from oneservice.catalog import (
    Choice,
    FieldType,
    MaterialClass,
    MaterialSource,
    Obtain,
    Situation,
    Text,
)
from oneservice.exchange.guide_parts import (
    Column,
    Section,
    mark,
    note,
    plain_list,
    small,
    table,
    titles_of,
)
from oneservice.exchange.guide_words import CHANNELS, FIELD_TYPES, GuideWords
from oneservice.exchange.html import Html, joined, link, tag, unbroken
from oneservice.plan import FormField, Plan, PlannedMaterial, ReasonKind

__all__ = ["bring_section", "form_section", "is_made", "spared_section"]


def is_made(material: PlannedMaterial) -> bool:
    """Say whether the material comes from the form and is only signed."""
    is_generated = material.source is MaterialSource.GENERATED
    is_there = material.yielded_by or material.spared_by or material.held is not None
    return is_generated and not is_there


def bring_section(plan: Plan, invited: Iterable[Html], words: GuideWords) -> Section:
    """Return the one set of materials: each once, for whom, and where to get it now.

    ``invited`` says which papers spare something to whoever holds them.
    """
    content: list[Html] = []
    if plan.missing:
        columns = [
            Column(title=words("材料", "Material")),
            Column(title=words("用于", "Used by")),
        ]
        rows = [_material_row(plan, one, words) for one in plan.missing]
        if any(one.obtain for one in plan.missing):
            columns.append(Column(title=words("到哪里取得", "Where to get it")))
        else:
            rows = [row[:2] for row in rows]
        caption = words("每件只交一次，各部门共用。", "Hand in each once; all offices share it.")
        content.append(table(caption, columns, rows))
    else:
        content.append(note(words("不需要提交任何材料。", "Nothing to bring."), kind=""))
    content += invited
    signed = [one for one in plan.materials if is_made(one)]
    if signed:
        head = words("由系统按您的填报生成，只需签字", "Made from your answers, only to sign")
        content.append(tag("h3", head))
        content.append(
            plain_list((tag("li", _box(), words.of(one.title)) for one in signed), in_columns=True)
        )
    return Section(id="bring", title=words("需要准备", "What to bring"), content=tuple(content))


def _material_row(plan: Plan, material: PlannedMaterial, words: GuideWords) -> tuple[str, ...]:
    return (
        joined((_box(), words.of(material.title), *_later(plan, material, words))),
        titles_of(plan, material.steps, words),
        joined([_obtain(one, words) for one in material.obtain]),
    )


def _later(plan: Plan, material: PlannedMaterial, words: GuideWords) -> Iterable[Html]:
    days = [
        step.tolerance.until
        for step in plan.steps
        if step.tolerance is not None and material.id in step.tolerance.materials
    ]
    if days:
        first = min(days, key=lambda due: due.on)
        until = words.due(first)
        yield mark(words("可容缺后补", "may follow later"), "good")
        yield small(words(f"书面承诺后，最迟 {until} 补交", f"on a signed promise, until {until}"))
    elif material.importance is MaterialClass.MINOR:
        yield mark(words("次要", "minor"))


def _obtain(way: Obtain, words: GuideWords) -> Html:
    channel = words.of(CHANNELS[way.channel])
    place = words.of(way.where)
    where = link(way.url, place) if way.url else place
    took = ""
    if way.working_days is not None:
        took = (
            words("，当场可取", ", at once")
            if way.working_days == 0
            else words(f"，约 {way.working_days} 个工作日", f", about {_days(way.working_days)}")
        )
    how = words(f"（{channel}{took}）", f" ({channel}{took})")
    return tag("div", where, unbroken(how))


def _days(count: int) -> str:
    return f"{count} working day{'' if count == 1 else 's'}"


def _box() -> Html:
    return tag("span", class_="box", aria_hidden="true")


def spared_section(plan: Plan, words: GuideWords) -> Section:
    """Return what offices get for themselves: the applicant must not be asked for it."""
    spared = [one for one in plan.materials if not one.must_bring and not is_made(one)]
    points = [
        tag("li", tag("strong", words.of(one.title)), small(_why(plan, one, words)))
        for one in spared
    ]
    hint = words("任何窗口都不得再向您索要以下材料：", "No office may ask you for any of these:")
    content = (tag("p", hint), plain_list(points, in_columns=True)) if points else ()
    return Section(
        id="spared", title=words("无需提交", "What nobody asks you for"), content=content
    )


def _why(plan: Plan, material: PlannedMaterial, words: GuideWords) -> str:
    if material.spared_by:
        count = len(material.spared_by)
        said = words(f"已持有 {count} 份", f"{count} held already")
        if not material.yielded_by:
            return said
        makers = titles_of(plan, material.yielded_by, words)
        return said + words(f"，其余由“{makers}”产生", f", the rest this case yields: {makers}")
    if material.yielded_by:
        makers = titles_of(plan, material.yielded_by, words)
        return words(f"由本次办理的“{makers}”产生", f"this case itself yields it: {makers}")
    held = material.held
    if held is not None:
        said = words("您已持有有效证照", "you already hold a valid certificate")
        return said if held.basis is None else said + words("：", ": ") + words.of(held.basis)
    return words("经您同意，由部门调取", "an office looks it up, with your consent")


def form_section(
    plan: Plan,
    questions: Mapping[str, Situation],
    offered: Mapping[str, Sequence[Choice]],
    words: GuideWords,
) -> Section:
    """Return the one form's fields, those that are known already among them.

    ``questions`` and what is ``offered`` to choose from, by field, have the titles of values.
    """
    known = sum(field.value is not None for field in plan.form)
    total = len(plan.form)
    hint = words(
        f"共 {total} 个字段，其中 {known} 个已由您的回答填好，还需填写 {total - known} 个；"
        "登记机关已有的，经您同意自动带出，由您核对。",
        f"{words.count(total, '', 'field')}: {known} known from your answers, {total - known} to "
        "fill in. What a register knows is filled in with your consent, for you to check.",
    )
    content = [tag("p", hint)]
    ordered = sorted(plan.form, key=_times)
    for (group, *_), fields in groupby(ordered, key=_times):
        some = list(fields)
        points = [_point(one, questions, offered.get(one.id, ()), words) for one in some]
        content.append(_fields(group, some, points, words))
    return Section(id="form", title=words("一张表", "The one form"), content=tuple(content))


def _times(field: FormField) -> tuple[str, int, tuple[int, ...], tuple[int, ...]]:
    """Return what sorts fields: the group, those asked most often first, and of whom."""
    asked = field.asked_entries if field.group else ()
    return field.group or "", -len(asked), asked, field.compared


def _fields(group: str, fields: list[FormField], told: list[Html], words: GuideWords) -> Html:
    points = plain_list(told, in_columns=True)
    if not group:
        return points
    times = len(fields[0].asked_entries)
    often = "once" if times == 1 else f"{times} times"
    head = words(f"以下各填 {times} 次", f"Each of these {often}")
    said = [tag("p", one, class_="hint") for one in _of_whom(fields[0], words)]
    return joined((tag("h3", head), *said, points))


def _of_whom(field: FormField, words: GuideWords) -> Iterable[str]:
    """Yield of which entries a field is asked, where not of all, and which are not kept."""
    asked = field.asked_entries
    if len(asked) < field.instances:
        zh, en = (words.listed(f"{mark}{one}" for one in asked) for mark in ("", "#"))
        yield words(f"只填第 {zh} 个的。", f"Only of {en}.")
    if field.compared:
        zh, en = (words.listed(f"{mark}{one}" for one in field.compared) for mark in ("", "#"))
        yield words(
            f"第 {zh} 人已持有证照：所填仅用于核对证照属于何人，不保存。",
            f"{en}: the certificate is there already; what is filled in only tells whose it is, "
            "and is not kept.",
        )


def _point(
    field: FormField,
    questions: Mapping[str, Situation],
    choices: Sequence[Choice],
    words: GuideWords,
) -> Html:
    optional = mark(words("选填", "optional")) if not field.is_required else ""
    title = tag("strong", words.of(field.title))
    return tag("li", title, optional, _filled_by(field, questions, choices, words))


def _filled_by(
    field: FormField,
    questions: Mapping[str, Situation],
    choices: Sequence[Choice],
    words: GuideWords,
) -> Html:
    if field.value is not None:
        value = words.answer(field.value, _titles(field, questions), field.unit)
        return small(words("已由回答得知：", "known from your answers: "), value)
    what = words.of(FIELD_TYPES[field.type])
    if choices:
        names = words.listed(words.of(one.title) for one in choices)
        several = field.type is FieldType.LIST
        what = words("可多选：", "any of: ") if several else words("选一项：", "one of: ")
        what += names
    unit = words(f"（{field.unit}）", f" ({field.unit})") if field.unit else ""
    is_known = field.held is not None or bool(field.prefill)
    check = words("；登记机关带出，请核对", "; from a register, please check") if is_known else ""
    return small(what, unit, check)


def _titles(field: FormField, questions: Mapping[str, Situation]) -> dict[str, Text]:
    asked = (one.because for one in field.reasons if one.kind is ReasonKind.ANSWER)
    question = next((questions[name] for name in asked if name and name in questions), None)
    return {one.value: one.title for one in question.choices} if question else {}
