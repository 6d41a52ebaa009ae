"""What another region's office delivers is judged here before it is used, and said in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.recognising import Train, make_train
from oneservice import Applicant
from oneservice.canonical import digest_bytes, parse_object
from oneservice.case import ConsentGiven
from oneservice.certificates import Cryptosuite
from oneservice.departments import EvidenceAnswer, EvidenceState, OutcomeDocument
from oneservice.engine import EvidenceReply, TrustAtHand
from oneservice.errors import IllegalInputError

OFFICE = "region-980200"
KIND = "property_certificate"
MOMENT = "2026-09-28T01:00:00Z"
TRUTHS = ("recognised", "revoked", "expired", "forged", "not_recognised", "other_type")


@pytest.fixture(scope="module")
def train() -> Train:
    return make_train(Cryptosuite.ECDSA_JCS_2019, people=20, kind=KIND)


def judging(train: Train, **changes: Any) -> dict[str, Any]:
    known = TrustAtHand(trust=train.trust, status=train.status)
    return {"at_hand": lambda: replace(known, **changes)}


async def fetched(
    pair: Any, train: Train, truth: str, *, papers: Iterable[OutcomeDocument] = ()
) -> EvidenceReply:
    """Return what comes back when the office over there delivers the paper of that truth."""
    shown = train.shown[train.truths.index(truth)]
    certificate = parse_object(shown.paper)

    @pair.office.gives(KIND)
    def give(_request: Any) -> EvidenceAnswer:
        return EvidenceAnswer(
            state=EvidenceState.DELIVERED,
            certificate=certificate,
            papers=tuple(papers),
            issued_at=MOMENT,
            as_of=MOMENT,
        )

    desk = pair.birth.engine.evidence
    consent = ConsentGiven(
        by="she", at=pair.clock.now(), proof=digest_bytes(b"yes"), evidence=(KIND,)
    )
    person = Applicant(name=shown.holder.name, code=shown.holder.code, kind="person")
    request = desk.request(OFFICE, KIND, subject=person, purpose="data_change", consent=consent)
    return await desk.ask(request)


async def test_what_counts_is_shown_first_and_then_used(arrival: Any, train: Train) -> None:
    arrival.more = judging(train)
    async with arrival.open():
        reply = await fetched(arrival, train, "recognised")
        assert reply.judged.counts
        assert (reply.judged.code, reply.judged.issuer_region) == ("recognised", "980000")
        (document,) = reply.accepted(at=arrival.clock.now())
        assert document.provenance.level == "sealed"
        row = document.reference()
        assert row["provenance"]["level"] == "sealed"


@pytest.mark.parametrize("truth", [*TRUTHS[1:], "other_holder"])
async def test_what_does_not_count_is_said_and_not_used(
    arrival: Any, train: Train, truth: str
) -> None:
    arrival.more = judging(train)
    async with arrival.open():
        reply = await fetched(arrival, train, truth)
        assert reply.state is EvidenceState.DELIVERED
        assert reply.shown  # the person may see what the office over there has of them
        assert (reply.judged.code, reply.judged.counts) == (truth, False)
        assert reply.judged.words["zh"]
        assert reply.judged.instead["en"]
        with pytest.raises(IllegalInputError) as caught:
            reply.accepted(at=arrival.clock.now())
        assert caught.value.status == truth
        assert reply.judged.instead["en"] in str(caught.value)


async def test_what_cannot_be_told_now_is_not_used_now(arrival: Any, train: Train) -> None:
    arrival.more = judging(train, status=None)
    async with arrival.open():
        reply = await fetched(arrival, train, "recognised")
        assert not reply.judged.counts
        with pytest.raises(IllegalInputError):
            reply.accepted(at=arrival.clock.now())


async def test_a_list_that_changes_counts_from_then_on(arrival: Any, train: Train) -> None:
    known = [TrustAtHand(trust=train.trust, status=None)]
    arrival.more = {"at_hand": lambda: known[0]}
    async with arrival.open():
        reply = await fetched(arrival, train, "recognised")
        assert not reply.judged.counts
        known[0] = TrustAtHand(trust=train.trust, status=train.status)
        shown = train.shown[train.truths.index("recognised")]
        asked = await arrival.birth.engine.people.access_log(
            Applicant(name=shown.holder.name, code=shown.holder.code, kind="person")
        )
        assert [(one.kind, one.by, one.names) for one in asked] == [("asked", OFFICE, (KIND,))]


async def test_without_a_seal_it_is_collected_data(arrival: Any, train: Train) -> None:
    arrival.more = judging(train)
    async with arrival.open():

        @arrival.office.gives("household")
        def give(_request: Any) -> EvidenceAnswer:
            paper = OutcomeDocument(data=b"%PDF", media_type="application/pdf")
            return EvidenceAnswer(
                state=EvidenceState.DELIVERED, papers=(paper,), issued_at=MOMENT, as_of=MOMENT
            )

        desk = arrival.birth.engine.evidence
        person = Applicant(name="何静", code="97030119940312004X", kind="person")
        consent = ConsentGiven(by="she", at=arrival.clock.now(), proof=digest_bytes(b"yes"))
        reply = await desk.ask(
            desk.request(OFFICE, "household", subject=person, purpose="newborn", consent=consent)
        )
        assert reply.judged is None
        (document,) = reply.accepted(at=arrival.clock.now())
        assert document.provenance.level == "collected"


async def test_a_seal_at_which_nobody_looked_is_not_called_one(arrival: Any, train: Train) -> None:
    """Without a judge a certificate is what an office says that it is."""
    async with arrival.open():
        reply = await fetched(arrival, train, "recognised")
        assert reply.judged is None
        for document in reply.accepted(at=arrival.clock.now()):
            assert document.provenance.level == "collected"
