"""``oneservice keys``: from a key to a sealed permit, an auditor's book, and every no."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from oneservice.canonical import canonical
from oneservice.certificates import (
    Claims,
    Cryptosuite,
    SealReceipt,
    SigningKey,
    VerifyingKey,
    check_proof,
    claims_document,
    read_book,
    sealed_part,
)

Run = Callable[..., Result]
ISSUER = "https://county.example/issuer"
SEAL = "https://county.example/seals/permits"


class Desk:
    """A folder with a key, its rules and a permit that waits for its seal."""

    def __init__(self, folder: Path, run: Run) -> None:
        self.folder, self._run = folder, run
        (folder / "password").write_text("correct horse\n")
        (folder / "password").chmod(0o600)
        self.made = self.json("new", "--out", folder / "seal.pem")
        self.write(
            "policy.json",
            {
                "format": "oneservice-seal-policy/1",
                "seal_id": SEAL,
                "name": {"en": "Permits", "zh": "审批专用章"},
                "key_id": f"{ISSUER}#{self.made['multikey']}",
                "types": ["food_permit"],
                "regions": ["990101"],
                "requesters": ["county:registrar"],
                "approvers": [{"role": "county:chief"}],
                "daily_count": 2,
                "valid_from": "2026-01-01T00:00:00Z",
            },
        )
        self.write(
            "mandate.json",
            {
                "id": "mandate:990101-03",
                "seal_id": SEAL,
                "holder": "village-clerk:990101-03",
                "granted_by": "county:registrar",
                "types": ["food_permit"],
                "regions": ["990101"],
                "valid_from": "2026-01-01T00:00:00Z",
                "valid_until": "2046-01-01T00:00:00Z",
            },
        )
        for number in (1, 2, 3):
            self.write(f"permit-{number}.json", _permit(number))

    def write(self, name: str, words: Any) -> None:
        (self.folder / name).write_bytes(canonical(words))

    def run(self, *words: object) -> Result:
        secret = ("--password-file", self.folder / "password")
        takes = words[0] in {"new", "encrypt", "show", "token", "seal"}
        return self._run("keys", *words, *(secret if takes else ()))

    def json(self, *words: object, exit_code: int = 0) -> Any:
        result = self.run(*words, "--json")
        assert result.exit_code == exit_code, result.output
        return json.loads(result.stdout)

    def seal(self, number: int = 1, *more: object, exit_code: int = 0) -> Any:
        folder = self.folder
        return self.json(
            "seal",
            folder / f"permit-{number}.json",
            *("--book", folder / "seal.db", "--key", folder / "seal.pem"),
            *("--out", folder / f"sealed-{number}.json", "--receipt", folder / "receipt.json"),
            *(more or ("--requester", "county:registrar")),
            exit_code=exit_code,
        )


def _permit(number: int) -> dict[str, Any]:
    return claims_document(
        Claims(
            id=f"urn:example:permit:{number}",
            type="food_permit",
            title={"en": "Sample"},
            issuer_id=ISSUER,
            issuer_name={"en": "County"},
            issuer_region="990101",
            holder_name="示例",
            holder_code="92990101MA99000523",
            valid_from=date(2026, 9, 28),
        )
    )


@pytest.fixture
def desk(tmp_path: Path, run: Run) -> Desk:
    return Desk(tmp_path, run)


def test_from_a_key_to_a_sealed_permit_and_its_book(desk: Desk) -> None:
    folder = desk.folder
    enacted = desk.json("enact", folder / "policy.json", "--book", folder / "seal.db")
    assert enacted["policy_digest"].startswith("sha256:")
    found = desk.seal()
    sealed = json.loads((folder / "sealed-1.json").read_bytes())
    check_proof(sealed, VerifyingKey.from_multibase(desk.made["multikey"]))
    receipt = SealReceipt.parse((folder / "receipt.json").read_bytes())
    assert receipt.document_digest == found["document_digest"] == sealed_part(sealed)
    first = (folder / "sealed-1.json").read_bytes()
    assert desk.seal() == found
    assert (folder / "sealed-1.json").read_bytes() == first
    clerk = ("--requester", "village-clerk:990101-03", "--mandate", "mandate:990101-03")
    assert desk.seal(2, *clerk, exit_code=1)["error"]["reason"] == "mandate_unknown"
    desk.json("mandate", folder / "mandate.json", "--book", folder / "seal.db")
    desk.seal(2, *clerk)
    desk.json("revoke", "mandate:990101-03", "--book", folder / "seal.db")
    assert desk.seal(3, *clerk, exit_code=1)["error"]["reason"] == "mandate_revoked"
    assert desk.seal(3, exit_code=1)["error"]["reason"] == "daily_count_used"
    assert not (folder / "sealed-3.json").exists()
    book = desk.json("book", folder / "seal.db", "--out", folder / "book.jsonl")
    assert (book["sealed"], book["unused"], book["findings"]) == (2, [], [])
    assert sum(book["refused"].values()) == 3
    assert desk.json("book", folder / "book.jsonl") == book
    assert len(read_book((folder / "book.jsonl").read_bytes())) == book["head"]["seq"]
    words = desk.run("book", folder / "seal.db").stdout
    assert "1 mandate_revoked" in words


def test_a_mandate_entered_again_stays_revoked(desk: Desk) -> None:
    folder = desk.folder
    desk.json("enact", folder / "policy.json", "--book", folder / "seal.db")
    entry = ("mandate", folder / "mandate.json", "--book", folder / "seal.db")
    assert desk.json(*entry)["revoked_at"] is None
    assert desk.json(*entry)["revoked_at"] is None
    desk.json("revoke", "mandate:990101-03", "--book", folder / "seal.db")
    assert desk.json(*entry, exit_code=1)["revoked_at"] is not None
    told = desk.run(*entry)
    assert told.exit_code == 1
    assert "REVOKED since" in told.stdout


def test_a_book_that_was_changed_is_a_finding(desk: Desk) -> None:
    folder = desk.folder
    desk.json("enact", folder / "policy.json", "--book", folder / "seal.db")
    desk.seal()
    desk.json("book", folder / "seal.db", "--out", folder / "book.jsonl")
    lines = (folder / "book.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "cut.jsonl").write_bytes(b"".join([lines[0], *lines[2:]]))
    assert desk.json("book", folder / "cut.jsonl", exit_code=1)["error"]["code"] == "forged"
    (folder / "not.jsonl").write_bytes(b"{}\n")
    assert desk.json("book", folder / "not.jsonl", exit_code=2)["error"]["code"] == "malformed"


def test_approvals_are_left_in_the_book(desk: Desk) -> None:
    folder = desk.folder
    chief = desk.json("new", "--out", folder / "chief.pem", "--kind", "ed25519")
    policy = json.loads((folder / "policy.json").read_bytes())
    policy |= {
        "approvals_needed": 1,
        "approvers": [{"role": "county:chief", "key": chief["multikey"]}],
    }
    desk.write("policy.json", policy)
    desk.json("enact", folder / "policy.json", "--book", folder / "seal.db")
    assert desk.seal(exit_code=1)["error"]["reason"] == "approvals_missing"
    words = (folder / "permit-1.json", "--book", folder / "seal.db", "--role", "county:chief")
    assert desk.json("approve", *words)["signature"] is None
    assert desk.seal(exit_code=1)["error"]["reason"] == "approval_forged"
    signed = desk.json(
        "approve", *words, "--key", folder / "chief.pem",
        "--password-file", folder / "password",
    )  # fmt: skip
    assert signed["signature"].startswith("z")
    desk.seal()


def test_forms_of_a_public_key(desk: Desk) -> None:
    pem = desk.run("show", desk.folder / "seal.pem", "--form", "pem").stdout
    read = subprocess.run(
        ["openssl", "pkey", "-pubin", "-text", "-noout"],
        input=pem,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "prime256v1" in read
    jwk = json.loads(desk.run("show", desk.folder / "seal.pem", "--form", "jwk").stdout)
    assert jwk["crv"] == "P-256"
    multikey = desk.run("show", desk.folder / "seal.pem", "--form", "multikey").stdout
    assert multikey.strip() == desk.made["multikey"]
    for kind in ("p-384", "ed25519"):
        made = desk.json("new", "--kind", kind, "--out", desk.folder / f"{kind}.pem")
        assert made["jwk"]["crv"].lower() == kind
    words = desk.run("show", desk.folder / "seal.pem").stdout
    assert "PUBLIC KEY" in words
    assert "PRIVATE" not in words


def test_a_key_in_the_clear_is_encrypted(desk: Desk) -> None:
    key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    clear = desk.folder / "clear.pem"
    clear.write_bytes(key.to_pem(None))
    found = desk.json("encrypt", clear, "--out", desk.folder / "locked.pem")
    assert found["multikey"] == key.public_multibase
    assert desk.json("show", desk.folder / "locked.pem") == found


def test_wrong_use_is_told_and_passwords_never_show(desk: Desk, run: Run) -> None:
    folder = desk.folder
    assert run("keys", "show", folder / "seal.pem").exit_code == 2  # nobody to ask
    both = ("--password-file", folder / "password", "--password-fd", "7")
    assert run("keys", "show", folder / "seal.pem", *both).exit_code == 2
    (folder / "wrong").write_text("incorrect horse")
    (folder / "wrong").chmod(0o600)
    result = run("keys", "show", folder / "seal.pem", "--password-file", folder / "wrong")
    assert (result.exit_code, "horse" in result.output) == (2, False)
    (folder / "wrong").chmod(0o644)
    result = run("keys", "show", folder / "seal.pem", "--password-file", folder / "wrong")
    assert "chmod 600" in result.output
    assert run("keys", "new", "--out", folder / "seal.pem", *both[:2]).exit_code == 2
    assert desk.json("book", folder / "none.db", exit_code=2)["error"]["code"] == "file_unusable"
    assert run("keys", "approve", folder / "permit-1.json", "--book", folder / "none.db",
               "--role", "county:chief").exit_code == 2  # fmt: skip
    desk.json("enact", folder / "policy.json", "--book", folder / "seal.db")
    asked = ("--requester", "county:registrar")
    over = run(
        "keys", "seal", folder / "permit-1.json", "--book", folder / "seal.db", *asked,
        "--key", folder / "seal.pem", "--out", folder / "permit-1.json", *both[:2],
    )  # fmt: skip
    assert over.exit_code == 2
    for place in ((), ("--module", "x.so"), ("--key", folder / "seal.pem", "--token", "t")):
        result = run(
            "keys", "seal", folder / "permit-1.json", "--book", folder / "seal.db", *asked,
            "--out", folder / "out.json", *both[:2], *place,
        )  # fmt: skip
        assert result.exit_code == 2


def test_every_part_keeps_the_manners(run: Run) -> None:
    from oneservice.cli.keys import _PARTS  # noqa: PLC0415

    for name in _PARTS:
        shown = run("keys", name, "--help")
        assert shown.exit_code == 0
        assert "--json" in shown.stdout
        assert "Example" in shown.stdout
        assert all(len(line) <= 80 for line in shown.stdout.splitlines())


@pytest.mark.skipif(shutil.which("softhsm2-util") is None, reason="SoftHSM is not installed")
def test_a_device_is_tried(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pkcs11", reason="the extra pkcs11 is not installed")
    if shutil.which("pkcs11-tool") is None:
        pytest.skip("pkcs11-tool is not installed (Debian: opensc)")
    module = next(Path("/usr/lib").glob("**/libsofthsm2.so"))
    (desk.folder / "tokens").mkdir()
    settings = desk.folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {desk.folder / 'tokens'}\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(settings))
    label = f"cli-{os.getpid()}"
    for words in (
        ["softhsm2-util", "--init-token", "--free", "--label", label,
         "--pin", "correct horse", "--so-pin", "12345678"],
        ["pkcs11-tool", "--module", str(module), "--token-label", label, "--login",
         "--pin", "correct horse", "--keypairgen", "--key-type", "EC:prime256v1",
         "--label", "permits"],
    ):  # fmt: skip
        subprocess.run(words, check=True, capture_output=True)
    import pkcs11  # noqa: PLC0415

    pkcs11.lib(str(module)).reinitialize()
    place = ("--module", module, "--token", label, "--label", "permits")
    found = desk.json("token", *place)
    assert found["suite"] == "ecdsa-jcs-2019"
    assert "the signature holds" in desk.run("token", *place).stdout
    stranger = desk.run("token", *place[:4], "--label", "nothing").stderr
    assert f"the key '{label}/nothing' was not found in the device; check its label" in stranger
    policy = json.loads((desk.folder / "policy.json").read_bytes())
    desk.write("policy.json", policy | {"key_id": f"{ISSUER}#{found['multikey']}"})
    desk.json("enact", desk.folder / "policy.json", "--book", desk.folder / "seal.db")
    sealed = desk.json(
        "seal", desk.folder / "permit-1.json", "--book", desk.folder / "seal.db", *place,
        "--requester", "county:registrar", "--out", desk.folder / "sealed.json",
    )  # fmt: skip
    assert sealed["use"] == 2
    proof = json.loads((desk.folder / "sealed.json").read_bytes())
    check_proof(proof, VerifyingKey.from_multibase(found["multikey"]))
