"""Policies: composed as values, weighed in three-valued logic, written down as documents."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.certificates import (
    POLICIES,
    POLICY_FORMAT,
    AllOf,
    AnyOf,
    CheckName,
    CheckResult,
    Enclosures,
    HeldBy,
    Logged,
    Passes,
    Policy,
    RecognisedIn,
    Requirement,
    SealedUnder,
    StatusKnown,
    TimeProven,
    TimestampedBy,
    Verdict,
    Witnessed,
    combine,
    policy_document,
    read_policy,
)
from oneservice.certificates.deciding import weigh
from oneservice.certificates.report import Finding, failed, not_checked, passed
from oneservice.errors import (
    ExpiredCertificateError,
    IdentifierError,
    PolicyInvalidError,
    StatusUnknownError,
)
from oneservice.identifiers import RegionCode

if TYPE_CHECKING:
    from tests.unit.certificates.evidence.conftest import Country

SIGNED = datetime(2026, 10, 14, 3, tzinfo=UTC)
STANDARD = Policy.standard()


def answer(verdict: Verdict, name: CheckName = CheckName.DATES) -> Finding:
    if verdict is Verdict.VALID:
        return passed(name)
    if verdict is Verdict.INVALID:
        return failed(name, ExpiredCertificateError(f"{name} says no"))
    return not_checked(name, "?", error=StatusUnknownError(f"{name} cannot tell"))


def weighed(whole: type[AllOf | AnyOf], verdicts: tuple[Verdict, ...]) -> Verdict:
    names = list(CheckName)[2:]
    leaves = [Passes(check=name) for name in names[: len(verdicts)]]
    told = {leaf: answer(v, leaf.check) for leaf, v in zip(leaves, verdicts, strict=True)}
    return weigh(whole(*leaves), told.__getitem__).verdict


@pytest.mark.parametrize("verdicts", list(itertools.product(Verdict, repeat=3)))
def test_all_and_any_are_kleenes(verdicts: tuple[Verdict, ...]) -> None:
    order = [Verdict.INVALID, Verdict.INDETERMINATE, Verdict.VALID]
    assert weighed(AllOf, verdicts) is min(verdicts, key=order.index)
    assert weighed(AnyOf, verdicts) is max(verdicts, key=order.index)


@given(st.data())
def test_the_order_in_which_a_policy_is_written_changes_no_answer(data: st.DataObject) -> None:
    names = list(CheckName)
    verdicts = data.draw(st.lists(st.sampled_from(Verdict), min_size=2, max_size=6))
    leaves = [Passes(check=name) for name in names[: len(verdicts)]]
    told = {leaf: answer(v, leaf.check) for leaf, v in zip(leaves, verdicts, strict=True)}
    shuffled = data.draw(st.permutations(leaves))
    found = [weigh(AllOf(*one), told.__getitem__) for one in (leaves, shuffled)]
    assert str(found[0].error) == str(found[1].error)
    if found[0].error is not None:
        # The first failure in the order of the checks; without one, the first that is unknown.
        worst = Verdict.INVALID if Verdict.INVALID in verdicts else Verdict.INDETERMINATE
        assert str(found[0].error).startswith(names[verdicts.index(worst)].value)


def test_any_of_says_what_each_branch_lacks() -> None:
    branches = (Passes(check=CheckName.DATES), Passes(check=CheckName.STATUS))
    told = {one: answer(Verdict.INVALID, one.check) for one in branches}
    outcome = weigh(AnyOf(*branches), told.__getitem__)
    assert isinstance(outcome.error, ExpiredCertificateError)
    text = str(outcome.error)
    assert "(1) dates says no" in text
    assert "(2) status says no" in text
    assert [one.requirement for one in outcome.lacking()] == list(branches)


def test_one_open_way_is_the_reason() -> None:
    branches = (Passes(check=CheckName.DATES), Passes(check=CheckName.STATUS))
    told = {
        branches[0]: answer(Verdict.INVALID, CheckName.DATES),
        branches[1]: answer(Verdict.INDETERMINATE, CheckName.STATUS),
    }
    outcome = weigh(AnyOf(*branches), told.__getitem__)
    assert str(outcome.error) == "status cannot tell"
    assert outcome.verdict is Verdict.INDETERMINATE


@pytest.mark.parametrize("hollow", [AllOf(), AnyOf()])
def test_of_nothing_nothing_follows(country: Country, hollow: Requirement) -> None:
    assert weigh(hollow, lambda _: passed("dates")).verdict is Verdict.INDETERMINATE
    for policy in (
        Policy(requires=hollow),
        STANDARD.also(hollow),
        Policy(requires=AnyOf(STANDARD.requires, hollow)),
    ):
        assert policy.refuses_all
        report = country.report(country.certificate(status=None), policy=policy)
        assert report.verdict is Verdict.INDETERMINATE
        assert {one.result for one in report.checks} == {CheckResult.NOT_CHECKED}


def test_either_way_will_do_and_the_other_is_named(country: Country) -> None:
    certificate = country.certificate(status=None)
    policy = STANDARD.also(AnyOf(Witnessed(at_least=3), Logged()), name="either")
    enclosed = Enclosures(log_proofs=(country.logged(certificate.digest, "audit"),))
    report = country.report(certificate, policy=policy, enclosures=enclosed)
    assert (report.verdict, report.policy) == (Verdict.VALID, "either")
    checks = {one.name: one for one in report.checks}
    assert checks["logged"].result is CheckResult.PASS
    assert checks["witnessed"].result is CheckResult.NOT_CHECKED
    assert "1 of 3" in checks["witnessed"].evidence["why"]


def test_neither_way_is_open(country: Country) -> None:
    policy = STANDARD.also(AnyOf(Witnessed(at_least=2), TimestampedBy(authorities=("clock",))))
    report = country.report(country.certificate(status=None), policy=policy)
    assert report.verdict is Verdict.INDETERMINATE
    assert "no witness has cosigned" in report.message
    assert "no timestamp of clock" in report.message
    due = [one for one in report.checks if one.name in ("witnessed", "time")]
    assert all("reason" in one.evidence for one in due)


def test_two_regions_one_of_which_recognises(country: Country) -> None:
    trust = combine((country.trust, country.neighbour(country.rule())))
    here, there = (RecognisedIn(region=RegionCode(code)) for code in ("980201", "980100"))
    policy = STANDARD.also(AnyOf(there, here))
    certificate = country.certificate(status=None)
    report = country.report(certificate, trust=trust, policy=policy)
    assert report.verdict is Verdict.VALID, report.message
    check = next(one for one in report.checks if one.name == "recognised")
    assert (check.result, check.evidence["region"]) == (CheckResult.PASS, "980201")
    both = country.report(certificate, trust=trust, policy=STANDARD.also(there, here))
    assert both.verdict is Verdict.INDETERMINATE


def test_what_is_false_is_never_outvoted(country: Country) -> None:
    """Whichever way would do: a proof of another certificate is no proof, and no accident."""
    certificate, other = country.certificate(status=None), country.certificate(holder_name="Wang")
    proofs = (country.logged(certificate.digest, "audit"), country.logged(other.digest, "audit"))
    policy = STANDARD.also(AnyOf(TimeProven(), Logged()))
    enclosed = Enclosures(log_proofs=proofs)
    for asked in (policy, STANDARD):
        report = country.report(certificate, policy=asked, enclosures=enclosed)
        assert report.reason == "log_proof"


@pytest.mark.parametrize(("due", "minutes"), [(1, 0), (2, 1), (3, 2)])
def test_as_many_witnesses_must_agree_on_the_time(country: Country, due: int, minutes: int) -> None:
    """One witness that lies about its clock proves nothing where the policy asks for more."""
    certificate = country.certificate(status=None)
    names = ("audit", "university", "neighbour")
    enclosed = Enclosures(log_proofs=(country.logged(certificate.digest, *names),))
    policy = STANDARD.also(Witnessed(at_least=due), TimeProven())
    report = country.report(certificate, policy=policy, enclosures=enclosed)
    assert report.verdict is Verdict.VALID
    check = next(one for one in report.checks if one.name == "time")
    assert check.at == SIGNED + timedelta(hours=1, minutes=minutes)
    assert check.evidence["clock"].count("/witness") == due


def test_witnesses_that_nobody_asked_for_date_nothing_back(country: Country) -> None:
    """Two others may agree on an early moment; the policy's own witness saw it later."""
    certificate = country.certificate(status=None)
    early = country.logged(certificate.digest, "university", "neighbour")
    late = country.logged(certificate.digest, "audit", at=SIGNED + timedelta(days=9))
    enclosed = Enclosures(log_proofs=(early, late))
    country.key_days = {"compromised_at": SIGNED + timedelta(days=5)}
    anybody = country.report(certificate, enclosures=enclosed)
    assert anybody.verdict is Verdict.VALID
    policy = STANDARD.also(Witnessed(by=("audit-office",)))
    asked = country.report(certificate, policy=policy, enclosures=enclosed)
    assert (asked.verdict, asked.reason) == (Verdict.INDETERMINATE, "indeterminate")


def test_witnesses_are_counted_by_who_they_are(country: Country) -> None:
    certificate = country.certificate(status=None)
    proof = country.logged(certificate.digest, "audit")
    again = country.logged(certificate.digest, "audit", at=SIGNED + timedelta(days=1))
    enclosed = Enclosures(log_proofs=(proof, again))
    policy = STANDARD.also(Witnessed(at_least=2))
    report = country.report(certificate, policy=policy, enclosures=enclosed)
    assert report.verdict is Verdict.INDETERMINATE
    assert "1 of 2 witnesses" in report.message


requirements = st.deferred(lambda: leaves | wholes)
texts = st.text("abc-/", min_size=1, max_size=5)
spans = st.none() | st.integers(0, 10**6)
leaves = (
    st.builds(Passes, check=st.sampled_from([CheckName.PARSE, CheckName.PROOF, CheckName.DATES]))
    | st.builds(Logged, at_least=st.integers(1, 16))
    | st.builds(Witnessed, at_least=st.integers(1, 16), by=st.lists(texts, max_size=2).map(tuple))
    | st.builds(TimeProven, within_s=spans)
    | st.builds(TimestampedBy, authorities=st.lists(texts, max_size=2).map(tuple))
    | st.builds(RecognisedIn, region=st.sampled_from(["440000", "990101"]))
    | st.builds(StatusKnown, max_age_s=spans)
    | st.builds(SealedUnder, seals=st.lists(texts, max_size=2).map(tuple))
    | st.builds(HeldBy, audience=texts, nonce=texts, max_age_s=spans)
)
wholes = st.tuples(st.sampled_from([AllOf, AnyOf]), st.lists(leaves, min_size=1, max_size=3)).map(
    lambda made: made[0](*made[1])
)


@given(st.lists(requirements, max_size=4))
def test_a_policy_survives_being_written_down(further: list[Requirement]) -> None:
    policy = Policy(requires=AllOf(STANDARD.requires, *further), name="mine")
    again = read_policy(policy_document(policy))
    assert again == policy
    assert again.asks == policy.asks


def test_the_policies_that_have_names() -> None:
    for name, make in POLICIES.items():
        policy = make()
        assert (policy.name, policy.refuses_all) == (name, False)
        assert policy is make()
        assert name.startswith("dangerously") == (not STANDARD.asks <= policy.asks)
    named = read_policy({"format": POLICY_FORMAT, "name": "x", "require": ["archive"]})
    assert named.asks == Policy.archive().asks


@pytest.mark.parametrize(
    ("require", "place"),
    [
        (None, "require"),
        ([], "require"),
        ({}, "require"),
        (["dates"], "require"),
        ([{"any_of": ["standard", "logged"]}], "require"),
        (["standard", {"any_of": []}], "require[1].any_of"),
        (["standard", "loged"], "require[1]"),
        (["standard", {"logged": {}, "witnessed": {}}], "require[1]"),
        (["standard", {"logged": {"at_least": 0}}], "require[1].logged"),
        (["standard", {"logged": {"at_least": True}}], "require[1].logged"),
        (["standard", {"logged": {"atleast": 1}}], "require[1].logged"),
        (["standard", {"logged": 1}], "require[1].logged"),
        (["standard", {"witnessed": {"by": "audit"}}], "require[1].witnessed"),
        (["standard", {"recognised_in": {}}], "require[1].recognised_in"),
        (["standard", {"recognised_in": {"region": 440000}}], "require[1].recognised_in"),
        (["standard", {"recognised_in": {"region": "x"}}], "require[1].recognised_in"),
        (["standard", {"held_by": {"audience": "", "nonce": ""}}], "require[1].held_by"),
        (["standard", {"status_known": {"max_age_days": -1}}], "require[1].status_known"),
        (
            ["standard", {"status_known": {"max_age_days": 1, "max_age_s": 1}}],
            "require[1].status_known",
        ),
        (["standard", *["logged"] * 64], "require"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused_with_its_place(require: Any, place: str) -> None:
    with pytest.raises(PolicyInvalidError, match=f"the policy, {place}".replace("[", r"\[")):
        read_policy({"format": POLICY_FORMAT, "name": "mine", "require": require})


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"format": "oneservice-policy/2", "name": "x", "require": ["standard"]},
        {"format": POLICY_FORMAT, "name": "", "require": ["standard"]},
        {"format": POLICY_FORMAT, "name": "a\nb", "require": ["standard"]},
        {"format": POLICY_FORMAT, "name": "x", "require": ["standard"], "allow": []},
    ],
)
def test_what_is_no_policy_is_refused(document: Any) -> None:
    with pytest.raises(PolicyInvalidError):
        read_policy(document)


def test_a_deep_policy_is_refused() -> None:
    part: Any = "standard"
    for _ in range(9):
        part = {"all_of": [part]}
    with pytest.raises(PolicyInvalidError, match="levels"):
        read_policy({"format": POLICY_FORMAT, "name": "deep", "require": [part]})


def test_requirements_that_ask_for_nothing_cannot_be_made() -> None:
    for make in (
        lambda: Logged(at_least=0),
        lambda: Witnessed(at_least=17),
        lambda: TimeProven(within_s=-1),
        lambda: StatusKnown(max_age_s=-1),
        lambda: HeldBy(audience="a", nonce=""),
    ):
        with pytest.raises(PolicyInvalidError):
            make()
    with pytest.raises(IdentifierError):
        RecognisedIn(region=RegionCode("44"))
