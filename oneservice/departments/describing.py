"""What an adapter says of itself, drawn from what was declared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from oneservice.departments.capabilities import Capabilities, KeyInfo, ServiceLimits, StepInfo
from oneservice.departments.wire import PeopleText, instant_text

if TYPE_CHECKING:
    from datetime import datetime

    from oneservice.departments.signing import EventKey

__all__ = ["Profile", "described"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What does not change while an adapter serves."""

    department: str
    name: PeopleText
    region: str | None
    zone: str
    limits: ServiceLimits
    other_keys: tuple[KeyInfo, ...] = ()


def described(
    profile: Profile,
    *,
    steps: tuple[StepInfo, ...],
    features: tuple[str, ...],
    schemes: tuple[str, ...],
    key: EventKey | None,
    base_url: str | None,
    now: datetime,
) -> Capabilities:
    """Return the capabilities; they are valid until the month after next begins."""
    following = (now.replace(day=1) + timedelta(days=62)).replace(day=1)
    own = () if key is None else (_signing(key),)
    return Capabilities(
        department=profile.department,
        name=profile.name,
        region=profile.region,
        zone=profile.zone,
        base_url=base_url,
        valid_until=instant_text(following.replace(hour=0, minute=0, second=0, microsecond=0)),
        steps=steps,
        features=features,
        limits=profile.limits,
        authentication=schemes,
        keys=(*own, *(one for one in profile.other_keys if key is None or one.keyid != key.keyid)),
    )


def _signing(key: EventKey) -> KeyInfo:
    return KeyInfo(
        keyid=key.keyid, alg=key.alg, public_key=key.public_key, use=("event", "callback")
    )
