"""Putting together what leaves the engine: a case's certificates, and the auditor's bundle."""

from __future__ import annotations

from oneservice.canonical import Digest, parse_object
from oneservice.case import Case
from oneservice.certificates import Bundle, Certificate, TrustStore
from oneservice.departments import WALLET_TYPE
from oneservice.errors import IllegalInputError, JournalCorruptError
from oneservice.plan import plan_bytes
from oneservice.ports import Store
from oneservice.runtimes import HotCase

__all__ = ["bundle_of", "certificates_of", "handed_out", "wallet_documents"]

_PLAN_BYTES = 16_777_216
_NOT_YET = "the results have not been handed out yet"


def certificates_of(case: Case) -> tuple[Certificate, ...]:
    """Return the certificates that came with the grants of ``case``, in plan order.

    Raises:
        MalformedCertificateError: a department handed out something else.
    """
    outcomes = [sub.outcome for sub in case.sub_cases.values() if sub.outcome]
    found = [outcome["certificate"] for outcome in outcomes if outcome.get("certificate")]
    return tuple(Certificate.of(one) for one in found)


def wallet_documents(case: Case) -> tuple[tuple[str, Digest], ...]:
    """Return department and digest of each form for a wallet that came with a result."""
    return tuple(
        (sub.spec.department, Digest(one["digest"]))
        for sub in case.sub_cases.values()
        for one in (sub.outcome or {}).get("documents") or ()
        if one.get("media_type") == WALLET_TYPE
    )


async def bundle_of(hot: HotCase, *, store: Store, trust: TrustStore | None) -> Bundle:
    """Return the bundle of a case whose results were handed out.

    Raises:
        IllegalInputError: they were not, or never will be, or there is no trust list.
    """
    case, certificate = hot.case, await _bundle_certificate(hot.case, store)
    trust = await _trust_list_of(certificate, case, store) or trust
    if trust is None:
        msg = "open the engine with a trust list: a bundle must be verifiable offline"
        raise IllegalInputError(msg, status=str(case.status))
    return Bundle.of(
        certificate,
        certificates=certificates_of(case),
        plan=parse_object(plan_bytes(hot.plan), max_bytes=_PLAN_BYTES),
        journal=[
            parse_object(line, max_bytes=_PLAN_BYTES) for line in await store.records(case.id)
        ],
        trust=trust,
    )


async def handed_out(hot: HotCase, store: Store) -> tuple[Certificate, ...]:
    """Return everything signed that was handed out: the bundle certificate, and what it names.

    Raises:
        IllegalInputError: nothing was.
    """
    return (await _bundle_certificate(hot.case, store), *certificates_of(hot.case))


async def _bundle_certificate(case: Case, store: Store) -> Certificate:
    if case.bundle is None:
        why = "no results were handed out" if case.status.has_ended else _NOT_YET
        msg = f"case {case.id}: {why}"
        raise IllegalInputError(msg, status=str(case.status))
    sealed = await store.blob(case.id, case.bundle.certificate)
    if sealed is None:
        msg = f"case {case.id}: the bundle certificate is gone; restore a backup"
        raise JournalCorruptError(msg)
    return Certificate.parse(sealed)


async def _trust_list_of(certificate: Certificate, case: Case, store: Store) -> TrustStore | None:
    """Return the very list that ``certificate`` names: another one would not verify."""
    named = certificate.claims.result.get("trust_list_digest")
    if named is None:
        return None
    stored = await store.blob(case.id, named)
    if stored is None:
        msg = f"case {case.id}: the trust list of its bundle is gone; restore a backup"
        raise JournalCorruptError(msg)
    return TrustStore.parse(stored)
