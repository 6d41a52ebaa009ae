"""A directory introduces regions: signed by several, rising, expiring, never rewritten."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oneservice.canonical import canonical
from oneservice.certificates import (
    DIRECTORY_TYPE,
    DirectoryDraft,
    EndpointKind,
    EventAlgorithm,
    ListedRegion,
    OfferKind,
    RegionDirectory,
    RegionEndpoint,
    RegionKey,
    RegionKeyUse,
    RegionOffer,
    SignedEdition,
    TrustAnchor,
    TrustMemory,
    TrustPeer,
    TrustStore,
    check_successor,
    compare_editions,
    disagreements,
)
from oneservice.errors import TrustHistoryError, TrustListError

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
NOON = OPENED + timedelta(hours=12)


def later(days: int) -> datetime:
    return OPENED + timedelta(days=days)


def with_region(draft: DirectoryDraft, index: int = 0, **changes: Any) -> tuple[ListedRegion, ...]:
    regions = list(draft.regions)
    regions[index] = replace(regions[index], **changes)
    return tuple(regions)


def test_a_signed_directory_is_read_as_it_was_written(compact: Any) -> None:
    made = compact.publish()
    read = RegionDirectory.parse(made.dump())
    assert read == made
    assert read.dump() == made.dump()
    assert not read.is_pinned
    assert RegionDirectory.parse(made.dump(), root=made.roots[0].digest).is_pinned


def test_too_few_signatures_and_other_signers_are_refused(compact: Any) -> None:
    edition = compact.proposed().by(compact.keys["audit"], at=OPENED)
    with pytest.raises(TrustListError, match="1 of 2"):
        RegionDirectory.parse(edition.dump())
    made = RegionDirectory.of(edition.by(compact.keys["980000"], at=OPENED))
    other = TrustAnchor(threshold=1, keys=frozenset({compact.list_keys["990000"].public_multibase}))
    with pytest.raises(TrustListError, match="another key"):
        RegionDirectory.parse(made.dump(), root=other)


def test_copies_signed_apart_are_put_together(compact: Any) -> None:
    edition = compact.proposed()
    here = edition.by(compact.keys["990000"], at=OPENED)
    there = edition.by(compact.keys["980000"], at=OPENED)
    assert RegionDirectory.of(here.merged(there)) == RegionDirectory.of(there.merged(here))


def test_a_directory_is_no_trust_list_and_a_list_no_directory(compact: Any, bureau: Any) -> None:
    """Signers of both might be the same people; a signature says which of the two it is for."""
    directory, trust_list = compact.publish(), bureau.publish()
    with pytest.raises(TrustListError):
        TrustStore.parse(directory.dump())
    with pytest.raises(TrustListError):
        RegionDirectory.parse(trust_list.dump())
    with pytest.raises(TrustListError):
        SignedEdition.parse(directory.dump())
    assert SignedEdition.parse(directory.dump(), typ=DIRECTORY_TYPE).digest == directory.digest


def test_no_changed_byte_goes_unnoticed(compact: Any) -> None:
    data = compact.publish().dump()
    for place in range(0, len(data), 41):
        changed = bytearray(data)
        changed[place] ^= 1 + place % 255
        with pytest.raises(TrustListError):
            RegionDirectory.parse(bytes(changed))


def test_unknown_members_are_refused(compact: Any) -> None:
    """A member that nobody reads would let two readers understand different things."""
    edition = compact.proposed()
    content = {**json.loads(edition.payload), "more": 1}
    forged = replace(edition, payload=canonical(content), signatures=())
    forged = forged.by(compact.keys["990000"], at=OPENED).by(compact.keys["audit"], at=OPENED)
    with pytest.raises(TrustListError, match="nobody here understands"):
        RegionDirectory.parse(forged.dump())


def test_a_region_is_found_by_what_lies_in_it(compact: Any) -> None:
    directory = compact.publish()
    found = directory.region_for("990101", at=NOON)
    assert found is not None
    assert found.region == "990000"
    assert found.url(EndpointKind.SERVICE) == "https://990000.example/adapter"
    assert found.url(EndpointKind.STATUS) is None
    assert directory.region_for("970000", at=NOON) is None
    assert directory.region("990101") is None


def test_an_offer_counts_in_its_days_and_while_the_region_takes_part(compact: Any) -> None:
    regions = with_region(compact.draft, 1, valid_until=later(50))
    directory = compact.publish(regions=regions)
    asked = (OfferKind.EVIDENCE, "health-certificate")
    assert [one.region for one in directory.offering(*asked, at=later(49))] == ["990000", "980000"]
    assert [one.region for one in directory.offering(*asked, at=later(50))] == ["990000"]
    assert directory.offering(OfferKind.ITEM, "health-certificate", at=NOON) == ()
    left = directory.region("980000")
    assert left is not None
    assert left.keys_at(later(50), use=RegionKeyUse.REQUEST) == ()


def test_a_stolen_key_speaks_for_nobody_from_the_moment_of_the_theft(compact: Any) -> None:
    key = replace(compact.draft.regions[0].keys[0], compromised_at=later(3))
    directory = compact.publish(regions=with_region(compact.draft, keys=(key,)))
    found = directory.key("region-990000-1")
    assert found is not None
    region, listed = found
    assert (region.region, listed.is_good(NOON), listed.is_good(later(3))) == (
        "990000",
        True,
        False,
    )
    assert region.keys_at(later(4), use=RegionKeyUse.REQUEST) == ()
    assert directory.key("nobody-1") is None


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "https://user@example.org/",
        "https://example.org/?x=1",
        "https://example.org/#x",
        "ftp://example.org/",
        "https://",
        "https://[",
        "https://例.example/",
        "",
    ],
)
def test_an_address_is_https_and_hides_nothing(url: str) -> None:
    with pytest.raises(TrustListError, match="address is none"):
        RegionEndpoint(kind=EndpointKind.SERVICE, url=url)


def test_this_machine_may_be_called_in_the_clear() -> None:
    for host in ("127.0.0.1:8080", "localhost", "[::1]:9"):
        RegionEndpoint(kind=EndpointKind.SERVICE, url=f"http://{host}/base")


def test_a_region_says_nothing_about_another(compact: Any) -> None:
    one, other = compact.draft.regions
    with pytest.raises(TrustListError, match="is not its own"):
        replace(one, trust_lists=other.trust_lists)
    with pytest.raises(TrustListError, match="cannot recognise"):
        replace(other, recognises=one.recognises)
    with pytest.raises(TrustListError, match="chance would choose"):
        replace(one, endpoints=(*one.endpoints, one.endpoints[0]))


def test_twins_and_strangers_are_refused(compact: Any) -> None:
    one, other = compact.draft.regions
    with pytest.raises(TrustListError, match="region 99 stands in it twice"):
        compact.proposed(regions=(one, replace(one, region="990000000", trust_lists=(), keys=())))
    with pytest.raises(TrustListError, match="key id region-990000-1 stands"):
        compact.proposed(regions=(one, replace(other, keys=one.keys)))
    twin = replace(one.keys[0], id="another")
    with pytest.raises(TrustListError, match="the key z6Mk"):
        compact.proposed(regions=(one, replace(other, keys=(twin,))))
    with pytest.raises(TrustListError, match="does not lie in 990000"):
        compact.proposed(regions=(one, other), territory="990000")


def test_a_key_is_one_of_its_algorithm(compact: Any) -> None:
    key = compact.draft.regions[0].keys[0]
    with pytest.raises(TrustListError, match="none of the algorithm"):
        replace(key, algorithm=EventAlgorithm.ECDSA_P256)
    with pytest.raises(TrustListError, match="key region-990000-1"):
        replace(key, multibase="z123")


def test_an_expired_directory_is_not_acted_on(compact: Any) -> None:
    directory = compact.publish()
    directory.refuse_expired(later(90))
    for moment, why in ((later(91), "has expired"), (later(-1), "not issued yet")):
        with pytest.raises(TrustListError, match=why):
            directory.refuse_expired(moment)


def test_a_region_joins_and_leaves_as_data_and_the_past_stays(compact: Any) -> None:
    first = compact.publish()
    third = replace(
        compact.draft.regions[0],
        region="970000",
        valid_from=later(10),
        keys=(),
        offers=(),
        recognises=(),
        trust_lists=(),
    )
    regions = (*with_region(compact.draft, 1, valid_until=later(30)), third)
    second = compact.publish(day=10, regions=regions)
    changes = [(one.kind.value, one.what, one.name) for one in compare_editions(first, second)]
    assert changes == [("ended", "region", "980000"), ("added", "region", "970000")]
    assert check_successor(first, second) == ()
    assert [one.version for one in second.past] == [1]


def test_addresses_may_move_and_are_told(compact: Any) -> None:
    first = compact.publish()
    moved = RegionEndpoint(kind=EndpointKind.SERVICE, url="https://new.example/adapter")
    second = compact.publish(day=1, regions=with_region(compact.draft, endpoints=(moved,)))
    (change,) = compare_editions(first, second)
    assert (change.kind.value, change.is_breach) == ("renamed", False)
    assert "https://new.example/adapter" in change.words["zh"]
    assert change.question is not None


@pytest.mark.parametrize(
    ("break_it", "why"),
    [
        (lambda draft: draft.regions[:1], "is gone"),
        (lambda draft: with_region(draft, 1, keys=()), "is gone"),
        (lambda draft: with_region(draft, 1, trust_lists=()), "is gone"),
        (lambda draft: with_region(draft, 1, valid_until=later(5)), "is rewritten"),
        (lambda draft: with_region(draft, 1, valid_from=later(20)), "is rewritten"),
        (
            lambda draft: with_region(
                draft, 1, offers=(replace(draft.regions[1].offers[0], valid_until=later(5)),)
            ),
            "is rewritten",
        ),
    ],
)
def test_the_past_is_neither_removed_nor_rewritten(compact: Any, break_it: Any, why: str) -> None:
    compact.publish(day=8)
    with pytest.raises(TrustHistoryError, match=why):
        compact.proposed(day=10, regions=break_it(compact.draft))


def test_signers_change_by_a_chain_and_a_memory_follows_it(compact: Any) -> None:
    first = compact.publish()
    _, memory = TrustMemory().admit(first)
    signers = compact.draft.signers[1:]
    second = compact.publish("990000", "audit", "980000", day=1, signers=signers)
    third = compact.publish("980000", "audit", day=2)
    admitted, memory = memory.admit(third)
    assert admitted.is_pinned
    assert RegionDirectory.parse(third.dump(), root=first.roots[0].digest).is_pinned
    with pytest.raises(TrustHistoryError, match="the directory of 000000 is edition 2"):
        memory.admit(second)
    assert TrustMemory.parse(memory.dump()) == memory


def test_a_memory_keeps_lists_and_directories_apart(compact: Any, bureau: Any) -> None:
    signer = {"territory": "000000", "issuers": ()}
    _, memory = TrustMemory().admit(bureau.publish(**signer))
    _, memory = memory.admit(compact.publish())
    _, memory = memory.admit(bureau.publish(day=1))
    assert [(one.kind, one.version) for one in memory.seen] == [(None, 2), ("directory", 1)]
    assert TrustMemory.parse(memory.dump()) == memory
    assert b'"kind":null' not in memory.dump()


def test_a_forked_directory_is_found(compact: Any) -> None:
    first = compact.publish()
    _, memory = TrustMemory().admit(first)
    compact.last = None
    moved = RegionEndpoint(kind=EndpointKind.SERVICE, url="https://thief.example/")
    forked = compact.publish(regions=with_region(compact.draft, endpoints=(moved,)))
    with pytest.raises(TrustHistoryError, match="two different ones with the number 1"):
        memory.admit(forked)


def test_a_draft_goes_there_and_back_and_names_slips(compact: Any) -> None:
    compact.publish()
    draft = DirectoryDraft.from_directory(compact.last)
    assert draft == compact.draft
    assert DirectoryDraft.of(draft.as_json()) == draft
    draft.try_out()
    document = json.loads(json.dumps(draft.as_json()))
    document["regions"][1]["offers"][0]["nam"] = "x"
    with pytest.raises(TrustListError) as caught:
        DirectoryDraft.of(document)
    assert caught.value.place == "regions[1].offers[0].nam"
    with pytest.raises(TrustListError, match="format"):
        DirectoryDraft.of({**document, "format": "other"})


def test_adding_a_region_is_a_paragraph_of_data(compact: Any) -> None:
    document = compact.draft.as_json()
    document["regions"].append(
        {
            "region": "970000",
            "name": {"zh": "乙省"},
            "valid_from": "2026-01-01T00:00:00Z",
            "endpoints": [{"kind": "service", "url": "https://970000.example/"}],
            "offers": [
                {"kind": "one-thing", "name": "newborn", "valid_from": "2026-01-01T00:00:00Z"}
            ],
        }
    )
    directory = RegionDirectory.proposed(
        DirectoryDraft.of(document).edition(after=None, issued_at=OPENED, expires_at=later(9))
    )
    (found,) = directory.offering(OfferKind.ONE_THING, "newborn", at=NOON)
    assert found.region == "970000"


def test_the_own_list_and_a_directory_that_agree_say_nothing(compact: Any, bureau: Any) -> None:
    directory = compact.publish()
    own = bureau.publish(
        peers=compact.draft.regions[1].trust_lists, recognition=compact.draft.regions[0].recognises
    )
    assert disagreements(directory, own, at=NOON) == ()


def test_where_they_differ_the_own_list_counts_and_people_are_told(
    compact: Any, bureau: Any
) -> None:
    directory = compact.publish()
    peer = compact.draft.regions[1].trust_lists[0]

    def codes(*peers: TrustPeer, **changes: Any) -> list[tuple[str, str, bool]]:
        rules = {"recognition": compact.draft.regions[0].recognises, **changes}
        own = replace(TrustStore.proposed(bureau.proposed()), peers=peers, **rules)
        found = disagreements(directory, own, at=NOON)
        assert all(one.words["zh"] and one.as_json()["words"]["en"] for one in found)
        return [(one.region, one.code, one.is_error) for one in found]

    others = replace(peer, keys=(compact.keys["audit"].public_multibase,))
    assert codes(others) == [("980000", "other_signers", True)]
    assert codes() == [("980000", "no_peer", False)]
    assert codes(replace(peer, url="https://elsewhere.example/")) == [
        ("980000", "other_address", False)
    ]
    stranger = replace(peer, territory="970000")
    assert codes(peer, stranger) == [("970000", "not_listed", False)]
    assert codes(peer, recognition=()) == [("990000", "rules_differ", False)]


def test_rules_that_differ_are_named(compact: Any, bureau: Any) -> None:
    peers, rules = compact.draft.regions[1].trust_lists, compact.draft.regions[0].recognises
    own = replace(TrustStore.proposed(bureau.proposed()), peers=peers, recognition=())
    (found,) = disagreements(compact.publish(), own, at=NOON)
    rule = rules[0]
    named = f"{rule.type} from {rule.issuer_region} in {rule.accepted_in}, {rule.minimum_level}"
    assert named in found.in_directory
    assert found.as_json()["in_directory"] == list(found.in_directory)
    assert found.in_list == ()
    assert all(named in words for words in found.words.values())
    other = replace(own, recognition=(*rules, replace(rule, type="diploma")))
    (found,) = disagreements(compact.publish(), other, at=NOON)
    assert found.in_directory == ()
    assert [one.split()[0] for one in found.in_list] == ["diploma"]
    assert "only in the list: diploma" in found.words["en"]


def test_an_offer_and_a_key_know_their_days(compact: Any) -> None:
    offer = RegionOffer(kind=OfferKind.ITEM, name="x", valid_from=OPENED, valid_until=later(1))
    assert offer.is_within(NOON)
    assert not offer.is_within(later(1))
    key = compact.draft.regions[0].keys[0]
    assert isinstance(key, RegionKey)
    assert RegionKey.of(key.as_json()) == key
