"""What somebody agrees to, in words: who gets what, for what purpose, by which law, until when.

A consent binds only who could read it (Personal Information Protection Law art. 14: fully informed,
in clear words). So the words are made from the same data as the terms that machines keep, and both
are signed together: neither can say something else than the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from oneservice.catalog import Text
from oneservice.plan import Plan, PlannedStep

__all__ = ["CONSENT_LAW", "Titles", "consent_text", "lasting", "titles_in"]

CONSENT_LAW: Final = Text(
    zh="《中华人民共和国个人信息保护法》第十三条第一款第一项、第十四条、第二十三条",
    en="Personal Information Protection Law art. 13(1)(1), 14 and 23",
)
"""By which law data go to another handler: on a consent that is informed, and separate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Titles:
    """What people call the things that a crossing names by id; what is not here keeps its id."""

    office: Text | None = None
    purpose: Text | None = None
    steps: Mapping[str, Text] = field(default_factory=dict)
    fields: Mapping[str, Text] = field(default_factory=dict)
    materials: Mapping[str, Text] = field(default_factory=dict)


def titles_in(plan: Plan, steps: Iterable[PlannedStep]) -> Titles:
    """Return what ``plan`` calls ``steps``, and everything that may be filed with them."""
    some = tuple(steps)
    return Titles(
        office=_listed((one.department_name for one in some), "、", ", ") if some else None,
        purpose=plan.title,
        steps={one.id: one.title for one in some},
        fields=_fields(plan),
        materials={one.id: one.title for one in plan.materials},
    )


def _fields(plan: Plan) -> dict[str, Text]:
    """Return the titles of fields; of a repeated group those of all that is asked in an entry."""
    found = {one.id: one.title for one in plan.form}
    groups: dict[str, list[Text]] = {}
    for one in plan.form:
        if one.group is not None:
            groups.setdefault(one.group, []).append(one.title)
    return found | {name: _listed(titles, "、", ", ") for name, titles in groups.items()}


def consent_text(
    titles: Titles,
    *,
    office: str,
    region: str,
    purpose: str,
    steps: Iterable[str],
    fields: Iterable[str],
    materials: Iterable[str],
    until: date | None,
) -> Text:
    """Return the words of a consent to let data go to an office of another region.

    Who applies goes with every filing (adapter protocol, section 4), whatever else is left out.

    Args:
        titles: what people call the rest.
        office: id of the office; stays in the words, since it is what the access log names.
        region: code of the region that decides.
        purpose: id of the one-thing.
        steps: ids of the sub-cases that are handled there.
        fields: ids of the form fields that go.
        materials: ids of the materials that go.
        until: last day of the consent; ``None``: until the case has ended.
    """
    who = titles.office or Text(zh=office, en=office)
    what = titles.purpose or Text(zh=purpose, en=purpose)
    handled = _listed(_titled(steps, titles.steps), "、", ", ")
    typed = _listed(_titled(fields, titles.fields), "、", ", ")
    papers = _listed(_titled(materials, titles.materials), "、", ", ")
    end = lasting(until)
    return Text(
        zh=(
            f"为办理「{what.zh}」，我同意将下列信息提供给{who.zh}（{office}，行政区划 {region}），"
            f"仅用于由其办理「{handled.zh}」，不作他用。\n"
            "申请人：姓名或名称，证件号码或统一社会信用代码（随每次报送提供）。\n"
            f"表单信息：{typed.zh}。\n材料：{papers.zh}。\n"
            f"法律依据：{CONSENT_LAW.zh}。有效期{end.zh}。\n"
            "我可以随时撤回同意，撤回前已提供的不受影响（同法第十五条）；不同意的，不影响其他事项办理，"
            "上述事项可到当地当面办理（第十六条）。谁在何时收到哪些信息，我可以随时查阅。"
        ),
        en=(
            f"For “{what.en}” I agree that what is listed here goes to {who.en} ({office}, region "
            f"{region}), only to have “{handled.en}” handled there, and for nothing else.\n"
            "Who applies: name and number go with every filing.\n"
            f"From the form: {typed.en}.\nPapers: {papers.en}.\n"
            f"By law: {CONSENT_LAW.en}. It holds {end.en}.\n"
            "I may take this back at any time; what was sent before stands (art. 15). If I do not "
            "agree all else goes on, and this can be done there in person (art. 16). Who got "
            "what, and when, I may read at any time."
        ),
    )


def lasting(until: date | None) -> Text:
    """Return how long a consent holds, ``until`` a last day, in words."""
    if until is None:
        return Text(zh="至本件办结为止", en="until the case ends")
    day = until.isoformat()
    return Text(zh=f"至 {day} 止（含当日）", en=f"until {day}, that day included")


def _titled(names: Iterable[str], titles: Mapping[str, Text]) -> list[Text]:
    return [titles.get(name) or Text(zh=name, en=name) for name in names]


def _listed(titles: Iterable[Text], zh: str, en: str) -> Text:
    """Return ``titles`` as one list, each once; none is said, too."""
    some = tuple(titles)
    if not some:
        return Text(zh="无", en="none")
    return Text(
        zh=zh.join(dict.fromkeys(one.zh for one in some)),
        en=en.join(dict.fromkeys(one.en for one in some)),
    )
