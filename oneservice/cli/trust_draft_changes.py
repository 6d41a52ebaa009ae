"""What a command changed in a draft, told back to whoever gave it: which key, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.canonical import digest_bytes, write_instant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oneservice.certificates import DirectoryDraft, ListedKey, TrustDraft

__all__ = ["draft_changes", "signer_changes"]


def draft_changes(before: TrustDraft, after: TrustDraft) -> tuple[str, ...]:
    """Return a line for each key, signer, voucher or threshold in which ``after`` differs."""
    return (*signer_changes(before, after), *_keys(before, after), *_vouchers(before, after))


def signer_changes(
    before: TrustDraft | DirectoryDraft, after: TrustDraft | DirectoryDraft
) -> Iterator[str]:
    """Yield a line for each signer or threshold in which ``after`` differs."""
    for one in before.signers:
        if one not in after.signers:
            yield f"signer {one.name} leaves: {one.public_key_multibase}"
    for one in after.signers:
        if one not in before.signers:
            yield f"signer {one.name} joins: {one.public_key_multibase}"
    if before.threshold != after.threshold:
        yield f"signatures that are asked for: {after.threshold}, before {before.threshold}"


def _keys(before: TrustDraft, after: TrustDraft) -> Iterator[str]:
    known = {(issuer.id, key.id): key for issuer in before.issuers for key in issuer.keys}
    for issuer in after.issuers:
        for key in issuer.keys:
            old = known.get((issuer.id, key.id))
            for what in _told(old, key):
                yield f"key {key.multibase} of {issuer.id}: {what}"


def _vouchers(before: TrustDraft, after: TrustDraft) -> Iterator[str]:
    for log in after.logs:
        if log not in before.logs:
            yield f"log {log.vkey}: counts from {write_instant(log.valid_from)}"
    for one in after.witnesses:
        if one not in before.witnesses:
            yield f"witness {one.vkey} ({one.role}): counts from {write_instant(one.valid_from)}"
    for clock in after.timestamp_authorities:
        if clock not in before.timestamp_authorities:
            digest = digest_bytes(clock.der)
            since = write_instant(clock.valid_from)
            yield f"timestamp authority {clock.name}, {digest}: counts from {since}"


def _told(old: ListedKey | None, new: ListedKey) -> Iterator[str]:
    if old is None:
        yield f"entered for {new.use}s, used from {write_instant(new.valid_from)}"
    if new.valid_until is not None and (old is None or old.valid_until != new.valid_until):
        yield f"not used from {write_instant(new.valid_until)} on; what it signed before stays good"
    if new.compromised_at is not None and (old is None or old.compromised_at != new.compromised_at):
        yield f"reported stolen since {write_instant(new.compromised_at)}"
