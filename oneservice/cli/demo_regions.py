"""``oneservice demo --story cross-region``: three governments, one case, papers that travel.

Everything that is told really happens, between processes of their own over loopback. A run that was
killed goes on in the same folder: each chapter may be asked for again.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from oneservice.cli.demo_regions_audit import PAPERS
from oneservice.cli.demo_regions_wires import Country
from oneservice.cli.demo_regions_words import tell
from oneservice.cli.demo_regions_world import BIRTH, HOME, NORTH, REGIONS
from oneservice.cli.pages import Page, print_json
from oneservice.errors import EnvironmentalError
from oneservice.plan import Language

__all__ = ["cross_region"]

_OLD: Final = "urn:oneservice:health:990101:1"
_NEW: Final = "urn:oneservice:health:980201:1"
_STEP: Final = "birth_registration-1"
_MOVE: Final = {
    "id": "the-cook",
    "certificate": _OLD,
    "giving": f"https://certificates.{NORTH}.example/issuer",
    "receiving": f"https://certificates.{HOME}.example/issuer",
}
_PARTED_HOURS: Final = 8
_LONGEST_DAYS: Final = 14


def cross_region(folder: Path, *, language: Language, as_json: bool) -> bool:
    """Tell the story in ``folder``; says whether all was as it should be.

    Raises:
        EnvironmentalError: a process did not start or does not answer.
    """
    page = None if as_json else Page()
    story = _Story(folder=folder / "regions", language=language, page=page)
    asyncio.run(story.run())
    if as_json:
        told = {"folder": str(folder), "chapters": story.told, "wrong": story.wrong}
        print_json({**told, "verified": not story.wrong})
    return not story.wrong


@dataclass(slots=True, kw_only=True)
class _Story:
    """The story while it is told."""

    folder: Path
    language: Language
    page: Page | None
    told: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    async def run(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        async with Country(self.folder) as land:
            for chapter in (self._peers, self._child, self._cook, self._moving, self._lie):
                await chapter(land)
            now = land.now
        await self._audit(now)
        self._line("fine") if not self.wrong else self._line("wrong", "; ".join(self.wrong))

    async def _peers(self, land: Country) -> None:
        self._head("peers")
        for one in REGIONS:
            self._line("peer", one, land.pid(one))
        self._line("auditors")

    async def _child(self, land: Country) -> None:
        self._head("child")
        told = await land.say(BIRTH, "apply")
        self._line("routed", BIRTH, _STEP, told["steps"][_STEP][1])
        case = await self._case(land, told["case"])
        if case["status"] != "concluded" and case["steps"][_STEP][1] is None:
            land.part(HOME)
            await land.carry(hours=_PARTED_HOURS)
            self._line("parted", HOME, _PARTED_HOURS, HOME)
            land.mend(HOME)
            await land.carry(hours=3, step=1)
            self._line("healed")
            await land.kill(HOME)
            await land.start(HOME)
            self._line("killed", HOME)
        for _ in range(2 * _LONGEST_DAYS):
            case = await self._case(land, told["case"])
            if case["status"] == "concluded":
                break
            await land.carry(hours=12, step=4)
        self._expect("the child is registered", case["status"] == "concluded")
        self._line("registered", HOME, case["steps"][_STEP][1], BIRTH)

    async def _cook(self, land: Country) -> None:
        self._head("cook")
        if await self._state(land, NORTH, _OLD) not in {None, "01"}:
            return  # an earlier run came further
        self._keep("1-old", await land.say(NORTH, "issue", certificate=_OLD))
        await land.later(timedelta(minutes=1))
        self._keep("1-north", await land.say(NORTH, "publish"))
        self._line("issued", NORTH)
        found = await self._judged(land.now, HOME)
        self._expect("the certificate counts elsewhere", found[_OLD]["verdict"] == "valid")
        self._line("counts", HOME, found[_OLD]["verdict"])

    async def _moving(self, land: Country) -> None:
        self._head("moving")
        await land.say(NORTH, "begin", move=_MOVE)
        self._line("held", NORTH)
        await land.say(HOME, "promise", move=_MOVE, successor=_NEW)
        self._line("promised", HOME, _NEW)
        for _ in range(4):
            told = await land.say(NORTH, "fetch", move=_MOVE, **{"from": HOME})
            if told["state"] != "held":
                break
            await land.later(timedelta(hours=7))
        self._line("released", NORTH)
        await land.say(HOME, "fetch", move=_MOVE, **{"from": NORTH})
        self._line("arrived", HOME)
        await land.say(NORTH, "fetch", move=_MOVE, **{"from": HOME})
        await land.later(timedelta(minutes=1))
        self._keep("2-new", await land.say(HOME, "taken", move=_MOVE))
        for name, one in (("2-north", NORTH), ("2-home", HOME)):
            self._keep(name, await land.say(one, "publish"))
        left, right = await self._state(land, NORTH, _OLD), await self._state(land, HOME, _NEW)
        self._expect("one of both counts", (left, right) == ("06", "01"))
        self._line("stands", NORTH, left, HOME, right)

    async def _lie(self, land: Country) -> None:
        self._head("lie")
        log, backup = self.folder / NORTH / "log", self.folder / "backup"
        newest = self.folder / "newest"
        if newest.exists():  # an earlier run was killed in this chapter
            await self._log_becomes(land, log, newest)
        await land.say(BIRTH, "look")
        shutil.rmtree(backup, ignore_errors=True)
        shutil.copytree(log, backup)
        number = (await land.say(NORTH, "log"))["size"]
        await land.say(NORTH, "issue", certificate=f"urn:oneservice:health:990101:n{number}")
        await land.say(BIRTH, "look")
        shutil.copytree(log, newest)
        await self._log_becomes(land, log, backup)
        self._line("restored", NORTH)
        found = (await land.say(BIRTH, "look"))["alarms"]
        self._expect("an old log is found out", any(a["concern"] == "rollback" for a in found))
        for one in found:
            facts = one["facts"]
            self._line("alarm", BIRTH, one["log"], facts.get("size"), facts.get("seen_size"))
        read = (await land.say(HOME, "alarms", **{"from": BIRTH}))["alarms"]
        self._expect("others read of it", all(one in read for one in found))
        self._line("read", HOME, BIRTH)
        refused = await land.ask(NORTH, "issue", certificate="urn:oneservice:health:990101:x")
        self._expect("nothing contradictory is cosigned", "error" in refused)
        self._line("refused")
        await self._log_becomes(land, log, newest)
        shutil.rmtree(newest)
        self._line("mended")

    async def _log_becomes(self, land: Country, log: Path, other: Path) -> None:
        await land.kill(NORTH)
        shutil.rmtree(log)
        shutil.copytree(other, log)
        await land.start(NORTH)

    async def _audit(self, at: datetime) -> None:
        self._head("audit")
        found = await self._judged(at, None)
        for name, one in found.items():
            self._line("worth", name, one["reason"] or one["verdict"])
            checks = (one["checks"].get(key, "-") for key in ("logged", "witnessed", "status"))
            self._line("checks", *checks)
        told = {name: (one["verdict"], one["reason"]) for name, one in found.items()}
        due = {_OLD: ("invalid", "revoked"), _NEW: ("valid", None)}
        self._expect("the auditor finds one that counts", told == due)
        self._expect("the new one names the old", found[_NEW]["from"] == _OLD)

    async def _judged(self, at: datetime, region: str | None) -> dict[str, Any]:
        """Ask another process, which has the files and nothing else."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "oneservice.cli.demo_regions_audit", str(self.folder)),
            *(at.isoformat(), *((region,) if region else ())),
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        if process.returncode:
            msg = f"the auditor's process ended with exit code {process.returncode}"
            raise EnvironmentalError(msg)
        return {one["certificate"]: one for one in json.loads(out)}

    async def _case(self, land: Country, case_id: str) -> dict[str, Any]:
        found: dict[str, Any] = (await land.say(BIRTH, "carry"))["cases"][case_id]
        return found

    async def _state(self, land: Country, region: str, certificate: str) -> str | None:
        found: str | None = (await land.say(region, "state", certificate=certificate))["state"]
        return found

    def _keep(self, name: str, told: dict[str, Any]) -> None:
        """Put what travelled where the auditor finds it."""
        folder = self.folder / PAPERS
        folder.mkdir(exist_ok=True)
        if told.get("letter"):
            (folder / f"{name}.letter").write_text(told["letter"], encoding="utf-8")
        for number, one in enumerate(told.get("lists", ())):
            (folder / f"status-{name}-{number}").write_text(one, encoding="utf-8")

    def _expect(self, what: str, is_so: bool) -> None:  # noqa: FBT001 - read as a sentence
        if not is_so:
            self.wrong.append(what)

    def _head(self, name: str) -> None:
        text = tell(name, self.language)
        self.told.append({"chapter": name, "title": text, "lines": []})
        if self.page is not None:
            self.page.line()
            self.page.line(text)

    def _line(self, name: str, *given: object) -> None:
        text = tell(name, self.language, *given)
        if self.told:
            self.told[-1]["lines"].append(text)
        if self.page is not None:
            self.page.line(text, indent=2)
