"""Claims to credential and back; bytes in, strictly; one file form out."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import canonical, digest
from oneservice.certificates import (
    Certificate,
    DocumentKind,
    KeyUse,
    ListedKey,
    claims_document,
    controller_document,
    document_kind,
)
from oneservice.errors import MalformedCertificateError


def test_the_document_is_a_credential_that_others_read(office: Any) -> None:
    document = claims_document(office.claims)
    assert document["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    # A popular verifier compares contexts by identity: inline objects would never match.
    assert all(isinstance(one, str) for one in document["@context"])
    assert document["type"] == ["VerifiableCredential", "OneServiceCertificate"]
    assert document["issuer"]["id"] == office.id
    assert document["validFrom"] == "2026-10-14T00:00:00+08:00"
    assert document["validUntil"] == "2031-10-13T23:59:59+08:00"
    assert document["id"].startswith("urn:gbt-36904:1.2.156.3005.2.")
    assert document["evidence"][0]["caseId"] == "c42"
    assert document["name"][1] == {"@language": "zh", "@value": "食品经营许可证"}


def test_claims_survive_the_document(office: Any) -> None:
    certificate = office.issue()
    assert certificate.claims == office.claims
    assert Certificate.parse(certificate.dump()) == certificate
    assert Certificate.of(certificate.document) == certificate
    assert hash(Certificate.parse(certificate.dump())) == hash(certificate)
    assert certificate.digest == digest(certificate.document)
    plain = office.issue(number=None, evidence=None, valid_until=None, conditions=(), zone="-03:30")
    assert plain.claims.zone == "-03:30"
    assert plain.claims.valid_from == date(2026, 10, 14)
    assert (plain.claims.number, plain.claims.evidence, plain.claims.valid_until) == (None,) * 3


def test_the_same_words_give_the_same_bytes(office: Any) -> None:
    assert office.issue().dump() == office.issue().dump()
    assert office.issue(holder_name="Other").digest != office.issue().digest


def test_a_certificate_cannot_be_changed_through_its_document(office: Any) -> None:
    certificate = office.issue()
    before = certificate.dump()
    certificate.document["credentialSubject"]["holderName"] = "Eve"
    assert certificate.dump() == before
    with pytest.raises(TypeError):
        certificate.content["name"] = "Eve"  # type: ignore[index]


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ""},
        {"type": ""},
        {"title": {}},
        {"title": {"zh": ""}},
        {"issuer_id": "market regulation"},
        {"issuer_region": "99"},
        {"issuer_region": "009901"},
        {"issuer_region": 990101},
        {"holder_name": ""},
        {"holder_name": "Li\x00"},
        {"holder_name": "\ud800"},
        {"holder_name": "Li\x9b31m"},
        {"holder_name": "Li\u202eselddoN"},
        {"conditions": ("no\u2028raw fish",)},
        {"number": "JY\n1"},
        {"holder_id": "no url"},
        {"zone": "Asia/Shanghai"},
        {"zone": "+25:00"},
        {"valid_until": date(2026, 10, 13)},
        {"conditions": ("",)},
        {"result": {"area": 82.5j}},
        {"result": {"area": 2**60}},
        {"result": {"area": 82.5}},
        {"is_sandbox": "no"},
    ],
)
def test_claims_that_no_reader_could_use_are_refused(office: Any, changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedCertificateError):
        office.issue(**changes)


def test_fractions_pass_in_other_peoples_credentials_only(office: Any) -> None:
    foreign = {"type": ["VerifiableCredential", "Degree"], "credentialSubject": {"gpa": 3.5}}
    assert not Certificate.parse(_with(office, **foreign)).is_ours
    with pytest.raises(MalformedCertificateError, match="write decimals as text"):
        Certificate.parse(_with(office, area=82.5))


def _with(office: Any, **members: Any) -> bytes:
    document = office.issue().document | members
    return json.dumps({name: v for name, v in document.items() if v is not ...}).encode()


@pytest.mark.parametrize(
    "members",
    [
        {"@context": ["https://www.w3.org/2018/credentials/v1"]},
        {"@context": []},
        {"@context": ...},
        {"type": "Permit"},
        {"type": ["Permit"]},
        {"type": ["VerifiableCredential", 5]},
        {"issuer": ...},
        {"issuer": "somebody"},
        {"issuer": {"name": "somebody"}},
        {"credentialSubject": ...},
        {"credentialSubject": []},
        {"credentialSubject": {}},
        {"credentialSubject": "Li"},
        {"credentialSubject": {"id": "urn:x:1"}},
        {"id": "not a url"},
        {"proof": ...},
        {"validFrom": "2026-10-14"},
        {"validFrom": "2026-10-14T00:00:00"},
        {"validFrom": "2026-02-30T00:00:00Z"},
        {"validFrom": 20261014},
        {"validUntil": "2020-01-01T00:00:00Z"},
        {"validUntil": "9999-12-31T23:59:59-14:00"},
        {"credentialStatus": "list"},
        {"name": "Permit"},
        {"evidence": []},
        {"isSandbox": "yes"},
    ],
)
def test_what_is_no_certificate_is_malformed(office: Any, members: dict[str, Any]) -> None:
    with pytest.raises(MalformedCertificateError):
        Certificate.parse(_with(office, **members))


def test_bytes_are_read_strictly(office: Any) -> None:
    data = office.issue().dump()
    Certificate.parse(json.dumps(json.loads(data), indent=4).encode())  # layout has no meaning
    deep = b"[" * 40 + b"]" * 40
    for bad in (
        b"",
        b"null",
        b"[]",
        data[:-1],
        data + b"}",
        b"\xef\xbb\xbf" + data,
        data.replace(b'"isSandbox"', b'"isSandbox":true,"isSandbox"', 1),
        data.replace(b'"seats":40', b'"seats":NaN', 1),
        data.replace(b'"seats":40', b'"seats":1e999', 1),
        data.replace(b'"seats":40', b'"seats":9007199254740993', 1),
        data.replace(b'"seats":40', b'"seats":' + deep, 1),
        data.replace(b"Noodles", b"\\ud800", 1),
        data.replace(b"Noodles", b"\xff", 1),
        data[:-1] + b',"filler":"' + b"x" * 262_144 + b'"}',
    ):
        with pytest.raises(MalformedCertificateError):
            Certificate.parse(bad)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("certificate-ecdsa.json", DocumentKind.CERTIFICATE),
        ("bundle.json", DocumentKind.BUNDLE),
        ("trust-list.json", DocumentKind.TRUST_LIST),
        ("journal.jsonl", DocumentKind.JOURNAL),
        ("controller.json", DocumentKind.CONTROLLER),
    ],
)
def test_a_first_look_tells_the_kind_of_file(name: str, kind: DocumentKind) -> None:
    data = (Path(__file__).resolve().parents[2] / "golden" / "certificates" / name).read_bytes()
    assert document_kind(data) is kind
    assert document_kind(data[: len(data) // 2]) in {kind, DocumentKind.UNKNOWN}


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"{}", b"\n", b'{"format":[]}'])
def test_a_first_look_never_fails(data: bytes) -> None:
    assert document_kind(data) is DocumentKind.UNKNOWN


def test_a_controller_document_lets_others_find_the_keys(office: Any) -> None:
    event_key = ListedKey(
        id="events",
        use=KeyUse.EVENT,
        suite="ed25519",
        multibase="z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        valid_from=office.listed().valid_from,
    )
    stolen = office.listed(compromised_at=office.listed().valid_from)
    office.keys = (stolen, event_key)
    document = controller_document(office.entry)
    method = f"{office.id}#{office.key.public_multibase}"
    assert document["id"] == office.id
    assert document["assertionMethod"] == [method]
    assert document["verificationMethod"] == [
        {
            "id": method,
            "type": "Multikey",
            "controller": office.id,
            "publicKeyMultibase": office.key.public_multibase,
            "revoked": "2026-01-01T00:00:00Z",
        }
    ]
    canonical(document)


def test_the_book_of_a_seal_is_no_journal() -> None:
    record = b'{"at":"","book":"b","data":{},"digest":"d","kind":"use","prev":"","seq":1,"v":1}\n'
    assert document_kind(record) is DocumentKind.SEAL_BOOK
    assert document_kind(record * 2) is DocumentKind.SEAL_BOOK
    of_case = record.replace(b'"book"', b'"case"')
    assert document_kind(of_case * 2) is DocumentKind.JOURNAL
