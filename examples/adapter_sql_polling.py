"""A bridge to an old system that is only a database: clerks change a state, the bridge polls.

    python examples/adapter_sql_polling.py OLD.db REGISTER.db PORT

The old table numbers each change. The bridge keeps the number up to which everything is told in
its own register, *after* telling: killed between the two it looks again, and telling twice adds
nothing. A row that cannot be told (yet) holds the number back, but not the rows behind it.
"""

import asyncio
import contextlib
import json
import logging
import sqlite3
import sys
from datetime import datetime
from functools import partial
from pathlib import Path

import oneservice.departments as sdk
from oneservice.errors import OneServiceError

log = logging.getLogger("sql_polling")
# The same letter again changes nothing, whatever the clerks have decided since.
FILE = """INSERT INTO applications (caller, ref, letter, form) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (caller, ref) DO UPDATE SET letter = ?3, form = ?4,
    state = iif(state = 'incomplete', 'new', state) WHERE letter <> ?3"""
WITHDRAW = """UPDATE applications SET state = 'withdrawn'
    WHERE caller = ? AND ref = ? AND state NOT IN ('granted', 'refused') RETURNING ref"""
CHANGED = "SELECT * FROM applications WHERE changed > ? ORDER BY changed"


def query(old: Path, sql: str, *values: object) -> list[sqlite3.Row]:
    """Run a statement in a transaction of its own; wait for the clerks up to five seconds."""
    with contextlib.closing(sqlite3.connect(f"{old.absolute().as_uri()}?mode=rw", uri=True)) as db:
        db.row_factory = sqlite3.Row
        with db:
            return db.execute(sql, values).fetchall()


def outcomes(one: sdk.Submission, row: sqlite3.Row) -> tuple[sdk.Outcome, ...]:
    """Return what a row adds to the register: nothing where that knows it already."""
    accepted = () if one.was_accepted else (sdk.Accepted(),)
    match row["state"], one.state:
        case ("new" | "withdrawn", _) | ("incomplete", "correction_requested"):
            return ()  # what the bridge wrote itself is recorded where it was asked for
        case (stands, known) if stands == known:
            return ()
        case ("accepted", _):
            return accepted
        case ("incomplete", _):
            note = "What is missing stands in the remark of the office."
            return (sdk.CorrectionRequested(materials=tuple(row["remark"].split()), note=note),)
        case ("granted", _):
            return (*accepted, sdk.Granted(number=row["remark"]))
        case ("refused", _):
            return (*accepted, sdk.Refused(reasons=(row["remark"],)))
        case _:
            raise ValueError(row["state"])


def bridge(old: Path, store: Path) -> sdk.AdapterApp:
    """Return the adapter in front of the old database."""
    register = sdk.SqliteRegister(store)
    app = sdk.AdapterApp(department="market-regulation", store=register)

    def write(one: sdk.Submission, letter: str) -> None:
        form = {"applicant": one.applicant, "fields": one.fields, "papers": list(one.materials)}
        query(old, FILE, one.caller, one.id, letter, json.dumps(form, ensure_ascii=False))

    @app.step("food_permit", promised_working_days=8, materials=("m_layout",))
    def food_permit(one: sdk.Submission) -> sdk.Outcome:
        write(one, "")
        return sdk.Received()

    @app.supplement
    def supplement(one: sdk.Submission, new: sdk.Supplement) -> None:
        write(one, new.id)

    @app.withdrawal
    def withdrawal(one: sdk.Submission, _: sdk.Withdrawal) -> sdk.Outcome:
        if query(old, WITHDRAW, one.caller, one.id):
            return sdk.Withdrawn()
        return sdk.WithdrawalRefused(reasons=("It is decided already.",))

    async def tell(row: sqlite3.Row) -> bool:
        try:
            one = await app.submission(row["ref"], caller=row["caller"])
            if row["letter"] != (one.supplements[-1].id if one.supplements else ""):
                return False  # killed, or still busy, before the letter was recorded here
            await app.record(one.id, *outcomes(one, row), caller=one.caller)
        except (OneServiceError, ValueError) as error:
            log.warning("change %s is not told: %s", row["changed"], type(error).__name__)
            return False
        return True

    @app.before_read
    async def poll(_: datetime) -> None:
        before = seen = int(await register.setting("sql_polling", "0"))
        try:
            rows = await asyncio.to_thread(query, old, CHANGED, before)
        except sqlite3.Error as error:  # the counter stays open while the old system is away
            log.warning("the old system does not answer: %s", type(error).__name__)
            return
        is_whole = True
        for row in rows:
            is_whole = await tell(row) and is_whole
            seen = row["changed"] if is_whole else seen
        if seen > before:
            await register.keep("sql_polling", str(seen))

    return app


if __name__ == "__main__":
    office = bridge(Path(sys.argv[1]), Path(sys.argv[2]))
    asyncio.run(sdk.serve(office, port=int(sys.argv[3]), on_listening=partial(print, flush=True)))
