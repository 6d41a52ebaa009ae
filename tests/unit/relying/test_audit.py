"""Audits: what the rules lead to is told so; what they do not lead to is named, sealed or not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from oneservice import Applicant, Engine
from oneservice.canonical import canonical, digest, digest_bytes, sealed_digest
from oneservice.case import (
    Actor,
    CaseOpened,
    DeemedGranted,
    DepartmentReported,
    Event,
    MessagesPrepared,
    Migrated,
    OutcomeAdopted,
    SubCaseDropped,
    read_record,
    split_record,
    write_record,
)
from oneservice.catalog import bundled_catalog_dir, load_answers, load_catalog
from oneservice.certificates import (
    Bundle,
    Certificate,
    Cryptosuite,
    ListedKey,
    SigningKey,
    TrustStore,
    Verdict,
    add_proof,
)
from oneservice.cli.audit_page import show_audit
from oneservice.cli.pages import Page
from oneservice.cli.program import program
from oneservice.plan import build_plan, plan_bytes
from oneservice.relying import Audit, Severity, audit
from oneservice.sandbox import Behaviour, Behaviours
from oneservice.workdays import announced_calendar

ROOT = Path(__file__).resolve().parents[3]
START = datetime(2026, 9, 28, 1, tzinfo=UTC)
AT = datetime(2027, 1, 1, tzinfo=UTC)
KEY = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
Changed = Callable[[list[Event]], Sequence[Event]]


async def _run(path: Path) -> tuple[bytes, TrustStore]:
    form = load_answers(ROOT / "examples" / "noodle-shop.yaml")
    papers = {name: form.material_bytes(name) for name in form.materials}
    strict = Behaviours(by_step={"food_permit": Behaviour(corrects={"m_layout": "No floor plan."})})
    async with Engine.sandbox(path, start=START, behaviours=strict) as engine:
        case = await engine.submit(
            engine.plan("restaurant", answers=form.answers),
            Applicant(name="Li's Noodles", code="92990101MA99000523"),
            fields=form.fields,
            materials={name: paper for name, paper in papers.items() if name != "m_layout"},
        )
        case = await engine.settled(case.id)
        for one in case.corrections:
            answer = {name: papers[name] for name in one.materials}
            await engine.supplement(case.id, one, materials=answer)
        await engine.settled(case.id)
        assert engine.trust is not None
        return (await engine.bundle(case.id)).dump(), engine.trust


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bundle, TrustStore]:
    data, trust = asyncio.run(_run(tmp_path_factory.mktemp("audit") / "cases.db"))
    return Bundle.parse(data), trust


def judged(bundle: Bundle, trust: TrustStore) -> Audit:
    return audit(bundle, trust=trust, at=AT, calendar=announced_calendar())


def codes(found: Audit, severity: Severity = Severity.BREACH) -> list[str]:
    return [one.code for one in found.findings if one.severity is severity]


def history(bundle: Bundle) -> list[Event]:
    events, prev = [], None
    for seq, record in enumerate(bundle.journal, 1):
        case_id = record["case_id"]
        one = read_record(canonical(record), case_id=case_id, seq=seq, prev=prev)
        events.append(one.event)
        prev = one.digest
    return events


def resealed(
    bundle: Bundle,
    trust: TrustStore,
    change: Changed = list,
    *,
    plan: dict[str, Any] | None = None,
    certificates: tuple[Certificate, ...] | None = None,
    components: Callable[[list[dict[str, Any]]], None] | None = None,
) -> tuple[Bundle, TrustStore]:
    """Forge as the sealing office itself could: new history, new head, a good new seal."""
    case_id = bundle.journal[0]["case_id"]
    records, prev = [], None
    for seq, event in enumerate(change(history(bundle)), 1):
        one = write_record(event, case_id=case_id, seq=seq, prev=prev, secret="forged")  # noqa: S106 - of a test
        records.append(json.loads(one.line))
        prev = one.digest
    document = json.loads(json.dumps(bundle.certificate.document))
    del document["proof"]
    result = document["credentialSubject"]["result"]
    result["journal"] |= {"head": prev, "seq": len(records)}
    if plan is not None:
        result["plan_digest"] = plan["digest"]
    if components is not None:
        components(result["components"])
    lead = bundle.certificate.issuer_id
    method = f"{lead}#{KEY.public_multibase}"
    sealed = add_proof(document, key=KEY, verification_method=method, created=AT)
    issuers = tuple(
        replace(one, keys=(*one.keys, _listed(lead))) if one.id == lead else one
        for one in trust.issuers
    )
    forged = replace(
        bundle,
        certificate=Certificate.of(sealed),
        journal=tuple(records),
        plan=plan or bundle.plan,
        certificates=certificates or bundle.certificates,
    )
    return forged, replace(trust, issuers=issuers, document=None)


def _listed(lead: str) -> ListedKey:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    return ListedKey.for_certificates(lead, KEY.public_multibase, valid_from=since)


# --- what is as it should be ---------------------------------------------------------------------


def test_every_record_follows_by_the_rules(made: tuple[Bundle, TrustStore]) -> None:
    found = judged(*made)
    assert (found.verdict, found.reason, codes(found)) == (Verdict.VALID, None, [])
    assert found.counts["decided"] == found.records == len(made[0].journal)
    decided = {one.sub_case_id: one for one in found.decisions}
    permit = decided["food_permit"]
    assert (permit.status, permit.basis, permit.is_late) == ("granted", "signed", False)
    assert permit.used is not None
    assert permit.allowed is not None
    assert 0 < permit.used <= permit.allowed
    assert permit.received_on is not None
    assert permit.accepted_on is not None
    assert permit.received_on <= permit.accepted_on
    deeds = [(one.kind, one.role) for one in found.deeds]
    assert deeds[0] == ("case_opened", "applicant")
    assert json.loads(json.dumps(found.as_json()))["verdict"] == "valid"


def test_a_true_history_sealed_anew_is_still_true(made: tuple[Bundle, TrustStore]) -> None:
    found = judged(*resealed(*made))
    assert (found.verdict, codes(found)) == (Verdict.VALID, [])


# --- what a sealing office could forge -----------------------------------------------------------


def _granted_by_silence_too_early(events: list[Event]) -> list[Event]:
    opened = events[0]
    fact = DeemedGranted(
        at=opened.at + timedelta(hours=2),
        sub_case_id="signboard",
        due_at=opened.at + timedelta(hours=1),
    )
    place = next(n for n, one in enumerate(events) if one.at > fact.at)
    return [*events[:place], fact, *events[place:]]


def _adopted_while_the_office_answers(events: list[Event]) -> list[Event]:
    told = next(n for n, one in enumerate(events) if isinstance(one, DepartmentReported))
    fact = OutcomeAdopted(
        at=events[told].at,
        sub_case_id="signboard",
        decision="granted",
        decided_on=events[told].at.date(),
        evidence=digest_bytes(b"paper"),
        by=Actor.operator("op-1"),
        why="no reason",
    )
    return [*events[: told + 1], fact, *events[told + 1 :]]


def _dropped_for_nothing(events: list[Event]) -> list[Event]:
    fact = SubCaseDropped(at=events[1].at, sub_case_id="signboard", because="food_permit")
    return [*events[:2], fact, *events[2:]]


def _with_another_supplement(events: list[Event]) -> list[Event]:
    """The office that seals says it passed on other papers than it did."""

    def exchanged(event: Event) -> Event:
        if not isinstance(event, MessagesPrepared):
            return event
        messages = tuple(
            replace(one, request_digest=digest_bytes(b"other papers"))
            if one.message == "supplement"
            else one
            for one in event.messages
        )
        return replace(event, messages=messages)

    return [exchanged(one) for one in events]


def test_a_supplement_exchanged_in_the_history_contradicts_the_offices_word(
    made: tuple[Bundle, TrustStore],
) -> None:
    bundle, trust = resealed(*made, _with_another_supplement)
    found = judged(bundle, trust)
    assert (found.verdict, found.reason) == (Verdict.INVALID, "history")
    assert codes(found) == ["other-bytes-received", "not-by-the-rules"]  # no engine lets it in
    assert "food_permit: by its signed event" in found.message
    assert "(correction_received)" in found.message


def _with_a_supplement_of_nobody(events: list[Event]) -> list[Event]:
    def renamed(event: Event) -> Event:
        if not isinstance(event, DepartmentReported):
            return event
        told = tuple(
            replace(one, data={**one.data, "supplement_id": "by-hand-1"})
            if one.type == "correction_received"
            else one
            for one in event.events
        )
        return replace(event, events=told)

    return [renamed(one) for one in events]


def test_a_paper_that_came_another_way_is_told(made: tuple[Bundle, TrustStore]) -> None:
    bundle, trust = resealed(*made, _with_a_supplement_of_nobody)
    assert "received-elsewhere" in codes(judged(bundle, trust), Severity.NOTE)


@pytest.mark.parametrize(
    "change",
    [_granted_by_silence_too_early, _adopted_while_the_office_answers, _dropped_for_nothing],
)
def test_a_fact_that_no_rule_leads_to_is_a_breach_however_well_it_is_sealed(
    made: tuple[Bundle, TrustStore], change: Changed
) -> None:
    bundle, trust = resealed(*made, change)
    found = judged(bundle, trust)
    assert found.verdict is Verdict.INVALID
    assert found.reason == "history"
    assert {"not-by-the-rules", "impossible"} & set(codes(found))
    assert "record" in found.message
    heads = [one for one in found.bundle.checks if one.name == "journal_head"]
    assert str(heads[0].result) == "pass", "the seal holds; the law does not"


def test_a_certificate_that_the_history_does_not_yield_is_a_breach(
    made: tuple[Bundle, TrustStore],
) -> None:
    bundle, trust = made
    other = json.loads(json.dumps(bundle.certificates[0].document))
    other["credentialSubject"]["holderName"] = "somebody else"
    swapped = Certificate.of(other)

    def named(parts: list[dict[str, Any]]) -> None:
        for part in parts:
            if part["digest"] == bundle.certificates[0].digest:
                part["digest"] = swapped.digest

    forged = resealed(
        bundle, trust, certificates=(swapped, *bundle.certificates[1:]), components=named
    )
    assert "certificate-not-yielded" in codes(judged(*forged))


def test_a_decision_stated_otherwise_than_the_history_has_it_is_a_breach(
    made: tuple[Bundle, TrustStore],
) -> None:
    def stated(parts: list[dict[str, Any]]) -> None:
        parts[0]["decision"] = "refused"

    assert "decision-differs" in codes(judged(*resealed(*made, components=stated)))


def test_another_plan_than_the_pinned_one_is_a_breach(made: tuple[Bundle, TrustStore]) -> None:
    bundle, trust = made
    events = history(bundle)
    assert isinstance(events[0], CaseOpened)
    assert not any(isinstance(one, Migrated) for one in events)
    catalog_plan = _lenient_plan()
    found = judged(*resealed(bundle, trust, plan=catalog_plan))
    assert {"other-plan"} <= set(codes(found))
    assert found.verdict is Verdict.INVALID


def _lenient_plan() -> dict[str, Any]:
    day = START.date() + timedelta(days=30)
    thing = load_catalog(bundled_catalog_dir()).thing("restaurant", region="990101", on=day)
    form = load_answers(ROOT / "examples" / "noodle-shop.yaml")
    plan = build_plan(thing, form.answers, on=day, calendar=announced_calendar())
    found: dict[str, Any] = json.loads(plan_bytes(plan))
    return found


def _of_another_office(events: list[Event]) -> list[Event]:
    """Let an office sign, by its own good key, what another one should decide."""
    place = next(n for n, one in enumerate(events) if isinstance(one, DepartmentReported))
    report = events[place]
    assert isinstance(report, DepartmentReported)
    told = tuple(replace(one, department="health") for one in report.events)
    events[place] = replace(report, events=told)
    return events


def test_the_word_of_another_office_is_none_of_this_step(made: tuple[Bundle, TrustStore]) -> None:
    found = judged(*resealed(*made, _of_another_office))
    assert found.verdict is Verdict.INVALID
    assert codes(found)[0] == "not-by-the-rules"


def test_words_that_no_listed_key_signed_are_not_called_the_offices_own(
    made: tuple[Bundle, TrustStore],
) -> None:
    """Whoever seals can write events under a key of his own; then nobody knows who said so."""

    def unsigned(events: list[Event]) -> list[Event]:
        for place, one in enumerate(events):
            if isinstance(one, DepartmentReported):
                told = tuple(
                    replace(
                        event,
                        signatures=tuple(replace(by, keyid="mine") for by in event.signatures),
                    )
                    for event in one.events
                )
                events[place] = replace(one, events=told)
        return events

    found = judged(*resealed(*made, unsigned))
    assert found.bundle.verdict is Verdict.VALID, "for a bundle an unknown key is no damage"
    assert (found.verdict, codes(found)) == (Verdict.INDETERMINATE, [])
    assert codes(found, Severity.UNKNOWN) == ["words-unproven"]


def test_time_that_runs_backwards_is_told(made: tuple[Bundle, TrustStore]) -> None:
    def opened_late(events: list[Event]) -> list[Event]:
        return [replace(events[0], at=events[0].at + timedelta(hours=1)), *events[1:]]

    found = judged(*resealed(*made, opened_late))
    assert "time-runs-backwards" in codes(found, Severity.UNKNOWN)
    assert found.verdict is Verdict.INDETERMINATE


def test_a_record_that_hears_before_the_office_wrote_is_told(
    made: tuple[Bundle, TrustStore],
) -> None:
    def heard_early(events: list[Event]) -> list[Event]:
        place = next(
            n
            for n, one in enumerate(events)
            if isinstance(one, DepartmentReported) and one.events[0].type == "accepted"
        )
        return [
            *events[:place],
            replace(events[place], at=events[place - 1].at),
            *events[place + 1 :],
        ]

    found = judged(*resealed(*made, heard_early))
    assert "heard-before-written" in codes(found, Severity.NOTE)


def _swapped(parts: list[dict[str, Any]]) -> None:
    first, second = [part for part in parts if part["digest"]][:2]
    for name in ("certificate_id", "digest"):
        first[name], second[name] = second[name], first[name]


def _on_another_day(parts: list[dict[str, Any]]) -> None:
    parts[0]["decided_on"] = "2026-09-29"


def _by_silence(parts: list[dict[str, Any]]) -> None:
    parts[0]["basis"] = "silence"


def _twice(parts: list[dict[str, Any]]) -> None:
    parts.append(dict(parts[0]))


def _left_out(parts: list[dict[str, Any]]) -> None:
    parts.pop(0)


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        (_swapped, "decision-differs"),
        (_on_another_day, "decision-differs"),
        (_by_silence, "decision-differs"),
        (_twice, "decision-differs"),
        (_left_out, "decision-left-out"),
    ],
)
def test_every_word_about_a_decision_is_held_against_the_history(
    made: tuple[Bundle, TrustStore], stated: Callable[[list[dict[str, Any]]], None], code: str
) -> None:
    found = judged(*resealed(*made, components=stated))
    assert found.verdict is Verdict.INVALID
    assert set(codes(found)) == {code}


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("case_opened", ("joint_days",), None),
        ("case_opened", ("plan",), []),
        ("case_opened", ("steps", 0, "promised_unit"), "moons"),
        ("messages_prepared", ("messages", 0, "message"), "greeting"),
        ("messages_prepared", ("messages", 0, "sub_case_id"), None),
        ("department_reported", ("events",), None),
        ("department_reported", ("events",), ""),
        ("department_reported", ("events", 0, "at"), None),
        ("department_reported", ("events", 0, "data"), None),
        ("department_reported", ("events", 0, "type"), None),
        ("department_reported", ("sub_case_id",), []),
    ],
)
def test_values_that_no_engine_writes_are_findings_and_no_crash(
    made: tuple[Bundle, TrustStore], kind: str, path: tuple[Any, ...], value: object
) -> None:
    bundle, trust = made
    journal: list[dict[str, Any]] = json.loads(json.dumps(bundle.journal))
    place = next(record["data"] for record in journal if record["kind"] == kind)
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    prev = None
    for record in journal:
        record["prev"] = prev
        envelope = {name: record[name] for name in ("v", "case_id", "seq", "at", "prev", "kind")}
        envelope["data_digest"] = sealed_digest(record["salt"], record["data"])
        prev = record["digest"] = digest(envelope)
    found = judged(replace(bundle, journal=tuple(journal)), trust)
    assert found.verdict is Verdict.INVALID
    assert codes(found)


def test_an_edited_record_is_told_by_the_bundle_itself(made: tuple[Bundle, TrustStore]) -> None:
    bundle, trust = made
    journal = [dict(one) for one in bundle.journal]
    journal[3]["at"] = "2026-09-28T00:00:00Z"
    found = judged(replace(bundle, journal=tuple(journal)), trust)
    assert found.verdict is Verdict.INVALID
    assert found.bundle.verdict is Verdict.INVALID
    assert codes(found) == ["history-unreadable"]


# --- what cannot be told -------------------------------------------------------------------------


def test_what_was_redacted_is_named_and_nothing_is_claimed_of_it(
    made: tuple[Bundle, TrustStore],
) -> None:
    bundle, trust = made
    journal = [dict(one) for one in bundle.journal]
    parts = split_record(canonical(journal[9]))
    assert parts is not None
    journal[9] = json.loads(parts.envelope)
    found = judged(replace(bundle, journal=tuple(journal)), trust)
    assert found.bundle.verdict is Verdict.VALID, "the chain holds"
    assert (found.verdict, found.redacted) == (Verdict.INDETERMINATE, 1)
    assert codes(found, Severity.UNKNOWN) == ["redacted"]
    assert found.counts["decided"] == 9
    assert not codes(found)


# --- the command ---------------------------------------------------------------------------------


def test_the_command_answers_by_its_exit_code(
    made: tuple[Bundle, TrustStore], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, trust = made
    (tmp_path / "trust.json").write_bytes(trust.dump())
    (tmp_path / "good.json").write_bytes(bundle.dump())

    def stated(parts: list[dict[str, Any]]) -> None:
        parts[0]["decision"] = "refused"

    bad_bundle, bad_trust = resealed(bundle, trust, components=stated)
    (tmp_path / "bad.json").write_bytes(bad_bundle.dump())
    options = ["--trust", str(tmp_path / "trust.json"), "--at", "2027-01-01"]
    good = CliRunner().invoke(program, ["audit", str(tmp_path / "good.json"), *options])
    assert good.exit_code == 0, good.output
    assert "every record follows by the pinned plan" in good.output
    zh = CliRunner().invoke(
        program, ["audit", str(tmp_path / "good.json"), *options, "--language", "zh"]
    )
    assert "食品经营许可" in zh.output
    assert "示例市市场监督管理局" in zh.output
    assert "证 #2" in zh.output
    assert not [
        one for one in ("market-regulation", "health_cert", "0/0", ": ") if one in zh.output
    ]
    bad = CliRunner().invoke(program, ["audit", str(tmp_path / "bad.json"), *options, "--json"])
    assert bad.exit_code == 1
    assert "decision-differs" in {one["code"] for one in json.loads(bad.output)["findings"]}
    show_audit(Page(), judged(bad_bundle, bad_trust), at=AT, language="zh")
    page = capsys.readouterr().out
    assert "原因代码 history：licence_check：所签章的结论为" in page
    assert "the history leads to" not in page
