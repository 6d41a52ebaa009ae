"""What is handed in, whole; its problems, all at once; what each department is told of it."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import Digest, digest_bytes, parse_object
from oneservice.case import (
    APPLICANT,
    Actor,
    Applicant,
    AssuranceLevel,
    Case,
    ConsentGiven,
    ConsentTerms,
    Document,
    Form,
    OpenCase,
    Provenance,
    SignedPromise,
    SubCaseStatus,
    Submission,
    consent_document,
    consent_terms,
    fill_form,
    fill_part,
    handed_on_papers,
    read_consent_document,
    submission_body,
    supplement_body,
    transition,
    withdrawal_body,
)
from oneservice.catalog import Text
from oneservice.errors import FormIncompleteError
from oneservice.plan import (
    DueDate,
    Plan,
    PlannedParty,
    PlannedStep,
    PlannedTolerance,
    parse_plan,
)
from oneservice.workdays import announced_calendar

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "plan"
AT = datetime(2026, 9, 28, 1, tzinfo=UTC)
KEPT = {"name", "phone", "contact_name", "area", "staff_name", "staff_post", "address"}
SHOP = Applicant(name="Old Tea", code="92990101MA99000523")
FIELDS: dict[str, Any] = {
    "name": "Old Tea",
    "phone": "13800000000",
    "address": "Harbour Road 18",
    "staff": [
        {"staff_name": "An", "staff_post": "cook"},
        {"staff_name": "Bo", "staff_post": "waiter"},
    ],
}
LAYOUT = Document(content=b"a drawing", media_type="image/png", name="layout.png")
PROOF = digest_bytes(b"I agree.")


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The tea kiosk, with the form cut down to what these tests can show whole."""
    whole = parse_plan(parse_object((GOLDEN / "tea-kiosk.json").read_bytes(), max_bytes=2**24))
    return dataclasses.replace(whole, form=tuple(one for one in whole.form if one.id in KEPT))


@pytest.fixture(scope="module")
def with_parties(plan: Plan) -> Plan:
    owner = PlannedParty(
        id="owner", title=Text(zh="业主", en="owner"), must_consent=True, reasons=()
    )
    partner = dataclasses.replace(owner, id="partner", must_consent=False)
    return dataclasses.replace(plan, parties=(owner, partner))


def filled(plan: Plan, **more: Any) -> Form:
    given: dict[str, Any] = {"fields": FIELDS, "materials": {"m_layout": [LAYOUT]}} | more
    return fill_form(plan, SHOP, **given)


def opened(plan: Plan, form: Form) -> Case:
    terms = consent_terms(plan, form.consents)
    given = OpenCase(at=AT, plan=plan, form=form.digest, consents=terms)
    return transition(None, given, case_id="c1", calendar=announced_calendar())[1]


def agreed(**more: Any) -> ConsentGiven:
    return ConsentGiven(**({"by": "Li", "at": AT, "proof": PROOF} | more))


def problems(plan: Plan, applicant: Applicant = SHOP, **more: Any) -> dict[str, str]:
    with pytest.raises(FormIncompleteError) as caught:
        fill_form(plan, applicant, **({"fields": FIELDS, "materials": {}} | more))
    return dict(caught.value.problems)


# --- the form ----------------------------------------------------------------------------------


def test_a_filled_form_is_kept_whole(plan: Plan) -> None:
    form = filled(plan)
    assert parse_object(form.dump()) == {
        "format": "oneservice-form/1",
        "applicant": {"kind": "organisation", "name": "Old Tea", "code": "92990101MA99000523"},
        "fields": {
            "name": "Old Tea",
            "phone": "13800000000",
            "address": "Harbour Road 18",
            "area": "18",
        },
        "groups": {"staff": FIELDS["staff"]},
        "materials": {
            "m_layout": [
                {
                    "digest": digest_bytes(b"a drawing"),
                    "media_type": "image/png",
                    "bytes": 9,
                    "name": "layout.png",
                }
            ]
        },
    }
    assert Form.parse(form.dump()) == form
    assert form.digest == digest_bytes(form.dump())


def test_a_document_says_nothing_that_nobody_said() -> None:
    assert Document(content=b"x").reference() == {
        "digest": digest_bytes(b"x"),
        "media_type": "application/octet-stream",
        "bytes": 1,
        "name": "document",
    }


def test_an_empty_optional_field_is_left_out_and_an_answer_wins(plan: Plan) -> None:
    form = filled(plan, fields=FIELDS | {"contact_name": "", "area": "900"})
    assert "contact_name" not in form.fields
    assert form.fields["area"] == "18", "the answer that decided the plan"


def test_every_problem_is_told_at_once(plan: Plan) -> None:
    long = "x" * 70
    told = problems(
        plan,
        Applicant(name="", code="92990101MA99000524"),
        fields={"phone": "", "address": "A", "staff": [{"staff_name": "An"}, "Bo"], long: 1},
        materials={"m_layout": [], "m_premises": [Document(content=b"")], long: [LAYOUT]},
    )
    assert set(told) == {
        "applicant.name",
        "applicant.code",
        "name",
        "phone",
        "staff[0].staff_post",
        "staff[1]",
        "m_layout",
        "m_premises",
        long[:60],
    }
    assert told["phone"].startswith("is missing (")
    assert "电话" in told["phone"]
    assert told["staff[1]"] == "must be a mapping of fields to values"
    assert told["m_layout"] == "no document is given"
    assert told["m_premises"] == "the document is empty"
    assert told[long[:60]] == "is not a material of this plan; nobody needs it"
    assert "92990101MA99000524" not in "".join(told.values())


def test_a_name_that_is_not_asked_for_is_told_as_such(plan: Plan) -> None:
    assert problems(plan, fields=FIELDS | {"x" * 70: 1}) == {
        "x" * 60: "is not on this form; the answers may have hidden it"
    }


@pytest.mark.parametrize("rows", [None, "An", [], [{}], [{}, {}, {}]])
def test_a_group_has_as_many_entries_as_the_plan_says(plan: Plan, rows: Any) -> None:
    count = len(rows) if isinstance(rows, list) else 0
    told = problems(plan, fields=FIELDS | {"staff": rows})
    assert told == {"staff": f"needs 2 entries, {count} are given"}


def test_a_person_applies_under_a_citizen_number(plan: Plan) -> None:
    person = Applicant(name=" An ", code="97030119940312004x", kind="person")
    form = fill_form(plan, person, fields=FIELDS, materials={})
    assert form.applicant == Applicant(name="An", code="97030119940312004X", kind="person")
    told = problems(plan, dataclasses.replace(person, kind="organisation"))
    assert set(told) == {"applicant.code"}


# --- an answer to a correction -------------------------------------------------------------------


def test_an_answer_has_what_was_asked_for_and_only_the_steps_own(plan: Plan) -> None:
    values = fill_part(
        plan,
        "food_permit",
        fields={"phone": "13900000000"},
        materials={"m_layout": [LAYOUT]},
        asked=("phone", "m_layout", "not_of_this_step"),
    )
    assert values == {"phone": "13900000000"}
    with pytest.raises(FormIncompleteError) as caught:
        fill_part(
            plan,
            "licence_check",
            fields={"phone": "13900000000", "name": ""},
            materials={"m_layout": [LAYOUT], "m_licence": []},
            asked=("m_licence", "name", "legal_rep_name"),
        )
    assert dict(caught.value.problems) == {
        "phone": "is not a field of this step",
        "name": "is missing (Name of the business / 名称)",
        "m_layout": "is not a material of this step",
        "m_licence": "no document is given",
    }


def test_what_is_asked_for_may_not_be_left_out(plan: Plan) -> None:
    with pytest.raises(FormIncompleteError) as caught:
        fill_part(plan, "food_permit", fields={}, materials={}, asked=("phone", "m_layout"))
    assert dict(caught.value.problems) == {
        "phone": "is asked for and missing",
        "m_layout": "is asked for and missing",
    }


def test_the_answer_as_the_department_reads_it() -> None:
    body = supplement_body(
        "k1", fields={"phone": "1"}, materials={"m_b": [{"name": "b"}], "m_a": [{"name": "a"}]}
    )
    assert parse_object(body) == {
        "correction_id": "k1",
        "fields": {"phone": "1"},
        "materials": [
            {"material": "m_a", "documents": [{"name": "a"}], "source": "applicant"},
            {"material": "m_b", "documents": [{"name": "b"}], "source": "applicant"},
        ],
    }
    assert parse_object(supplement_body(None, fields={}, materials={})) == {
        "fields": {},
        "materials": [],
    }


# --- filings -------------------------------------------------------------------------------------


def test_a_filing_whole(plan: Plan) -> None:
    form = filled(plan)
    body = parse_object(submission_body(opened(plan, form), plan, form, "food_permit", 2))
    assert body == {
        "case_id": "c1",
        "step_id": "food_permit",
        "attempt": 2,
        "definition": plan.definition,
        "plan": plan.digest,
        "region": "990101",
        "accepting_region": "990101",
        "language": "zh-CN",
        "applicant": {"kind": "organisation", "name": "Old Tea", "code": "92990101MA99000523"},
        "fields": {
            "name": "Old Tea",
            "phone": "13800000000",
            "address": "Harbour Road 18",
            "area": "18",
        },
        "materials": [
            {"material": "m_application", "documents": [], "source": "generated"},
            {"material": "m_licence", "documents": [], "source": "lookup"},
            {"material": "m_id", "documents": [], "source": "lookup"},
            {"material": "m_layout", "documents": [LAYOUT.reference()], "source": "applicant"},
            {"material": "m_food_rules", "documents": [], "source": "generated"},
            {"material": "m_food_manager", "documents": [], "source": "lookup"},
        ],
    }


def test_a_repeated_step_is_told_of_its_own_entry(plan: Plan) -> None:
    form = filled(plan)
    case = opened(plan, form)
    for instance, entry in enumerate(FIELDS["staff"], 1):
        body = parse_object(submission_body(case, plan, form, f"health_cert-{instance}", 1))
        assert body["fields"] == entry
    every = next(one for one in plan.steps if one.id == "food_permit")
    wide = dataclasses.replace(every, fields=("staff_name",))
    steps = tuple(wide if one.id == wide.id else one for one in plan.steps)
    body = parse_object(
        submission_body(case, dataclasses.replace(plan, steps=steps), form, "food_permit", 1)
    )
    assert body["fields"] == {"staff": FIELDS["staff"]}, "an only step is told of all"


def test_the_results_of_earlier_steps_stand_for_a_material(plan: Plan) -> None:
    """All certificates that stand, and none that was revoked or that no grant goes with."""
    form = filled(plan)
    case = opened(plan, form)

    def told(**changes: dict[str, Any]) -> Any:
        subs = dict(case.sub_cases)
        for name, change in changes.items():
            key = f"health_cert-{name[1:]}"
            subs[key] = dataclasses.replace(subs[key], **change)
        now = dataclasses.replace(case, sub_cases=subs)
        body = parse_object(submission_body(now, plan, form, "food_permit", 1))
        found = [one for one in body["materials"] if one["material"] == "m_health"]
        return (found[0] if found else None), handed_on_papers(now, plan, "food_permit")

    def granted(number: int) -> dict[str, Any]:
        outcome = {"certificate": {"id": f"urn:h{number}"}}
        return {"outcome": outcome, "status": SubCaseStatus.GRANTED}

    alone = {"material": "m_health", "certificate": {"id": "urn:h2"}, "source": "step"}
    bare = {"outcome": {"number": "1"}, "status": SubCaseStatus.GRANTED}
    assert told(n1=bare, n2=granted(2)) == (alone, ())
    assert told(n1=granted(1) | {"is_revoked": True}, n2=granted(2)) == (alone, ())
    assert told(n1=granted(1) | {"is_revoked": True}) == (None, ())
    assert told(n1=granted(1) | {"status": SubCaseStatus.REFUSED}) == (None, ())
    both, papers = told(n1=granted(1), n2=granted(2))
    assert both["certificate"] == {"id": "urn:h1"}
    assert papers == (b'{"id":"urn:h2"}',)
    assert [(one["digest"], one["bytes"]) for one in both["documents"]] == [
        (digest_bytes(one), len(one)) for one in papers
    ]
    assert {one["media_type"] for one in both["documents"]} == {"application/vc+json"}


PAPER = {"digest": f"sha256:{'4' * 64}", "media_type": "application/pdf", "bytes": 9}
GRANTED: dict[str, Any] = {
    "decision": "granted",
    "result_type": "health_certificate",
    "number": "JK-1",
    "decided_on": "2026-10-12",
    "valid_until": "2027-10-11",
    "conditions": [{"zh": "每年体检", "en": "yearly examination"}],
    "valid_from": None,
}


@pytest.mark.parametrize(
    ("status", "more", "documents"),
    [
        (SubCaseStatus.GRANTED, {}, []),
        (SubCaseStatus.GRANTED, {"documents": [PAPER]}, [PAPER]),
        (SubCaseStatus.GRANTED_PENDING_MATERIAL, {}, []),
        (SubCaseStatus.REFUSED, {}, None),
    ],
)
def test_a_result_without_a_certificate_is_handed_on_too(
    plan: Plan, status: SubCaseStatus, more: dict[str, Any], documents: list[Any] | None
) -> None:
    """Its papers, and what was decided: a later step must not lack what its plan promises it."""
    form = filled(plan)
    case = opened(plan, form)
    filed = Submission(submission_id="c1.health_cert-1.1")
    sub = dataclasses.replace(
        case.sub_cases["health_cert-1"], outcome=GRANTED | more, submission=filed, status=status
    )
    case = dataclasses.replace(case, sub_cases={**case.sub_cases, "health_cert-1": sub})
    body = parse_object(submission_body(case, plan, form, "food_permit", 1))
    found = [one for one in body["materials"] if one["material"] == "m_health"]
    if documents is None:
        assert found == []
        return
    (handed_on,) = found
    assert handed_on == {
        "material": "m_health",
        "source": "step",
        "documents": documents,
        "result": {
            "department": sub.spec.department,
            "submission_id": "c1.health_cert-1.1",
            "decision": "granted",
            "result_type": "health_certificate",
            "number": "JK-1",
            "decided_on": "2026-10-12",
            "valid_until": "2027-10-11",
        },
    }
    revoked = dataclasses.replace(sub, is_revoked=True)
    case = dataclasses.replace(case, sub_cases={**case.sub_cases, "health_cert-1": revoked})
    body = parse_object(submission_body(case, plan, form, "food_permit", 1))
    assert all(one["material"] != "m_health" for one in body["materials"])


FETCHED = Provenance(
    department="tax",
    request_id="e1",
    evidence_type="floor_plan",
    answer=PROOF,
    obtained_at=AT,
    accepted_at=AT,
    as_of="2026-09-28T01:00:00Z",
    consent_id="e1-k",
    proof=PROOF,
    until="2026-12-31",
)
FETCHED_ON = [{"id": "e1-k", "scope": "floor_plan", "until": "2026-12-31", "proof": PROOF}]


@pytest.mark.parametrize("certificate", [None, {"id": "urn:plan"}], ids=["paper", "certificate"])
def test_what_was_fetched_says_so_and_names_its_consent(
    plan: Plan, certificate: dict[str, Any] | None
) -> None:
    told = dataclasses.replace(FETCHED, certificate=certificate)
    layout = dataclasses.replace(LAYOUT, provenance=told)
    form = filled(plan, materials={"m_layout": [layout]})
    assert Form.parse(form.dump()) == form
    kept = form.materials["m_layout"][0]["provenance"]
    assert kept["department"] == "tax"
    assert ("certificate" in kept) == (certificate is not None)
    expected: dict[str, Any] = {"material": "m_layout", "source": "lookup", "consent": "e1-k"}
    expected |= (
        {"documents": [LAYOUT.reference()]} if certificate is None else {"certificate": certificate}
    )
    body = parse_object(submission_body(opened(plan, form), plan, form, "food_permit", 1))
    assert [one for one in body["materials"] if one["material"] == "m_layout"] == [expected]
    assert body["consents"] == FETCHED_ON
    answer = parse_object(
        supplement_body("k1", fields={}, materials={"m_layout": [layout.reference()]})
    )
    assert answer["materials"] == [expected]
    assert answer["consents"] == FETCHED_ON
    other = parse_object(submission_body(opened(plan, form), plan, form, "health_cert-1", 1))
    assert "consents" not in other, "who does not need it is not told of it"


def test_what_was_brought_beside_it_stays_a_document() -> None:
    certificate = dataclasses.replace(FETCHED, certificate={"id": "urn:plan"}, consent_id="")
    both = [dataclasses.replace(LAYOUT, provenance=certificate), LAYOUT]
    body = parse_object(
        supplement_body(None, fields={}, materials={"m_layout": [one.reference() for one in both]})
    )
    assert body["materials"] == [
        {
            "material": "m_layout",
            "source": "lookup",
            "documents": [LAYOUT.reference()],
            "certificate": {"id": "urn:plan"},
        }
    ]
    assert "consents" not in body


def test_a_filing_names_the_address_for_hints_where_one_is_registered(plan: Plan) -> None:
    form = filled(plan)
    case = opened(plan, form)
    body = submission_body(case, plan, form, "food_permit", 1, callback="cb-1")
    assert parse_object(body)["callback"] == "cb-1"
    assert b"callback" not in submission_body(case, plan, form, "food_permit", 1)


@pytest.mark.parametrize(
    ("by", "role", "reason"),
    [
        (APPLICANT, "applicant", ("申请人撤回", "withdrawn by the applicant")),
        (
            Actor.agent("ag-3", mandate="m1"),
            "agent",
            ("代理人撤回", "withdrawn by the applicant's agent"),
        ),
        (
            Actor.clerk("w-12"),
            "window_clerk",
            ("申请人在窗口撤回", "withdrawn by the applicant at a window"),
        ),
        (
            Actor.operator("op-7"),
            "operator",
            ("行政终止办理", "withdrawn by the service centre, which closes it"),
        ),
        (Actor.from_json("of-4"), "applicant", ("申请人撤回", "withdrawn by the applicant")),
    ],
)
def test_a_withdrawal_says_in_which_role_and_not_who(
    by: Actor, role: str, reason: tuple[str, str]
) -> None:
    assert parse_object(withdrawal_body(requested_by=by, requested_at=AT)) == {
        "reason": dict(zip(("zh", "en"), reason, strict=True)),
        "requested_by": role,
        "requested_at": "2026-09-28T01:00:00Z",
    }


# --- consents ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("consents", "told"),
    [
        ({}, "is missing: nothing is filed before they agree (owner / 业主)"),
        (
            {"owner": "yes"},
            "must be a ConsentGiven: who agreed, when, and the digest of the signed text",
        ),
        ({"owner": agreed(at="2026-09-28")}, "'at' must be an aware instant"),
        ({"owner": agreed(at=AT.replace(tzinfo=None))}, "'at' must be an aware instant"),
        (
            {"owner": agreed(proof=Digest("sha256:1"))},
            "'proof' must be the digest of the signed text (sha256:...)",
        ),
        (
            {"owner": agreed(proof=None)},
            "'proof' must be the digest of the signed text (sha256:...)",
        ),
        (
            {"owner": agreed(purpose="another")},
            "was given for another one-thing than 'restaurant'",
        ),
        (
            {"owner": agreed(fields=("no_such",))},
            "covers fields or materials that this plan does not have",
        ),
        (
            {"owner": agreed(fields=("no_such",), materials=("m_layout",))},
            "covers fields or materials that this plan does not have",
        ),
        (
            {"owner": agreed(materials=("no_such",))},
            "covers fields or materials that this plan does not have",
        ),
    ],
)
def test_a_consent_that_is_none_is_refused_with_the_reason(
    with_parties: Plan, consents: dict[str, Any], told: str
) -> None:
    assert problems(with_parties, consents=consents) == {"consents.owner": told}


def test_who_takes_no_part_cannot_consent(with_parties: Plan) -> None:
    told = problems(with_parties, consents={"owner": agreed(), "y" * 70: agreed()})
    assert told == {f"consents.{'y' * 60}": "takes no part for these answers"}
    assert set(problems(with_parties, consents={"owner": agreed(by="")})) == {"consents.owner"}


def test_a_consent_is_kept_whole_and_only_what_speaks(with_parties: Plan) -> None:
    whole = agreed(
        until=date(2026, 12, 31),
        level=AssuranceLevel.HIGH,
        purpose="restaurant",
        fields=("phone",),
        materials=("m_layout",),
        evidence=("household",),
    )
    kept = {
        "by": "Li",
        "at": "2026-09-28T01:00:00Z",
        "proof": PROOF,
        "until": "2026-12-31",
        "level": "high",
        "purpose": "restaurant",
        "fields": ["phone"],
        "materials": ["m_layout"],
        "evidence": ["household"],
    }
    document = {"format": "oneservice-consent/1"} | kept
    assert parse_object(consent_document(whole)) == document
    assert read_consent_document(consent_document(whole)) == whole
    bare = {name: kept[name] for name in ("by", "at", "proof")}
    form = filled(with_parties, consents={"owner": whole, "partner": agreed()})
    assert parse_object(form.dump())["consents"] == {"owner": kept, "partner": bare}
    assert Form.parse(form.dump()) == form


def test_what_the_state_machine_is_told_of_a_consent(with_parties: Plan) -> None:
    scope: Any = {"fields": ("staff_post",), "materials": ("m_layout",)}
    given = {"owner": agreed(level=AssuranceLevel.HIGH, **scope), "partner": agreed(**scope)}
    owner, partner = consent_terms(with_parties, given, documents={"owner": PROOF})
    assert owner == ConsentTerms(
        consent_id="owner",
        agreed_at=AT,
        purpose="restaurant",
        level="high",
        proof=PROOF,
        sub_case_ids=(),
        is_required=True,
        document=PROOF,
        **scope,
    )
    assert partner == dataclasses.replace(
        owner,
        consent_id="partner",
        level="low",
        sub_case_ids=("food_permit", "health_cert-1", "health_cert-2"),
        document=None,
    )
    (idle,) = consent_terms(with_parties, {"partner": agreed()})
    assert (idle.sub_case_ids, idle.is_required) == ((), False)


def test_a_department_sees_that_a_consent_is_there_and_no_name(with_parties: Plan) -> None:
    form = filled(
        with_parties, consents={"partner": agreed(), "owner": agreed(until=date(2026, 12, 31))}
    )
    told = {"scope": "restaurant", "proof": PROOF}
    owner = {"id": "owner", "until": "2026-12-31"} | told
    case = opened(with_parties, form)
    body = parse_object(submission_body(case, with_parties, form, "food_permit", 1))
    assert owner in body["consents"]
    old = dataclasses.replace(case, people=dataclasses.replace(case.people, consents=()))
    body = parse_object(submission_body(old, with_parties, form, "food_permit", 1))
    assert body["consents"] == [owner, {"id": "partner"} | told], "as the first release did"
    assert "Li" not in repr(body)


# --- promises ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tolerant(plan: Plan) -> Plan:
    """The food permit takes the layout until 10-12, the licence check until 10-09."""

    def until(day: int) -> PlannedTolerance:
        return PlannedTolerance(
            materials=("m_layout",),
            working_days=5,
            until=DueDate(on=date(2026, 10, day)),
            reasons=(),
        )

    days = {"food_permit": until(12), "licence_check": until(9)}
    steps = tuple(dataclasses.replace(one, tolerance=days.get(one.id)) for one in plan.steps)
    return dataclasses.replace(plan, steps=steps, on=date(2026, 9, 28))


@pytest.mark.parametrize(
    ("name", "promise", "told"),
    [
        ("m" * 70, (9, b"x"), "is not a material of this plan; nobody needs it"),
        ("m_premises", (9, b"x"), "is handed in; nothing need be promised"),
        ("m_layout", (9, b""), "the signed promise is empty; hand in the bytes that were signed"),
        ("m_id", (9, b"x"), "may not follow later here: no step accepts without it"),
        ("m_layout", (10, b"x"), "must be promised for 2026-10-09 at the latest"),
    ],
)
def test_a_promise_that_the_plan_does_not_allow_is_told_so(
    tolerant: Plan, name: str, promise: tuple[int, bytes], told: str
) -> None:
    given = SignedPromise(until=date(2026, 10, promise[0]), document=promise[1])
    said = problems(tolerant, materials={"m_premises": [LAYOUT]}, promises={name: given})
    assert {place: text.partition(" (")[0] for place, text in said.items()} == {
        f"promises.{name[:60]}": told
    }


def test_a_promise_for_a_day_that_has_passed_is_none(tolerant: Plan) -> None:
    late = SignedPromise(until=date(2026, 9, 27), document=b"x")
    said = problems(tolerant, promises={"m_layout": late})
    assert said == {"promises.m_layout": "is promised for a day that has passed"}


@pytest.mark.parametrize("day", [date(2026, 9, 28), date(2026, 10, 9)])
def test_a_promise_is_kept_by_its_digest_until_the_first_step_is_out_of_patience(
    tolerant: Plan, day: date
) -> None:
    promise = SignedPromise(until=day, document=b"I shall bring it.")
    form = filled(tolerant, materials={}, promises={"m_layout": promise})
    word = {"until": day.isoformat(), "document": digest_bytes(b"I shall bring it.")}
    assert parse_object(form.dump())["promises"] == {"m_layout": word}
    assert Form.parse(form.dump()) == form
    case = opened(tolerant, form)
    body = parse_object(submission_body(case, tolerant, form, "food_permit", 1))
    assert body["promises"] == [{"material": "m_layout"} | word]
    body = parse_object(submission_body(case, tolerant, form, "health_cert-1", 1))
    assert "promises" not in body, "who does not accept on it is not told of it"


# --- what is not shared is not named either -------------------------------------------------------


def opened_abroad(plan: Plan, form: Form, *materials: str) -> Case:
    """A case whose food permit an office elsewhere has, which the applicant lets have these."""
    (office,) = {one.department for one in plan.steps if one.id == "food_permit"}
    own = ConsentTerms(
        consent_id=f"applicant.{office}",
        agreed_at=AT,
        purpose=plan.thing,
        level="low",
        proof=PROOF,
        sub_case_ids=("food_permit",),
        is_required=True,
        materials=materials,
    )
    given = OpenCase(at=AT, plan=plan, form=form.digest, consents=(own,))
    return transition(None, given, case_id="c1", calendar=announced_calendar())[1]


@pytest.mark.parametrize("is_shared", [True, False])
def test_a_filing_names_no_consent_of_a_paper_that_stays_here(
    plan: Plan, *, is_shared: bool
) -> None:
    layout = dataclasses.replace(LAYOUT, provenance=FETCHED)
    form = filled(plan, materials={"m_layout": [layout]})
    case = opened_abroad(plan, form, *(["m_layout"] if is_shared else []))
    body = parse_object(submission_body(case, plan, form, "food_permit", 1))
    assert [one["material"] for one in body["materials"]] == (["m_layout"] if is_shared else [])
    told = [one for one in body["consents"] if not one["id"].startswith("applicant.")]
    assert told == (FETCHED_ON if is_shared else [])


@pytest.mark.parametrize("is_shared", [True, False])
def test_a_filing_promises_no_paper_that_stays_here(tolerant: Plan, *, is_shared: bool) -> None:
    promise = SignedPromise(until=date(2026, 10, 9), document=b"I shall bring it.")
    form = filled(tolerant, materials={}, promises={"m_layout": promise})
    case = opened_abroad(tolerant, form, *(["m_layout"] if is_shared else []))
    body = parse_object(submission_body(case, tolerant, form, "food_permit", 1))
    assert [one["material"] for one in body.get("promises", [])] == (
        ["m_layout"] if is_shared else []
    )


# --- a group, and what is in it -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "filed"),
    [
        (("staff",), ("staff", "staff_name", "staff_post")),
        (("staff_post", "staff_name"), ("staff_post", "staff_name", "staff")),
        (("staff_name", "name"), ("staff_name", "name")),
        ((), ()),
    ],
)
def test_who_names_a_group_or_all_that_is_in_it_names_both(
    plan: Plan, named: tuple[str, ...], filed: tuple[str, ...]
) -> None:
    (terms,) = consent_terms(plan, {"owner": agreed(fields=named)})
    assert terms.fields == filed


def test_a_part_of_a_group_that_crosses_whole_is_refused_in_words(with_parties: Plan) -> None:
    def crossing(one: PlannedStep) -> PlannedStep:
        if one.id != "food_permit":
            return one
        return dataclasses.replace(one, region_from="home", fields=(*one.fields, "staff_name"))

    there = dataclasses.replace(with_parties, steps=tuple(map(crossing, with_parties.steps)))
    half = {"owner": agreed(fields=("staff_name",))}
    said = problems(there, consents=half)
    assert "the group 'staff', which goes to another region as a whole" in said["consents.owner"]
    for fields in (("staff",), ("staff_name", "staff_post"), ("name",)):
        assert filled(there, consents={"owner": agreed(fields=fields)})
    assert filled(with_parties, consents=half), "at home nothing is left out"
