"""Orders about the village clerk, who seals for residents under a mandate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from oneservice.certificates import Certificate
from oneservice.cli.demo_regions.kinds import RESIDENCE
from oneservice.cli.demo_regions.orders_papers import logged_letters
from oneservice.cli.demo_regions.people import Person
from oneservice.cli.demo_regions.region import Region
from oneservice.cli.demo_regions.wording import claims_of
from oneservice.errors import SealRefusedError

__all__ = ["ORDERS"]


async def grant(region: Region, _: dict[str, Any]) -> dict[str, Any]:
    """Give the clerk a mandate; twice is once."""
    region.village.grant()
    return {}


async def seal(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """Let the clerk seal a paper for a resident; a refusal is an answer, and on record."""
    person = Person(**order["person"])
    kind = order.get("kind", RESIDENCE)
    claims = claims_of(
        region.own, order["certificate"], kind=kind, person=person, until=date(2027, 3, 27)
    )
    try:
        document, receipt = await region.village.sealed(claims)
    except SealRefusedError as error:
        return {"refused": error.reason, "remedy": error.remedy}
    (letter,) = await logged_letters(region, [(Certificate.of(document), receipt)])
    region.archive.keep(letter, kind=kind, holder_code=person.code)
    return {"letter": letter.decode("utf-8")}


async def revoke(region: Region, _: dict[str, Any]) -> dict[str, Any]:
    """End the clerk's mandate, at once."""
    region.village.revoke()
    return {}


async def files(region: Region, _: dict[str, Any]) -> dict[str, Any]:
    """Hand the book of the seal to the audit office, with its places in the log."""
    return dict(region.village.files())


ORDERS: Final[Mapping[str, Any]] = {
    "village_grant": grant,
    "village_seal": seal,
    "village_revoke": revoke,
    "village_files": files,
}
