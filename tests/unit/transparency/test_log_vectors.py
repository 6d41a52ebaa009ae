"""The official vectors: proofs of transparency-dev, notes of golang.org, syntax of C2SP."""

from __future__ import annotations

import base64
import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oneservice.errors import LogKeyUnknownError, LogMalformedError, LogProofError
from oneservice.transparency import (
    Checkpoint,
    LogProof,
    NoteKey,
    NoteSignature,
    SignatureType,
    SignedNote,
    check_consistency,
    check_inclusion,
)

REFUSALS = (LogProofError, LogMalformedError)


def read(vectors: Path, name: str) -> Any:
    return json.loads((vectors / name).read_text(encoding="utf-8"))


def hashes(listed: list[str] | None) -> list[bytes]:
    return [base64.b64decode(one) for one in listed or ()]


def test_inclusion_proofs(vectors: Path) -> None:
    cases = read(vectors, "merkle-rfc6962/inclusion.json")
    assert len(cases) == 98
    for case in cases:
        with pytest.raises(REFUSALS) if case["wantErr"] else contextlib.nullcontext():
            check_inclusion(
                base64.b64decode(case["leafHash"] or ""),
                index=case["leafIdx"],
                size=case["treeSize"],
                proof=hashes(case["proof"]),
                root=base64.b64decode(case["root"] or ""),
            )


def test_consistency_proofs(vectors: Path) -> None:
    cases = read(vectors, "merkle-rfc6962/consistency.json")
    assert len(cases) == 98
    for case in cases:
        with pytest.raises(REFUSALS) if case["wantErr"] else contextlib.nullcontext():
            check_consistency(
                old_size=case["size1"],
                old_root=base64.b64decode(case["root1"] or ""),
                new_size=case["size2"],
                new_root=base64.b64decode(case["root2"] or ""),
                proof=hashes(case["proof"]),
            )


OUTCOMES = {
    "malformed": LogMalformedError,
    "invalid signature": LogProofError,
    "unverified": LogKeyUnknownError,
}


def test_signed_notes(vectors: Path) -> None:
    for case in read(vectors, "c2sp/signed-notes.json"):
        keys = [NoteKey.parse(one) for one in case["keys"]]
        data = case["note"].encode()
        if case["outcome"] != "ok":
            with pytest.raises(OUTCOMES[case["outcome"]]):
                SignedNote.parse(data).check(keys)
            continue
        note = SignedNote.parse(data)
        verified = [one.key.name for one in note.check(keys)]
        assert verified == case["verified"], case["name"]
        strangers = {one.name for one in note.signatures} - set(verified)
        assert strangers == set(case["unverified"]), case["name"]
        assert note.dump() == data


def test_verifier_keys(vectors: Path) -> None:
    cases = read(vectors, "c2sp/verifier-keys.json")
    for text in cases["good"]:
        known = base64.b64decode(text.split("+", 2)[2])[0] in set(SignatureType)
        if known:
            assert NoteKey.parse(text).vkey == text
        else:  # ECDSA of other people's witnesses: good, and not spoken here
            with pytest.raises(LogMalformedError, match="not spoken here"):
                NoteKey.parse(text)
    for text in cases["bad"]:
        with pytest.raises(LogMalformedError):
            NoteKey.parse(text)


def test_cosignature_timestamps(vectors: Path) -> None:
    for case in read(vectors, "c2sp/cosignature-timestamps.json"):
        value = base64.b64decode(case["signature_base64"])
        kind = SignatureType.COSIGNATURE_V1
        key = NoteKey(name="witness.example/w", type=kind, public=bytes(range(32)))
        line = NoteSignature(name=key.name, key_id=key.id, value=value[4:])
        text = "log.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
        asked: list[bytes] = []

        class Recording(NoteKey):
            def verifies(self, signature: bytes, message: bytes) -> bool:
                asked.append(message)  # noqa: B023 - called within this turn
                return len(signature) == self.type.signature_bytes

        spy = Recording(name=key.name, type=kind, public=key.public)
        note = SignedNote(text=text, signatures=(line,))
        if case["timestamp"] is None:
            with pytest.raises((LogProofError, LogMalformedError)):
                note.check([spy])
        else:
            (signed,) = note.check([spy])
            assert signed.at == datetime.fromtimestamp(case["timestamp"], UTC)
            assert asked[-1].startswith(b"cosignature/v1\ntime %d\nlog" % case["timestamp"])


def test_checkpoints(vectors: Path) -> None:
    cases = read(vectors, "c2sp/trees.json")
    for case in cases["good"]:
        found = Checkpoint.parse(case["text"])
        assert (found.origin, found.size) == (case["origin"], case["size"])
        assert found.root == base64.b64decode(case["root"])
        assert found.text == case["text"]
    for text in cases["bad"]:
        with pytest.raises(LogMalformedError):
            Checkpoint.parse(text)


def test_the_syntax_of_proofs(vectors: Path) -> None:
    cases = read(vectors, "c2sp/tlog-proof-syntax.json")
    for case in cases["good"]:
        found = LogProof.parse(case["text"].encode())
        assert (found.index, len(found.hashes)) == (case["index"], case["hashes"])
        assert found.checkpoint.decode() == case["checkpoint"]
        assert found.dump() == case["text"].encode()
    for case in cases["bad"]:
        with pytest.raises(LogMalformedError):
            LogProof.parse(case["text"].encode())
