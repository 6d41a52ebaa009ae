"""The key file: made once, synced, closed to others; rotated, retired; clear when it is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.canonical import digest_bytes
from oneservice.errors import JournalCorruptError, JournalKeyError
from oneservice.ports import WrappedKey
from oneservice.runtimes import LocalKeyKeeper
from oneservice.runtimes.case_cipher import CaseCipher, keyed_nonce

SECRET = b"5" * 64


def kept(folder: Path) -> LocalKeyKeeper:
    return LocalKeyKeeper.open(folder / "cases.keys")


async def test_what_is_wrapped_is_unwrapped_after_opening_again(tmp_path: Path) -> None:
    wrapped = await kept(tmp_path).wrap(SECRET, context="c1")
    assert SECRET not in wrapped.wrapped
    assert await kept(tmp_path).unwrap(wrapped, context="c1") == SECRET


async def test_a_wrapped_key_opens_in_its_own_place_only(tmp_path: Path) -> None:
    keeper = kept(tmp_path)
    wrapped = await keeper.wrap(SECRET, context="c1")
    with pytest.raises(JournalCorruptError, match="c2"):
        await keeper.unwrap(wrapped, context="c2")
    for place in range(0, len(wrapped.wrapped), 7):
        flipped = bytearray(wrapped.wrapped)
        flipped[place] ^= 1
        with pytest.raises(JournalCorruptError):
            await keeper.unwrap(
                WrappedKey(key_id=wrapped.key_id, wrapped=bytes(flipped)), context="c1"
            )


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "cases.keys"
    old = os.umask(0)
    try:
        LocalKeyKeeper.open(path)
    finally:
        os.umask(old)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(JournalKeyError, match="chmod 600"):
        LocalKeyKeeper.open(path)


async def test_rotation_keeps_the_old_keys_until_they_are_retired(tmp_path: Path) -> None:
    keeper = kept(tmp_path)
    first = keeper.key_id
    old = await keeper.wrap(SECRET, context="c1")
    second = keeper.rotate()
    assert kept(tmp_path).key_id == second != first
    new = await kept(tmp_path).wrap(SECRET, context="c1")
    assert new.key_id == second
    assert await kept(tmp_path).unwrap(old, context="c1") == SECRET
    with pytest.raises(JournalKeyError, match="current"):
        keeper.retire(second)
    keeper.retire(first)
    with pytest.raises(JournalKeyError, match="has no key"):
        await kept(tmp_path).unwrap(old, context="c1")
    assert await kept(tmp_path).unwrap(new, context="c1") == SECRET
    with pytest.raises(JournalKeyError, match="is not in it"):
        keeper.retire(first)


def test_a_retired_key_is_overwritten_on_the_disk(tmp_path: Path) -> None:
    keeper = kept(tmp_path)
    path = tmp_path / "cases.keys"
    keeper.rotate()
    first = next(name for name in keeper.key_ids if name != keeper.key_id)
    stated = json.loads(path.read_bytes())["keys"][first]
    with path.open("rb") as same_inode:
        keeper.retire(first)
        assert set(same_inode.read()) == {0}
    assert stated.encode() not in path.read_bytes()


def test_a_linked_copy_is_somebodys_backup_and_stays(tmp_path: Path) -> None:
    keeper = kept(tmp_path)
    copy = tmp_path / "backup.keys"
    os.link(tmp_path / "cases.keys", copy)
    before = copy.read_bytes()
    first = keeper.key_id
    keeper.rotate()
    keeper.retire(first)
    assert copy.read_bytes() == before


async def test_two_keepers_of_one_file_lose_no_key_of_each_other(tmp_path: Path) -> None:
    one, other = kept(tmp_path), kept(tmp_path)
    first = one.key_id
    second = other.rotate()
    sealed = await other.wrap(SECRET, context="c1")
    third = one.rotate()
    assert kept(tmp_path).key_ids == {first, second, third}
    assert await one.unwrap(sealed, context="c1") == SECRET
    assert await kept(tmp_path).unwrap(sealed, context="c1") == SECRET


async def test_nothing_is_wrapped_under_a_key_that_another_keeper_retired(tmp_path: Path) -> None:
    one, other = kept(tmp_path), kept(tmp_path)
    first = one.key_id
    second = other.rotate()
    other.retire(first)
    wrapped = await one.wrap(SECRET, context="c1")
    assert wrapped.key_id == second
    assert await kept(tmp_path).unwrap(wrapped, context="c1") == SECRET


async def test_a_key_that_another_keeper_added_is_known_when_it_is_needed(tmp_path: Path) -> None:
    one, other = kept(tmp_path), kept(tmp_path)
    other.rotate()
    wrapped = await other.wrap(SECRET, context="c1")
    assert await one.unwrap(wrapped, context="c1") == SECRET


def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "secrets" / "cases.keys"
    real.parent.mkdir()
    LocalKeyKeeper.open(real)
    link = tmp_path / "cases.keys"
    link.symlink_to(real)
    keeper = LocalKeyKeeper.open(link)
    first = keeper.key_id
    keeper.rotate()
    keeper.retire(first)
    assert link.is_symlink()
    assert LocalKeyKeeper.open(real).key_ids == LocalKeyKeeper.open(link).key_ids == keeper.key_ids


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"letter",
        b"{}",
        b'{"format":"oneservice-keys/2","current":"a","keys":{}}',
        b'{"format":"oneservice-keys/1","current":"a","keys":{}}',
        b'{"format":"oneservice-keys/1","current":"a","keys":{"a":"AAAA"}}',
        b'{"format":"oneservice-keys/1","current":"a","keys":{"a":7}}',
        b'{"format":"oneservice-keys/1","current":["a"],"keys":{"a":"!"}}',
    ],
)
def test_a_file_that_is_none_is_refused_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cases.keys"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(JournalKeyError, match=r"cases\.keys"):
        LocalKeyKeeper.open(path)
    assert path.read_bytes() == content


def test_a_missing_file_or_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalKeyError, match="put the copy"):
        LocalKeyKeeper.open(tmp_path / "cases.keys", create=False)
    with pytest.raises(JournalKeyError, match="check the folder"):
        LocalKeyKeeper.open(tmp_path / "no" / "cases.keys")


MAKE = """
import sys
from oneservice.runtimes import LocalKeyKeeper
sys.stdin.readline()
print(LocalKeyKeeper.open(sys.argv[1]).key_id)
"""


def test_processes_that_make_the_file_at_once_end_with_the_same_key(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'adapters'}"}
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", MAKE, str(tmp_path / "cases.keys")],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    told = [one.communicate("go\n", timeout=60)[0].strip() for one in makers]
    assert set(told) == {kept(tmp_path).key_id}
    assert [one.name for one in tmp_path.iterdir()] == ["cases.keys"]


def test_two_who_make_it_at_once_in_one_process_share_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = kept(tmp_path)
    monkeypatch.setattr(Path, "exists", lambda _: False)  # looked before the other one had made it
    assert kept(tmp_path).key_id == first.key_id


def test_nothing_that_can_be_printed_shows_a_key(tmp_path: Path) -> None:
    keeper, cipher = kept(tmp_path), CaseCipher("c1", "5" * 64)
    keys = json.loads((tmp_path / "cases.keys").read_bytes())["keys"]
    shown = f"{keeper!r} {keeper} {cipher!r} {cipher}"
    assert not any(key in shown for key in keys.values())
    assert "5" * 16 not in shown  # fewer may stand in an address or a name by chance


# --- what is done with a case's own key -------------------------------------------------------


@given(st.binary(max_size=200), st.binary(max_size=30), st.text("abc", min_size=1, max_size=5))
def test_a_text_opens_in_its_place_in_its_case_only(text: bytes, place: bytes, case: str) -> None:
    cipher = CaseCipher(case, "5" * 64)
    sealed = cipher.seal(place, text)
    assert cipher.open(place, sealed) == text
    for other, where in (
        (cipher, place + b"x"),
        (CaseCipher(case + "x", "5" * 64), place),
        (CaseCipher(case, "6" * 64), place),
    ):
        with pytest.raises(JournalCorruptError):
            other.open(where, sealed)


@given(st.binary(min_size=1, max_size=60), st.integers(0, 10**6))
def test_any_flipped_bit_of_what_lies_there_is_noticed(text: bytes, where: int) -> None:
    cipher = CaseCipher("c1", "5" * 64)
    sealed = bytearray(cipher.seal(b"place", text))
    sealed[where % len(sealed)] ^= 1 << (where % 8)
    with pytest.raises(JournalCorruptError):
        cipher.open(b"place", bytes(sealed))


def test_a_nonce_repeats_for_the_same_text_in_the_same_place_only() -> None:
    key = b"k" * 32
    places = [(b"a", b"bc"), (b"ab", b"c"), (b"abc", b""), (b"", b"abc")]
    assert len({keyed_nonce(key, place, text) for place, text in places}) == len(places)
    assert keyed_nonce(key, *places[0]) == keyed_nonce(key, *places[0])
    cipher = CaseCipher("c1", "5" * 64)
    sealed = {cipher.seal(b"journal/%d" % (n // 50), b"text %d" % n)[:12] for n in range(500)}
    assert len(sealed) == 500


def test_the_name_of_a_blob_says_nothing_of_its_digest() -> None:
    digest = digest_bytes(b"a form that one could guess")
    ours, theirs = CaseCipher("c1", "5" * 64), CaseCipher("c2", "6" * 64)
    assert ours.name(digest) != theirs.name(digest)
    assert len(ours.name(digest)) == 16
