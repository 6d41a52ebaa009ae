"""The tree of a log against one written down as RFC 6962 has it; every parser against chaos."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from oneservice.canonical import digest_bytes
from oneservice.errors import LogKeyUnknownError, LogMalformedError, LogProofError
from oneservice.transparency import (
    EMPTY_ROOT,
    ENTRIES,
    Agreement,
    Checkpoint,
    CompactRange,
    Entry,
    EntryKind,
    LoggedEntry,
    LogProof,
    Node,
    NoteKey,
    NoteSigner,
    SignatureType,
    SignedNote,
    SplitView,
    Tile,
    TileHashes,
    Undecided,
    WitnessPolicy,
    check_consistency,
    check_inclusion,
    compare,
    consistency_proof,
    consistency_stretches,
    covering,
    entry_bundle,
    inclusion_proof,
    inclusion_root,
    leaf_hash,
    open_checkpoint,
    parse_entry_bundle,
    parse_tile_path,
    prefix_proof,
    signed_note,
    subtree_root,
    tiles_of,
)

LOG = NoteSigner.generate("log.example/one")
WITNESS = NoteSigner.generate("witness.example/w", type=SignatureType.COSIGNATURE_V1)
AT = datetime(2026, 9, 28, 1, tzinfo=UTC)
SIZES = st.integers(1, 700) | st.sampled_from([1, 2, 255, 256, 257, 511, 512, 513, 65536, 65537])


def leaves(size: int, *, world: int = 0) -> list[bytes]:
    return [leaf_hash(b"%d %d" % (world, index)) for index in range(size)]


def naive_root(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word by word."""
    if not hashes:
        return sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha256(b"\x01" + naive_root(hashes[:split]) + naive_root(hashes[split:])).digest()


def naive_path(index: int, hashes: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1, word by word."""
    if len(hashes) == 1:
        return []
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    if index < split:
        return [*naive_path(index, hashes[:split]), naive_root(hashes[split:])]
    return [*naive_path(index - split, hashes[split:]), naive_root(hashes[:split])]


def naive_subproof(old: int, hashes: list[bytes], *, is_known: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962 section 2.1.2, word by word."""
    if old == len(hashes):
        return [] if is_known else [naive_root(hashes)]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    if old <= split:
        inner = naive_subproof(old, hashes[:split], is_known=is_known)
        return [*inner, naive_root(hashes[split:])]
    inner = naive_subproof(old - split, hashes[split:], is_known=False)
    return [*inner, naive_root(hashes[:split])]


def reader(hashes: list[bytes]) -> Callable[[Node], bytes]:
    return lambda node: subtree_root(
        hashes[node.position << node.level : (node.position + 1) << node.level]
    )


def tile_reader(hashes: list[bytes]) -> Callable[[Tile], bytes]:
    read = reader(hashes)

    def tile(one: Tile) -> bytes:
        first = one.index * 256
        return b"".join(read(Node(8 * one.level, first + each)) for each in range(one.width))

    return tile


@given(SIZES, st.data())
@example(65537, None)
def test_proofs_are_those_of_the_rfc_and_hold(size: int, data: Any) -> None:
    hashes = leaves(size)
    index = data.draw(st.integers(0, size - 1)) if data else size - 1
    old = data.draw(st.integers(1, size)) if data else 65536
    root = naive_root(hashes)
    assert CompactRange().grown(hashes).root == root
    read = TileHashes(size, tile_reader(hashes))
    path = inclusion_proof(index, size, read)
    assert list(path) == naive_path(index, hashes)
    check_inclusion(hashes[index], index=index, size=size, proof=path, root=root)
    grown = consistency_proof(old, size, read)
    assert list(grown) == naive_subproof(old, hashes)
    before = naive_root(hashes[:old])
    check_consistency(old_size=old, old_root=before, new_size=size, new_root=root, proof=grown)


@given(st.integers(1, 300), st.data())
def test_any_change_of_an_inclusion_proof_is_found(size: int, data: st.DataObject) -> None:
    hashes = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    proof = list(inclusion_proof(index, size, reader(hashes)))
    given_ = {"leaf": hashes[index], "index": index, "size": size, "proof": proof}
    given_["root"] = naive_root(hashes)
    match data.draw(st.sampled_from(["leaf", "root", "drop", "add", "flip", "index", "swap"])):
        case "leaf" | "root" as name:
            given_[name] = leaf_hash(b"another")
        case "drop" if proof:
            proof.pop(data.draw(st.integers(0, len(proof) - 1)))
        case "add":
            proof.insert(data.draw(st.integers(0, len(proof))), leaf_hash(b"x"))
        case "flip" if proof:
            place = data.draw(st.integers(0, len(proof) - 1))
            proof[place] = bytes([proof[place][0] ^ 1]) + proof[place][1:]
        case "index" if size > 1:
            given_["index"] = (index + data.draw(st.integers(1, size - 1))) % size
        case "swap" if len(proof) > 1:
            proof.reverse()
        case _:
            assume(False)
    leaf = given_.pop("leaf")
    with pytest.raises((LogProofError, LogMalformedError)):
        check_inclusion(leaf, **given_)


@given(st.integers(0, 400), st.integers(0, 400))
def test_ranges_join(old: int, more: int) -> None:
    hashes = leaves(old + more)
    read = reader(hashes)
    small = CompactRange().grown(hashes[:old])
    assert small.hashes == tuple(map(read, covering(0, old)))
    large = small.joined((node, read(node)) for node in covering(old, old + more))
    assert large == small.grown(hashes[old:]) == CompactRange().grown(hashes)
    covered = [
        leaf
        for node in covering(old, old + more)
        for leaf in range(node.position << node.level, (node.position + 1) << node.level)
    ]
    assert covered == list(range(old, old + more))


def test_an_empty_tree() -> None:
    assert CompactRange().root == EMPTY_ROOT == naive_root([])
    assert covering(0, 0) == ()
    check_consistency(old_size=0, old_root=EMPTY_ROOT, new_size=0, new_root=EMPTY_ROOT, proof=())
    for bad in (-1, 2**63):
        with pytest.raises(LogMalformedError):
            inclusion_root(EMPTY_ROOT, bad, 5, ())
    with pytest.raises(LogProofError):
        consistency_stretches(0, 5)


@given(st.integers(0, 2**40), st.integers(0, 2**20))
def test_tiles_of_a_growing_tree_are_the_new_ones(size: int, more: int) -> None:
    assume(more < 5000)
    fresh = list(tiles_of(size + more, since=size))
    assert len(set(fresh)) == len(fresh)
    for tile in fresh:
        shift = 8 * max(tile.level, 0)
        assert tile.index * 256 + tile.width <= (size + more) >> shift
        assert tile.index * 256 + tile.width > size >> shift
        assert parse_tile_path(tile.path) == tile


def test_the_example_of_the_specification() -> None:
    """C2SP tlog-tiles: 70,000 leaves."""
    tiles = [one for one in tiles_of(70_000) if one.level != ENTRIES]
    full = [one.level for one in tiles if one.width == 256]
    partial = {(one.level, one.width) for one in tiles if one.width < 256}
    assert (full.count(0), full.count(1)) == (273, 1)
    assert partial == {(0, 112), (1, 17), (2, 1)}
    assert [(one.level, one.width) for one in tiles_of(256) if one.level >= 0] == [(0, 256), (1, 1)]
    assert Tile(0, 1_234_067).path == "tile/0/x001/x234/067"
    assert Tile(ENTRIES, 5, 8).path == "tile/entries/005.p/8"


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/x000/001",
        "tile/00/001",
        "tile/64/001",
        "tile/0/1",
        "tile/0/0001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/01",
        "tile/0/x001",
        "tile/0/001/002",
        "tile/0/../001",
        "tile/0/001\n",
        "/tile/0/001",
        "tile/-1/001",
        "tile/0/٠٠١",
        "tile/0/" + "x999/" * 40 + "999",
    ],
)
def test_a_tile_has_one_path(path: str) -> None:
    with pytest.raises(LogMalformedError):
        parse_tile_path(path)


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_bundles_read_back(entries: list[bytes]) -> None:
    data = entry_bundle(entries)
    assert parse_entry_bundle(data, count=len(entries)) == tuple(entries)
    for wrong in (len(entries) + 1, len(entries) - 1):
        if wrong >= 0:
            with pytest.raises(LogMalformedError):
                parse_entry_bundle(data, count=wrong)
    with pytest.raises(LogMalformedError):
        parse_entry_bundle(data + b"\0", count=len(entries))


def checkpoint(hashes: list[bytes], signer: NoteSigner = LOG) -> bytes:
    head = Checkpoint(origin=LOG.key.name, size=len(hashes), root=naive_root(hashes))
    return signed_note(head.text, signer).dump()


@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 199))
def test_two_views_agree_or_accuse(old: int, more: int, fork: int) -> None:
    """The second view has another entry at ``fork``; where it lies decides what can be shown."""
    hashes = leaves(old + more)
    forked = [*hashes[:fork], leaf_hash(b"forged"), *hashes[fork + 1 :]][: old + more]
    small = open_checkpoint(checkpoint(hashes[:old]), log=LOG.key)
    for theirs in (hashes, forked):
        large = open_checkpoint(checkpoint(theirs), log=LOG.key)
        proof = prefix_proof(old, old + more, reader(theirs)) if more else None
        found = compare(large, small, proof)
        assert found.kind == compare(small, large, proof).kind
        if naive_root(theirs[:old]) == naive_root(hashes[:old]):
            assert found == Agreement(is_proven=bool(more and old))
            continue
        assert isinstance(found, SplitView)
        again = SplitView.parse(found.dump())
        assert again == found
        again.check(log=LOG.key)
        with pytest.raises(LogKeyUnknownError):
            again.check(log=NoteSigner.generate(LOG.key.name).key)
    if more and old:
        assert isinstance(compare(small, large), Undecided)
        other = prefix_proof(old, old + more, reader(leaves(old + more, world=1)))
        assert isinstance(compare(small, large, other), Undecided)


def test_nobody_is_accused_without_a_contradiction() -> None:
    hashes = leaves(9)
    innocent = SplitView(
        first=checkpoint(hashes[:4]),
        second=checkpoint(hashes),
        proof=prefix_proof(4, 9, reader(hashes)),
    )
    with pytest.raises(LogProofError, match="accuses nobody"):
        innocent.check(log=LOG.key)
    lied = SplitView(
        first=checkpoint(hashes[:4]),
        second=checkpoint(hashes),
        proof=prefix_proof(4, 9, reader(leaves(9, world=1))),
    )
    with pytest.raises(LogProofError, match="accuses nobody"):
        lied.check(log=LOG.key)


def proven(index: int = 3, size: int = 9) -> tuple[bytes, bytes]:
    entry = Entry(kind=EntryKind.CERTIFICATE, digest=digest_bytes(b"c"), salt="s" * 22).encode()
    hashes = leaves(size)
    hashes[index] = leaf_hash(entry)
    note = SignedNote.parse(checkpoint(hashes))
    note = note.with_signatures([WITNESS.sign(note.text, at=AT)])
    proof = LogProof(
        index=index,
        hashes=inclusion_proof(index, size, reader(hashes)),
        checkpoint=note.dump(),
        extra=b"why",
    )
    return entry, proof.dump()


def test_a_proof_holds() -> None:
    entry, data = proven()
    found = LogProof.parse(data).check(entry, log=LOG.key, witnesses=[WITNESS.key])
    assert (found.index, found.size, found.origin) == (3, 9, LOG.key.name)
    assert found.cosigned == ((WITNESS.key.name, AT),)
    assert LogProof.parse(data).dump() == data


def test_neither_a_second_name_nor_a_second_key_is_a_second_witness() -> None:
    note = SignedNote.parse(checkpoint(leaves(3)))
    kind = SignatureType.COSIGNATURE_V1
    pem = WITNESS.to_pem(None)
    renamed = NoteSigner.from_pem(pem, name="other.example/w", type=kind)
    second = NoteSigner.generate(WITNESS.key.name, type=kind)
    itself = NoteSigner.from_pem(LOG.to_pem(None), name="friend.example/w", type=kind)
    signers = (WITNESS, renamed, second, itself)
    whole = note.with_signatures([one.sign(note.text, at=AT) for one in signers]).dump()
    keys = [one.key for one in signers]
    found = open_checkpoint(whole, log=LOG.key, witnesses=keys)
    assert found.cosigned == ((WITNESS.key.name, AT),)


ENTRY, PROOF = proven()


@given(st.integers(0, len(PROOF) - 1), st.integers(1, 255))
def test_any_flipped_byte_of_a_proof_is_found_or_says_less(place: int, flip: int) -> None:
    """What is not the log's or the witness's word, the extra data, may change; nothing else."""
    data = bytearray(PROOF)
    data[place] ^= flip
    try:
        found = LogProof.parse(bytes(data)).check(ENTRY, log=LOG.key, witnesses=[WITNESS.key])
    except (LogMalformedError, LogProofError, LogKeyUnknownError):
        return
    true = LogProof.parse(PROOF).check(ENTRY, log=LOG.key, witnesses=[WITNESS.key])
    assert found in (true, LogProof.parse(PROOF).check(ENTRY, log=LOG.key))


PARSERS: dict[str, tuple[Callable[[bytes], Any], bytes]] = {
    "note": (SignedNote.parse, LogProof.parse(PROOF).checkpoint),
    "proof": (LogProof.parse, PROOF),
    "checkpoint": (
        lambda data: Checkpoint.parse(data.decode("utf-8", "replace")),
        SignedNote.parse(LogProof.parse(PROOF).checkpoint).text.encode(),
    ),
    "vkey": (lambda data: NoteKey.parse(data.decode("utf-8", "replace")), LOG.key.vkey.encode()),
    "tile path": (
        lambda data: parse_tile_path(data.decode("utf-8", "replace")),
        b"tile/0/x001/234.p/7",
    ),
    "bundle": (lambda data: parse_entry_bundle(data, count=3), entry_bundle([b"a", b"bc", b""])),
    "entry": (LoggedEntry.parse, ENTRY),
    "split view": (
        SplitView.parse,
        SplitView(first=checkpoint(leaves(1)), second=checkpoint(leaves(2))).dump(),
    ),
    "policy": (
        WitnessPolicy.parse,
        f"log {LOG.key.vkey}\nwitness w {WITNESS.key.vkey}\ngroup g all w\nquorum g\n".encode(),
    ),
}


@pytest.mark.parametrize("name", PARSERS)
@given(st.data())
def test_parsers_refuse_only_with_our_errors(name: str, data: st.DataObject) -> None:
    parse, good = PARSERS[name]
    parse(good)
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 8)))
    middle = data.draw(st.binary(max_size=8) | st.sampled_from([b"\n", b"\n\n", b" ", b"+", b"0"]))
    with contextlib.suppress(LogMalformedError):
        parse(good[:start] + middle + good[end:])


@pytest.mark.parametrize("name", PARSERS)
@given(st.binary(max_size=300))
def test_parsers_survive_noise(name: str, data: bytes) -> None:
    with contextlib.suppress(LogMalformedError):
        PARSERS[name][0](data)
