"""What ``oneservice sandbox`` shows: where offices are, which keys are theirs, how to try one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import oneservice_adapters as offices
from oneservice.cli.pages import Page, counted
from oneservice.cli.reading import write_file
from oneservice.departments import MaterialItem, SubmissionBody, compose_submission

__all__ = ["facts_of", "show_faults", "show_street", "write_trial"]

_TRIAL: Final = "try.json"
_VERSION: Final = "OneService-Version: 1.0"
_SHOP: Final = {"name": "示例面馆", "credit_code": "92990101MA99000523"}


def facts_of(folder: Path, addresses: Mapping[str, str], clock: Path | None) -> dict[str, Any]:
    """Return all that a machine needs to call the offices and to verify what they sign."""
    found = []
    for name, url in addresses.items():
        home = folder / "offices" / name
        card = offices.read_office_card(home).as_json()
        found.append(
            {
                "department": name,
                "url": url,
                "card": str(home / "office.json"),
                "event_key": card["event_key"],
                "seal": card["seal"],
                "steps": list(offices.steps_of(name)),
            }
        )
    return {"dir": str(folder), "clock": str(clock) if clock else None, "offices": found}


def write_trial(folder: Path, department: str) -> tuple[Path, str]:
    """Write an application that one may file by hand; return its path and its step."""
    step = offices.steps_of(department)[0]
    capable = [MaterialItem(material=one, source="generated") for one in _materials(department)]
    body = SubmissionBody(
        case_id="try",
        step_id=step,
        attempt=1,
        applicant={"kind": "organisation", "name": _SHOP["name"], "code": _SHOP["credit_code"]},
        fields=_SHOP,
        materials=tuple(capable),
    )
    path = folder / _TRIAL
    write_file(path, compose_submission(body))
    return path, step


def _materials(department: str) -> tuple[str, ...]:
    return offices.materials_of(department, offices.steps_of(department)[0])


def show_street(facts: Mapping[str, Any], *, trial: Path, step: str, speed: float) -> None:
    """Show addresses, keys and three commands to try, for people."""
    page = Page()
    page.title(f"A sandbox with {counted(len(facts['offices']), 'office')}")
    for one in facts["offices"]:
        page.head(one["department"])
        page.line(one["url"], indent=2)
        key = one["event_key"]
        page.line(f"events: {key['alg']} {key['public_key_multibase']}", indent=2)
        page.line(f"seal:   {one['seal']['public_key_multibase']}", indent=2)
    first = facts["offices"][0]
    page.head("Try one")
    for line in _commands(first["url"], trial, step):
        print(f"  {line}")  # noqa: T201 - to be copied: no terminal may break it
    page.head("Time")
    if facts["clock"] is None:
        page.line("The offices live on this machine's clock: a working day takes one.", indent=2)
        page.line("--speed 1 lets a day pass each second.", indent=2)
    else:
        page.line(f"Virtual days per second: {speed:g}, on the clock in", indent=2)
        page.line(f"{facts['clock']}; an engine beside it must live on the same one.", indent=2)
    page.line()
    page.line("All that is signed here is marked as a sandbox's. Ctrl-C stops it.")


def show_faults(faults: offices.Faults) -> None:
    """Say which faults are on; nothing where there is none."""
    if str(faults) != "none":
        page = Page()
        page.line(f"The offices are told to misbehave: {faults}.")


def _commands(url: str, trial: Path, step: str) -> tuple[str, ...]:
    version = f"-H '{_VERSION}'"
    return (
        f"curl -s {version} {url}/capabilities",
        f"curl -s -X PUT {version} -H 'Content-Type: application/json' \\",
        f"  --data @{trial} {url}/submissions/try.{step}.1",
        f"curl -s {version} {url}/submissions/try.{step}.1",
    )
