"""Reading what is enclosed: which logs, witnesses and clocks of the trust list vouch for it.

What is false (a path of hashes that leads elsewhere, a signature that a listed key did not make)
and what proves nothing (a log that nobody lists) are kept apart, as faults with their own errors.

The days of a log count at the moment at which a witness dated its checkpoint, for a checkpoint
itself has no date. Without a witness the log must be open at the moment asked about. Whose key was
reported stolen counts only as far as others dated his word before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from oneservice.canonical import Digest, digest_bytes
from oneservice.certificates.attested import Attested, Cosigning, Fault, Logging, Stamp, agreed_on
from oneservice.certificates.enclosures import EnclosedProof, Enclosures
from oneservice.certificates.moments import after
from oneservice.certificates.requirements import ANY_WITNESS, Witnessed
from oneservice.certificates.third_parties import ThirdParties
from oneservice.certificates.timestamps import read_timestamp
from oneservice.certificates.trust_services import ListedLog, ListedWitness
from oneservice.errors import (
    IssuerNotEntitledError,
    LogKeyUnknownError,
    LogMalformedError,
    LogProofError,
    MalformedCertificateError,
    StatusUnknownError,
    UnknownIssuerError,
    VerificationError,
)
from oneservice.transparency import (
    Checkpoint,
    Entry,
    EntryKind,
    LogProof,
    NoteKey,
    SignedNote,
)

__all__ = ["attested_by", "check_logged"]

_WHAT: Final = "the enclosed proof of logging"
_LIST: Final = "the proof of logging of an enclosed status list"
_STAMP: Final = "the enclosed timestamp"


class Logged(NamedTuple):
    """What one proof shows: the log, and the listed witnesses that cosigned its checkpoint."""

    logging: Logging
    cosignings: tuple[Cosigning, ...]


def attested_by(
    enclosures: Enclosures,
    data: bytes,
    *,
    trust: ThirdParties | None,
    at: datetime,
    due: Witnessed,
) -> Attested:
    """Return what listed third parties vouch for about the certificate of these bytes.

    Args:
        enclosures: what came along.
        data: the certificate, its proof included.
        trust: who is listed for certificates like it; ``None``: nobody.
        at: moment asked about.
        due: which witnesses must agree before their time counts, and how many.
    """
    stamps, stamp_faults = _stamps(enclosures.timestamps, data, trust)
    faults: list[Fault] = []

    def looked(proof: EnclosedProof, kind: EntryKind, digest: Digest, what: str) -> Logged | None:
        try:
            return check_logged(proof, kind, digest, trust=trust, at=at, due=due, what=what)
        except VerificationError as error:
            faults.append(Fault(what=what, error=error))
            return None

    own = digest_bytes(data)
    proofs = enclosures.log_proofs
    found = [one for one in (looked(p, EntryKind.CERTIFICATE, own, _WHAT) for p in proofs) if one]
    lists_seen: dict[Digest, datetime] = {}
    for enclosed in enclosures.status_lists:
        if enclosed.log_proof is not None:
            digest = digest_bytes(enclosed.data)
            logged = looked(enclosed.log_proof, EntryKind.STATUS_LIST, digest, _LIST)
            agreed = None if logged is None else agreed_on(logged.cosignings, due)
            if agreed is not None:
                lists_seen[digest] = agreed[0]
    seen: dict[str, Cosigning] = {}
    for cosigning in sorted((c for one in found for c in one.cosignings), key=_moment):
        seen.setdefault(cosigning.name, cosigning)
    return Attested(
        logs=tuple({one.logging.origin: one.logging for one in found}.values()),
        cosignings=tuple(seen.values()),
        stamps=stamps,
        log_faults=tuple(faults),
        stamp_faults=stamp_faults,
        lists_seen=lists_seen,
        due=due,
    )


def check_logged(
    enclosed: EnclosedProof,
    kind: EntryKind,
    digest: Digest,
    *,
    trust: ThirdParties | None,
    at: datetime,
    due: Witnessed = ANY_WITNESS,
    what: str = _WHAT,
) -> Logged:
    """Return what ``enclosed`` shows about the thing of that ``digest``.

    Args:
        enclosed: what came along.
        kind: of the thing.
        digest: of its bytes.
        trust: who is listed for certificates like it; ``None``: nobody.
        at: moment asked about.
        due: which witnesses must agree on the date of a head, and how many.
        what: what ``enclosed`` is called in messages.

    Raises:
        MalformedCertificateError: the proof or its salt is none.
        LogProofError: a listed key, or the path of hashes, does not bear it out. That says nothing
            against the signature of the thing itself: it may be the proof that was damaged.
        StatusUnknownError: nobody who is listed, and may be believed, signed it.
    """
    try:
        proof = enclosed.read()
        entry = Entry(kind=kind, digest=digest, salt=enclosed.salt).encode()
        return _checked(proof, entry, trust, at, due)
    except LogMalformedError as error:
        raise MalformedCertificateError(str(error)) from error
    except LogProofError as error:
        msg = f"{what} does not fit; ask for a new one: {error}"
        raise LogProofError(msg) from error


def _checked(
    proof: LogProof, entry: bytes, trust: ThirdParties | None, at: datetime, due: Witnessed
) -> Logged:
    origin = Checkpoint.parse(SignedNote.parse(proof.checkpoint).text).origin
    logs = () if trust is None else [one for one in trust.logs if one.origin == origin]
    if trust is None or not logs:
        raise StatusUnknownError(_unlisted(origin[:120], trust))
    # The moment in a cosignature is the witness's own word, and with a stolen key the thief's.
    believed = [one for one in trust.witnesses if one.compromised_at is None]
    unknown: VerificationError | None = None
    for log in logs:
        key = NoteKey.parse(log.vkey)
        try:
            finding = proof.check(entry, log=key)
        except LogKeyUnknownError as error:
            unknown = error
            continue
        cosignings = tuple(_cosignings(proof, entry, key, believed))
        agreed = agreed_on(cosignings, due)
        _check_days(log, None if agreed is None else agreed[0], at)
        return Logged(
            logging=Logging(origin=origin, index=finding.index, size=finding.size),
            cosignings=cosignings,
        )
    raise unknown or StatusUnknownError(origin)


def _unlisted(origin: str, trust: ThirdParties | None) -> str:
    """Return why a log counts for nothing; one that another region's list names does not, too."""
    if trust is None:
        return f"no trust list for the issuer's region is at hand, which names log {origin!r}"
    whose = f"the trust list of {trust.territory}, which speaks for the issuer"
    return f"{whose}, names no log {origin!r}; what it says counts for nothing"


def _cosignings(
    proof: LogProof, entry: bytes, log: NoteKey, witnesses: Sequence[ListedWitness]
) -> Iterator[Cosigning]:
    """Yield who cosigned, each by a key that was his own at that moment."""
    seen: set[bytes] = set()
    for named in _by_name(witnesses):
        keys = {name: NoteKey.parse(one.vkey) for name, one in named.items()}
        finding = proof.check(entry, log=log, witnesses=tuple(keys.values()))
        for name, at in finding.cosigned:
            public = keys[name].public
            if named[name].is_within(at) and public not in seen:
                seen.add(public)
                one = named[name]
                yield Cosigning(name=name, role=one.role, at=at, region=one.region)


def _by_name(witnesses: Sequence[ListedWitness]) -> list[dict[str, ListedWitness]]:
    """Part the keys so that no name has two: a finding names witnesses, not the keys they used.

    Whoever rotated his key has two entries; that of old must not vouch in the days of the new.
    """
    rounds: list[dict[str, ListedWitness]] = []
    for one in witnesses:
        free = next((named for named in rounds if one.name not in named), None)
        if free is None:
            rounds.append({one.name: one})
        else:
            free[one.name] = one
    return rounds


def _check_days(log: ListedLog, dated: datetime | None, at: datetime) -> None:
    if log.compromised_at is not None and (dated is None or dated >= log.compromised_at):
        msg = f"the key of the log {log.origin} was stolen, and no witness dates this head before"
        raise StatusUnknownError(msg)
    if not log.is_within(dated or at):
        msg = f"the log {log.origin} did not count at {'that time' if dated else 'this time'}"
        raise StatusUnknownError(msg)


def _moment(cosigning: Cosigning) -> tuple[datetime, str]:
    return cosigning.at, cosigning.name


def _stamps(
    tokens: tuple[bytes, ...], data: bytes, trust: ThirdParties | None
) -> tuple[tuple[Stamp, ...], tuple[Fault, ...]]:
    """Return the timestamps of listed authorities over ``data``, the earliest first."""
    authorities = () if trust is None else trust.timestamp_authorities
    found: list[Stamp] = []
    faults: list[Fault] = []
    for token in tokens:
        try:
            read = read_timestamp(token, authorities=authorities, data=data)
        except (UnknownIssuerError, IssuerNotEntitledError) as error:
            # A clock that nobody lists is no falsehood; it only proves nothing here.
            faults.append(Fault(what=_STAMP, error=StatusUnknownError(str(error))))
        except VerificationError as error:
            faults.append(Fault(what=_STAMP, error=error))
        else:
            latest = after(read.at, read.accuracy or timedelta(0))
            found.append(Stamp(authority=read.authority, at=latest, serial=read.serial))
    return tuple(sorted(found, key=lambda one: (one.at, one.authority))), tuple(faults)
