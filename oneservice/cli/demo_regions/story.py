"""``oneservice demo --story cross-region``: three governments, one case, papers that travel.

Everything that is told really happens, between processes of their own over loopback. A run that was
killed goes on in the same folder: each chapter may be asked for again.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from oneservice.cli.demo_regions.chapters_cases import child, shop
from oneservice.cli.demo_regions.chapters_logs import audit, lie, moving
from oneservice.cli.demo_regions.chapters_papers import cook, peers, train, village
from oneservice.cli.demo_regions.country import Country
from oneservice.cli.demo_regions.desk import Desk
from oneservice.cli.demo_regions.teller import Teller
from oneservice.cli.pages import Page, print_json
from oneservice.plan import Language

__all__ = ["cross_region"]

_CHAPTERS = (peers, cook, village, train, shop, child, moving, lie)


def cross_region(folder: Path, *, language: Language, as_json: bool) -> bool:
    """Tell the story in ``folder``; says whether all was as it should be.

    Raises:
        EnvironmentalError: a process did not start or does not answer.
    """
    base = (folder / "regions").resolve()
    base.mkdir(parents=True, exist_ok=True)
    teller = asyncio.run(_told(base, language=language, page=None if as_json else Page()))
    if as_json:
        told = {"folder": str(folder), "chapters": teller.told, "wrong": teller.wrong}
        print_json({**told, "verified": not teller.wrong})
    return not teller.wrong


async def _told(base: Path, *, language: Language, page: Page | None) -> Teller:
    async with Country(base) as land:
        teller = Teller(land=land, desk=Desk(land), language=language, page=page)
        for chapter in _CHAPTERS:
            await chapter(teller)
    await audit(teller)  # everybody has gone home: there are files, and nothing else
    teller.line("fine") if not teller.wrong else teller.line("wrong", "; ".join(teller.wrong))
    return teller
