"""What is asked of an office that has evidence already, and how the request stands.

The desk that asks is :mod:`oneservice.engine.evidence`; both of these are the portal's to keep, or
to show to the person, until a case is opened.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Self

from oneservice.canonical import canonical, parse_object
from oneservice.case import Document, Provenance
from oneservice.certificates import HeldPaper
from oneservice.departments import EvidenceState, parse_evidence_request
from oneservice.engine.judging import usable
from oneservice.errors import IllegalInputError, MalformedJsonError, OneServiceError

__all__ = ["CERTIFICATE_TYPE", "EvidenceReply", "EvidenceRequest"]

CERTIFICATE_TYPE: Final = "application/vc+json"
"""The media type of the certificate among what was delivered."""
_MOST_REQUEST_BYTES: Final = 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRequest:
    """A request as it is sent, and sent again: same id, same bytes, same answer.

    Keep it as carefully as a form: it says who is asked about.
    """

    id: str
    department: str
    body: bytes = field(repr=False)

    def dump(self) -> bytes:
        """Return bytes for the portal's own keeping, over days if need be."""
        body = base64.b64encode(self.body).decode("ascii")
        return canonical({"id": self.id, "department": self.department, "body": body})

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Return the request that :meth:`dump` wrote.

        Raises:
            MalformedJsonError: the bytes are not those.
        """
        kept = parse_object(data, max_bytes=2 * _MOST_REQUEST_BYTES)
        try:
            body = base64.b64decode(kept["body"], validate=True)
            found = cls(id=kept["id"], department=kept["department"], body=body)
            parse_evidence_request(body)
            is_named = all(isinstance(kept[one], str) for one in ("id", "department"))
            is_kept = is_named and found.dump() == data
        except (KeyError, TypeError, ValueError, OneServiceError):
            is_kept = False
        if not is_kept:
            msg = "no evidence request that was kept; make it anew with EvidenceDesk.request"
            raise MalformedJsonError(msg)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceReply:
    """How a request stands.

    Attributes:
        state: ``delivered``; ``pending``: ask again; ``needs_subject``: the person must look at
            ``preview_url``, or say what is ``missing``; ``later``: ask again on ``available_from``;
            ``not_found``, ``ambiguous``, ``declined``: the person brings it instead.
        preview_url: where the person looks and decides at the office; shown, never fetched.
        missing: what tells the person apart from others.
        available_from: a day or an instant.
        shown: what was delivered, to be shown to the person before it is used.
        judged: whether the certificate among it counts here, in words, and what to do instead;
            ``None``: there is none, or this engine was opened without ``at_hand``.
    """

    state: EvidenceState
    preview_url: str | None = None
    missing: tuple[str, ...] = ()
    available_from: str | None = None
    shown: tuple[Document, ...] = ()
    judged: HeldPaper | None = None
    _provenance: Provenance | None = field(default=None, repr=False)
    _certificate: Mapping[str, Any] | None = field(default=None, repr=False)

    def accepted(self, *, at: datetime) -> tuple[Document, ...]:
        """Return what was delivered as a material to hand in: the person looked at it, at ``at``.

        Raises:
            IllegalInputError: nothing was delivered; or what was does not count here, and why.
        """
        if self._provenance is None:
            msg = f"nothing was delivered ({self.state}); there is nothing to accept"
            raise IllegalInputError(msg, status=str(self.state))
        if self.judged is not None:
            usable(self.judged)
        told = replace(self._provenance, accepted_at=at)
        return tuple(
            replace(
                one,
                provenance=replace(told, certificate=self._certificate)
                if one.media_type == CERTIFICATE_TYPE and self._certificate is not None
                else told,
            )
            for one in self.shown
        )
