"""A bridge to an office that only takes files from one folder and puts answers into another.

    python examples/adapter_file_drop.py FOLDER PORT

A letter appears in `outbox` by one rename; the office may take it away at once. It answers with
`inbox/NAME.1.json`, then `NAME.2.json`, no name twice: `{"state": "granted", "number": "JY1"}`.
What cannot be told (yet) stays in `inbox`. Killed anywhere, nothing is lost or comes twice.
"""

import asyncio
import contextlib
import json
import logging
import os
import sys
from base64 import b64encode
from datetime import datetime
from functools import partial
from pathlib import Path

import oneservice.departments as sdk
from oneservice.canonical import digest
from oneservice.errors import OneServiceError

log = logging.getLogger("file_drop")


def sync(place: Path) -> None:
    """Make a file's bytes, or a folder's names, outlive a power cut."""
    descriptor = os.open(place, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def move(source: Path, target: Path) -> None:
    """Rename so that the new name stands for whole bytes."""
    sync(source)
    source.replace(target)
    sync(target.parent)


def hand_over(folder: Path, name: str, data: bytes) -> None:
    """Put a letter into the outbox once, however often this is called or killed."""
    part, staged, entry = (folder / kind / name for kind in ("part", "staged", "ledger"))
    if not entry.exists():  # then it was never moved out: the entry comes before that,
        for whole in (staged, entry):  # and after the staged file, which the move takes away
            part.write_bytes(data)
            move(part, whole)
    with contextlib.suppress(FileNotFoundError):  # entry alone: handed over before
        move(staged, folder / "outbox" / name)


def outcomes(one: sdk.Submission, said: object) -> tuple[sdk.Outcome, ...]:
    """Return what an answer adds to the register; a decision implies acceptance."""
    accepted = () if one.was_accepted else (sdk.Accepted(),)
    match said:
        case {"state": one.state}:
            return ()  # recorded, and killed before the answer was put away
        case {"state": "accepted"}:
            return (sdk.Accepted(),)
        case {"state": "correction_requested", "materials": [*names], "note": str(note)}:
            return (sdk.CorrectionRequested(materials=tuple(names), note=note),)
        case {"state": "granted", "number": str(number)}:
            return (*accepted, sdk.Granted(number=number))
        case {"state": "refused", "reason": str(reason)}:
            return (*accepted, sdk.Refused(reasons=(reason,)))
        case _:
            raise ValueError


def bridge(folder: Path) -> sdk.AdapterApp:
    """Return the adapter in front of the folders, which lie on one file system."""
    for kind in ("part", "staged", "ledger", "outbox", "inbox", "done"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    app = sdk.AdapterApp(department="market-regulation", store=folder / "register.db")

    async def drop(one: sdk.Submission, letter: str) -> None:
        key = {"caller": one.caller, "submission": one.id, "letter": letter}
        name = digest(key).removeprefix("sha256:")[:32] + ".json"  # ids may differ in case only
        papers = {
            paper.digest: b64encode(await app.document(one, paper.digest)).decode()
            for material in one.materials.values()
            for paper in material.documents
        }
        form = {"applicant": dict(one.applicant), "fields": dict(one.fields), "papers": papers}
        data = json.dumps(key | {"materials": list(one.materials)} | form).encode()
        await asyncio.to_thread(hand_over, folder, name, data)

    @app.step("food_permit", promised_working_days=8, materials=("m_layout",))
    async def food_permit(one: sdk.Submission) -> sdk.Outcome:
        await drop(one, "application")
        return sdk.Received()

    @app.supplement
    async def supplement(one: sdk.Submission, new: sdk.Supplement) -> None:
        await drop(one, f"supplement {new.id}")

    @app.withdrawal
    async def withdrawal(one: sdk.Submission, wish: sdk.Withdrawal) -> sdk.Outcome:
        await drop(one, f"withdrawal {wish.id}")
        return sdk.Withdrawn()

    @app.before_read
    async def pick_up(_: datetime) -> None:
        for answer in sorted((folder / "inbox").glob("*.json")):
            try:
                entry = folder / "ledger" / f"{answer.name.partition('.')[0]}.json"
                key = json.loads(entry.read_bytes())
                one = await app.submission(key["submission"], caller=key["caller"])
                known = ("application", *(f"supplement {new.id}" for new in one.supplements))
                known.index(key["letter"])  # else killed before its answer; the repeat will come
                told = outcomes(one, json.loads(answer.read_bytes()))
                await app.record(one.id, *told, caller=one.caller)
            except (OneServiceError, OSError, LookupError, TypeError, ValueError) as error:
                log.warning("%s stays in the inbox: %s", answer.name, type(error).__name__)
            else:
                move(answer, folder / "done" / answer.name)

    return app


if __name__ == "__main__":
    office, port = bridge(Path(sys.argv[1])), int(sys.argv[2])
    asyncio.run(sdk.serve(office, port=port, on_listening=partial(print, flush=True)))
