"""What a relier remembers: no older edition, no second one, no other history, no other signers."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from oneservice.certificates import (
    Cryptosuite,
    SignedEdition,
    SigningKey,
    TrustDraft,
    TrustMemory,
    TrustStore,
)
from oneservice.errors import TrustHistoryError, TrustListError

OPENED = datetime(2026, 1, 1, tzinfo=UTC)


def after(*stores: TrustStore) -> TrustMemory:
    memory = TrustMemory()
    for store in stores:
        _, memory = memory.admit(store)
    return memory


def test_the_first_edition_is_the_callers_choice_and_later_ones_follow(bureau: Any) -> None:
    first, second, third = (bureau.publish(day=day) for day in range(3))
    admitted, memory = TrustMemory().admit(first)
    assert not admitted.is_pinned
    admitted, memory = memory.admit(third)  # the second was never seen
    assert admitted.is_pinned
    assert memory == after(third)
    assert memory.admit(third)[1] == memory
    with pytest.raises(TrustHistoryError, match="edition 3 was relied on before"):
        memory.admit(second)


def test_a_memory_goes_there_and_back(bureau: Any) -> None:
    memory = after(bureau.publish())
    assert TrustMemory.parse(memory.dump()) == memory
    assert TrustMemory.parse(TrustMemory().dump()) == TrustMemory()


def test_a_fork_is_found_at_its_own_number_and_above(bureau: Any) -> None:
    bureau.publish()
    other = copy.deepcopy(bureau)
    seen = bureau.publish(day=1)
    forked = other.publish(day=2)
    with pytest.raises(TrustHistoryError, match="two different ones with the number 2"):
        after(seen).admit(forked)
    with pytest.raises(TrustHistoryError, match="its history is another one"):
        after(seen).admit(other.publish(day=3))


def test_other_signers_of_the_same_history_are_found(bureau: Any) -> None:
    """The thief copies the past of the list, and lets his own root sign the next edition."""
    seen = bureau.publish()
    thief = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    bureau.keys["thief"] = thief
    honest = bureau.proposed(day=1)
    alone = replace(bureau.draft, threshold=1, signers=(bureau.signer("thief"),))
    own = alone.edition(after=None, issued_at=OPENED, expires_at=datetime(2027, 1, 1, tzinfo=UTC))
    copied = replace(TrustStore.proposed(honest), roots=(own.root,)).edition(own.roots)
    forged = TrustStore.of(copied.by(thief, at=OPENED))
    with pytest.raises(TrustHistoryError, match="signers to whom nothing leads"):
        after(seen).admit(forged)


def test_a_rotation_is_followed_and_cannot_be_left_out(bureau: Any) -> None:
    first = bureau.publish()
    signers = (*bureau.draft.signers[1:], bureau.signer("ministry"))
    bureau.publish("bureau", "audit", "ministry", day=1, signers=signers)
    third = bureau.publish("ministry", "university", day=2)
    assert after(first).admit(third)[0].is_pinned
    back = bureau.proposed(day=3)
    shorter = replace(back, roots=back.roots[:1])
    with pytest.raises(TrustListError):
        SignedEdition.parse(shorter.dump())


def test_territories_are_remembered_apart(bureau: Any) -> None:
    one = bureau.publish()
    bureau.draft, bureau.editions = replace(bureau.draft, territory="980000", issuers=()), []
    other = bureau.publish()
    memory = after(one, other)
    assert memory == after(other, one)
    assert [one.territory for one in memory.seen] == ["980000", "990000"]


def test_an_expired_list_is_admitted_because_it_may_still_tell(bureau: Any) -> None:
    """What is uncertain by then the checks of a certificate say, each where it matters."""
    assert after(bureau.publish()).of("990000") is not None


def first_format(key: SigningKey, version: int = 1) -> TrustStore:
    """A list as format 1 was written."""
    from oneservice.canonical import canonical  # noqa: PLC0415
    from oneservice.certificates import add_proof  # noqa: PLC0415

    url = "https://trust.example/990000"
    body = {
        "format": "oneservice-trust-list/1",
        "territory": "990000",
        "version": version,
        "issued_at": "2026-01-01T00:00:00Z",
        "expires_at": "2036-01-01T00:00:00Z",
        "signer": {"id": url, "public_key_multibase": key.public_multibase},
        "issuers": [],
    }
    method = f"{url}#{key.public_multibase}"
    return TrustStore.parse(
        canonical(add_proof(body, key=key, verification_method=method, created=OPENED))
    )


def test_format_1_is_remembered_by_its_signer_and_leads_to_format_2(bureau: Any) -> None:
    key, thief = (SigningKey.generate(Cryptosuite.ECDSA_JCS_2019) for _ in range(2))
    old = first_format(key)
    assert (old.format, old.evidence["list_format"]) == (1, 1)
    memory = after(old)
    assert TrustMemory.parse(memory.dump()) == memory
    assert memory.admit(first_format(key, 2))[0].is_pinned
    with pytest.raises(TrustHistoryError, match="signers"):
        memory.admit(first_format(thief, 2))
    bureau.keys["old"] = key
    imported = TrustDraft.from_list(old)
    draft = replace(imported, signers=(*imported.signers, *bureau.draft.signers), threshold=2)
    edition = draft.edition(
        after=old, issued_at=OPENED, expires_at=datetime(2027, 1, 1, tzinfo=UTC)
    )
    with_him = edition.by(key, at=OPENED).by(bureau.keys["audit"], at=OPENED)
    assert memory.admit(TrustStore.of(with_him))[0].is_pinned
    without = edition.by(bureau.keys["bureau"], at=OPENED).by(bureau.keys["audit"], at=OPENED)
    with pytest.raises(TrustHistoryError, match="signers"):
        memory.admit(TrustStore.of(without))
    with pytest.raises(TrustHistoryError):  # never back to a format that proves less
        after(TrustStore.of(with_him)).admit(first_format(key, 9))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b'{"format":"oneservice-trust-memory/2","seen":[]}',
        b'{"format":"oneservice-trust-memory/1"}',
        b'{"format":"oneservice-trust-memory/1","seen":[{}]}',
    ],
)
def test_a_damaged_memory_is_never_taken_for_an_empty_one(data: bytes) -> None:
    with pytest.raises(TrustListError, match="restore it"):
        TrustMemory.parse(data)


def test_a_memory_with_a_territory_twice_is_none(bureau: Any) -> None:
    document = json.loads(after(bureau.publish()).dump())
    document["seen"] *= 2
    with pytest.raises(TrustListError, match="twice"):
        TrustMemory.parse(json.dumps(document).encode())


def test_what_was_never_signed_is_never_remembered(office: Any) -> None:
    with pytest.raises(TrustListError):
        TrustMemory().admit(office.trust)
