"""A record in two parts: the envelope that proves the chain, and the salt and data that it seals.

The envelope is the record with ``data_digest`` in the place of ``salt`` and ``data``: canonical
JSON, nothing personal in it. A store may keep it in the clear, encrypt the other part, and destroy
that one for a person's sake; :func:`oneservice.certificates.verify_chain` takes redacted and whole
records in one history.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from oneservice.canonical import digest_bytes

__all__ = ["RecordParts", "join_record", "split_record"]

_SALT_LENGTH: Final = 32
_BEFORE_DATA: Final = b',"data":'
_BEFORE_DIGEST: Final = b',"digest":"'
_SEALED: Final = b',"data_digest":"'
_SEALED_LENGTH: Final = len(_SEALED) + len("sha256:") + 64 + 1
# What stands around `data` is plain ASCII of our own making, member by member as RFC 8785 sorts it.
_HEAD: Final = re.compile(rb'\{"at":"[^"]+","case_id":"[^"]+","data":')
_TAIL: Final = re.compile(
    rb'(,"digest":"sha256:\w{64}","kind":"\w+","prev":(?:null|"sha256:\w{64}"))'
    rb',"salt":"(\w{32})"(,"seq":\d+,"v":1\})'
)


class RecordParts(NamedTuple):
    """``envelope`` may be shown to anybody; ``private`` is the salt, then the canonical data."""

    envelope: bytes
    private: bytes


def split_record(line: bytes) -> RecordParts | None:
    """Return both parts of a canonical record; ``None``: it is none of version 1.

    Nothing is verified: the parts are joined again to the very bytes that came in.
    """
    head = _HEAD.match(line)
    place = line.rfind(_BEFORE_DIGEST)  # after the data, there is no other
    tail = _TAIL.fullmatch(line, max(place, 0))
    if head is None or tail is None or head.end() > place:
        return None
    link, salt, end = tail.groups()
    data = line[head.end() : place]
    sealed = digest_bytes(salt + b"\n" + data).encode("ascii")
    before = line[: head.end() - len(_BEFORE_DATA)]
    return RecordParts(b"".join((before, _SEALED, sealed, b'"', link, end)), salt + data)


def join_record(parts: RecordParts) -> bytes:
    """Return the record that was split into ``parts``."""
    envelope, private = parts
    place = envelope.index(_SEALED)
    rest = envelope[place + _SEALED_LENGTH :]
    end = rest.rindex(b',"seq":')
    salt, data = private[:_SALT_LENGTH], private[_SALT_LENGTH:]
    return b"".join(
        (envelope[:place], _BEFORE_DATA, data, rest[:end], b',"salt":"', salt, b'"', rest[end:])
    )
