"""What ``plan`` and ``graph`` are asked about: catalog, one-thing, answers, day -> a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from oneservice.catalog import bundled_catalog_dir, load_catalog
from oneservice.cli.answers import plain_value, read_answers
from oneservice.cli.options import OFFICE_ZONE
from oneservice.clocks import SystemClock
from oneservice.plan import Plan, build_plan
from oneservice.workdays import announced_calendar

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

__all__ = ["Situated", "plan_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situated:
    """The options of ``situation_options``, as click hands them over."""

    one_thing: str
    region: str | None
    answers_file: Path | None
    settings: tuple[str, ...]
    on: date | None
    catalog_paths: tuple[Path, ...]


def plan_of(asked: Situated) -> Plan:
    """Return the plan that was asked for.

    Raises:
        click.UsageError: no region is named anywhere, or a ``--set`` is none.
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
    answers |= dict(_setting(text) for text in asked.settings)
    on = asked.on or SystemClock().now().astimezone(OFFICE_ZONE).date()
    catalog = load_catalog(asked.catalog_paths or bundled_catalog_dir())
    thing = catalog.thing(asked.one_thing, region=region, on=on)
    return build_plan(thing, answers, on=on, calendar=announced_calendar())


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        msg = "--set takes QUESTION=VALUE, such as --set area=82.5"
        raise click.UsageError(msg)
    return name.strip(), plain_value(value.strip())
