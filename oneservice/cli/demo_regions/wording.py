"""What the papers of the story state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from oneservice.certificates import Claims
from oneservice.cli.demo_regions.keys import Member
from oneservice.cli.demo_regions.kinds import HEALTH, INCOME, LICENCE, RESIDENCE
from oneservice.cli.demo_regions.people import Person

__all__ = ["claims_of"]

_TITLES: Final[Mapping[str, dict[str, str]]] = {
    HEALTH: {"zh": "从业人员健康证明", "en": "Health certificate"},
    RESIDENCE: {"zh": "居住证明", "en": "Proof of residence"},
    INCOME: {"zh": "收入证明", "en": "Proof of income"},
    LICENCE: {"zh": "驾驶证", "en": "Driving licence"},
}
_FROM: Final = date(2026, 9, 28)
_LAST_DAY: Final = date(2027, 9, 27)


def claims_of(
    own: Member, name: str, *, kind: str, person: Person, until: date = _LAST_DAY, **more: Any
) -> Claims:
    """Return what a paper of the region states of a person; their number is masked."""
    is_number = person.code.isdigit()
    return Claims(
        id=name,
        type=kind,
        title=_TITLES[kind],
        issuer_id=own.holder.id,
        issuer_name=own.holder.name,
        issuer_region=own.region,
        holder_name=person.name,
        holder_code=person.masked if is_number else person.code,
        valid_from=_FROM,
        valid_until=until,
        is_sandbox=True,
        **more,
    )
