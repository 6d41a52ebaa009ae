"""Chapters about papers: a cook's certificate, a village clerk's seal, a train full of papers."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from oneservice.cli.demo_regions.audit import TRAIN
from oneservice.cli.demo_regions.keys import FOUNDERS, HOME, NORTH
from oneservice.cli.demo_regions.kinds import HEALTH, INCOME
from oneservice.cli.demo_regions.people import COOK
from oneservice.cli.demo_regions.teller import Teller
from oneservice.cli.demo_regions.train import PEOPLE, dealt, ride

__all__ = ["OLD", "RESIDENCE_ID", "cook", "peers", "train", "village"]

OLD: Final = "urn:oneservice:health:990101:1"
RESIDENCE_ID: Final = "urn:oneservice:residence:990101:1"
_PERSON: Final = {"name": COOK.name, "code": COOK.code}


async def peers(teller: Teller) -> None:
    """Tell who takes part, and from where each knows the others."""
    teller.head("peers")
    for one in FOUNDERS:
        teller.line("peer", one, teller.names(one), teller.land.pid(one))
    reports = await teller.land.acquaint()
    for one in FOUNDERS:
        report = reports[one]
        teller.line("learned", one, report["directory"], len(report["lists"]))
        teller.expect("nothing is refused among friends", not report["refused"])
    teller.line("auditors")


async def cook(teller: Teller) -> None:
    """A certificate that one region issued counts in another."""
    teller.head("cook")
    land = teller.land
    if await teller.state(NORTH, OLD) not in {None, "01"}:
        return  # an earlier run came further
    teller.desk.keep("1-old", await land.say(NORTH, "issue", certificate=OLD))
    await land.later(timedelta(minutes=1))
    teller.desk.keep("1-north", await land.say(NORTH, "publish"))
    teller.line("issued", NORTH)
    found = (await teller.desk.judged(HOME))["letters"]
    teller.expect("the certificate counts elsewhere", found[OLD]["verdict"] == "valid")
    teller.line("counts", HOME, teller.names(found[OLD]["verdict"]))


async def village(teller: Teller) -> None:
    """A clerk seals for a resident under a mandate, within it, and no longer than it lasts."""
    teller.head("village")
    land = teller.land
    await land.say(NORTH, "village_grant")
    told = await land.say(NORTH, "village_seal", certificate=RESIDENCE_ID, person=_PERSON)
    teller.expect("the clerk seals", "letter" in told)
    teller.desk.keep("1-residence", told)
    teller.line("sealed", NORTH)
    beyond = await land.say(
        NORTH, "village_seal", certificate=f"{RESIDENCE_ID}:i", kind=INCOME, person=_PERSON
    )
    # Told again, her mandate is over already.
    ends = {"mandate_scope", "mandate_revoked"}
    teller.expect("beyond the mandate is refused", beyond.get("refused") in ends)
    teller.line("beyond", teller.names(beyond.get("refused")))
    await land.say(NORTH, "village_revoke")
    after = await land.say(NORTH, "village_seal", certificate=f"{RESIDENCE_ID}:r", person=_PERSON)
    teller.expect("a revoked mandate seals nothing", after.get("refused") == "mandate_revoked")
    teller.line("revoked", teller.names(after.get("refused")))
    teller.desk.keep("village", await land.say(NORTH, "village_files"))


async def train(teller: Teller) -> None:
    """587 people arrive; their papers are judged in one call."""
    teller.head("train")
    file = teller.desk.folder / TRAIN
    if not file.exists():
        await ride(teller.land, file)
        told = await teller.land.say(HOME, "recognise", shown=str(file.resolve()), kinds=[HEALTH])
        teller.desk.keep("train", await teller.land.say(HOME, "lists"))
        teller.expect("counted as dealt", told["counts"] == dealt())
        teller.line("arrived_by_train", PEOPLE, HOME, told["counts"]["recognised"])
        audited = (await teller.desk.judged(HOME))["train"]
        teller.expect("the auditor counts the same", audited == dealt())
    counts = dealt()
    del counts["recognised"]
    others = (f"{teller.names(name)} {count}" for name, count in sorted(counts.items()))
    teller.line("others", teller.together(others))
    teller.desk.keep_train(file)
    teller.desk.copy_lists()
    teller.line("train_yourself", teller.desk.folder)
    teller.command(teller.desk.train_command(accepted_in=HOME))
