"""A train of 587 returning workers: what each of them holds, and the truth about it.

The papers are issued by the processes of two regions, some are revoked, held or run out while the
train is on its way, some are changed by their holders. What is dealt here must be what is found.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from oneservice.cli.demo_regions.country import Country
from oneservice.cli.demo_regions.keys import BIRTH, NORTH
from oneservice.cli.demo_regions.kinds import HEALTH, LICENCE
from oneservice.cli.demo_regions.people import traveller
from oneservice.cli.reading import write_file
from oneservice.workdays import legal_day

__all__ = ["PEOPLE", "dealt", "ride"]

PEOPLE: Final = 587
_EVERY: Final[Mapping[int, str]] = {
    3: "revoked",
    5: "expired",
    7: "forged",
    11: "other_type",
    13: "not_recognised",
    17: "other_holder",
    19: "suspended",
}
"""The truth about paper number n is that of n modulo 20; all others count."""
_LONG: Final = date(2027, 9, 27)
_STRUCK: Final = {"revoked": "revoke", "suspended": "hold"}


def dealt() -> Counter[str]:
    """Return how many papers of each kind of truth are on the train."""
    return Counter(_truth(number) for number in range(PEOPLE))


async def ride(land: Country, file: Path) -> None:
    """Issue, let two days pass, and write what the people show to ``file``, one on each line."""
    issued: dict[int, dict[str, Any]] = {}
    for region in (NORTH, BIRTH):
        numbers = [n for n in range(PEOPLE) if _issuer(n) == region]
        out = land.base / region / "issued.jsonl"
        await land.say(
            region,
            "issue_many",
            papers=[_paper(n, today=legal_day(land.now)) for n in numbers],
            out=str(out.resolve()),
        )
        letters = out.read_text(encoding="utf-8").splitlines()
        issued |= {n: json.loads(one) for n, one in zip(numbers, letters, strict=True)}
    await land.later(timedelta(days=2))
    for truth, operation in _STRUCK.items():
        struck = [_name(n) for n in range(PEOPLE) if _truth(n) == truth]
        await land.say(NORTH, "strike", certificates=struck, operation=operation)
    for region in (NORTH, BIRTH):
        await land.say(region, "publish")
    await land.later(timedelta(minutes=1))
    shown = (json.dumps(_shown(n, issued[n]), ensure_ascii=False) for n in range(PEOPLE))
    # Whole, or not at all: that the file is there says that everybody is on the train.
    write_file(file, "".join(f"{one}\n" for one in shown).encode("utf-8"))


def _truth(number: int) -> str:
    return _EVERY.get(number % 20, "recognised")


def _issuer(number: int) -> str:
    return BIRTH if _truth(number) == "not_recognised" else NORTH


def _name(number: int) -> str:
    return f"urn:oneservice:health:{_issuer(number)}:t{number}"


def _paper(number: int, *, today: date) -> dict[str, str]:
    truth, person = _truth(number), traveller(number)
    return {
        "certificate": _name(number),
        "kind": LICENCE if truth == "other_type" else HEALTH,
        "name": person.name,
        "code": person.code,
        "until": (today if truth == "expired" else _LONG).isoformat(),
    }


def _shown(number: int, letter: dict[str, Any]) -> dict[str, Any]:
    """Return what somebody shows; one who forges adds a year to it."""
    truth = _truth(number)
    if truth == "forged":
        letter["paper"]["validUntil"] = letter["paper"]["validUntil"].replace("2027", "2028")
    shower = traveller(number + 10_000 if truth == "other_holder" else number)
    return {"letter": letter, "holder": {"name": shower.name, "code": shower.code}}
