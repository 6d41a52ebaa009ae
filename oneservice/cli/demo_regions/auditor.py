"""An auditor's process: it hands the directory out, and cosigns the logs of all regions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from oneservice.cli.demo_regions.acquaintance import Acquaintance
from oneservice.cli.demo_regions.keys import witness_of
from oneservice.clocks import VirtualClock
from oneservice.tlog import Witness, WitnessSite

__all__ = ["Auditor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Auditor:
    """What an auditor shows while it is open; as a context it closes its witness."""

    witness: Witness

    @classmethod
    def of(cls, base: Path, name: str, known: Acquaintance, clock: VirtualClock) -> Self:
        """Return the auditor, watching every log that a listed region has."""
        return cls(
            witness=Witness(
                base / name / "witness",
                signers=[witness_of(base, name)],
                logs=list(known.log_keys().values()),
                clock=clock,
            )
        )

    def __enter__(self) -> Self:
        self.witness.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.witness.__exit__(None, None, None)

    @property
    def sites(self) -> Mapping[str, Any]:
        """The witness alone."""
        return {"witness": WitnessSite(self.witness)}

    def letter(self, move_id: str) -> bytes | None:
        """Auditors move nothing."""
        del move_id
        return None

    def alarms(self) -> tuple[bytes, ...]:
        """Auditors raise alarms elsewhere."""
        return ()

    def status(self) -> bytes | None:
        """Auditors have no register."""
        return None

    def status_proofs(self) -> bytes | None:
        """Auditors have no register."""
        return None

    def contradictions(self) -> bytes | None:
        """Auditors are handed lists; regions look for themselves."""
        return None
