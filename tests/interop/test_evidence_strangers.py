"""Trust lists before ``jose``, logs before sigstore's verifier: what makes a certificate count."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from oneservice.canonical import digest_bytes
from oneservice.certificates import (
    Cryptosuite,
    Curve,
    ListSigner,
    SigningKey,
    TrustDraft,
    TrustStore,
    VerifyingKey,
    decode_multikey,
    jwk_of,
)
from oneservice.tlog import TileLog
from oneservice.transparency import Entry, EntryKind, NoteSigner, SignatureType


def any_jwk(key: VerifyingKey) -> dict[str, str]:
    if key.curve is not Curve.ED25519:
        return jwk_of(key)
    _, raw = decode_multikey(key.multibase)
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": base64.urlsafe_b64encode(raw).rstrip(b"=").decode(),
    }


@pytest.fixture
def bureau() -> dict[str, SigningKey]:
    return {
        "bureau": SigningKey.generate(Cryptosuite.ECDSA_JCS_2019),
        "audit": SigningKey.generate(Cryptosuite.EDDSA_JCS_2022),
        "university": SigningKey.generate(Cryptosuite.ECDSA_JCS_2019, curve=Curve.P384),
    }


def test_jose_checks_every_signature_of_our_trust_lists(
    strangers: Any, office: Any, bureau: dict[str, SigningKey]
) -> None:
    """A list signed by three, on three curves, and the root that names them."""
    draft = TrustDraft(
        territory="990000",
        publisher="https://trust.example/990000",
        threshold=2,
        signers=tuple(
            ListSigner(name=name, public_key_multibase=key.public_multibase)
            for name, key in bureau.items()
        ),
        issuers=office.trusting().issuers,
    )
    edition = draft.edition(
        after=None, issued_at=office.now, expires_at=office.now + timedelta(days=365)
    )
    for key in bureau.values():
        edition = edition.by(key, at=office.now)
    document = json.loads(TrustStore.of(edition).dump())
    jwks = {key.public_multibase: any_jwk(key.public_key) for key in bureau.values()}
    for signed in (document, *document["roots"]):
        answer = strangers.ask("jose.general", text=json.dumps(signed), jwks=jwks)
        assert answer["accepted"], answer
        assert len(set(answer["signers"])) >= 2
        assert set(answer["signers"]) <= set(jwks)
    for bent in (
        {**document, "payload": document["roots"][0]["payload"]},
        {**document, "signatures": [{**document["signatures"][0], "signature": "AAAA"}]},
        {**document, "signatures": document["roots"][0]["signatures"]},
    ):
        assert not strangers.accepts("jose.general", text=json.dumps(bent), jwks=jwks)
    others = dict(zip(jwks, [*list(jwks.values())[1:], jwks[next(iter(jwks))]], strict=True))
    assert not strangers.accepts("jose.general", text=json.dumps(document), jwks=others)


def entries_of(office: Any, number: int) -> list[bytes]:
    return [
        Entry(
            kind=EntryKind.CERTIFICATE,
            digest=digest_bytes(office.issue(number=f"JY{one:014}").dump()),
            salt=f"salt-of-entry-number-{one:011}",
        ).encode()
        for one in range(number)
    ]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_sigstore_finds_our_certificates_in_our_log(
    strangers: Any, office: Any, tmp_path: Path
) -> None:
    """The checkpoint's signature and the way from an entry to the root, as sigstore reads both."""
    signer, entries = NoteSigner.generate("990101.example/log"), entries_of(office, 300)
    spki = Ed25519PublicKey.from_public_bytes(signer.key.public).public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    with TileLog.create(tmp_path / "log", signer) as log:
        log.append(entries)
        log.publish(log.sign().note.dump())
        proofs = {index: log.prove(index) for index in (0, 1, 127, 128, 255, 256, 299)}
    for index, proof in proofs.items():
        question: dict[str, Any] = {
            "entry": b64(entries[index]),
            "index": index,
            "hashes": [b64(one) for one in proof.hashes],
            "checkpoint": proof.checkpoint.decode(),
            "key": b64(spki),
            "id": b64(signer.key.id),
            "name": signer.key.name,
        }
        answer = strangers.ask("log.check", **question)
        assert answer == {"accepted": True}, (index, answer)
        for change in (
            {"entry": b64(entries[index ^ 2])},
            {"index": index ^ 1},
            {"hashes": question["hashes"][:-1]},
            {"checkpoint": question["checkpoint"].replace("\n300\n", "\n301\n")},
        ):
            assert not strangers.accepts("log.check", **{**question, **change}), change.keys()


# --- the code from which signed notes were specified ------------------------------------------


@pytest.fixture(scope="module")
def sumdb(tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[Any]], list[Any]]:
    """Go's own ``sumdb/note`` and ``sumdb/tlog``, as Debian packs them."""
    go, packed = shutil.which("go"), Path("/usr/share/gocode")
    if go is None or not (packed / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip("not installed: golang-go and golang-golang-x-mod-dev")
    folder = tmp_path_factory.mktemp("sumdb")
    subprocess.run(
        [go, "build", "-o", str(folder / "sumdb"), str(Path(__file__).with_name("sumdb.go"))],
        env={
            **os.environ,
            "GO111MODULE": "off",
            "GOPATH": str(packed),
            "GOCACHE": str(folder / "cache"),
        },
        check=True,
        capture_output=True,
    )

    def ask(questions: list[Any]) -> list[Any]:
        done = subprocess.run(
            [str(folder / "sumdb")],
            input=json.dumps(questions),
            capture_output=True,
            text=True,
            check=True,
        )
        answers: list[Any] = json.loads(done.stdout)
        return answers

    return ask


def test_sumdb_follows_our_log(
    sumdb: Callable[[list[Any]], list[Any]], office: Any, tmp_path: Path
) -> None:
    """Heads (a witness's word below them it lets pass), places of entries, and only growth."""
    signer = NoteSigner.generate("990101.example/log")
    witness = NoteSigner.generate("audit.example/w", type=SignatureType.COSIGNATURE_V1)
    entries, heads = entries_of(office, 300), {}
    with TileLog.create(tmp_path / "log", signer) as log:
        for size in (1, 100, 256, 300):
            log.append(entries[log.size : size])
            signed = log.sign().note
            word = witness.sign(signed.text, at=office.now)
            heads[size] = signed.with_signatures([word]).dump()
            log.publish(heads[size])
        common = {"vkey": signer.key.vkey, "checkpoint": b64(heads[300])}
        good = [
            {
                **common,
                "index": index,
                "entry": b64(entries[index]),
                "hashes": [b64(one) for one in log.prove(index).hashes],
                "older": b64(heads[older]),
                "consistency": [b64(one) for one in log.consistency(older, 300)],
            }
            for index, older in ((0, 1), (99, 100), (255, 256), (256, 100), (299, 1))
        ]
    assert [one["why"] for one in sumdb(good)] == [""] * len(good)
    other = NoteSigner.generate("990101.example/log")
    bent = [
        {**one, **change}
        for one in good
        for change in (
            {"entry": b64(b"another")},
            {"index": one["index"] ^ 1},
            {"hashes": one["hashes"][:-1]},
            {"consistency": [*one["consistency"], b64(bytes(32))]},
            {"older": b64(heads[300].replace(b"\n300\n", b"\n299\n"))},
            {"checkpoint": b64(heads[300].replace(b"\n300\n", b"\n301\n"))},
            {"vkey": other.key.vkey},
        )
    ]
    assert not [one for one in sumdb(bent) if one["accepted"]]


EDGES = (1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537)
"""Around a full tile of the lowest level, and around a full one of the next."""


def test_sumdb_reads_our_tiles(sumdb: Callable[[list[Any]], list[Any]], tmp_path: Path) -> None:
    """From the files alone, at every size at which a tile begins, is full, or is partial."""
    signer = NoteSigner.generate("990101.example/log")
    asked: list[dict[str, Any]] = []
    with TileLog.create(tmp_path / "log", signer) as log:
        older = b""
        for size in EDGES:
            log.append([b"entry %d" % number for number in range(log.size, size)])
            head = log.sign().note.dump()
            log.publish(head)
            before = asked[-1]["size"] if asked else size
            folder = tmp_path / str(size)
            shutil.copytree(tmp_path / "log" / "tile", folder / "tile")
            asked += [
                {
                    "size": size,
                    "vkey": signer.key.vkey,
                    "checkpoint": b64(head),
                    "index": index,
                    "entry": b64(b"entry %d" % index),
                    "hashes": [b64(one) for one in log.prove(index).hashes],
                    "older": b64(older or head),
                    "consistency": [b64(one) for one in log.consistency(before, size)],
                    "folder": str(folder),
                }
                for index in sorted({0, size // 2, size - 1})
            ]
            older = head
    assert [one["why"] for one in sumdb(asked)] == [""] * len(asked)
    for one in asked:  # the partial tiles of an older size do not make the newer tree
        one["folder"] = str(tmp_path / "257")
    refused = [one["size"] for one, found in zip(asked, sumdb(asked), strict=True) if found["why"]]
    assert {511, 512, 65_535, 65_537} <= set(refused)
