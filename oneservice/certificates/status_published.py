"""Lists at hand, believed as far as a trust list goes, and asked about one certificate at one time.

Theory of operation: a list speaks from the moment of its issue to its end, and for a moment in
between the newest one of that place counts. Whatever stands in the way of an answer (a list of
another place, one that is too old, a key that nobody lists, an index beyond the end) leads to
"cannot tell": that a *list* is bad is no news about the *certificate*.

References:
    Token Status List (draft-ietf-oauth-status-list), sections 8.3 and 8.4; W3C Bitstring Status
    List 1.1, section 3.2; certificates page, section 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, TypeAlias

from oneservice.canonical import Digest, write_instant
from oneservice.certificates.certificate import Certificate
from oneservice.certificates.reliance import Trust
from oneservice.certificates.status import CertificateState, StatusFinding
from oneservice.certificates.status_entry import Publication, StatusReference, read_references
from oneservice.certificates.status_lists import StatusList
from oneservice.certificates.trust_entries import KeyUse, ListedKey, TrustedIssuer
from oneservice.certificates.trust_standing import KeyStanding, judge_key
from oneservice.certificates.urls import is_url
from oneservice.errors import MalformedCertificateError, VerificationError

__all__ = ["STATUS_LIST_ENTITLEMENT", "PublishedStatus"]

STATUS_LIST_ENTITLEMENT: Final = "status-list"
"""The type that a trust list names for whoever publishes lists for other issuers of a region."""

_STATES: Final = {
    Publication.TOKEN: {
        0: CertificateState.GOOD,
        1: CertificateState.REVOKED,
        2: CertificateState.SUSPENDED,
    },
    Publication.REVOCATION: {0: CertificateState.GOOD, 1: CertificateState.REVOKED},
    Publication.SUSPENSION: {0: CertificateState.GOOD, 1: CertificateState.SUSPENDED},
}
_STANDINGS: Final = {
    KeyStanding.NOT_IN_USE: "the list is signed by a key that its issuer did not use at that time",
    KeyStanding.STOLEN: "the list is signed by a key that was stolen before",
    KeyStanding.UNPROVEN: "the list's key was stolen, and nothing proves that it was signed before",
}
_MOST_KEYS: Final = 32
"""Keys of one issuer that are tried where a list does not say which one signed it."""
_MOST_REMEMBERED: Final = 1024
"""Places, issuers and moments of which it is remembered who speaks; a batch asks of a few."""
_GRAVEST: Final = (CertificateState.REVOKED, CertificateState.SUSPENDED, CertificateState.GOOD)


class _Said(NamedTuple):
    """What one list says about one entry."""

    state: CertificateState
    source: StatusList
    place: int


_Place: TypeAlias = tuple[Publication, str]
_Signer: TypeAlias = tuple[TrustedIssuer, ListedKey]
_Answer: TypeAlias = _Said | str
"""An answer, or why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedStatus:
    """A :class:`StatusSource` over published lists.

    Args:
        lists: as many editions of as many places as are at hand, in any order.
        trust: who may publish; ``None``: nobody is believed, so nothing can be told.
        proven: when each list existed at the latest, by a log or a timestamp, by its digest.
            Without it the only clock of a list is its issuer's own word, which is worth nothing
            once the key is reported stolen.
        max_age: refuse lists that were issued longer than this before the moment asked about.
    """

    lists: tuple[StatusList, ...]
    trust: Trust | None
    proven: Mapping[Digest, datetime] = field(default_factory=dict)
    max_age: timedelta | None = None
    _by_place: Mapping[_Place, Sequence[StatusList]] = field(init=False, repr=False, compare=False)
    _signers: Mapping[Digest, _Signer | None] = field(init=False, repr=False, compare=False)
    _doubts: Mapping[Digest, str] = field(init=False, repr=False, compare=False)
    _told: dict[Digest, dict[str, Any]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    """What reports say of a list: the same for all whose state stands in it."""
    _speaking: dict[tuple[Publication, str, str, datetime], tuple[StatusList, ...] | str] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    """Which list speaks for a place: the same for all papers of one issuer at one moment."""

    def __post_init__(self) -> None:
        """Check every signature once, and put the editions of each place in order."""
        by_place: dict[_Place, list[StatusList]] = {}
        for one in sorted(self.lists, key=lambda one: one.issued_at):
            by_place.setdefault((one.publication, one.uri), []).append(one)
        signers = {one.digest: self._signer(one) for one in self.lists}
        object.__setattr__(self, "_signers", signers)
        doubts = {one.digest: self._doubt(one) for one in self.lists}
        object.__setattr__(self, "_by_place", by_place)
        object.__setattr__(self, "_doubts", {d: why for d, why in doubts.items() if why})

    @classmethod
    def of(
        cls,
        documents: Iterable[bytes],
        *,
        trust: Trust | None,
        proven: Mapping[Digest, datetime] | None = None,
        max_age: timedelta | None = None,
    ) -> PublishedStatus:
        """Return the source over ``documents``, each a Token Status List or a list credential.

        Raises:
            VerificationError: one of them is no status list, as :meth:`StatusList.parse` says.
        """
        lists = tuple(StatusList.parse(one) for one in documents)
        return cls(lists=lists, trust=trust, proven=proven or {}, max_age=max_age)

    def status_of(self, certificate: Certificate, *, at: datetime) -> StatusFinding | None:
        """Return the state of ``certificate`` at ``at``; ``None``: these lists cannot tell."""
        answer = self._certificate(certificate, at)
        return None if isinstance(answer, str) else answer

    def why_unknown(self, certificate: Certificate, *, at: datetime) -> str:
        """Return why :meth:`status_of` cannot tell; empty where it can."""
        answer = self._certificate(certificate, at)
        return answer if isinstance(answer, str) else ""

    def state_at(
        self, references: Sequence[StatusReference], *, issuer_id: str, at: datetime
    ) -> StatusFinding | str:
        """Return what the lists say of a certificate that names ``references``, or why nothing.

        The Token Status List tells all by itself; the two bitstrings tell it together. Where both
        can, the newer one counts, and of one moment the graver one.

        Args:
            references: places that the certificate names.
            issuer_id: who issued it; another may not take it back, unless the trust list says so.
            at: aware instant asked about.
        """
        looked = [(one.publication, self._look(one, issuer_id, at)) for one in references]
        token = _together([said for kind, said in looked if kind is Publication.TOKEN])
        pair = _together([said for kind, said in looked if kind is not Publication.TOKEN])
        told = [one for one in (token, pair) if isinstance(one, _Said)]
        if told:
            said = max(told, key=lambda one: (one.source.issued_at, _weight(one)))
            return StatusFinding(state=said.state, evidence=self._evidence(said))
        reasons = [one for one in (token, pair) if isinstance(one, str)]
        return "; ".join(reasons) or "it names no list of a kind that is read here"

    def _certificate(self, certificate: Certificate, at: datetime) -> StatusFinding | str:
        stated = certificate.content.get("credentialStatus")
        if stated is None:
            return "the certificate names no status list"
        try:
            references = read_references(stated)
        except MalformedCertificateError as error:
            return str(error)
        return self.state_at(references, issuer_id=certificate.issuer_id, at=at)

    def _look(self, reference: StatusReference, issuer_id: str, at: datetime) -> _Answer:
        """Return what the list says of that entry which speaks for its place."""
        asked = (reference.publication, reference.uri, issuer_id, at)
        speaking = self._speaking.get(asked)
        if speaking is None:
            if len(self._speaking) >= _MOST_REMEMBERED:
                self._speaking.clear()
            speaking = self._speaking[asked] = self._speaker(*asked)
        if isinstance(speaking, str):
            return speaking
        newest, *twins = speaking
        value = newest.value(reference.index)
        if value is None:
            return f"the list has {newest.entries} entries, and none of that index"
        if any(one.value(reference.index) != value for one in twins):
            return "two lists of one place and one moment differ; its issuer must explain that"
        state = _STATES[reference.publication].get(value)
        if state is None:
            return f"the list says {value}, which means something only to its issuer"
        return _Said(state, newest, reference.index)

    def _speaker(
        self, publication: Publication, uri: str, issuer_id: str, at: datetime
    ) -> tuple[StatusList, ...] | str:
        """Return the newest edition that was out at ``at`` and may be believed, or why none speaks.

        Others of the same moment follow it. What is not to be believed plays no part: whoever hands
        over a forged list must not be able to hide what the true one says.
        """
        out = [one for one in self._by_place.get((publication, uri), ()) if one.issued_at <= at]
        if not out:
            return f"no {publication} list of that place had been issued by then"
        reasons = [self._objection(one, issuer_id) for one in out]
        believed = [one for one, why in zip(out, reasons, strict=True) if not why]
        if not believed:
            return reasons[-1]
        newest = believed[-1]
        twins = [one for one in believed[:-1] if one.issued_at == newest.issued_at]
        return self._staleness(newest, at) or (newest, *twins)

    def _objection(self, one: StatusList, issuer_id: str) -> str:
        """Return why ``one`` says nothing about certificates of that issuer; empty: it does."""
        why = self._doubts.get(one.digest, "")
        if not why and not self._may_speak(one, issuer_id):
            return "the list is that of another issuer"
        return why

    def _staleness(self, one: StatusList, at: datetime) -> str:
        if at >= one.expires_at:
            return f"the newest list at hand spoke until {write_instant(one.expires_at)} only"
        if self.max_age is not None and at - one.issued_at > self.max_age:
            return f"the newest list at hand is of {write_instant(one.issued_at)}, which is too old"
        return ""

    def _may_speak(self, one: StatusList, issuer_id: str) -> bool:
        listed = self._signers[one.digest]
        if self.trust is None or listed is None:
            return False
        publisher, issuer = listed[0], self.trust.issuer(issuer_id)
        if publisher.id == issuer_id:
            return True
        return issuer is not None and any(
            right.covers(STATUS_LIST_ENTITLEMENT, issuer.region, one.issued_at)
            for right in publisher.entitlements
        )

    def _doubt(self, one: StatusList) -> str:
        """Return why the signature of ``one`` is not to be believed; empty where it is."""
        listed = self._signers[one.digest]
        if listed is None:
            return "the list is signed by a key that the trust list does not name"
        issuer, key = listed
        if one.issuer_id not in (None, issuer.id):
            return "the list names another issuer than the one whose key signed it"
        standing = judge_key(
            key, claimed_at=one.issued_at, proven_at=self.proven.get(one.digest)
        ).standing
        if standing is not KeyStanding.GOOD:
            return _STANDINGS[standing]
        try:
            one.check(key.key())
        except VerificationError as error:
            return f"the list cannot be believed: {error}"
        return ""

    def _signer(self, one: StatusList) -> _Signer | None:
        """Return the listed key that ``one`` names; where it names none, that of its issuer.

        A token need not have a ``kid``, and one that is no URL means something to its issuer alone
        (RFC 7515, section 4.1.4): other people's software writes such lists.
        """
        if self.trust is None:
            return None
        if one.key_id is not None and is_url(one.key_id):
            return self.trust.key(one.key_id)
        issuer = self.trust.issuer(one.issuer_id or "")
        known = () if issuer is None else issuer.keys[-_MOST_KEYS:]
        for key in known:
            if issuer is not None and key.use is KeyUse.CERTIFICATE and _signed(one, key):
                return issuer, key
        return None

    def _evidence(self, said: _Said) -> dict[str, Any]:
        known = self._told.get(said.source.digest)
        if known is None:
            known = self._told[said.source.digest] = self._list_facts(said.source)
        return {**known, "index": said.place}

    def _list_facts(self, source: StatusList) -> dict[str, Any]:
        signer, proven = self._signers[source.digest], self.proven.get(source.digest)
        return {
            "list": source.uri,
            "publication": str(source.publication),
            "entries": source.entries,
            "list_issued_at": write_instant(source.issued_at),
            "list_expires_at": write_instant(source.expires_at),
            "list_digest": source.digest,
            "list_signed_by": source.key_id if signer is None else signer[1].id,
            **({} if proven is None else {"list_proven_at": write_instant(proven)}),
        }


def _signed(one: StatusList, key: ListedKey) -> bool:
    try:
        one.check(key.key())
    except VerificationError:
        return False
    return True


def _together(answers: Sequence[_Answer]) -> _Answer | None:
    """Return what several lists say together: a certain no of any, else all must tell.

    Together they are as old as the oldest of them.
    """
    said = [one for one in answers if isinstance(one, _Said)]
    bad = [one for one in said if one.state is not CertificateState.GOOD]
    if bad:
        return max(bad, key=_weight)
    if len(said) < len(answers):
        return next(one for one in answers if isinstance(one, str))
    return min(said, key=lambda one: one.source.issued_at, default=None)


def _weight(said: _Said) -> int:
    return -_GRAVEST.index(said.state)
