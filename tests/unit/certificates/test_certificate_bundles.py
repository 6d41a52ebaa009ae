"""The bundle and the journal: what a clever forger tries after the bits are flipped."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import canonical, digest, sealed_digest
from oneservice.certificates import (
    Bundle,
    Certificate,
    CertificateState,
    CheckResult,
    Component,
    Entitlement,
    JournalHead,
    JournalSeal,
    StatusFinding,
    TrustStore,
    Verdict,
    bundle_claims,
    examine_bundle,
    examine_journal,
    issue,
    read_journal,
    verify,
    verify_chain,
)
from oneservice.certificates.bundle_parts import certificates_as_named
from oneservice.certificates.bundle_sealing import Sealed
from oneservice.errors import (
    ForgedCertificateError,
    MalformedCertificateError,
    VerificationError,
)

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "certificates"
OPENED = datetime(2026, 1, 1, tzinfo=UTC)
SIGNED = datetime(2026, 10, 14, 3, tzinfo=UTC)
AT = datetime(2027, 3, 1, tzinfo=UTC)
TRUST = TrustStore.parse((GOLDEN / "trust-list.json").read_bytes())


@pytest.fixture
def document() -> dict[str, Any]:
    return json.loads((GOLDEN / "bundle.json").read_bytes())


def results(document: dict[str, Any], at: datetime = AT) -> tuple[str | None, dict[str, str]]:
    """Return the reason, and the first check of each name that did not pass."""
    report = examine_bundle(canonical(document), trust=TRUST, at=at)
    assert (report.verdict is Verdict.VALID) is (report.reason is None)
    json.dumps(report.as_json())
    failing = {one.name: one for one in report.checks if one.result is CheckResult.FAIL}
    return report.reason, {name: one.evidence["reason"] for name, one in failing.items()}


def relink(records: list[dict[str, Any]]) -> None:
    """Recompute the whole chain, as a forger with time on his hands would."""
    prev = None
    for seq, record in enumerate(records, start=1):
        record["seq"], record["prev"] = seq, prev
        names = ("v", "case_id", "seq", "at", "prev", "kind")
        envelope = {name: record[name] for name in names}
        sealed = record.get("data_digest") or sealed_digest(record["salt"], record["data"])
        prev = record["digest"] = digest(envelope | {"data_digest": sealed})


def test_a_bundle_as_written_is_valid(document: dict[str, Any]) -> None:
    assert results(document) == (None, {})
    bundle = Bundle.parse(canonical(document))
    assert Bundle.parse(bundle.dump()) == bundle
    assert bundle.dump() == canonical(document)


def test_a_bundle_holds_what_its_certificate_vouches_for(document: dict[str, Any]) -> None:
    """Later records and certificates of the case stay outside; the others stand as named."""
    bundle = Bundle.parse(canonical(document))
    records = [dict(record) for record in bundle.journal]
    records.append(dict(records[-1], kind="bundle_issued"))
    relink(records)
    again = Bundle.of(
        bundle.certificate,
        certificates=(bundle.certificate, *reversed(bundle.certificates)),
        plan=bundle.plan,
        journal=records,
        trust=TRUST,
    )
    assert again == bundle


def test_the_enclosed_list_is_no_anchor(document: dict[str, Any]) -> None:
    report = examine_bundle(canonical(document), trust=None, at=AT)
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "indeterminate")


def test_each_certificate_is_judged_by_itself(document: dict[str, Any]) -> None:
    at = datetime(2032, 1, 1, tzinfo=UTC)
    report = examine_bundle(canonical(document), trust=TRUST, at=at)
    assert [one.report.reason for one in report.components] == ["expired", None]


def test_a_bundle_is_the_record_of_its_day(document: dict[str, Any]) -> None:
    """A permit that ended since makes nothing untrue that was sealed; the report names it."""
    at = datetime(2032, 1, 1, tzinfo=UTC)
    assert results(document, at) == (None, {})
    report = examine_bundle(canonical(document), trust=TRUST, at=at)
    assert report.message.endswith("no longer in force: food_permit (expired)")
    assert [one.has_ended for one in report.components] == [True, False]
    asked = examine_bundle(canonical(document), trust=TRUST, at=at, all_current=True)
    assert (asked.verdict, asked.reason) == (Verdict.INVALID, "expired")
    assert examine_bundle(canonical(document), trust=TRUST, at=AT).message == "valid"


class _Register:
    """A register in which one certificate was taken back on a day."""

    def __init__(self, certificate_id: str, since: datetime) -> None:
        self._id, self._since = certificate_id, since

    def status_of(self, certificate: Certificate, *, at: datetime) -> StatusFinding:
        is_taken_back = certificate.id == self._id and at >= self._since
        state = CertificateState.REVOKED if is_taken_back else CertificateState.GOOD
        return StatusFinding(state=state)


@pytest.mark.parametrize(
    ("since", "reason"),
    [(datetime(2027, 1, 1, tzinfo=UTC), None), (datetime(2026, 1, 1, tzinfo=UTC), "revoked")],
)
def test_what_was_taken_back_before_the_sealing_was_never_good(
    document: dict[str, Any], since: datetime, reason: str | None
) -> None:
    permit = Bundle.parse(canonical(document)).certificates[0].id
    register = _Register(permit, since)
    report = examine_bundle(canonical(document), trust=TRUST, at=AT, status=register)
    assert report.reason == reason
    assert report.components[0].report.reason == "revoked"


@pytest.mark.parametrize(("case_id", "reason"), [("c42", None), ("c43", "forged")])
def test_a_certificate_of_another_case_does_not_belong_here(
    office: Any, case_id: str, reason: str | None
) -> None:
    """Whoever seals a bundle cannot lend one applicant's permit to another one's case."""
    office.entitlements += (Entitlement(type="case_bundle", region="990101", valid_from=OPENED),)
    permit = office.issue()
    record: dict[str, Any] = {"v": 1, "case_id": case_id, "seq": 1, "at": "2026-10-14T03:00:00Z"}
    records = [record | {"prev": None, "kind": "opened", "salt": "0" * 32, "data": {}}]
    relink(records)
    plan = {"thing": "restaurant"}
    component = Component(
        sub_case_id="food_permit",
        decision="granted",
        decided_on=date(2026, 10, 14),
        certificate_id=permit.id,
        digest=permit.digest,
    )
    stated = bundle_claims(
        id="urn:x:bundle",
        title={"en": "Bundle"},
        issuer_id=office.id,
        issuer_name={"en": "Office"},
        issuer_region="990101",
        holder_name="Li's Noodles",
        plan_digest=digest(plan),
        journal=JournalHead(case_id=case_id, seq=1, head=records[0]["digest"]),
        components=(component,),
        concluded_on=date(2026, 10, 14),
    )
    method = f"{office.id}#{office.key.public_multibase}"
    signed = {"key": office.key, "created": SIGNED}
    bundle = Bundle.of(
        issue(stated, verification_method=method, **signed),
        certificates=(permit,),
        plan=plan | {"digest": digest(plan)},
        journal=records,
        trust=office.trust.signed(signer_id="https://list.example", **signed),
    )
    report = examine_bundle(bundle.dump(), trust=office.trust, at=AT)
    failing = [check.name for check in report.checks if check.result is CheckResult.FAIL]
    assert (report.reason, failing) == (reason, [] if reason is None else ["components"])


@pytest.mark.parametrize("name", ["certificates", "journal", "controllers"])
@pytest.mark.parametrize("value", [None, {}, "text", [7]])
def test_the_message_names_the_part_that_is_misshapen(
    document: dict[str, Any], name: str, value: Any
) -> None:
    report = examine_bundle(canonical(document | {name: value}), trust=TRUST, at=AT)
    assert report.reason == "malformed"
    assert report.message == f"the bundle cannot be read: {name} is no list of objects"


def _change_plan(document: dict[str, Any]) -> None:
    document["plan"]["steps"].remove("fire_check")
    del document["plan"]["digest"]
    document["plan"]["digest"] = digest(document["plan"])


def _rewrite_history(document: dict[str, Any]) -> None:
    document["journal"][0]["data"] = {"thing": "bar"}
    relink(document["journal"])


def _add_record(document: dict[str, Any]) -> None:
    document["journal"].append(dict(document["journal"][-1], kind="granted_again"))
    relink(document["journal"])


def _redact(document: dict[str, Any]) -> None:
    record = document["journal"][0]
    record["data_digest"] = sealed_digest(record.pop("salt"), record.pop("data"))


def _swap_lists(document: dict[str, Any]) -> None:
    """Enclose another well-signed list, and controllers to go with it."""
    document["trust_list"]["version"] += 1
    document["controllers"].reverse()


FORGERIES: list[tuple[Callable[[dict[str, Any]], object], str | None, set[str]]] = [
    (_change_plan, "forged", {"plan_digest"}),
    (lambda d: d["plan"].update(digest=digest({})), "forged", {"plan_digest"}),
    (_rewrite_history, "forged", {"journal_head"}),
    (_add_record, "forged", {"journal_head"}),
    (lambda d: d["journal"].pop(), "forged", {"journal_head"}),
    (lambda d: d["journal"].pop(0), "forged", {"journal_chain"}),
    (lambda d: d["journal"].reverse(), "forged", {"journal_chain"}),
    (lambda d: d["journal"].clear(), "malformed", {"journal_chain"}),
    (lambda d: d["journal"][1].update(extra=1), "malformed", {"journal_chain"}),
    (lambda d: d["journal"][1].update(v=2), "malformed", {"journal_chain"}),
    (_redact, None, set()),
    (lambda d: d["certificates"].pop(), "forged", {"components"}),
    (lambda d: d["certificates"].append(d["certificates"][0]), "forged", {"components"}),
    (lambda d: d["certificates"].append(d["bundle_certificate"]), "forged", {"components"}),
    (lambda d: d["certificates"].reverse(), "forged", {"components"}),
    (
        lambda d: d["certificates"][0].update(isSandbox=False),
        "forged",
        {"components", "component:food_permit"},
    ),
    (lambda d: d["controllers"].pop(), "forged", {"controllers"}),
    (lambda d: d["controllers"][0].update(id="https://x.example"), "forged", {"controllers"}),
    (lambda d: d["trust_list"].update(version=4), "forged", {"trust_list"}),
    (_swap_lists, "forged", {"trust_list"}),
    (lambda d: d.update(trust_list={}), "malformed", {"trust_list"}),
    (lambda d: d.update(bundle_certificate=d["certificates"][0]), "malformed", {"parse"}),
    (lambda d: d.update(extra=1), "malformed", {"parse"}),
    (lambda d: d.pop("plan"), "malformed", {"parse"}),
    (lambda d: d.update(plan=[]), "malformed", {"parse"}),
    (lambda d: d.update(certificates=5), "malformed", {"parse"}),
    (lambda d: d.update(format="oneservice-bundle/2"), "malformed", {"parse"}),
    (lambda d: d["bundle_certificate"].update(isSandbox=False), "forged", {"proof"}),
]


@pytest.mark.parametrize(("forge", "reason", "checks"), FORGERIES)
def test_every_forgery_is_named(
    document: dict[str, Any],
    forge: Callable[[dict[str, Any]], object],
    reason: str | None,
    checks: set[str],
) -> None:
    forge(document)
    found, failing = results(document)
    assert (found, set(failing)) == (reason, checks)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("components", 0, "certificate_id"), 5),
        (("components", 0, "certificate_id"), ["x"]),
        (("components", 0, "sub_case_id"), None),
        (("components", 0, "decided_on"), "soon"),
        (("components", 0), "granted"),
        (("components",), 7),
        (("journal",), "head"),
        (("journal", "seq"), "last"),
        (("plan_digest",), 1),
        (("trust_list_digest",), {}),
    ],
)
def test_a_keystone_of_another_shape_is_malformed(
    document: dict[str, Any], path: tuple[Any, ...], value: object
) -> None:
    place = document["bundle_certificate"]["credentialSubject"]["result"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert results(document) == ("malformed", {"parse": "malformed"})


def test_what_an_unproven_keystone_names_counts_for_nothing(document: dict[str, Any]) -> None:
    document["bundle_certificate"]["credentialSubject"]["holderName"] = "Eve"
    report = examine_bundle(canonical(document), trust=TRUST, at=AT)
    assert report.reason == "forged"
    parts = {one.name: one.result for one in report.checks}
    for name in ("plan_digest", "journal_chain", "journal_head", "components", "trust_list"):
        assert parts[name] is CheckResult.NOT_CHECKED
    assert parts["component:food_permit"] is CheckResult.PASS  # it stands for itself


def test_records_may_hold_events_of_the_deepest_kind(document: dict[str, Any]) -> None:
    """A department's event may be 32 deep; inside a record, inside a bundle, it still counts."""
    deep: Any = []
    for _ in range(31):
        deep = [deep]
    document["journal"][0]["data"] = {"event": deep}
    relink(document["journal"])
    assert results(document) == ("forged", {"journal_head": "forged"})
    lines = b"".join(canonical(record) + b"\n" for record in document["journal"])
    report = examine_journal(lines)
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "unsealed")


def test_another_list_of_the_same_publisher_is_not_the_one_that_was_named(
    document: dict[str, Any],
) -> None:
    """A relier's newer list judges; the enclosed one must still be that of the day."""
    older = json.loads((GOLDEN / "trust-list.json").read_bytes())
    assert document["trust_list"] == older
    document["trust_list"] = older | {"issuers": older["issuers"][:1]}
    assert results(document)[1].keys() == {"trust_list"}


def jsonl(records: list[dict[str, Any]]) -> bytes:
    return b"".join(canonical(record) + b"\n" for record in records)


def journal_lines() -> list[bytes]:
    return (GOLDEN / "journal.jsonl").read_bytes().splitlines(keepends=True)


def bundle_seal() -> JournalSeal:
    bundle = Bundle.parse((GOLDEN / "bundle.json").read_bytes())
    return JournalSeal.of(verify(bundle.certificate, trust=TRUST, at=AT))


def test_a_journal_alone_is_never_valid() -> None:
    """Anybody can drop a record and link the rest anew; only a sealed head shows it."""
    lines = journal_lines()
    records = [json.loads(line) for line in lines]
    del records[1]
    relink(records)
    for data in (b"".join(lines), b"".join(lines[:-1]), jsonl(records)):
        report = examine_journal(data)
        assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "unsealed")
        assert "give the bundle as well" in report.message
        assert verify_chain(read_journal(data)).head in report.message


def test_a_sealed_head_makes_a_journal_evidence() -> None:
    lines, seal = journal_lines(), bundle_seal()
    report = examine_journal(b"".join(lines), seals=[seal])
    assert (report.verdict, report.reason) == (Verdict.VALID, None)
    assert report.message == f"sealed up to record {len(lines)} by {seal.by}"
    other = replace(seal, head=replace(seal.head, case_id="c43"))
    assert examine_journal(b"".join(lines), seals=[other]).reason == "unsealed"
    assert examine_journal(b"".join(lines[:-1]), seals=[seal]).reason == "forged"
    records = [json.loads(line) for line in lines]
    records[0]["data"] = {"thing": "bar"}
    relink(records)
    report = examine_journal(jsonl(records), seals=[other, seal])
    assert (report.reason, report.checks[2].name) == ("forged", "journal_head")
    for seq in (0, -1):
        odd = replace(seal, head=replace(seal.head, seq=seq))
        assert examine_journal(b"".join(lines), seals=[odd]).reason == "forged"


def test_records_after_the_seal_are_named() -> None:
    records = [json.loads(line) for line in journal_lines()]
    records.append(dict(records[-1]))
    relink(records)
    report = examine_journal(jsonl(records), seals=[bundle_seal()])
    assert report.verdict is Verdict.VALID
    (tail,) = (check for check in report.checks if check.name == "journal_tail")
    assert (tail.result, tail.evidence["unsealed"]) == (CheckResult.NOT_CHECKED, 1)


def test_only_a_bundle_certificate_seals_a_journal(document: dict[str, Any]) -> None:
    permit = Bundle.parse(canonical(document)).certificates[0]
    with pytest.raises(MalformedCertificateError):
        JournalSeal.of(verify(permit, trust=TRUST, at=AT))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "malformed"),
        (b"\n", "malformed"),
        (b"{}\n", "malformed"),
        (b"".join(journal_lines())[:-1], "malformed"),
        (b"".join(journal_lines())[:-30], "malformed"),
        (b"".join(journal_lines()) + b"\n", "malformed"),
        (b"".join(journal_lines()).replace(b'{"at"', b'{ "at"', 1), "malformed"),
        (b"".join(journal_lines()[1:]), "forged"),
        (b"".join(reversed(journal_lines())), "forged"),
        (b"".join(journal_lines()).replace(b"restaurant", b"bathhouse!"), "forged"),
        (b"".join(journal_lines()).replace(b'"c42"', b'"c43"'), "forged"),
    ],
)
def test_damage_to_a_journal_has_its_true_reason(data: bytes, reason: str) -> None:
    report = examine_journal(data)
    assert (report.verdict, report.reason) == (Verdict.INVALID, reason)
    names = ["parse", "journal_chain", "journal_head", "department_signatures"]
    assert [check.name for check in report.checks] == names


@pytest.mark.parametrize(
    "change",
    [
        {"salt": "é"},
        {"salt": 5},
        {"data": 2**60},
        {"seq": 2},
        {"case_id": "c43"},
        {"prev": "sha256:" + "0" * 64},
    ],
)
def test_only_a_verification_error_leaves_the_chain(change: dict[str, Any]) -> None:
    records = [json.loads(line) for line in journal_lines()]
    records[0].update(change)
    with pytest.raises(VerificationError) as caught:
        verify_chain(records)
    assert type(caught.value) in {ForgedCertificateError, MalformedCertificateError}


def test_what_another_regions_engine_decided_belongs_here_by_its_offices_own_word(
    document: dict[str, Any],
) -> None:
    """Its certificate names the case over there; the signed event of the step hands it in here."""
    bundle = Bundle.parse(canonical(document))
    sealed = Sealed.of(bundle.certificate)
    elsewhere = replace(sealed, journal=replace(sealed.journal, case_id="c-abroad"))
    told = [
        {"type": "granted", "data": {"outcome": {"certificate": one.document}}}
        for one in bundle.certificates
    ]
    record = {"kind": "department_reported", "data": {"sub_case_id": "x", "events": told}}
    handed_in = replace(bundle, journal=(*bundle.journal, record))
    lent = certificates_as_named(bundle, elsewhere, are_vouched=True)
    assert (str(lent.check.result), lent.check.evidence["reason"]) == ("fail", "forged")
    good = certificates_as_named(handed_in, elsewhere, are_vouched=True)
    assert str(good.check.result) == "pass"
    assert len(good.check.evidence["decided_elsewhere"]) == 2
    unsigned = certificates_as_named(handed_in, elsewhere, are_vouched=False)
    assert (str(unsigned.check.result), unsigned.error is None) == ("not_checked", False)
