"""Some lives told from the beginning: every input that people give is given once where it fits.

``test_every_input`` shows what each state answers; here each act has the history that it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from oneservice.canonical import Digest
from oneservice.case import (
    APPLICANT,
    ENGINE,
    WITH_APPLICANT,
    Actor,
    AdoptOutcome,
    AskCode,
    AskFreshBundle,
    AskWithdrawal,
    BundleSigned,
    CaseChannel,
    CloseCase,
    ConsentTerms,
    CourierTold,
    DeliveryDidFail,
    EndMandate,
    ExtendJoint,
    FileAgain,
    FollowUpStage,
    GiveConsent,
    GiveMandate,
    HandToCourier,
    Holder,
    HolderKind,
    Input,
    JoinBulk,
    MoveOriginal,
    ParcelState,
    RateResult,
    RatingTerms,
    Reassign,
    RecordVisit,
    RedeemCode,
    ReportFollowUp,
    Resume,
    RetryNow,
    ReturnOriginal,
    SettleLoss,
    SupplementGiven,
    TakeOriginal,
    TimePassed,
    VisitPurpose,
    WithdrawConsent,
)

AT = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
SHA = Digest("sha256:" + "6" * 64)
OTHER = Digest("sha256:" + "7" * 64)
AGENT = Actor.agent("ag-3", mandate="m1")
CLERK, OFFICER = Actor.clerk("w-3"), Actor.officer("o-17")
OPERATOR, SECOND = Actor.operator("op-7"), Actor.operator("op-8")
WINDOW = Holder(kind=HolderKind.WINDOW, id="w-3")
DESK = Holder(kind=HolderKind.OFFICER, id="o-17")
HALL: Any = {"place": "hall-1/w-3", "by": CLERK}
WHY = "paper no. 12"
Told = Callable[[Any], Any]


def later(days: float) -> datetime:
    return AT + timedelta(days=days)


def gives(given: Input) -> Told:
    """Return the act of giving ``given``, which is kept to be given wrongly too."""

    def act(life: Any) -> Any:
        return life.give(given)

    act.given = given  # type: ignore[attr-defined]
    return act


def tells(kind: str, day: str, name: str = "permit", **data: Any) -> Told:
    return lambda life: life.told(kind, day, name, **data)


def failed(name: str = "permit", effect: Any = "refused", days: float = 0) -> Told:
    return gives(
        DeliveryDidFail(
            at=later(days),
            sub_case_id=name,
            message_id=f"c1.{name}.1",
            effect=effect,
            problem="not-allowed" if effect == "refused" else "timeout",
        )
    )


def code(number: int, days: float) -> AskCode:
    return AskCode(
        at=later(days),
        number=number,
        locator="K7MF",
        proof=SHA,
        channel=CaseChannel.WINDOW,
        expires_at=later(days) + timedelta(minutes=30),
        by=APPLICANT,
    )


def typed(number: int, days: float, proof: Digest = SHA) -> RedeemCode:
    return RedeemCode(
        at=later(days),
        number=number,
        proof=proof,
        channel=CaseChannel.WINDOW,
        session_until=later(days) + timedelta(minutes=20),
        **HALL,
    )


def taken(name: str, seal: str | None = "s-1") -> TakeOriginal:
    return TakeOriginal(
        at=AT,
        original=name,
        material="m_licence",
        description=SHA,
        taker=WINDOW,
        channel=CaseChannel.WINDOW,
        seal_no=seal,
        **HALL,
    )


def moved(name: str, giver: Holder, taker: Holder, seal: str | None = "s-1") -> MoveOriginal:
    return MoveOriginal(at=later(1), original=name, giver=giver, taker=taker, seal_no=seal, **HALL)


def courier(news: ParcelState, days: float, parcel: str = "ems:EA1") -> CourierTold:
    return CourierTold(
        at=later(days), parcel=parcel, news=news, happened_at=later(days), by=ENGINE, place="depot"
    )


def rated(level: int, days: float) -> RateResult:
    return RateResult(
        at=later(days),
        sub_case_id="permit",
        level=level,
        channel=CaseChannel.ONLINE,
        by=APPLICANT,
        comment=SHA,
        terms=RatingTerms(lead="government-services"),
    )


def followed(stage: FollowUpStage, days: float, *, founded: bool | None = None) -> ReportFollowUp:
    return ReportFollowUp(
        at=later(days), sub_case_id="permit", stage=stage, by=OFFICER, note=SHA, is_founded=founded
    )


def terms(**more: Any) -> ConsentTerms:
    members: dict[str, Any] = {
        "consent_id": "owner",
        "agreed_at": AT,
        "purpose": "thing",
        "level": "high",
        "proof": SHA,
        "sub_case_ids": ("sign",),
        "is_required": True,
        "until": date(2026, 10, 12),
    }
    return ConsentTerms(**(members | more))


SIGNED = BundleSigned(
    at=later(4), certificate_id="urn:b", certificate=SHA, over_seq=1, over_head=SHA
)
GRANT = (tells("received", "09-28"), tells("accepted", "09-28"), tells("granted", "09-29"))

LIVES: dict[str, Iterable[Told]] = {
    "papers": (
        gives(code(1, 0)),
        gives(typed(1, 0.01, OTHER)),
        gives(typed(1, 0.01)),
        gives(typed(1, 0.01)),
        gives(code(2, 1)),
        gives(code(3, 1.01)),
        gives(TimePassed(at=later(1.1))),
        gives(
            RecordVisit(
                at=later(1.2),
                channel=CaseChannel.WINDOW,
                purpose=VisitPurpose.HAND_IN,
                ticket="A017",
                **HALL,
            )
        ),
        gives(taken("bag-1")),
        gives(taken("bag-2", None)),
        gives(taken("bag-1")),
        gives(moved("bag-1", WINDOW, DESK)),
        gives(moved("bag-1", WINDOW, DESK)),
        gives(moved("bag-1", DESK, WINDOW, "s-2")),
        gives(moved("bag-1", DESK, WINDOW)),
        gives(moved("bag-9", DESK, WINDOW)),
        gives(
            ReturnOriginal(
                at=later(2), original="bag-1", giver=WINDOW, receipt=SHA, seal_no="s-1", **HALL
            )
        ),
        *GRANT,
        gives(
            HandToCourier(
                at=later(3),
                carrier="ems",
                tracking="EA1",
                content=SHA,
                seal_no="s-9",
                giver=WINDOW,
                taker=WITH_APPLICANT,
                originals=("bag-2",),
                results=("permit",),
                **HALL,
            )
        ),
        gives(courier(ParcelState.IN_TRANSIT, 3.5)),
        gives(TimePassed(at=later(40))),
        gives(courier(ParcelState.LOST, 41)),
        gives(courier(ParcelState.DELIVERED, 42, "ems:EA9")),
        gives(SettleLoss(at=later(43), original="bag-2", how="replaced", why=SHA, by=OFFICER)),
        gives(SettleLoss(at=later(43), original="bag-1", how="waived", why=SHA, by=OFFICER)),
    ),
    "ratings": (
        gives(rated(2, 0)),
        *GRANT,
        gives(rated(6, 2)),
        gives(rated(1, 2)),
        gives(rated(1, 2)),
        gives(followed(FollowUpStage.CONTACTED, 3)),
        gives(followed(FollowUpStage.ANSWERED, 3)),
        gives(followed(FollowUpStage.VERIFIED, 4, founded=True)),
        gives(followed(FollowUpStage.CORRECTED, 5)),
        gives(followed(FollowUpStage.ANSWERED, 6)),
        gives(rated(2, 7)),
        gives(TimePassed(at=later(60))),
        gives(rated(5, 61)),
    ),
    "mandates and consents": (
        gives(AskWithdrawal(at=AT, sub_case_ids=("sign",), by=AGENT)),
        gives(
            GiveMandate(
                at=AT,
                mandate_id="m1",
                agent="ag-3",
                proof=SHA,
                sub_case_ids=("permit", "sign"),
                actions=("withdraw", "file_again"),
                until=date(2026, 12, 31),
                why=WHY,
            )
        ),
        gives(GiveMandate(at=AT, mandate_id="m1", agent="ag-3", proof=SHA)),
        gives(GiveMandate(at=AT, mandate_id="m2", agent="ag-4", proof=SHA, by=CLERK)),
        gives(GiveConsent(at=AT, terms=terms(), by=Actor.party("owner"), why=WHY)),
        gives(GiveConsent(at=AT, terms=terms(purpose="another"), by=CLERK)),
        gives(WithdrawConsent(at=later(1), consent_id="owner", by=CLERK, why=WHY)),
        gives(WithdrawConsent(at=later(1), consent_id="owner", by=CLERK)),
        *GRANT,
        gives(GiveConsent(at=later(2), terms=terms(agreed_at=later(2)), by=Actor.party("owner"))),
        gives(EndMandate(at=later(2), mandate_id="m2", by=OPERATOR, why=WHY)),
        gives(EndMandate(at=later(2), mandate_id="m9", by=APPLICANT)),
        gives(AskWithdrawal(at=later(2), sub_case_ids=("sign",), by=AGENT, why=WHY)),
        gives(EndMandate(at=later(2), mandate_id="m1", by=AGENT, why=WHY)),
        gives(TimePassed(at=later(200))),
    ),
    "operators": (
        failed(effect="unknown"),
        gives(RetryNow(at=later(0.1), sub_case_id="permit", by=OPERATOR, why=WHY)),
        failed(days=0.2),
        gives(RetryNow(at=later(0.3), sub_case_id="permit", by=OPERATOR, why=WHY)),
        gives(Resume(at=later(0.4), sub_case_id="permit", by=OPERATOR, why=WHY)),
        failed(days=0.5),
        gives(
            Reassign(
                at=later(1),
                sub_case_id="sign",
                department="housing",
                by=OFFICER,
                why=WHY,
                region="990102",
            )
        ),
        gives(Reassign(at=later(1), sub_case_id="sign", department="housing", by=OFFICER, why=WHY)),
        gives(
            AdoptOutcome(
                at=later(12),
                sub_case_id="permit",
                decision="granted",
                decided_on=date(2026, 9, 30),
                evidence=OTHER,
                by=OPERATOR,
                why=WHY,
                number="JY-9",
                second=SECOND,
            )
        ),
        tells("received", "10-12"),
        tells("accepted", "10-12"),
        tells("refused", "10-12"),
        gives(
            JoinBulk(
                at=later(15),
                bulk=OTHER,
                order=CloseCase(at=later(15), by=OPERATOR, why=WHY),
            )
        ),
        gives(CloseCase(at=later(16), by=OPERATOR, why=WHY)),
    ),
    "tried again": (
        failed(effect="unknown"),
        gives(RetryNow(at=AT, sub_case_id="permit", by=OPERATOR, why=WHY)),
        failed(effect="none", days=1),
        tells("received", "09-29"),
        gives(RetryNow(at=later(2), sub_case_id="permit", by=OPERATOR, why=WHY)),
    ),
    "limits and bundle": (
        tells("received", "09-28"),
        tells("accepted", "09-28"),
        gives(ExtendJoint(at=later(1), days=15, approved_by="city", reason="load", by=OPERATOR)),
        gives(ExtendJoint(at=later(1), days=1, approved_by="city", reason="load", by=OPERATOR)),
        tells("granted_pending_material", "09-29"),
        gives(
            SupplementGiven(
                at=later(2),
                sub_case_id="permit",
                correction_id=None,
                supplement_id="c1.permit.1.s1",
                request_digest=SHA,
                materials=("m_health",),
                why=WHY,
            )
        ),
        tells("material_received", "09-30", supplement_id="c1.permit.1.s1"),
        tells("received", "09-30", "sign"),
        tells("not_accepted", "09-30", "sign"),
        gives(FileAgain(at=later(3), sub_case_id="sign", by=OPERATOR, why=WHY)),
        lambda life: life.file("10-08") or (),
        tells("received", "10-08", "sign"),
        tells("accepted", "10-08", "sign"),
        tells("refused", "10-09", "sign"),
        gives(FileAgain(at=later(12), sub_case_id="sign", by=OPERATOR, why=WHY)),
        gives(SIGNED),
        gives(SIGNED),
        tells("result_replaced", "10-12"),
        gives(AskFreshBundle(at=later(15), by=OPERATOR, why=WHY)),
        gives(AskFreshBundle(at=later(15), by=OPERATOR, why=WHY)),
        tells("result_revoked", "10-13"),
    ),
}


@pytest.mark.parametrize("name", LIVES)
def test_a_life_is_told_as_it_was(begin: Any, step: Any, golden: Any, name: str) -> None:
    """Facts, refusals and what is owed then. To write it anew, delete the file and run this."""
    golden.tell(name, three_steps(begin, step), LIVES[name])


@pytest.mark.parametrize("name", LIVES)
def test_an_act_with_one_member_wrong_is_told_so(
    begin: Any, step: Any, golden: Any, name: str
) -> None:
    """Where the act itself would fit. To write it anew, delete the file and run this."""
    golden.refuse(name, three_steps(begin, step), LIVES[name])


def three_steps(begin: Any, step: Any) -> Any:
    return begin(
        step("permit"),
        step("sign", requires=("permit",), on_overdue="escalate"),
        step("bundle", kind="bundle", requires=("permit", "sign")),
        promised_days=9,
        joint_days=45,
    )
