"""Small evidence files that unpack to much: memory is bounded, and the answer stays an answer."""

from __future__ import annotations

import json
import tracemalloc
import zlib
from datetime import UTC, datetime
from typing import Any

from oneservice.certificates import Enclosures, Evidence, Verdict
from oneservice.certificates.base64url import encode_base64url
from oneservice.certificates.enclosures import EnclosedList

REGISTER = "https://status.example/lists/1"
MIB = 1_048_576


def _token(key_id: str, number: int, packed: str) -> bytes:
    """A list that unpacks to nearly as much as one may; nobody signed it."""
    header = {"alg": "ES256", "kid": key_id, "typ": "statuslist+jwt"}
    end = int(datetime(2040, 1, 1, tzinfo=UTC).timestamp())
    words = {
        "sub": REGISTER,
        "iat": number,
        "exp": end,
        "status_list": {"bits": 2, "lst": packed},
    }
    parts = [json.dumps(one).encode() for one in (header, words)]
    return ".".join(map(encode_base64url, (*parts, bytes(64)))).encode()


def test_many_lists_of_the_largest_size_fill_no_memory(country: Any) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 15)
    packed = encode_base64url(packer.compress(bytes(32 * MIB)) + packer.flush())
    lists = tuple(EnclosedList(data=_token(country.method, number, packed)) for number in range(12))
    certificate = country.certificate()
    data = Evidence.of(certificate, Enclosures(status_lists=lists)).dump()
    assert len(data) < MIB
    tracemalloc.start()
    try:
        report = country.report(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert report.verdict is Verdict.INDETERMINATE
    assert peak < 224 * MIB
