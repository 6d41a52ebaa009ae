"""An engine killed with ``kill -9`` while it tells: no fact is lost, none is out of order."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from oneservice.canonical import parse_object
from oneservice.departments import CaseNews, VerifyingKey, running, verify_notification
from oneservice.ports import Subscription
from oneservice.runtimes import SqliteStore
from oneservice.runtimes.notifying_subscribers import Subscriber

ROOT = Path(__file__).resolve().parents[2]
START = "2026-09-28T01:00:00+00:00"
KEYS = tuple("abcdefg")
PATIENCE_S = 240

Fault = Literal["killed before the answer", "killed after the answer", "fails", "hangs up"]
FAULTS: tuple[Fault | None, ...] = (
    "killed before the answer",
    None,
    "killed after the answer",
    "fails",
    "killed before the answer",
    "hangs up",
    "killed after the answer",
    None,
    "fails",
    "fails",
    "killed after the answer",
    "killed before the answer",
)
"""What happens to one message after the other; those that come later are taken."""


@dataclass
class Receiver:
    """Takes notifications as a portal's neighbour would, and has the engine killed meanwhile."""

    url: str = ""
    engine: asyncio.subprocess.Process | None = None
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    taken: dict[int, CaseNews] = field(default_factory=dict)
    kills: int = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.came.append((headers, body))
        fault = FAULTS[len(self.came) - 1] if len(self.came) <= len(FAULTS) else None
        if fault != "fails":
            self.take(body)
        match fault:
            case "killed before the answer":
                self.kill()
                raise ConnectionError
            case "hangs up":  # it took the news, and the answer is lost
                raise ConnectionError
            case _:
                status = 500 if fault == "fails" else 204
                await send({"type": "http.response.start", "status": status, "headers": []})
                await send({"type": "http.response.body", "body": b""})
        if fault == "killed after the answer":
            self.kill()

    def kill(self) -> None:
        assert self.engine is not None
        self.engine.kill()
        self.kills += 1

    def take(self, body: bytes) -> None:
        """Take what is new; a repeat says what it said, and no position is left out."""
        for raw in parse_object(body)["changes"]:
            one = CaseNews(**raw | {"at": datetime.fromisoformat(raw["at"])})
            known = self.taken.get(one.position)
            if known is None:
                assert one.position == len(self.taken) + 1
                self.taken[one.position] = one
            else:
                assert (known.case_id, known.seq, known.kind, known.at) == (
                    one.case_id,
                    one.seq,
                    one.kind,
                    one.at,
                )


async def test_no_fact_is_lost_or_out_of_order_however_often_it_dies(tmp_path: Path) -> None:
    receiver, died = Receiver(), 0
    settings, log = tmp_path / "settings.json", tmp_path / "engine.log"
    async with asyncio.timeout(PATIENCE_S), running(receiver, lifespan="off", log_level=60) as url:
        receiver.url = url
        answers = ROOT / "examples" / "tea-kiosk.yaml"
        given = {"folder": str(tmp_path), "url": url, "answers": str(answers), "start": START}
        settings.write_text(json.dumps(given | {"keys": KEYS}))
        while not (tmp_path / "done").exists():
            with log.open("ab") as file:
                receiver.engine = await asyncio.create_subprocess_exec(
                    sys.executable,
                    str(Path(__file__).with_name("notifying_process.py")),
                    str(settings),
                    stdout=file,
                    stderr=file,
                )
            code = await receiver.engine.wait()
            assert code in (0, -9), log.read_text()[-2000:]
            died += code == -9
    assert died == receiver.kills == sum(one is not None and "killed" in one for one in FAULTS)
    facts = await everything(tmp_path)
    assert [(one.case_id, one.seq, one.kind) for one in receiver.taken.values()] == facts
    assert json.loads((tmp_path / "done").read_text()) == ["active", len(facts)]
    with sqlite3.connect(tmp_path / "cases.db") as database:
        assert database.execute("SELECT count(*) FROM cases").fetchone() == (len(KEYS),)
    await every_message_was_signed(tmp_path, receiver)


async def everything(folder: Path) -> list[tuple[str, int, str]]:
    store = SqliteStore.open(folder / "cases.db")
    facts = await store.recorded_after(0, 10_000)
    await store.close()
    return [(one.case_id, one.seq, one.kind) for one in facts]


async def every_message_was_signed(folder: Path, receiver: Receiver) -> None:
    """By one key, which outlived every death."""
    store = SqliteStore.open(folder / "cases.db")
    (row,) = await store.subscriptions()
    await store.close()
    for headers, body in receiver.came:
        created = re.search(r"created=(\d+)", headers["signature-input"])
        assert created is not None
        now = datetime.fromtimestamp(int(created[1]), UTC)
        verify_notification(headers, body, [public(row)], url=receiver.url, now=now)


def public(row: Subscription) -> VerifyingKey:
    from oneservice.engine.subscribers import signing_key  # noqa: PLC0415 - not of the public face

    key = signing_key(Subscriber(subscription=row))
    return VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key)
