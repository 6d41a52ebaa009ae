"""``oneservice trust``: from an empty draft to a list that two of three signed, and onwards."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from oneservice.canonical import canonical
from oneservice.certificates import (
    Cryptosuite,
    SignedEdition,
    SigningKey,
    TrustedIssuer,
    TrustMemory,
    TrustStore,
    add_proof,
)
from oneservice.cli import program
from oneservice.cli.trust import COMMANDS
from oneservice.cli.trust_memory import remembered
from oneservice.errors import TrustHistoryError, TrustListError
from oneservice.transparency import NoteSigner, SignatureType

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "golden" / "cli" / "trust"
OFFICE = "https://health.example"
FOREIGN = "https://far.example"


@dataclass
class Desk:
    """A folder with keys, and a way to run commands in it."""

    folder: Path
    keys: dict[str, SigningKey]

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def run(self, *arguments: str, **more: Any) -> Result:
        names = [self.path(one[1:]) if one.startswith("@") else one for one in arguments]
        result = CliRunner().invoke(program, ["trust", *names], **more)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def done(self, *arguments: str, **more: Any) -> dict[str, Any]:
        result = self.run(*arguments, "--json", **more)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def key(self, name: str) -> str:
        return self.keys[name].public_multibase

    def begun(self) -> None:
        signers = [f"--signer={name}={self.key(name)}" for name in ("bureau", "audit", "court")]
        self.done(
            *("init", "--territory", "990000", "--publisher", "https://trust.example"),
            *(*signers, "--threshold", "2", "--out", "@draft.yaml"),
        )
        self.done(
            *("add-issuer", "@draft.yaml", "--id", OFFICE, "--name", "zh=卫健委"),
            *("--name", "en=Health", "--region", "990101", "--department", "health"),
            *("--key", self.key("office"), "--from", "2026-01-01"),
        )
        self.done(
            *("entitle", "@draft.yaml", "--issuer", OFFICE, "--type", "health_certificate"),
            *("--region", "990000", "--from", "2026-01-01"),
        )
        self.done(
            *("recognise", "@draft.yaml", "--type", "health_certificate"),
            *("--issued-in", "980000", "--accepted-in", "990000", "--from", "2026-02-01"),
            *("--until", "2026-12-31", "--basis", "zh=协议", "--basis", "en=Agreement"),
        )

    def sign(self, out: str, *names: str, more: tuple[str, ...] = ()) -> dict[str, Any]:
        keys = [f"--key={self.path(name)}.pem" for name in names]
        return self.done("sign", "@draft.yaml", *keys, *more, "--out", f"@{out}")

    def sign_with_foreign_office(self, out: str, *names: str) -> None:
        """Sign as another tool might, which does not ask for which territory a list speaks."""
        self.run("sign", "@draft.yaml", *FIRST, "--out", f"@{out}")
        made = SignedEdition.parse((self.folder / out).read_bytes())
        store = TrustStore.proposed(made)
        foreign = TrustedIssuer(id=FOREIGN, name={"zh": "远"}, region="980101", keys=())
        edition = replace(store, issuers=(*store.issuers, foreign)).edition(made.roots)
        for name in names:
            edition = edition.by(self.keys[name], at=store.issued_at)
        (self.folder / out).write_bytes(edition.dump())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    keys = {
        name: SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
        for name in ("bureau", "audit", "court", "office", "new")
    }
    for name, key in keys.items():
        (tmp_path / f"{name}.pem").write_bytes(key.to_pem(None))
    (tmp_path / "locked.pem").write_bytes(keys["audit"].to_pem(b"open sesame"))
    (tmp_path / "password").write_text("open sesame\nsecond line\n", encoding="utf-8")
    return Desk(folder=tmp_path, keys=keys)


FIRST = ("--issued-at", "2026-03-01", "--expires", "2026-05-31", "--next-update", "2026-04-30")


def test_from_an_empty_draft_to_a_list(desk: Desk) -> None:
    desk.begun()
    facts = desk.sign("list.json", "bureau", "court", more=FIRST)
    assert facts["is_complete"]
    root = facts["root"]["digest"]
    store = TrustStore.parse((desk.folder / "list.json").read_bytes(), root=root)
    assert store.issued_at == datetime(2026, 2, 28, 16, tzinfo=UTC)  # midnight in the offices
    assert store.expires_at == datetime(2026, 5, 31, 16, tzinfo=UTC)
    assert store.recognition[0].valid_until == datetime(2026, 12, 31, 16, tzinfo=UTC)
    checked = desk.done(
        "check",
        "@list.json",
        "--at",
        "2026-03-05",
        "--root",
        root,
    )
    assert checked["findings"] == []
    shown = desk.done("show", "@list.json", "--at", "2026-03-05")
    assert shown["issuers"][0]["keys"][0]["state"] == "in use"
    assert [one["name"] for one in shown["signatures"]["signed_by"]]
    page = desk.run("show", "@list.json", "--at", "2026-03-05", "--language", "zh").stdout
    for words in ("卫健委", "签发“健康证明”（health_certificate）", "本地认可", "签名齐全"):
        assert words in page
    told = desk.run("check", "@list.json", "--at", "2026-03-05", "--language", "zh").stdout
    assert "list.json：错误 0 项，提示 0 项" in "".join(told.split("\n"))


def test_signers_sign_on_machines_of_their_own(desk: Desk) -> None:
    desk.begun()
    started = desk.run("sign", "@draft.yaml", *FIRST, "--out", "@list.json")
    assert started.exit_code == 1
    assert "missing: the edition has 0 of 2 signatures" in started.stdout
    data = (desk.folder / "list.json").read_bytes()
    for name in ("bureau", "court"):
        (desk.folder / f"at-{name}.json").write_bytes(data)
        one = desk.run("cosign", f"@at-{name}.json", "--key", desk.path(f"{name}.pem"))
        assert one.exit_code == 1
    looked = desk.run("show", "@at-court.json")
    assert looked.exit_code == 1
    assert "missing: root 1 has 1 of 2 signatures" in looked.stdout
    both = ("--with", "@at-bureau.json", "--with", "@at-court.json")
    facts = desk.done(
        "cosign", "@list.json", *[desk.path(x[1:]) if x[0] == "@" else x for x in both]
    )
    assert sorted(one["name"] for one in facts["signed_by"]) == ["bureau", "court"]
    again = desk.done("cosign", "@list.json", "--key", desk.path("bureau.pem"))
    assert again["signed_by"] == facts["signed_by"]


@pytest.mark.parametrize("way", ["file", "descriptor", "prompt"])
def test_a_password_comes_by_file_descriptor_or_prompt(desk: Desk, way: str) -> None:
    desk.begun()
    more: dict[str, Any] = {}
    options: tuple[str, ...] = ()
    door = os.open(desk.folder / "password", os.O_RDONLY)
    try:
        if way == "file":
            options = ("--password-file", desk.path("password"))
        elif way == "descriptor":
            options = ("--password-fd", str(door))
        else:
            more["input"] = "open sesame\n"
        keys = ("--key", desk.path("bureau.pem"), "--key", desk.path("locked.pem"))
        result = desk.run(
            "sign", "@draft.yaml", *keys, *options, *FIRST, "--out", "@l.json", **more
        )
    finally:
        os.close(door)
    assert result.exit_code == 0, result.output
    assert "sesame" not in result.output


def test_a_wrong_password_signs_nothing(desk: Desk) -> None:
    desk.begun()
    (desk.folder / "password").write_text("", encoding="utf-8")
    keys = ("--key", desk.path("locked.pem"), "--password-file", desk.path("password"))
    result = desk.run("sign", "@draft.yaml", *keys, *FIRST, "--out", "@l.json", "--json")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["code"] == "key_unusable"
    assert not (desk.folder / "l.json").exists()


def test_the_next_edition_with_another_signer_and_a_stolen_key(desk: Desk) -> None:
    desk.begun()
    desk.sign("one.json", "bureau", "audit", more=FIRST)
    desk.done("rotate", "@draft.yaml", "--drop", "bureau", "--add", f"new={desk.key('new')}")
    desk.done("report-stolen", "@draft.yaml", "--key", desk.key("office"), "--since", "2026-01-10")
    second = ("--after", desk.path("one.json"), "--issued-at", "2026-04-01")
    short = desk.run(
        *("sign", "@draft.yaml", *second, "--out", "@two.json"),
        *("--key", desk.path("new.pem"), "--key", desk.path("court.pem")),
    )
    assert short.exit_code == 1
    assert "root 2 has 1 of 2 signatures by the signers of root 1" in " ".join(short.stdout.split())
    after = ("--after", desk.path("one.json"))
    desk.done("cosign", "@two.json", *after, "--key", desk.path("bureau.pem"))
    told = desk.done("diff", "@one.json", "@two.json")
    assert [one["kind"] for one in told["changes"]] == ["signers", "stolen"]
    page = desk.run("diff", "@one.json", "@two.json", "--language", "zh")
    assert "失窃时刻如何确定" in page.stdout
    desk.done("check", "@one.json", "@two.json", "--at", "2026-04-02")
    back = desk.run("check", "@two.json", "@one.json", "--at", "2026-04-02", "--json")
    assert back.exit_code == 1
    found = {one["code"] for one in json.loads(back.stdout)["findings"]}
    assert {"not_newer", "report_withdrawn", "other_signers", "other_history"} <= found
    assert desk.run("diff", "@two.json", "@one.json").exit_code == 1
    refused = desk.run("cosign", "@one.json", "--after", desk.path("two.json"), "--json")
    assert json.loads(refused.stdout)["error"]["code"] == "trust_history"


def test_what_was_changed_is_told_back(desk: Desk) -> None:
    desk.begun()
    desk.sign("one.json", "bureau", "audit", more=FIRST)
    office, new = desk.key("office"), desk.key("new")
    stolen = desk.run("report-stolen", "@draft.yaml", "--key", office, "--since", "2026-01-10")
    told = " ".join(stolen.stdout.split())
    assert f"key {office} of {OFFICE}: reported stolen since 2026-01-09T16:00:00Z" in told
    retired = desk.done("retire-key", "@draft.yaml", "--key", office, "--at", "2026-06-30")
    assert [office in one and "2026-06-30T16:00:00Z" in one for one in retired["changed"]] == [True]
    rotated = desk.run("rotate", "@draft.yaml", "--drop", "bureau", "--add", f"new={new}")
    told = " ".join(rotated.stdout.split())
    assert f"signer bureau leaves: {desk.key('bureau')}" in told
    assert f"signer new joins: {new}" in told
    signed = desk.run(
        *("sign", "@draft.yaml", "--after", desk.path("one.json"), "--issued-at", "2026-04-01"),
        *("--key", desk.path("bureau.pem"), "--out", "@two.json"),
    )
    assert "root 2 signed by bureau, who leaves" in " ".join(signed.stdout.split())


def certificate_of_a_clock(folder: Path) -> bytes:
    """Lay down a clock's certificate as PEM and DER, and return the latter."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Clock")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    (folder / "clock.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "two.pem").write_bytes(made.public_bytes(Encoding.PEM) * 2)
    der = made.public_bytes(Encoding.DER)
    (folder / "clock.crt").write_bytes(der)
    return der


LOG = NoteSigner.generate("990000.example/log").key
WITNESS = NoteSigner.generate("audit.example/w", type=SignatureType.COSIGNATURE_V1).key


def test_logs_witnesses_and_clocks_are_entered(desk: Desk) -> None:
    desk.begun()
    der = certificate_of_a_clock(desk.folder)
    since = ("--from", "2026-01-01")
    told = desk.done("add-log", "@draft.yaml", "--vkey", LOG.vkey, *since)["changed"]
    assert told == [f"log {LOG.vkey}: counts from 2025-12-31T16:00:00Z"]
    watching = ("--role", "audit-office", "--region", "990000")
    desk.done("add-witness", "@draft.yaml", "--vkey", WITNESS.vkey, *watching, *since)
    desk.done("add-clock", "@draft.yaml", "--name", "a", "--certificate", "@clock.pem", *since)
    told = desk.done(
        *("add-clock", "@draft.yaml", "--name", "b", "--certificate", "@clock.crt"),
        *(*since, "--until", "2027-12-31"),
    )["changed"]
    assert told[0].startswith("timestamp authority b, sha256:")
    desk.sign("list.json", "bureau", "audit", more=FIRST)
    made = TrustStore.parse((desk.folder / "list.json").read_bytes())
    assert [(one.origin, one.vkey) for one in made.logs] == [(LOG.name, LOG.vkey)]
    (witness,) = made.witnesses
    assert (witness.name, witness.role, witness.region) == (WITNESS.name, "audit-office", "990000")
    assert [one.der for one in made.timestamp_authorities] == [der, der]
    assert made.timestamp_authorities[1].valid_until == datetime(2027, 12, 31, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (("add-log", "--vkey", WITNESS.vkey), "no key of a log"),
        (("add-witness", "--role", "region", "--vkey", LOG.vkey), "no key of a witness"),
        (("add-log", "--vkey", "z6Mk"), "a verifier key (NAME+HASH+KEY) is due"),
        (("add-witness", "--role", "r", "--region", "99", "--vkey", WITNESS.vkey), "region"),
        (("add-clock", "--name", "a", "--certificate", "@draft.yaml"), "no X.509 certificate"),
        (("add-clock", "--name", "a", "--certificate", "@two.pem"), "several certificates"),
    ],
)
def test_what_cannot_vouch_is_not_entered(desk: Desk, wrong: tuple[str, ...], why: str) -> None:
    desk.begun()
    certificate_of_a_clock(desk.folder)
    before = (desk.folder / "draft.yaml").read_bytes()
    refused = desk.run(wrong[0], "@draft.yaml", *wrong[1:], "--from", "2026-01-01")
    assert refused.exit_code in {1, 2}
    assert why in " ".join(refused.output.split())
    assert (desk.folder / "draft.yaml").read_bytes() == before


def test_nothing_listed_can_be_taken_out_again(desk: Desk) -> None:
    desk.begun()
    desk.sign("one.json", "bureau", "audit", more=FIRST)
    draft = desk.folder / "draft.yaml"
    text = draft.read_text(encoding="utf-8")
    draft.write_text(text[: text.index("recognition:")], encoding="utf-8")
    result = desk.run(
        *("sign", "@draft.yaml", "--after", desk.path("one.json"), "--issued-at", "2026-04-01"),
        *("--out", "@two.json", "--json"),
    )
    assert result.exit_code == 2
    error = json.loads(result.stdout)["error"]
    assert error["code"] == "trust_history"
    assert "history may not shrink" in error["message"]
    assert not (desk.folder / "two.json").exists()


def test_ends_are_entered_and_nothing_is_deleted(desk: Desk) -> None:
    desk.begun()
    desk.done("retire-key", "@draft.yaml", "--key", desk.key("office"), "--at", "2026-06-30")
    desk.done(
        *("add-key", "@draft.yaml", "--issuer", OFFICE, "--key", desk.key("new")),
        *("--from", "2026-07-01"),
    )
    desk.done(
        *("add-key", "@draft.yaml", "--issuer", OFFICE, "--key", desk.key("court")),
        *("--use", "event", "--id", "events-1", "--from", "2026-07-01"),
    )
    draft = desk.done(
        *("entitle", "@draft.yaml", "--issuer", OFFICE, "--type", "health_certificate"),
        *("--region", "990000", "--until", "2026-12-31"),
    )["draft"]
    keys = draft["issuers"][0]["keys"]
    assert [one.get("valid_until") for one in keys] == ["2026-06-30T16:00:00Z", None, None]
    assert keys[2]["suite"] == "ecdsa-p256-sha256"
    assert draft["issuers"][0]["entitlements"][0]["valid_until"] == "2026-12-31T16:00:00Z"


NEW_KEY = ("--key", "NEW", "--from=2026-01-01")
INIT = ("init", "--territory=990000", "--publisher=https://a.example", "--signer", "a=BUREAU")


@pytest.mark.parametrize(
    "wrong",
    [
        ("add-issuer", "@draft.yaml", "--id", OFFICE, "--name", "zh=又", "--region", "990101"),
        ("add-issuer", "@draft.yaml", "--id", "x", "--name", "局", "--region", "990101"),
        (
            "add-key",
            "@draft.yaml",
            "--issuer",
            "https://no.example",
            "--key",
            "NEW",
            "--from=2026-01-01",
        ),
        ("add-key", "@draft.yaml", "--issuer", OFFICE, "--key", "OFFICE", "--from=2026-01-01"),
        ("add-key", "@draft.yaml", "--issuer", OFFICE, "--key", "zNo", "--from=2026-01-01"),
        (
            "add-key",
            "@draft.yaml",
            "--issuer",
            OFFICE,
            "--key",
            "NEW",
            "--from=2026-01-01",
            "--use=event",
        ),
        ("retire-key", "@draft.yaml", "--key", "zNo", "--at", "2026-01-01"),
        ("retire-key", "@draft.yaml", "--key", "OFFICE", "--at", "tomorrow"),
        ("retire-key", "@draft.yaml", "--key", "OFFICE", "--at", "2026-01-01T09:00:00"),
        ("entitle", "@draft.yaml", "--issuer", OFFICE, "--type", "no", "--region", "990000"),
        ("rotate", "@draft.yaml", "--drop", "nobody"),
        ("rotate", "@draft.yaml", "--drop", "bureau", "--drop", "audit"),
        ("rotate", "@draft.yaml", "--add", "twin=BUREAU"),
        (
            "init",
            "--territory",
            "990000",
            "--publisher",
            "https://a.example",
            "--signer",
            "a=BUREAU",
            "--threshold",
            "1",
            "--out",
            "@draft.yaml",
        ),
        (
            "init",
            "--territory",
            "990000",
            "--publisher",
            "https://a.example",
            "--signer",
            "a=BUREAU",
            "--threshold",
            "2",
            "--out",
            "@other.yaml",
        ),
        ("check", "@a", "@b", "@c"),
        ("check", "@draft.json"),
        ("show", "@draft.yaml"),
    ],
    ids=lambda wrong: f"{wrong[0]}-{wrong[-1]}",
)
def test_wrong_use_changes_nothing_and_says_what_to_do(desk: Desk, wrong: tuple[str, ...]) -> None:
    desk.begun()
    before = (desk.folder / "draft.yaml").read_bytes()
    arguments = [
        re.sub("NEW|OFFICE|BUREAU", lambda found: desk.key(found[0].lower()), one)
        if not one.startswith("http")
        else one
        for one in wrong
    ]
    result = desk.run(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stderr.strip()
    assert (desk.folder / "draft.yaml").read_bytes() == before
    assert not (desk.folder / "other.yaml").exists()


def test_a_draft_written_by_hand_is_refused_with_file_line_and_column(desk: Desk) -> None:
    desk.begun()
    draft = desk.folder / "draft.yaml"
    text = draft.read_text(encoding="utf-8")
    draft.write_text(text.replace("valid_until:", "valid_untill:"), encoding="utf-8")
    result = desk.run("sign", "@draft.yaml", "--out", "@l.json", "--json")
    message = json.loads(result.stdout)["error"]["message"]
    line = next(n for n, one in enumerate(text.splitlines(), 1) if "valid_until:" in one)
    assert f"draft.yaml:{line}:" in message
    assert "recognition[0].valid_untill: there is no such member" in message
    draft.write_text("a: [1", encoding="utf-8")
    assert desk.run("sign", "@draft.yaml", "--out", "@l.json").exit_code == 2
    draft.write_text("[]", encoding="utf-8")
    assert "a draft is a mapping" in desk.run("sign", "@draft.yaml", "--out", "@l.json").stderr


def test_people_write_days_and_codes_as_they_like(desk: Desk) -> None:
    desk.begun()
    draft = desk.folder / "draft.yaml"
    text = draft.read_text(encoding="utf-8")
    text = text.replace("'990000'", "990000").replace("'2026-01-31T16:00:00Z'", "2026-02-01")
    text = text.replace("'2026-12-31T16:00:00Z'", "2026-12-31")
    assert "2026-02-01\n" in text
    draft.write_text(text, encoding="utf-8")
    desk.sign("list.json", "bureau", "audit", more=FIRST)
    store = TrustStore.parse((desk.folder / "list.json").read_bytes())
    assert store.recognition[0].valid_from == datetime(2026, 1, 31, 16, tzinfo=UTC)
    assert store.recognition[0].valid_until == datetime(2026, 12, 31, 16, tzinfo=UTC)


def test_a_json_draft_says_the_same(desk: Desk) -> None:
    desk.begun()
    desk.sign("list.json", "bureau", "audit", more=FIRST)
    facts = desk.done("import", "@list.json", "--out", "@again.json")
    assert facts["draft"]["threshold"] == 2
    again = desk.done(
        *("sign", "@again.json", "--after", desk.path("list.json"), "--issued-at", "2026-04-01"),
        *("--key", desk.path("bureau.pem"), "--key", desk.path("audit.pem"), "--out", "@two.json"),
    )
    assert again["version"] == 2
    assert desk.done("diff", "@list.json", "@two.json")["changes"] == []
    assert "nothing changed" in desk.run("diff", "@list.json", "@two.json").stdout
    broken = desk.folder / "again.json"
    broken.write_text(broken.read_text(encoding="utf-8").replace("valid_from", "valid_form"))
    result = desk.run("sign", "@again.json", "--out", "@l.json")
    assert "again.json: issuers[0].keys[0].valid_from: is missing" in " ".join(
        result.stderr.split()
    )


def test_nothing_is_overwritten_unless_it_is_said(desk: Desk) -> None:
    desk.begun()
    desk.sign("list.json", "bureau", "audit", more=FIRST)
    before = (desk.folder / "list.json").read_bytes()
    for command in ("sign", "import"):
        source = "@draft.yaml" if command == "sign" else "@list.json"
        result = desk.run(command, source, "--out", "@draft.yaml")
        assert result.exit_code == 2
    result = desk.run("sign", "@draft.yaml", *FIRST, "--out", "@list.json")
    assert "--force" in result.stderr
    assert (desk.folder / "list.json").read_bytes() == before
    desk.sign("list.json", "bureau", "court", more=(*FIRST, "--force"))
    assert (desk.folder / "list.json").read_bytes() != before


def test_a_list_of_format_1_becomes_one_of_format_2(desk: Desk) -> None:
    key, url = desk.keys["bureau"], "https://trust.example"
    body = {
        "format": "oneservice-trust-list/1",
        "territory": "990000",
        "version": 7,
        "issued_at": "2026-01-01T00:00:00Z",
        "expires_at": "2036-01-01T00:00:00Z",
        "signer": {"id": url, "public_key_multibase": key.public_multibase},
        "issuers": [],
    }
    old = add_proof(
        body, key=key, verification_method=f"{url}#x", created=datetime(2026, 1, 1, tzinfo=UTC)
    )
    (desk.folder / "old.json").write_bytes(canonical(old))
    shown = desk.done("show", "@old.json")
    assert (shown["list_format"], "signatures" in shown) == (1, False)
    desk.done("import", "@old.json", "--out", "@draft.yaml")
    signers = [f"--add={name}={desk.key(name)}" for name in ("audit", "court")]
    desk.done("rotate", "@draft.yaml", *signers, "--threshold", "2")
    facts = desk.sign("new.json", "bureau", "audit", more=("--after", desk.path("old.json")))
    assert facts["version"] == 8
    desk.done("check", "@old.json", "@new.json")
    memory = desk.folder / "memory.json"
    stores = [TrustStore.parse((desk.folder / f"{n}.json").read_bytes()) for n in ("old", "new")]
    for store in stores:
        remembered(memory, [store])
    with pytest.raises(TrustHistoryError):
        remembered(memory, [stores[0]])


def test_a_memory_is_a_file_that_only_ever_moves_on(desk: Desk) -> None:
    desk.begun()
    desk.sign("one.json", "bureau", "audit", more=FIRST)
    second = ("--after", desk.path("one.json"), "--issued-at", "2026-04-01")
    desk.sign("two.json", "bureau", "court", more=second)
    one, two = (
        TrustStore.parse((desk.folder / f"{name}.json").read_bytes()) for name in ("one", "two")
    )
    memory = desk.folder / "memory.json"
    assert not remembered(memory, [one])[0].is_pinned
    assert remembered(memory, [two])[0].is_pinned
    kept = memory.read_bytes()
    with pytest.raises(TrustHistoryError):
        remembered(memory, [one])
    assert memory.read_bytes() == kept
    memory.write_bytes(b"")
    with pytest.raises(TrustListError, match="restore it"):
        remembered(memory, [two])


REMEMBER = """\
import sys
from pathlib import Path
from oneservice.certificates import TrustStore
from oneservice.cli.trust_memory import remembered
from oneservice.errors import TrustHistoryError

memory, *files = map(Path, sys.argv[1:])
for file in files:
    try:
        remembered(memory, [TrustStore.parse(file.read_bytes())])
    except TrustHistoryError:
        pass
"""


def test_processes_side_by_side_never_forget_the_newest(desk: Desk) -> None:
    desk.begun()
    desk.sign("1.json", "bureau", "audit", more=FIRST)
    for number in range(2, 6):
        before = ("--after", desk.path(f"{number - 1}.json"))
        more = (*before, "--issued-at", f"2026-04-0{number}")
        desk.sign(f"{number}.json", "bureau", "court", more=more)
    orders = ((1, 5, 2), (4, 3, 1, 2), (2, 5, 4), (3, 1, 4))
    running = [
        subprocess.Popen(
            [sys.executable, "-c", REMEMBER, desk.path("memory.json")]
            + [desk.path(f"{number}.json") for number in order],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        for order in orders
    ]
    assert [one.wait(timeout=120) for one in running] == [0] * len(orders)
    kept = TrustMemory.parse((desk.folder / "memory.json").read_bytes())
    assert [(one.territory, one.version) for one in kept.seen] == [("990000", 5)]


def test_odd_rules_and_foreign_offices_are_named(desk: Desk) -> None:
    desk.begun()
    desk.done(
        *("recognise", "@draft.yaml", "--type", "health_certificate", "--issued-in", "980100"),
        *("--accepted-in", "990000", "--from", "2026-03-01", "--basis", "zh=又"),
    )
    desk.sign_with_foreign_office("list.json", "bureau", "audit")
    result = desk.run("check", "@list.json", "--at", "2026-06-01", "--json")
    assert result.exit_code == 1
    codes = [one["code"] for one in json.loads(result.stdout)["findings"]]
    assert codes == ["expired", "outside_territory", "overlap"]
    overdue = desk.run("check", "@list.json", "--at", "2026-05-05", "--language", "zh")
    assert "承诺的下一版已经逾期 [overdue]" in overdue.stdout


BEYOND = {
    "issuer": ("add-issuer", "--id", FOREIGN, "--name", "zh=远", "--region", "980101"),
    "right": ("entitle", "--issuer", OFFICE, "--type", "a", "--region=960000", "--from=2026-01-01"),
    "rule": (
        *("recognise", "--type", "a", "--issued-in", "960000", "--accepted-in", "980000"),
        *("--from", "2026-01-01", "--basis", "zh=协议"),
    ),
}


@pytest.mark.parametrize("entry", BEYOND)
def test_what_would_count_nowhere_is_not_entered(desk: Desk, entry: str) -> None:
    desk.begun()
    before = (desk.folder / "draft.yaml").read_bytes()
    command, *options = BEYOND[entry]
    result = desk.run(command, "@draft.yaml", *options)
    assert result.exit_code == 2
    assert "does not lie in 990000" in " ".join(result.output.split())
    assert (desk.folder / "draft.yaml").read_bytes() == before


def test_what_would_count_nowhere_is_not_signed(desk: Desk) -> None:
    """By hand anything can be entered, and other tools sign anything."""
    desk.begun()
    draft = desk.folder / "draft.yaml"
    sound = draft.read_text(encoding="utf-8")
    draft.write_text(sound.replace("accepted_in: '990000'", "accepted_in: '980000'"))
    assert draft.read_text(encoding="utf-8") != sound
    signing = ("sign", "@draft.yaml", "--key", desk.path("bureau.pem"), *FIRST)
    result = desk.run(*signing, "--out", "@l.json", "--json")
    assert result.exit_code == 2
    assert "980000 does not lie in 990000" in json.loads(result.stdout)["error"]["message"]
    assert not (desk.folder / "l.json").exists()
    draft.write_text(sound, encoding="utf-8")
    desk.sign_with_foreign_office("foreign.json")
    cosigning = ("cosign", "@foreign.json", "--key", desk.path("bureau.pem"), "--json")
    assert "980101 does not lie in 990000" in desk.run(*cosigning).stdout


def test_what_was_published_beyond_the_territory_stays_and_stops_nobody(desk: Desk) -> None:
    desk.begun()
    desk.sign_with_foreign_office("one.json", "bureau", "audit")
    desk.done("import", "@one.json", "--out", "@draft.yaml", "--force")
    after = ("--after", desk.path("one.json"))
    retiring = ("--key", desk.key("office"), "--at", "2026-06-30")
    desk.done("retire-key", "@draft.yaml", *retiring, *after)
    desk.sign("two.json", "bureau", "court", more=(*after, "--issued-at", "2026-04-01"))
    desk.done("cosign", "@two.json", "--key", desk.path("audit.pem"), *after)


def test_what_may_not_follow_the_last_edition_is_not_entered(desk: Desk) -> None:
    desk.begun()
    desk.sign("one.json", "bureau", "audit", more=FIRST)
    before = (desk.folder / "draft.yaml").read_bytes()
    retiring = ("retire-key", "@draft.yaml", "--key", desk.key("office"), "--after")
    result = desk.run(*retiring, desk.path("one.json"), "--at", "2026-01-31", "--json")
    assert result.exit_code == 2
    assert "is rewritten" in json.loads(result.stdout)["error"]["message"]
    assert (desk.folder / "draft.yaml").read_bytes() == before
    desk.done(*retiring, desk.path("one.json"), "--at", "2026-06-30")


def test_no_command_ever_writes_a_key(desk: Desk) -> None:
    desk.begun()
    desk.sign("list.json", "bureau", "audit", more=FIRST)
    for file in ("draft.yaml", "list.json"):
        assert b"PRIVATE" not in (desk.folder / file).read_bytes()
    edition = SignedEdition.parse((desk.folder / "list.json").read_bytes())
    assert edition.lacking == ()


@pytest.mark.parametrize("name", list(COMMANDS))
def test_help_of_every_command_is_golden(name: str) -> None:
    """To renew: ``COLUMNS=80 oneservice trust NAME --help``, written to the file and read."""
    asked = ["trust", name, "--help"]  # click itself leaves two of the 80 columns free
    shown = CliRunner().invoke(program, asked, prog_name="oneservice", terminal_width=78)
    assert shown.exit_code == 0
    assert shown.stdout == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    assert all(len(line) <= 80 for line in shown.stdout.splitlines())
    assert "--json" in shown.stdout
