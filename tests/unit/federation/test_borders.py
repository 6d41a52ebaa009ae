"""Data of a person crosses a border on consent, as little as possible, and is noted for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from oneservice import Applicant
from oneservice.canonical import canonical, digest_bytes
from oneservice.case import ConsentGiven
from oneservice.departments import (
    REQUEST_TAG,
    Caller,
    Callers,
    Ed25519EventKey,
    EvidenceAnswer,
    EvidenceRequest,
    EvidenceState,
    HttpDepartments,
    MessageSigner,
    OutcomeDocument,
    VerifyingKey,
)
from oneservice.errors import AdapterError, DepartmentContractError, UnknownReferenceError
from oneservice.federation import Offer, RegionOffice

BIRTH, OFFICE = "970301", "region-980200"
PERSON = Applicant(name="何静", code="97030119940312004X", kind="person")
ID = "c1.birth_registration.1"


def body(**more: Any) -> dict[str, Any]:
    """Return an application as another region's engine would file it."""
    return {
        "case_id": "c1",
        "step_id": "birth_registration",
        "attempt": 1,
        "region": "980201",
        "applicant": {"kind": "person", "name": PERSON.name, "code": PERSON.code},
        "fields": {"child_name": "陆小禾", "phone": "13800000031"},
        "materials": [],
        "consents": [{"id": "k1", "scope": "newborn", "until": "2026-12-31"}],
    } | more


async def put(pair: Any, sent: dict[str, Any], *, way: Any = None, name: str = ID) -> Any:
    ways = {OFFICE: way or pair.way}
    async with HttpDepartments(ways, clock=pair.clock) as departments:
        return await departments.submit(OFFICE, name, canonical(sent))


async def refused(pair: Any, sent: dict[str, Any], **more: Any) -> DepartmentContractError:
    with pytest.raises(DepartmentContractError) as caught:
        await put(pair, sent, **more)
    assert await pair.office.submissions(states=frozenset({"received"})) == ()
    assert await pair.home.engine.cases() == ()
    assert await pair.home.engine.people.access_log(PERSON) == ()
    return caught.value


async def test_without_a_living_consent_nothing_is_kept(pair: Any) -> None:
    async with pair.open():
        for consents in ([], [{"id": "k1", "scope": "newborn", "until": "2026-09-27"}]):
            error = await refused(pair, body(consents=consents))
            assert error.problem == "not-allowed"
            assert PERSON.name not in str(error)


async def test_a_consent_to_something_else_is_none(pair: Any) -> None:
    offer = Offer.item("newborn", "birth_registration", purposes=("newborn",))
    async with pair.open(offer):
        error = await refused(pair, body(consents=[{"id": "k1", "scope": "restaurant"}]))
        assert error.problem == "not-allowed"


async def test_what_the_item_does_not_declare_is_not_let_in(pair: Any) -> None:
    async with pair.open():
        for more in (
            {"fields": {"child_name": "x", "mothers_salary": "9000.00"}},
            {"materials": [{"material": "m_tax_return", "documents": []}]},
        ):
            assert (await refused(pair, body(**more))).problem == "invalid-submission"


async def test_strangers_and_what_is_not_offered(pair: Any) -> None:
    stranger = Ed25519EventKey.generate("stranger")
    async with pair.open():
        assert (await refused(pair, body(step_id="marriage"))).problem == "unknown-step"
        way = replace(pair.way, signer=MessageSigner(key=stranger, tag=REQUEST_TAG))
        error = await refused(pair, body(), way=way)
        assert error.problem in ("unknown-key", "signature-invalid")


async def test_a_caller_files_for_its_own_only(pair: Any) -> None:
    key = pair.birth.key
    known = Caller(
        id="region-970300",
        keys=(VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key),),
        steps=frozenset({"social_card"}),
    )
    async with pair.open(callers=Callers(known)):
        assert (await refused(pair, body())).problem == "not-allowed"


async def test_a_form_that_lacks_something_is_asked_for_before_a_case_is_open(pair: Any) -> None:
    async with pair.open():
        sent = body()
        read = await put(pair, sent)
        assert [one.type for one in read.events] == ["received", "correction_requested"]
        items = read.events[-1].data["items"]
        places = {one["pointer"] for one in items}
        assert "/fields/mother_name" in places
        assert "/fields/born_on" in places
        assert await pair.home.engine.cases() == ()
        again = await put(pair, sent)  # repeating it is harmless
        assert again.events == read.events


async def test_the_person_reads_who_asked_for_what_on_which_consent(pair: Any) -> None:
    async with pair.open():
        case = await pair.apply()
        await pair.carry()
        entry, given = await pair.home.engine.people.access_log(PERSON)
        assert (given.by, given.kind, given.reference) == (
            "region-970301",
            "given",
            entry.reference,
        )
        assert given.names == ("birth_registration",)
        assert (entry.by, entry.kind, entry.purpose) == ("region-970301", "filed", "newborn")
        assert {"child_name", "mother_name", "m_parents_id"} <= set(entry.names)
        assert entry.consent == "applicant.region-980200, other_parent"  # each for themselves
        assert entry.reference == f"{case.id}.birth_registration-1.1"
        values = {"陆小禾", "何静", "13800000031", PERSON.code}
        assert not values & set(entry.names)
        stranger = Applicant(name="何静", code="980201199305080036", kind="person")
        assert await pair.home.engine.people.access_log(stranger) == ()


async def test_evidence_is_noted_before_it_leaves(pair: Any) -> None:
    paper = OutcomeDocument(data=b"%PDF household", media_type="application/pdf")
    asked: list[EvidenceRequest] = []
    async with pair.open():

        @pair.office.gives("household")
        def give(request: EvidenceRequest) -> EvidenceAnswer:
            asked.append(request)
            return EvidenceAnswer(
                state=EvidenceState.DELIVERED,
                papers=(paper,),
                issued_at="2024-03-01T00:00:00Z",
                as_of="2026-09-28T01:00:00Z",
            )

        desk = pair.birth.engine.evidence
        consent = ConsentGiven(
            by="何静", at=pair.clock.now(), proof=digest_bytes(b"yes"), evidence=("household",)
        )
        request = desk.request(
            OFFICE, "household", subject=PERSON, purpose="newborn", consent=consent
        )
        reply = await desk.ask(request)
        assert reply.shown[0].content == paper.data
        await desk.ask(request)
        (entry,) = await pair.home.engine.people.access_log(PERSON)
        assert (entry.kind, entry.names, entry.reference) == ("given", ("household",), request.id)
        assert entry.consent == f"{request.id}-k"
        assert len(asked) == 1


async def test_what_the_person_looked_at_first_is_noted_when_it_leaves(pair: Any) -> None:
    paper = OutcomeDocument(data=b"%PDF household", media_type="application/pdf")
    told = {"issued_at": "2024-03-01T00:00:00Z", "as_of": "2026-09-28T01:00:00Z"}
    async with pair.open():

        @pair.office.gives("household")
        def give(request: EvidenceRequest) -> EvidenceAnswer:
            look = f"https://home.invalid/preview/{request.id}"
            return EvidenceAnswer(state=EvidenceState.NEEDS_SUBJECT, preview_url=look)

        desk, log = pair.birth.engine.evidence, pair.home.engine.people.access_log
        consent = ConsentGiven(
            by="何静", at=pair.clock.now(), proof=digest_bytes(b"yes"), evidence=("household",)
        )
        request = desk.request(
            OFFICE, "household", subject=PERSON, purpose="newborn", consent=consent
        )
        assert (await desk.ask(request)).state is EvidenceState.NEEDS_SUBJECT
        assert await log(PERSON) == ()
        caller = f"region-{BIRTH}"
        with pytest.raises(AdapterError):  # nothing to hand out: nothing left
            await pair.office.answer_evidence(
                request.id, EvidenceAnswer(state=EvidenceState.DELIVERED, **told), caller=caller
            )
        assert await log(PERSON) == ()
        answer = EvidenceAnswer(state=EvidenceState.DELIVERED, papers=(paper,), **told)
        await pair.office.answer_evidence(request.id, answer, caller=caller)
        assert (await desk.ask(request)).shown[0].content == paper.data
        (entry,) = await log(PERSON)
        assert (entry.kind, entry.names, entry.reference) == ("given", ("household",), request.id)
        assert (entry.by, entry.consent) == (caller, f"{request.id}-k")
        with pytest.raises(AdapterError):  # answered for good
            await pair.office.answer_evidence(request.id, answer, caller=caller)
        assert len(await log(PERSON)) == 1


async def test_what_the_person_declined_is_noted_for_nobody(pair: Any) -> None:
    async with pair.open():

        @pair.office.gives("household")
        def give(request: EvidenceRequest) -> EvidenceAnswer:
            look = f"https://home.invalid/preview/{request.id}"
            return EvidenceAnswer(state=EvidenceState.NEEDS_SUBJECT, preview_url=look)

        desk = pair.birth.engine.evidence
        consent = ConsentGiven(
            by="何静", at=pair.clock.now(), proof=digest_bytes(b"yes"), evidence=("household",)
        )
        request = desk.request(
            OFFICE, "household", subject=PERSON, purpose="newborn", consent=consent
        )
        await desk.ask(request)
        no = EvidenceAnswer(state=EvidenceState.DECLINED)
        await pair.office.answer_evidence(request.id, no, caller=f"region-{BIRTH}")
        assert (await desk.ask(request)).state is EvidenceState.DECLINED
        assert await pair.home.engine.people.access_log(PERSON) == ()


async def test_an_office_opens_to_regions_that_it_knows_and_to_what_is_published(
    pair: Any,
) -> None:
    async with pair.home.open() as engine:
        with pytest.raises(AdapterError):
            RegionOffice(engine, department=OFFICE, offers=(), callers=Callers())
        callers = Callers(Caller(id="region-1"))
        offer = Offer.item("newborn", "bundle")
        with pytest.raises(UnknownReferenceError):
            RegionOffice(engine, department=OFFICE, offers=(offer,), callers=callers)
