"""Chapters about what must never be: two papers that count, a log that lies."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Final

from oneservice.canonical import write_instant
from oneservice.cli.demo_regions.backups import copy_log, copy_register, drop, put_back
from oneservice.cli.demo_regions.chapters_papers import OLD, RESIDENCE_ID
from oneservice.cli.demo_regions.keys import (
    BIRTH,
    FOUNDERS,
    HOME,
    NORTH,
    site_url,
    territory_of,
)
from oneservice.cli.demo_regions.teller import Teller

__all__ = ["NEW", "audit", "lie", "moving"]

NEW: Final = "urn:oneservice:health:980201:1"
_MOVE: Final = {
    "id": "the-cook",
    "certificate": OLD,
    "giving": f"{site_url(NORTH)}/issuer",
    "receiving": f"{site_url(HOME)}/issuer",
}


async def moving(teller: Teller) -> None:
    """The cook's certificate moves: at no moment do two of them count."""
    teller.head("moving")
    land, desk = teller.land, teller.desk
    await land.say(NORTH, "begin", move=_MOVE)
    teller.line("held", NORTH)
    await land.say(HOME, "promise", move=_MOVE, successor=NEW)
    teller.line("promised", HOME, NEW)
    for _ in range(4):
        told = await land.say(NORTH, "fetch", move=_MOVE, **{"from": HOME})
        if told["state"] != "held":
            break
        await land.later(timedelta(hours=7))
    teller.line("released", NORTH)
    desk.keep("2-released", await land.say(NORTH, "word", move=_MOVE))
    await land.say(HOME, "fetch", move=_MOVE, **{"from": NORTH})
    teller.line("arrived", HOME)
    await land.say(NORTH, "fetch", move=_MOVE, **{"from": HOME})
    await land.later(timedelta(minutes=1))
    desk.keep("2-new", await land.say(HOME, "taken", move=_MOVE))
    for name, one in (("2-north", NORTH), ("2-home", HOME)):
        desk.keep(name, await land.say(one, "publish"))
    left, right = await teller.state(NORTH, OLD), await teller.state(HOME, NEW)
    teller.expect("one of both counts", (left, right) == ("06", "01"))
    teller.line("stands", NORTH, teller.names(left), HOME, teller.names(right))


async def lie(teller: Teller) -> None:
    """A region shows an old log, then an old register: its neighbour notices, all read of it."""
    teller.head("lie")
    land = teller.land
    folder = land.base / NORTH
    log, newest = land.base / "backup-log", land.base / "newest-log"
    register, newer = land.base / "backup-register", land.base / "newest-register"
    if newest.exists() or newer.exists():  # an earlier run was killed in this chapter
        await _becomes(teller, newest, newer)
    await land.say(BIRTH, "look")
    copy_log(folder, log)
    number = (await land.say(NORTH, "log"))["size"]
    paper = f"urn:oneservice:health:990101:n{number}"
    await land.say(NORTH, "issue", certificate=paper)
    await land.later(timedelta(minutes=1))
    copy_register(folder, register)
    await land.say(NORTH, "strike", certificates=[paper], operation="revoke")
    await land.say(NORTH, "publish")
    await land.say(BIRTH, "look_at_lists")
    await land.say(BIRTH, "look")
    copy_log(folder, newest)
    await _becomes(teller, log)
    await _old_log(teller)
    copy_register(folder, newer)
    await _becomes(teller, newest, register, is_over=False)
    drop(newest)
    await _old_register(teller)
    await _becomes(teller, newer)
    await land.later(timedelta(minutes=1))
    await land.say(NORTH, "publish")
    teller.line("mended")


async def _old_log(teller: Teller) -> None:
    land = teller.land
    teller.line("restored", NORTH)
    found = (await land.say(BIRTH, "look"))["alarms"]
    teller.expect("an old log is found out", any(a["concern"] == "rollback" for a in found))
    for one in found:
        facts = one["facts"]
        teller.line("alarm", BIRTH, one["log"], facts.get("size"), facts.get("seen_size"))
    read = (await land.say(HOME, "alarms", **{"from": BIRTH}))["alarms"]
    teller.expect("others read of it", all(one in read for one in found))
    teller.line("read", HOME, BIRTH)
    refused = await land.ask(NORTH, "issue", certificate="urn:oneservice:health:990101:x")
    teller.expect("nothing contradictory is cosigned", "error" in refused)
    teller.line("refused")


async def _old_register(teller: Teller) -> None:
    land, desk = teller.land, teller.desk
    await land.later(timedelta(minutes=1))
    told = await land.say(NORTH, "publish")
    teller.expect("the list of a state that is past is logged", bool(told["proofs"]))
    teller.line("forgot", NORTH)
    found = (await land.say(BIRTH, "look_at_lists"))["contradictions"]
    teller.expect("a forgotten revocation is found out", bool(found))
    teller.line("forgot_found", BIRTH)
    read = await land.say(HOME, "contradictions", **{"from": BIRTH})
    teller.expect("both lists show it to others", read["contradictions"] == found)
    teller.expect("a log holds both", read["logged"] == len(read["lists"]) > 1)
    desk.keep("3-forgotten", read)
    teller.line("forgot_shown", HOME, NORTH)


async def _becomes(teller: Teller, *states: Path, is_over: bool = True) -> None:
    """Put other states of what NORTH has in their place; ``is_over``: they are needed no more."""
    await teller.land.kill(NORTH)
    for one in states:
        if one.exists():
            put_back(teller.land.base / NORTH, one)
            if is_over:
                drop(one)
    await teller.land.start(NORTH)


async def audit(teller: Teller) -> None:
    """An auditor with files only says what each paper is worth, and anybody can do the same."""
    teller.head("audit")
    found = await teller.desk.judged()
    letters = found["letters"]
    for name, one in letters.items():
        worth = "ended" if one["reason"] == "revoked" else one["reason"] or one["verdict"]
        teller.line("worth", teller.names(one["type"]), teller.names(worth))
        checks = (one["checks"].get(key) for key in ("logged", "witnessed", "status"))
        teller.line("checks", name, *map(teller.names, checks))
    due = {OLD: "revoked", NEW: "valid", RESIDENCE_ID: "valid"}
    told = {name: letters[name]["reason"] or letters[name]["verdict"] for name in due}
    teller.expect("the auditor finds one that counts", told == due)
    teller.expect("the new one names the old", letters[NEW]["from"] == OLD)
    for name, one in found["bundles"].items():
        teller.line("bundle", teller.names(name), teller.names(one["worth"]))
        whole = {"worth": "valid", "logged": "pass", "witnessed": "pass"}
        teller.expect(f"the bundle of the {name} holds", one == whole)
    book = found["book"]
    teller.expect("the book keeps the rules", book is not None and not book["findings"])
    logged = book["logged"]
    teller.expect(
        "refusals are in the log", logged.get("seal-refusal") == sum(book["refused"].values())
    )
    lists = found["lists"]
    teller.expect("the lists are in the logs", lists["logged"] >= len(FOUNDERS))
    forgot = {one["issuer"] for one in lists["contradictions"]}
    teller.expect("the auditor sees who forgot", forgot == {_MOVE["giving"]})
    teller.line("lists", lists["logged"], NORTH)
    teller.line("book", book["sealed"], teller.names(*sorted(book["refused"])))
    moment = write_instant(teller.land.now).replace(".000", "")
    papers, cases = (
        teller.desk.command(*files, status="2-home", at=moment)
        for files in (
            ("2-new.evidence.json", "2-released.evidence.json"),
            ("shop.bundle.json", "child.bundle.json"),
        )
    )
    teller.line("yourself", teller.desk.folder)
    teller.command(papers)
    teller.line("whole")
    teller.command(cases, name="bundle_command")
    for words in (papers, cases):
        verdicts = await _verified(words, teller.desk.folder)
        teller.expect("anybody's command says the same", verdicts == ["valid", "valid"])
    proof = teller.desk.log_command("2-new", territory=territory_of(HOME))
    teller.line("proofs")
    teller.command(proof, name="log_command")
    teller.expect("the log's own files say the same", await _holds(proof, teller.desk.folder))


async def _verified(words: list[str], folder: Path) -> list[str]:
    """Run what was shown, in another process, with nothing but files."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *words, "--offline", "--json"),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": _ours()},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    return [json.loads(one)["verdict"] for one in out.splitlines()]


async def _holds(words: list[str], folder: Path) -> bool:
    """Run a command in another process, with nothing but files; say whether it found all good."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *words),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": _ours()},
        stdout=asyncio.subprocess.DEVNULL,
    )
    return await process.wait() == 0


def _ours() -> str:
    """Return where this library is found, from any folder."""
    return os.pathsep.join(str(Path(one).resolve()) for one in sys.path if one)
