"""Laws of trust lists: whatever a bureau does, its list follows; whatever else is done is found."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.canonical import canonical
from oneservice.certificates import (
    Entitlement,
    ListedKey,
    ListSigner,
    RecognitionLevel,
    RecognitionRule,
    SignedEdition,
    SigningKey,
    TrustDraft,
    TrustedIssuer,
    TrustMemory,
    TrustStore,
    VerificationError,
    check_successor,
    compare_editions,
    judge_key,
    recognise,
)
from oneservice.errors import TrustHistoryError

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ("bureau", "audit", "university", "court", "ministry")


def key_of(name: str) -> SigningKey:
    seed = hashlib.sha256(f"histories: {name}".encode()).digest()
    return SigningKey(ed25519.Ed25519PrivateKey.from_private_bytes(seed))


KEYS = {name: key_of(name) for name in NAMES}


def signers(*names: str) -> tuple[ListSigner, ...]:
    return tuple(
        ListSigner(name=name, public_key_multibase=KEYS[name].public_multibase) for name in names
    )


@dataclass
class World:
    """A bureau that does whatever chance tells it, lawfully."""

    draft: TrustDraft = field(
        default_factory=lambda: TrustDraft(
            territory="990000",
            publisher="https://trust.example",
            threshold=2,
            signers=signers("bureau", "audit", "university"),
        )
    )
    editions: list[TrustStore] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return OPENED + timedelta(days=10 * len(self.editions))

    def add_issuer(self, n: int) -> None:
        url = f"https://office-{len(self.draft.issuers)}.example"
        key = key_of(url)
        issuer = TrustedIssuer(
            id=url,
            name={"zh": "局"},
            region="990101",
            keys=(ListedKey.for_certificates(url, key.public_multibase, valid_from=self.now),),
            entitlements=(Entitlement(type=f"t{n}", region="990101", valid_from=self.now),),
        )
        self.draft = replace(self.draft, issuers=(*self.draft.issuers, issuer))

    def add_rule(self, n: int) -> None:
        rule = RecognitionRule(
            issuer_region="980000",
            type=f"t{n}-{len(self.draft.recognition)}",
            accepted_in="990000",
            valid_from=self.now,
            minimum_level=RecognitionLevel.SEALED,
            legal_basis={"en": "an agreement"},
        )
        self.draft = replace(self.draft, recognition=(*self.draft.recognition, rule))

    def retire(self, n: int) -> None:
        self._change_key(n, valid_until=self.now + timedelta(days=n))

    def steal(self, n: int) -> None:
        self._change_key(n, compromised_at=self.now - timedelta(days=10 * n))

    def rotate(self, n: int) -> None:
        chosen = signers(*(NAMES[n % 5 :] + NAMES[: n % 5])[: 3 + n % 2])
        self.draft = replace(self.draft, signers=chosen, threshold=2 + n % 2)

    def _change_key(self, n: int, **changes: Any) -> None:
        if not self.draft.issuers:
            return
        place = n % len(self.draft.issuers)
        issuer = self.draft.issuers[place]
        (key,) = issuer.keys
        if any(getattr(key, name) is not None for name in changes):
            return
        changed = replace(issuer, keys=(replace(key, **changes),))
        before, after = self.draft.issuers[:place], self.draft.issuers[place + 1 :]
        self.draft = replace(self.draft, issuers=(*before, changed, *after))

    def edition(self) -> SignedEdition:
        edition = self.draft.edition(
            after=self.editions[-1] if self.editions else None,
            issued_at=self.now,
            expires_at=self.now + timedelta(days=100),
        )
        for key in KEYS.values():
            before = {one.public_key_multibase for one in edition.root.signers}
            if len(edition.roots) > 1:
                before |= edition.roots[-2].root.anchor.keys
            if key.public_multibase in before:
                edition = edition.by(key, at=self.now)
        return edition

    def publish(self) -> TrustStore:
        store = TrustStore.parse(self.edition().dump())
        self.editions.append(store)
        return store


ACTS = ("add_issuer", "add_rule", "retire", "steal", "rotate")
acts = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 9)), max_size=3)


@st.composite
def histories(draw: st.DrawFn, *, least: int = 2) -> World:
    """A bureau with some editions."""
    world = World()
    for number in range(draw(st.integers(least, 5))):
        if not number:
            world.add_issuer(0)
            world.add_rule(0)
        for name, n in draw(acts):
            getattr(world, name)(n)
        world.publish()
    return world


@settings(max_examples=40)
@given(histories(), st.data())
def test_every_edition_follows_every_earlier_one(world: World, data: st.DataObject) -> None:
    memory = TrustMemory()
    for number, store in enumerate(world.editions):
        for older in world.editions[:number]:
            assert check_successor(older, store) == ()
            with pytest.raises(TrustHistoryError):
                TrustMemory().admit(store)[1].admit(older)
            assert any(one.is_breach for one in compare_editions(store, older))
        _, memory = memory.admit(store)
    first, last = world.editions[0], world.editions[-1]
    start = data.draw(st.sampled_from(first.roots))
    assert TrustStore.parse(last.dump(), root=start.digest).is_pinned
    assert TrustMemory.parse(memory.dump()) == memory


SHRINKS = ("issuers", "keys", "entitlements", "recognition", "past", "roots")


@settings(max_examples=40)
@given(histories(), st.sampled_from(SHRINKS))
def test_whatever_is_left_out_of_history_is_found(world: World, what: str) -> None:
    """All signers together sign an edition that forgets something: each relier notices."""
    old = world.editions[-1]
    honest = world.edition()
    store = TrustStore.proposed(honest)
    issuer = store.issuers[0]
    roots = honest.roots
    if what in {"keys", "entitlements"}:
        changed = (replace(issuer, **{what: ()}), *store.issuers[1:])
        store = replace(store, issuers=changed)
    elif what == "past":
        last = replace(store.past[-1], digest="sha256:" + 64 * "0")
        store = replace(store, past=(*store.past[:-1], last))
    elif what == "roots":
        world.editions = []  # the same signers begin a history of their own
        world.draft = replace(world.draft, publisher="https://other.example")
        roots = world.edition().roots
        store = replace(store, roots=(roots[0].root,))
    else:
        store = replace(store, **{what: getattr(store, what)[1:]})
    edition = store.edition(roots)
    for key in KEYS.values():
        if key.public_multibase in edition.root.anchor.keys:
            edition = edition.by(key, at=world.now)
    forged = TrustStore.parse(edition.dump())
    assert check_successor(old, forged)
    if what in {"past", "roots"}:  # what a relier sees who kept nothing but his memory
        with pytest.raises(TrustHistoryError):
            TrustMemory().admit(old)[1].admit(forged)


@settings(max_examples=40)
@given(histories(least=1), acts, acts)
def test_a_fork_is_found_by_whoever_saw_the_other_side(world: World, one: Any, other: Any) -> None:
    sides = []
    for side in (one, other):
        twin = World(draft=world.draft, editions=list(world.editions))
        for name, n in side:
            getattr(twin, name)(n)
        sides.append((twin.publish(), twin.publish()))
    (seen, _), (same, later) = sides
    memory = TrustMemory().admit(seen)[1]
    if same.digest == seen.digest:
        memory.admit(later)
        return
    for forked in (same, later):
        with pytest.raises(TrustHistoryError):
            memory.admit(forked)


LIST = World()
for _act in ("add_issuer", "add_rule"):
    getattr(LIST, _act)(1)
LIST.publish()
LIST.rotate(2)
DATA = LIST.publish().dump()


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_no_byte_of_a_list_is_without_meaning(place: int, flip: int) -> None:
    changed = bytearray(DATA)
    changed[place] ^= flip
    with pytest.raises(VerificationError):
        TrustStore.parse(bytes(changed))


@given(st.integers(0, len(DATA)), st.integers(0, 40), st.binary(max_size=20))
def test_cut_stretched_or_filled_it_is_no_list(start: int, length: int, fill: bytes) -> None:
    changed = DATA[:start] + fill + DATA[start + length :]
    if changed != DATA:
        with pytest.raises(VerificationError):
            TrustStore.parse(changed)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    inside: Any = value.items() if isinstance(value, dict) else ()
    for name, one in enumerate(value) if isinstance(value, list) else inside:
        found += places(one, (*path, name))
    return found


def put(document: Any, path: tuple[Any, ...], value: Any) -> None:
    for name in path[:-1]:
        document = document[name]
    document[path[-1]] = value


@given(st.data(), json_values)
def test_whatever_its_signers_sign_only_our_errors_leave(data: st.DataObject, value: Any) -> None:
    """Any value at any place of what an edition says, signed by everybody who must."""
    edition = SignedEdition.parse(DATA)
    content = edition.content
    path = data.draw(st.sampled_from(places(content)))
    before = json.dumps(content, sort_keys=True)
    put(content, path, value)
    if json.dumps(content, sort_keys=True) == before:
        return
    try:
        payload = canonical(content)
    except VerificationError:
        return
    except ValueError:  # no canonical form: nobody can sign it
        return
    signed = replace(edition, payload=payload, signatures=())
    for key in KEYS.values():
        if key.public_multibase in edition.root.anchor.keys:
            signed = signed.by(key, at=OPENED)
    try:
        store = TrustStore.parse(signed.dump())
    except VerificationError:
        return
    assert store.digest != edition.digest  # another list, soundly written: nothing was overlooked
    assert canonical(SignedEdition.parse(store.dump()).content) == payload


@given(json_values)
def test_whatever_the_bytes_drafts_and_memories_raise_our_errors(value: Any) -> None:
    for parse in (TrustDraft.of, SignedEdition.of):
        with pytest.raises(VerificationError):
            parse(value if isinstance(value, dict) else {"format": value})
    with pytest.raises(VerificationError):
        TrustMemory.parse(json.dumps(value).encode())


moments = st.integers(0, 30).map(lambda days: OPENED + timedelta(days=days))


@given(st.none() | moments, st.none() | moments, moments, st.none() | moments, st.none() | moments)
def test_better_evidence_never_turns_good_into_bad(
    until: Any, stolen: Any, claimed: Any, proven: Any, earlier: Any
) -> None:
    """Whoever brings an earlier proof, or none of a theft, is never worse off for it."""
    key = ListedKey.for_certificates(
        "https://a.example",
        KEYS["bureau"].public_multibase,
        valid_from=OPENED,
        valid_until=until,
        compromised_at=stolen,
    )
    judged = judge_key(key, claimed_at=claimed, proven_at=proven)
    if judged.standing == "good":
        without = replace(key, compromised_at=None)
        assert judge_key(without, claimed_at=claimed, proven_at=proven).standing == "good"
        if earlier is not None and (proven is None or earlier <= proven):
            again = judge_key(key, claimed_at=claimed, proven_at=earlier)
            assert again.standing == "good"
    if stolen is not None and (proven is None or proven >= stolen):
        assert judged.standing != "good"


regions = st.sampled_from(["990000", "990100", "990101", "980000", "980101", "970000"])
rules = st.builds(
    RecognitionRule,
    issuer_region=regions,
    type=st.sampled_from(["a", "b"]),
    accepted_in=regions,
    valid_from=moments,
    valid_until=st.just(OPENED + timedelta(days=40)) | st.none(),
    minimum_level=st.sampled_from(RecognitionLevel),
    legal_basis=st.just({"en": "an agreement"}),
)


@given(st.lists(rules, max_size=6), regions, regions, moments, st.randoms())
def test_recognition_does_not_depend_on_the_order_and_more_rules_never_hurt(
    listed: list[RecognitionRule], origin: str, here: str, moment: Any, chance: Any
) -> None:
    asked: dict[str, Any] = {
        "certificate_type": "a",
        "issuer_region": origin,
        "accepting_region": here,
        "level": RecognitionLevel.COLLECTED,
        "moment": moment,
    }
    answer = recognise(listed, **asked)
    mixed = list(listed)
    chance.shuffle(mixed)
    assert recognise(mixed, **asked) == answer
    if recognise(listed[1:], **asked).is_recognised:
        assert answer.is_recognised
    if answer.is_recognised:
        sealed = asked | {"level": RecognitionLevel.SEALED}
        assert recognise(listed, **sealed).is_recognised
