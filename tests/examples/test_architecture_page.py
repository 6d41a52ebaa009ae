"""The architecture page is drawn from the code: its table, its diagram and its map must agree."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from oneservice.case import ENDED, OPEN, TRANSITIONS, EventType, SubmissionState

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")

_BACK = (EventType.CORRECTION_RECEIVED, SubmissionState.CORRECTION_REQUESTED)
"""The one row whose next state hangs on the past: the state before the correction."""
_BEFORE = "received, accepted"


def _rows() -> Iterator[tuple[EventType, dict[SubmissionState | None, SubmissionState | None]]]:
    """Yield the rows in the order of the states, whatever the order of a set was."""
    order = [None, *SubmissionState]
    for event, row in TRANSITIONS.items():
        yield event, {state: row[state] for state in order if state in row}


def _table() -> str:
    lines = ["| Event | allowed in | leads to |", "|---|---|---|"]
    for event, row in _rows():
        sources = ", ".join(str(state or "nothing") for state in row)
        if set(row) == OPEN:
            sources = "any open state"
        targets = {_target(event, state, after) for state, after in row.items()}
        lines.append(f"| `{event}` | {sources} | {', '.join(sorted(targets))} |")
    return "\n".join(lines)


def _target(event: EventType, state: SubmissionState | None, after: SubmissionState | None) -> str:
    if (event, state) == _BACK:
        return "the state before it"
    return "unchanged" if after in (None, state) else str(after)


def _diagram() -> str:
    lines = ["stateDiagram-v2"]
    for event, row in _rows():
        for state, after in row.items():
            if (event, state) == _BACK:
                lines += [f"    {state} --> {one}: {event}" for one in _BEFORE.split(", ")]
            elif after is not None and after != state:
                lines.append(f"    {state or '[*]'} --> {after}: {event}")
    lines += [f"    {state} --> [*]" for state in sorted(ENDED)]
    return "\n".join(lines)


def test_the_table_of_transitions_is_drawn_from_the_code() -> None:
    assert _table() in PAGE, f"put this into docs/architecture.md:\n\n{_table()}"


def test_the_diagram_is_drawn_from_the_code() -> None:
    block = f"```mermaid\n{_diagram()}\n```"
    assert block in PAGE, f"put this into docs/architecture.md:\n\n{block}"


def test_the_layers_are_those_that_are_enforced() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    house = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    due = "\n".join(re.sub(r"[()]", "", layer) for layer in house if layer != "__main__")
    found = re.search(r"^```text layers\n(.*?)\n```$", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None
    assert found[1] == due, f"put this into docs/architecture.md:\n\n{due}"


def test_every_room_is_on_the_map() -> None:
    package = ROOT / "oneservice"
    rooms = {one.name for one in package.iterdir() if (one / "__init__.py").exists()}
    modules = {one.stem for one in package.glob("*.py") if not one.stem.startswith("__")}
    mapped = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    assert (rooms | modules) - {"version"} <= mapped


def test_links_lead_somewhere() -> None:
    for page in [*(ROOT / "docs").glob("*.md"), ROOT / "examples" / "README.md"]:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_where_to_begin_is_there() -> None:
    """Each name of that table is a module of its room, or how some of them begin."""
    table = PAGE.partition("| Room | Begin with | then |")[2].partition("\n\n")[0]
    rows = [row.partition("|")[2] for row in table.splitlines()[2:]]
    assert len(rows) > 3
    for row in rows:
        room, *names = re.findall(r"`(\w+)`", row)
        modules = [one.stem for one in (ROOT / "oneservice" / room).glob("*.py")]
        for name in names:
            is_part = name.endswith("_") and any(one.startswith(name) for one in modules)
            assert is_part or name in modules, f"{room} has no {name}"
