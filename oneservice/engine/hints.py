"""Where departments may tell us to look again: ``Engine.embedded(..., callbacks=...)``.

A hint saves waiting and carries no authority: without one, or with all of them lost, doubled or
forged, every case ends in the same state, read from the feeds (protocol section 11).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from oneservice.departments import CallbackReceiver, VerifyingKey
from oneservice.errors import EndpointInvalidError
from oneservice.ports import Clock

__all__ = ["CallbackAddress", "names_by_department", "receiver_at"]

_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,96}", re.ASCII)
"""Ids of protocol section 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackAddress:
    """Our address for hints, as it was registered with departments out of band.

    Attributes:
        name: by which filings name it, and departments know it: ``cb-1``.
        base_url: https address under which the engine's receiver is mounted; a department calls
            ``{base_url}/{department}``.
        keys: of the departments that registered it, the keys by which they sign hints; no key
            lets the department ring unsigned. Others are told nothing of it.

    Raises:
        EndpointInvalidError: the name is none, or nobody registered it.
    """

    name: str
    base_url: str
    keys: Mapping[str, tuple[VerifyingKey, ...]]

    def __post_init__(self) -> None:
        if _NAME.fullmatch(self.name) is None or not self.keys:
            msg = "a callback address has a name (1 to 96 of A-Z a-z 0-9 . _ -) and departments"
            raise EndpointInvalidError(msg)


def names_by_department(address: CallbackAddress | None) -> dict[str, str]:
    """Return under which name a filing to each department names the address."""
    return {} if address is None else dict.fromkeys(address.keys, address.name)


def receiver_at(
    address: CallbackAddress | None, look_again: Callable[[str], object], *, clock: Clock
) -> CallbackReceiver | None:
    """Return the ASGI app that takes hints, or ``None`` where no address is given.

    Raises:
        EndpointInvalidError: its address is none that a department could call.
    """
    if address is None:
        return None
    return CallbackReceiver(address.keys, look_again, base_url=address.base_url, clock=clock)
