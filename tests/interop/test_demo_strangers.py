"""A certificate that ``oneservice demo`` issued, before other people's programs.

Nothing of ours is asked but for the key, which the demonstration publishes in ``controllers/``, and
at the end for our own verdict. Whatever else the folder holds (status lists, forms for a wallet) is
tried as well.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jwcrypto.jwk import JWK  # comes with sd-jwt
from sd_jwt.verifier import SDJWTVerifier

from oneservice.canonical import read_instant
from oneservice.certificates import (
    PublishedStatus,
    SdJwt,
    TrustStore,
    VerifyingKey,
    examine,
    jwk_of,
)

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 240


class Demo:
    """The folder of a demonstration, as a stranger would look into it."""

    def __init__(self, folder: Path, at: str) -> None:
        self.folder, self.at = folder, at
        self.keys: dict[str, str] = {}
        self.documents: dict[str, Any] = {}
        for path in folder.glob("controllers/*.json"):
            controller = json.loads(path.read_bytes())
            self.documents[controller["id"]] = controller
            self.keys |= {
                one["id"]: one["publicKeyMultibase"] for one in controller["verificationMethod"]
            }
        self.lists: dict[str, bytes] = {}
        for path in folder.glob("offices/*/status/current/*.json"):
            self.lists[json.loads(path.read_bytes())["id"]] = path.read_bytes()
        self.tokens = [path.read_bytes() for path in sorted(folder.glob("status/*.jwt"))]

    @property
    def certificates(self) -> dict[str, dict[str, Any]]:
        paths = sorted(self.folder.glob("certificates/*.json"))
        return {path.stem: json.loads(path.read_bytes()) for path in paths}

    def key_of(self, document: dict[str, Any]) -> VerifyingKey:
        return VerifyingKey.from_multibase(self.keys[document["proof"]["verificationMethod"]])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "oneservice", "demo", "--dir", str(folder), "--json"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 0, done.stderr
    return Demo(folder, json.loads(done.stdout)["at"])


def accepting(document: dict[str, Any], demo: Demo, strangers: Any, proofs: Any) -> set[str]:
    """Return the programs that accept ``document``."""
    key, question = (
        demo.key_of(document),
        {"text": json.dumps(document), "documents": demo.documents, "now": demo.at},
    )
    found = {name for name, verifies in proofs.items() if verifies(document, key)}
    return found | ({"vc"} if strangers.accepts("vc.verify", **question) else set())


def test_every_certificate_of_the_demo_is_accepted(
    demo: Demo, strangers: Any, proof_verifiers: Any
) -> None:
    assert len(demo.certificates) >= 7
    most: set[str] = set()
    for name, document in demo.certificates.items():
        programs = accepting(document, demo, strangers, proof_verifiers)
        is_edwards = document["proof"]["cryptosuite"] == "eddsa-jcs-2022"
        due = {"vc", *proof_verifiers} - (set() if is_edwards else {"apsig"})
        assert programs == due, name
        most |= due
        bent = {**document, "validFrom": "2020-01-01T00:00:00+08:00"}
        assert not accepting(bent, demo, strangers, proof_verifiers), name
    assert len(most) == 1 + len(proof_verifiers)
    assert len(most) >= 4 or len(proof_verifiers) < 3  # where all three are installed


def test_their_status_is_found_where_they_say(demo: Demo, strangers: Any) -> None:
    """Lists of the day: their own proofs, and the bit of each certificate, are read by others."""
    named = 0
    for document in demo.certificates.values():
        for entry in document.get("credentialStatus", ()):
            if entry["type"] != "BitstringStatusListEntry":
                continue
            listed = demo.lists[entry["statusListCredential"]].decode()
            question = {"text": listed, "documents": demo.documents, "now": demo.at}
            assert strangers.accepts("vc.verify", **question)
            read = strangers.ask(
                "bitstring.read", text=listed, indices=[int(entry["statusListIndex"])]
            )
            assert read["values"] == [False]
            named += 1
    assert named or not demo.lists
    for token in demo.tokens:
        header = token.split(b".")[0]
        kid = json.loads(_decoded(header))["kid"]
        answer = strangers.ask(
            "jose.verify",
            text=token.decode(),
            jwk=jwk_of(VerifyingKey.from_multibase(demo.keys[kid])),
            typ="statuslist+jwt",
            now=int(read_instant(demo.at).timestamp()),
        )
        assert answer["accepted"], answer


def test_its_forms_for_a_wallet_are_accepted(demo: Demo, strangers: Any) -> None:
    """By four libraries for SD-JWTs and JWS, with the status list of the day where one asks."""
    forms = sorted(demo.folder.rglob("*.sd-jwt"))
    if not forms:
        pytest.skip("the demonstration wrote no forms for a wallet")
    now = int(read_instant(demo.at).timestamp())
    for path in forms:
        issued, text = SdJwt.parse(path.read_bytes()), path.read_text().strip()
        jwk = jwk_of(VerifyingKey.from_multibase(demo.keys[str(issued.token.key_id)]))
        asked = {"jwk": jwk, "now": now}
        listed = {_subject(one): one.decode() for one in demo.tokens}.get(str(_place(issued)))
        with_list = asked if listed is None else {**asked, "list": listed}

        def accepting_form(form: str, asked: Any = asked, with_list: Any = with_list) -> set[str]:
            token = form.partition("~")[0]
            answers = {
                "@sd-jwt/sd-jwt-vc": strangers.accepts("sdjwt.verify", text=form, **with_list),
                "@meeco/sd-jwt": strangers.accepts("meeco.verify", text=form, **asked),
                "jose": strangers.accepts("jose.verify", text=token, typ="dc+sd-jwt", **asked),
                "sd-jwt": _by_the_reference(form, asked["jwk"]),
            }
            return {name for name, accepted in answers.items() if accepted}

        assert len(accepting_form(text)) == 4, path.name
        assert not accepting_form(text.replace(".", ".x", 1)), path.name


def _by_the_reference(form: str, jwk: dict[str, str]) -> bool:
    try:
        SDJWTVerifier(form, lambda _issuer, _header: JWK(**jwk))
    except Exception:  # noqa: BLE001 - it refuses with whatever it stumbles over
        return False
    return True


def test_we_say_the_same(demo: Demo) -> None:
    trust = TrustStore.parse((demo.folder / "trust-list.json").read_bytes())
    at = read_instant(demo.at)
    status = PublishedStatus.of(demo.tokens, trust=trust) if demo.tokens else None
    for name, document in demo.certificates.items():
        data = json.dumps(document).encode()
        assert examine(data, trust=trust, at=at, status=status).verdict == "valid", name


def _decoded(part: bytes) -> bytes:
    return base64.urlsafe_b64decode(part + b"===")


def _subject(token: bytes) -> str:
    return str(json.loads(_decoded(token.split(b".")[1]))["sub"])


def _place(issued: SdJwt) -> str | None:
    listed = issued.token.payload.get("status", {}).get("status_list", {})
    return listed.get("uri")
