"""The story of a revocation, its end: one permit, judged at five moments by a separate process.

Before its first day, valid, after its office changed keys, after it was taken back, and after its
last day: five moments, five answers, out of the same three files. The key is changed by the
region's next trust list, as two of its three signers signed it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from oneservice.canonical import write_instant
from oneservice.case import Case
from oneservice.certificates import (
    Certificate,
    Cryptosuite,
    ListedKey,
    SigningKey,
    TrustStore,
)
from oneservice.cli.demo_folder import DemoFolder
from oneservice.cli.demo_phrases import phrase
from oneservice.cli.demo_signers import signed_by_two
from oneservice.cli.options import OFFICE_ZONE
from oneservice.cli.pages import Page
from oneservice.plan import Language
from oneservice.workdays import legal_day

__all__ = ["FiveMoments", "five_moments"]

_NOON: Final = time(12)
_DAYS_TO_ROTATION: Final = 4
_NEXT_LIST: Final = "trust-list-2.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One moment: its name, what must come out, and what came out."""

    name: str
    at: datetime
    due: str
    found: dict[str, Any]

    @property
    def said(self) -> str:
        """The reason, or the verdict where there is none."""
        return str(self.found.get("reason") or self.found.get("verdict") or "nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class FiveMoments:
    """The answers, in the order of time."""

    moments: tuple[Moment, ...]

    @property
    def are_right(self) -> bool:
        """Whether each answer is the true one."""
        return all(one.said == one.due for one in self.moments)

    def as_json(self) -> list[dict[str, Any]]:
        """Return them for machines."""
        return [
            {"name": one.name, "at": write_instant(one.at), "answer": one.said, **one.found}
            for one in self.moments
        ]

    def write(self, language: Language) -> None:
        """Write them for people."""
        page = Page()
        page.head(phrase("five_moments", language))
        for one in self.moments:
            when = phrase(f"moment_{one.name}", language)
            page.point(f"{legal_day(one.at)}  {when}: {phrase(f'answer_{one.said}', language)}")


def five_moments(
    folder: DemoFolder,
    case: Case,
    step: str,
    *,
    trust: TrustStore,
    sealed_at: datetime,
    now: datetime,
) -> FiveMoments:
    """Judge the certificate of ``step`` at five moments.

    Args:
        folder: of the demonstration.
        case: whose step it is; its certificate was revoked.
        step: which.
        trust: the list of the first day.
        sealed_at: when the results were handed out.
        now: when the engine had heard of the revocation.

    Raises:
        FileUnusableError: the folder may not be written.
    """
    permit = Certificate.of((case.sub_cases[step].outcome or {})["certificate"])
    first, last = permit.claims.valid_from, permit.claims.valid_until
    rotated = sealed_at + timedelta(days=_DAYS_TO_ROTATION)
    method = str(permit.content["proof"]["verificationMethod"])
    lists = _next_list(folder, trust, permit.issuer_id, method=method, at=rotated)
    asked = (
        ("before", _noon(first - timedelta(days=3)), "not_yet_valid"),
        ("valid", sealed_at + timedelta(minutes=1), "valid"),
        ("rotated", rotated + timedelta(days=1), "valid"),
        ("revoked", now + timedelta(hours=1), "revoked"),
        ("expired", _noon((last or first) + timedelta(days=1)), "expired"),
    )
    running = [_asked(folder, step, lists, at) for _, at, _ in asked]
    return FiveMoments(
        moments=tuple(
            Moment(name=name, at=at, due=due, found=_answer(process))
            for (name, at, due), process in zip(asked, running, strict=True)
        )
    )


def _next_list(
    folder: DemoFolder, trust: TrustStore, issuer_id: str, *, method: str, at: datetime
) -> Path:
    """Return the next edition of the list, in which the office's seal has another key."""
    fresh = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    added = ListedKey.for_certificates(issuer_id, fresh.public_multibase, valid_from=at)
    issuers = tuple(
        replace(
            one,
            keys=(
                *(replace(key, valid_until=at) if key.id == method else key for key in one.keys),
                added,
            ),
        )
        if one.id == issuer_id
        else one
        for one in trust.issuers
    )
    whole = at.replace(microsecond=0)
    unsigned = replace(
        trust, version=trust.version + 1, issued_at=whole, issuers=issuers, document=None
    )
    signed = signed_by_two(folder, unsigned, since=trust.issued_at)
    return folder.write(_NEXT_LIST, signed.dump())


def _asked(folder: DemoFolder, step: str, lists: Path, at: datetime) -> subprocess.Popen[str]:
    """Start a stranger who has the permit with its evidence, a trust list, and status lists."""
    arguments = [
        str(folder.path / "evidence" / f"{step}.json"),
        *("--trust", str(lists), "--at", write_instant(at), "--offline", "--json"),
        *(word for path in _editions(folder) for word in ("--status", str(path))),
    ]
    return subprocess.Popen(  # noqa: S603 - our own program, our own files
        [sys.executable, "-m", "oneservice", "verify", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, _ = process.communicate()
    try:
        found = json.loads(out)
    except ValueError:
        return {}
    return {name: found.get(name) for name in ("verdict", "reason", "message")}


def _noon(day: date) -> datetime:
    return datetime.combine(day, _NOON, tzinfo=OFFICE_ZONE)


def _editions(folder: DemoFolder) -> Sequence[Path]:
    """Return all status lists that the offices ever published; old ones prove old days."""
    return sorted(folder.path.glob("offices/*/status/[0-9]*/token.jwt"))
