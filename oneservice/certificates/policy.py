"""What a relier wants to be sure of before a certificate opens a door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from oneservice.certificates.report import CheckName

__all__ = ["Policy"]

_PROVEN: Final = frozenset({CheckName.PARSE, CheckName.PROOF})
_TRUSTED: Final = frozenset({CheckName.KEY_LISTED, CheckName.KEY_VALID, CheckName.ISSUER_ENTITLED})
_IN_FORCE: Final = frozenset({CheckName.DATES, CheckName.STATUS})

_STANDARD: Final = _PROVEN | _TRUSTED | _IN_FORCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The checks that are asked for; each of them must pass.

    An empty policy refuses everything, and so does one that does not ask for the proof: who
    forgets to say what counts must not end up with "everything counts". ``status`` binds only
    where a certificate names a status list or the relier brings a source.
    """

    asks: frozenset[CheckName] = frozenset()

    @classmethod
    def standard(cls) -> Policy:
        """Return the policy for reliance: proven, by an entitled issuer, in force."""
        return cls(asks=_STANDARD)

    @classmethod
    def dangerously_believe_any_issuer(cls) -> Policy:
        """Return a policy under which *whoever made a key* can issue a valid certificate.

        For test vectors and for looking into a certificate of which nobody vouches for the issuer.
        """
        return cls(asks=_PROVEN | _IN_FORCE)

    @property
    def refuses_all(self) -> bool:
        """Whether no certificate can pass, because too little is asked for."""
        return CheckName.PROOF not in self.asks or CheckName.PARSE not in self.asks
