"""What the kit is given: where the adapter is, who may call it, and what else it may use."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from oneservice.conformance.identity import Identity

if TYPE_CHECKING:
    from oneservice.departments import EventKey

__all__ = ["TEST_STEP", "Patience", "Target"]

TEST_STEP: Final = "conform"
"""The id of the documented test step; others that begin so and have a dot or dash after count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long the kit waits for what need not come at once; seconds.

    Attributes:
        answer_s: for an answer, in all.
        news_s: for a decision that an adapter takes later.
        slow_s: until a sender that drips must have been cut off.
        wait_s: that it asks the feed to wait, and how much longer the feed may take.
        grace_s: beyond ``wait_s``.
        ring_s: for a callback.
        silence_s: for what must not come: a callback, somebody in a trap.
        restart_s: until the adapter answers again after it was killed.
    """

    answer_s: float = 20.0
    news_s: float = 2.0
    slow_s: float = 75.0
    wait_s: int = 25
    grace_s: float = 5.0
    ring_s: float = 15.0
    silence_s: float = 2.0
    restart_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An adapter and what is known of it.

    Attributes:
        url: its base address, ``…/oneservice/v1``.
        step_id: the step to file; by default the test step, else the first that is listed.
        caller: who files.
        other: another caller, for what must stay apart.
        next_key: a second key of ``caller`` that counts, too.
        withdrawn_key: one that counted once.
        application: members of an application for a step that is no test step.
        tls: for ``https``; the system's trust anchors by default.
        callbacks: registered names to addresses at which the kit can listen, of ``caller``.
        ending_callback: the name of one that may be ended for good with 410.
        listen_host: an address of this machine that the adapter could reach; by default the
            loopback address if the adapter is there.
        hook: a command that kills the adapter and starts it again.
        log: the file that its log of requests goes to.
        patience: how long to wait for what.
    """

    url: str
    step_id: str | None = None
    caller: Identity = field(default_factory=Identity)
    other: Identity | None = None
    next_key: EventKey | None = None
    withdrawn_key: EventKey | None = None
    application: Mapping[str, Any] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    callbacks: Mapping[str, str] = field(default_factory=dict)
    ending_callback: str | None = None
    listen_host: str | None = None
    hook: str | None = None
    log: Path | None = None
    patience: Patience = field(default_factory=Patience)
