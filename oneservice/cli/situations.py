"""What ``plan`` and its like are asked about: catalog, one-thing, answers, day -> a plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import click

from oneservice.catalog import AnswerType, bundled_catalog_dir, load_catalog
from oneservice.cli.answers import read_answers, typed_answer
from oneservice.cli.options import OFFICE_ZONE
from oneservice.cli.plan_days import calendar_for
from oneservice.cli.plan_words import Words
from oneservice.clocks import SystemClock
from oneservice.identifiers import parse_region, region_chain
from oneservice.plan import Holdings, Plan, build_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oneservice.catalog import Catalog, EffectiveThing, Text
    from oneservice.cli.holding import Held
    from oneservice.plan import Language

__all__ = ["Planned", "Situated", "planned"]

_NO_PEERS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Situated:
    """The options of ``situation_options``, as click hands them over."""

    one_thing: str
    region: str | None
    origin: str | None
    answers_file: Path | None
    settings: tuple[str, ...]
    on: date | None
    catalog_paths: tuple[Path, ...]
    days_off: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    trust_files: tuple[Path, ...] = ()
    status_files: tuple[Path, ...] = ()
    at: datetime | None = None

    @property
    def input_files(self) -> tuple[Path | None, ...]:
        """The files that are read, which no output may overwrite."""
        held = (Path(part) for text in self.held for part in {text, text.partition("=")[2]} - {""})
        return (
            *self.catalog_paths,
            self.answers_file,
            *self.trust_files,
            *self.status_files,
            *held,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan with what it was made of, which pages tell beside it.

    ``definition`` has the questions, ``regions`` what people call regions, by code.
    """

    plan: Plan
    definition: EffectiveThing
    regions: Mapping[str, Text]


def planned(
    asked: Situated,
    *,
    language: Language = "en",
    has_notes: bool = False,
    peers: Mapping[str, str] = _NO_PEERS,
) -> Planned:
    """Return the plan that was asked for; ``peers`` are other regions' engines, as for a plan.

    Where only the national catalog counts for the region, a line on the standard error says so, and
    with ``has_notes`` also where that of a wider region does: a misspelt code would else pass for
    its neighbour's.

    Raises:
        click.UsageError: no region is named anywhere, a ``--set`` or ``--day-off`` is none, or a
            ``--held`` is nobody's.
        OneServiceError: catalog, answers, region or day do not make a plan.
    """
    answers: dict[str, Any] = {}
    region = asked.region
    if asked.answers_file is not None:
        answers, named = read_answers(asked.answers_file)
        region = region or named
    if region is None:
        msg = "no region: give --region CODE, or an answers file that names one"
        raise click.UsageError(msg)
    settings = dict(_setting(text) for text in asked.settings)
    on = asked.on or SystemClock().now().astimezone(OFFICE_ZONE).date()
    catalog = load_catalog(asked.catalog_paths or bundled_catalog_dir())
    _note_region(catalog, region, on, language, is_near_told=has_notes)
    thing = catalog.thing(asked.one_thing, region=region, on=on)
    several = {each.id for each in thing.thing.situations if each.type is AnswerType.LIST}
    for name, value in settings.items():
        answers[name] = typed_answer(value, is_list=name in several)
    held = _held(asked, region, on)
    plan = build_plan(
        thing,
        answers,
        on=on,
        calendar=calendar_for(region, asked.days_off),
        holdings=Holdings() if held is None else held.holdings,
        origin=asked.origin,
        peers=peers,
    )
    if held is not None:
        held.refuse_nobodys(thing, plan)
        for line in held.told(thing, plan, Words(language)):
            click.echo(line, err=True)
        if any(one.held is not None for one in plan.skipped):
            _note_unasked(language)
    return Planned(plan=plan, definition=thing, regions=catalog.region_names(on))


def _held(asked: Situated, region: str, on: date) -> Held | None:
    """Return the papers that were given; none, and nothing that reads papers is imported."""
    if not asked.held:
        if asked.trust_files or asked.status_files or asked.at is not None:
            msg = "--trust, --status and --at judge the papers of --held; name one"
            raise click.UsageError(msg)
        return None
    from oneservice.cli.holding import read_held  # noqa: PLC0415 - brings keys and formats along

    return read_held(
        asked.held,
        region=region,
        on=on,
        at=asked.at,
        trust_files=asked.trust_files,
        status_files=asked.status_files,
    )


def _note_unasked(language: Language) -> None:
    zh = "说明：未核对免办证照的持有人与表单所填是否一致；提交时由引擎核对。"
    en = (
        "note: whose the certificates that spare a step are was not compared with the form; "
        "the engine asks for that when the case is opened"
    )
    click.echo(zh if language == "zh" else en, err=True)


def _note_region(
    catalog: Catalog, region: str, on: date, language: Language, *, is_near_told: bool
) -> None:
    speaking = {
        one.region
        for one in catalog.documents
        if one.effective_from <= on <= (one.effective_until or date.max)
    }
    *wider, own = region_chain(parse_region(region))
    if own in speaking:
        return
    near = next((code for code in reversed(wider) if code in speaking), None)
    if near is None or near == wider[0]:
        zh = f"注意：没有为 {region} 或其上级地区发布的目录，仅适用全国目录；请核对区划代码。"
        en = f"note: no catalog speaks for {region}, nor for what it lies in; only the national "
        en += "base applies: check the code"
    elif not is_near_told:
        return
    else:
        named = Words(language, catalog.region_names(on)).region(near)
        zh = f"说明：没有为 {region} 单独发布的目录，适用{named}的目录。"
        en = f"note: no catalog speaks for {region} itself; that of {named} applies"
    click.echo(zh if language == "zh" else en, err=True)


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        msg = "--set takes QUESTION=VALUE, such as --set area=82.5"
        raise click.UsageError(msg)
    return name.strip(), value.strip()
