"""What strangers send to logs and witnesses: any bytes, only our errors, one spelling."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.canonical import canonical, digest_bytes
from oneservice.errors import LogMalformedError
from oneservice.tlog import AddCheckpoint, LogReceipt, WitnessAnswer, fresh_salt
from oneservice.transparency import Checkpoint, Entry, EntryKind, NoteSigner, signed_note

SIGNER = NoteSigner.generate("log.example/one")
NOTE = signed_note(Checkpoint(origin="log.example/one", size=3, root=bytes(32)).text, SIGNER).dump()
REQUEST = AddCheckpoint(old_size=2, proof=(bytes(32), bytes(range(32))), checkpoint=NOTE).dump()
ENTRY = Entry(kind=EntryKind.SEAL_USE, digest=digest_bytes(b"x"), salt=fresh_salt())
RECEIPT = LogReceipt(origin="log.example/one", index=7, entry=ENTRY).dump()
LINES = NOTE.partition(b"\n\n")[2]
SIZE_TYPE = "text/x.tlog.size"

PARSERS: dict[str, tuple[Callable[[bytes], Any], Callable[[Any], bytes], bytes]] = {
    "request": (AddCheckpoint.parse, lambda found: found.dump(), REQUEST),
    "receipt": (LogReceipt.parse, lambda found: found.dump(), RECEIPT),
    "signatures": (
        lambda data: WitnessAnswer(status=200, body=data).signatures(),
        lambda found: "".join(one.line for one in found).encode(),
        LINES,
    ),
    "size": (
        lambda data: WitnessAnswer(status=409, body=data, media_type=SIZE_TYPE).known_size,
        lambda found: b"%d\n" % found,
        b"73\n",
    ),
}


@pytest.mark.parametrize("name", PARSERS)
@given(st.data())
def test_what_is_read_has_one_spelling(name: str, data: st.DataObject) -> None:
    parse, dump, good = PARSERS[name]
    assert dump(parse(good)) == good
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 6)))
    middle = data.draw(st.binary(max_size=6) | st.sampled_from([b"\n", b"\n\n", b" ", b"0", b"-"]))
    changed = good[:start] + middle + good[end:]
    with contextlib.suppress(LogMalformedError):
        assert dump(parse(changed)).rstrip(b"\n") == changed.rstrip(b"\n")


@pytest.mark.parametrize("name", PARSERS)
@given(st.binary(max_size=200))
def test_noise_is_refused_with_our_error(name: str, data: bytes) -> None:
    with contextlib.suppress(LogMalformedError):
        PARSERS[name][0](data)


@pytest.mark.parametrize(
    "change",
    [
        {"index": "-1"},
        {"index": 7},
        {"index": "07"},
        {"origin": 5},
        {"kind": "other"},
        {"x": 1},
        {"salt": "short"},
        {"digest": "sha256:0"},
        {"format": "oneservice-log-receipt/2"},
    ],
    ids=str,
)
def test_a_receipt_says_nothing_else(change: dict[str, Any]) -> None:
    with pytest.raises(LogMalformedError):
        LogReceipt.parse(canonical({**json.loads(RECEIPT), **change}))
