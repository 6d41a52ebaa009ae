"""``oneservice log monitor``: one look at a log, held against all that was seen of it before."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from oneservice.cli.log_options import log_key_of, policy_option, stated_policy
from oneservice.cli.log_proving import viewed
from oneservice.cli.log_words import BAD, GOOD, kind_words, say
from oneservice.cli.options import FILE, MOMENT, json_option, language_of, language_option
from oneservice.cli.pages import Page, print_json
from oneservice.cli.reading import write_file
from oneservice.cli.refusals import FINDING, FINE, WRONG_USE
from oneservice.clocks import SystemClock
from oneservice.tlog import MonitorState, Watched, observe, origin_hash

if TYPE_CHECKING:
    from pathlib import Path

    from oneservice.plan import Language
    from oneservice.tlog import Monitoring
    from oneservice.transparency import KnownLog, WitnessPolicy

__all__ = ["monitor"]

_EPILOG = """\
\b
Examples:
  oneservice log monitor log --log VKEY --state seen.json
  oneservice log monitor https://990101.example/log --policy policy.txt \\
      --state seen.json --mirror https://mirror.example/990101 --max-age 24
  oneservice log monitor https://990101.example/log --policy policy.txt \\
      --state seen.json --entries --json

Witnesses of the policy that have a URL are asked for the head that they know.
Where the log signed two histories, a file is written that convicts it before anybody
who has its key.

Exit codes: 0 it only grew, 1 something is wrong, 2 it cannot be told now, or wrong
use.
"""
_EVIDENCE: Final = "{state}.split-view-{number}.json"


@click.command("monitor", epilog=_EPILOG)
@click.argument("source", metavar="LOG")
@click.option(
    "--state",
    "state_file",
    type=FILE,
    required=True,
    metavar="FILE",
    help="What was seen last; made at the first look, kept as it is while something is wrong.",
)
@click.option(
    "--mirror",
    "mirrors",
    multiple=True,
    metavar="LOG",
    help="Another place that shows the same log; may be repeated.",
)
@click.option("--log", "vkey", metavar="VKEY", help="The log's key; no witness is asked for.")
@policy_option()
@click.option(
    "--max-age", type=click.IntRange(1), metavar="HOURS", help="Oldest cosignature that is fresh."
)
@click.option("--entries", "reads_entries", is_flag=True, help="Read and hash each new entry, too.")
@click.option("--at", type=MOMENT, metavar="MOMENT", help="The moment of the look.  [default: now]")
@language_option
@json_option
def monitor(
    *,
    source: str,
    state_file: Path,
    mirrors: tuple[str, ...],
    vkey: str | None,
    policy_file: Path | None,
    max_age: int | None,
    reads_entries: bool,
    at: datetime | None,
    language: str,
    as_json: bool,
) -> None:
    """Look at LOG, a folder or the URL that serves it: does it only grow, for everybody?"""
    policy = stated_policy(policy_file, vkey)
    log = log_key_of(policy, None if len(policy.logs) == 1 else _named(policy, source))
    last = MonitorState.load(state_file, log=log.key)
    age = timedelta(hours=max_age) if max_age is not None else None
    moment = at or SystemClock().now()
    found = asyncio.run(
        _look(source, mirrors, log, policy, last=last, at=moment, age=age, reads=reads_entries)
    )
    evidence = _write_evidence(found, state_file)
    if found.state is not None and found.state != last:
        found.state.save(state_file)
    if as_json:
        print_json(_as_json(found, evidence))
    else:
        _show(found, last, evidence, language_of(language))
    raise click.exceptions.Exit(_exit_code(found))


async def _look(
    source: str,
    mirrors: tuple[str, ...],
    log: KnownLog,
    policy: WitnessPolicy,
    *,
    last: MonitorState | None,
    at: datetime,
    age: timedelta | None,
    reads: bool,
) -> Monitoring:
    from oneservice.departments import GuardedWeb  # noqa: PLC0415 - only where somebody is asked

    async with GuardedWeb(is_internal=True) as web:
        watched = [Watched(view=viewed(one, web)) for one in (source, *mirrors)]
        head = f"{origin_hash(log.key.name)}/checkpoint"
        watched += [
            Watched(view=viewed(one.url, web, head=head), has_tiles=False)
            for one in policy.witnesses
            if one.url
        ]
        return await observe(
            watched,
            log=log.key,
            policy=policy,
            last=last,
            at=at,
            max_age=age,
            reads_entries=reads,
        )


def _named(policy: WitnessPolicy, source: str) -> str | None:
    """Return the log of a policy with several whose URL is the one that is looked at."""
    return next((one.key.name for one in policy.logs if one.url == source), None)


def _write_evidence(found: Monitoring, state_file: Path) -> dict[int, str]:
    """Write each document that convicts the log; returns its file by its observation."""
    written: dict[int, str] = {}
    for number, one in enumerate(found.observations):
        if one.evidence:
            name = _EVIDENCE.format(state=state_file.name, number=len(written) + 1)
            path = state_file.with_name(name)
            write_file(path, one.evidence)
            written[number] = str(path)
    return written


def _exit_code(found: Monitoring) -> int:
    if found.is_certainly_wrong:
        return FINDING
    return WRONG_USE if found.is_undecided or found.head is None else FINE


def _as_json(found: Monitoring, evidence: dict[int, str]) -> dict[str, Any]:
    head = found.head.checkpoint if found.head is not None else None
    cosigned = found.head.cosigned if found.head is not None else ()
    return {
        "origin": found.origin,
        "size": None if head is None else head.size,
        "root": None if head is None else head.root.hex(),
        "cosigned": [{"witness": name, "at": at.isoformat()} for name, at in cosigned],
        "observations": [
            {
                "concern": one.concern.value,
                "view": one.view,
                **{name: _plain(value) for name, value in one.facts.items()},
                **({"evidence": evidence[number]} if number in evidence else {}),
            }
            for number, one in enumerate(found.observations)
        ],
        "entries": dict(found.entries),
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _show(
    found: Monitoring, last: MonitorState | None, evidence: dict[int, str], language: Language
) -> None:
    page = Page()
    code = _exit_code(found)
    size = found.head.checkpoint.size if found.head is not None else 0
    summary = {FINE: "fine", FINDING: "wrong", WRONG_USE: "unknown"}[code]
    words = say(summary, language).format(origin=found.origin, size=size)
    page.line(words, style=GOOD if code == FINE else BAD)
    for number, one in enumerate(found.observations):
        facts = {name: _told(value) for name, value in one.facts.items()}
        page.point(say(f"concern:{one.concern}", language).format(view=one.view, **facts))
        if number in evidence:
            page.line(say("evidence", language).format(file=evidence[number]), indent=4)
    if code == FINE:
        new = size - last.head.checkpoint.size if last is not None else None
        text = say("first" if new is None else "new", language).format(new=new)
        page.line(text, indent=2)
    if found.entries:
        told = (
            f"{kind_words(name, language)} {count}" for name, count in sorted(found.entries.items())
        )
        kinds = ("、" if language == "zh" else ", ").join(told)
        page.line(say("kinds", language).format(kinds=kinds), indent=2)


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return (", ".join(value) or "-") if isinstance(value, list) else value
