"""A list's logs, witnesses and clocks vouch for its own territory, and for no other's papers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from oneservice.certificates import (
    CheckName,
    CheckResult,
    Enclosures,
    ListedLog,
    ListedWitness,
    Logged,
    Policy,
    Verdict,
    Witnessed,
    combine,
)
from oneservice.transparency import NoteSigner, SignatureType

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
SEEN = datetime(2026, 10, 14, 4, tzinfo=UTC)
ASKING = Policy.standard().also(Logged(), Witnessed(by=("audit-office",)))


@pytest.fixture
def stranger(country: Any) -> ListedWitness:
    """Return a witness that cosigns the log of 990100, as another list names it."""
    signer = NoteSigner.generate("friend.example/witness", type=SignatureType.COSIGNATURE_V1)
    country.witnesses["friend"] = signer
    return ListedWitness(
        name=signer.key.name, vkey=signer.key.vkey, role="audit-office", valid_from=OPENED
    )


def asked(country: Any, *lists: Any, log: NoteSigner | None = None) -> Any:
    certificate = country.certificate(status=None)
    proof = country.logged(certificate.digest, "friend", at=SEEN, log=log)
    enclosed = Enclosures(log_proofs=(proof,))
    return country.report(certificate, trust=combine(lists), enclosures=enclosed, policy=ASKING)


def result(report: Any, name: CheckName) -> CheckResult:
    return next(one.result for one in report.checks if one.name == name)


def own(country: Any) -> Any:
    """Return the list of 990100 without the witness of the test."""
    kept = tuple(one for one in country.trust.witnesses if not one.name.startswith("friend"))
    return replace(country.trust, witnesses=kept)


def test_another_regions_witness_dates_nothing_here(country: Any, stranger: Any) -> None:
    """Else whoever signs any list of the relier could call himself an audit office."""
    abroad = country.neighbour(witnesses=(stranger,))
    report = asked(country, own(country), abroad)
    assert report.verdict is Verdict.INDETERMINATE
    assert result(report, CheckName.LOGGED) is CheckResult.PASS
    assert "no witness has cosigned" in report.message


def test_it_counts_where_the_own_list_names_it_too(country: Any, stranger: Any) -> None:
    """A witness that watches several regions stands in the list of each; it counts once."""
    home = replace(own(country), witnesses=(stranger,))
    report = asked(country, home, country.neighbour(witnesses=(stranger,)))
    assert report.verdict is Verdict.VALID
    (check,) = [one for one in report.checks if one.name == CheckName.WITNESSED]
    assert [one["witness"] for one in check.evidence["witnesses"]] == [stranger.name]


def test_its_role_is_the_one_that_the_own_list_gives_it(country: Any, stranger: Any) -> None:
    home = replace(own(country), witnesses=(replace(stranger, role="region"),))
    report = asked(country, home, country.neighbour(witnesses=(stranger,)))
    assert report.verdict is Verdict.INDETERMINATE
    assert "0 of 1 witnesses cosigned" in report.message


def test_the_list_of_a_country_speaks_for_its_regions(country: Any, stranger: Any) -> None:
    for territory in ("990000", "000000"):
        above = country.neighbour(territory=territory, witnesses=(stranger,))
        assert asked(country, own(country), above).verdict is Verdict.VALID


def test_a_city_does_not_vouch_for_its_province(country: Any, stranger: Any) -> None:
    below = country.neighbour(territory="990101", witnesses=(stranger,))
    assert asked(country, own(country), below).verdict is Verdict.INDETERMINATE


def test_another_regions_log_holds_nothing_of_ours(country: Any, stranger: Any) -> None:
    foreign = NoteSigner.generate("980200.example/log")
    listed = ListedLog(origin=foreign.key.name, vkey=foreign.key.vkey, valid_from=OPENED)
    home = replace(own(country), witnesses=(stranger,))
    report = asked(country, home, country.neighbour(logs=(listed,)), log=foreign)
    assert report.verdict is Verdict.INDETERMINATE
    assert "names no log '980200.example/log'" in report.message
    both = replace(home, logs=(*home.logs, listed))
    assert asked(country, both, country.neighbour(logs=(listed,)), log=foreign).verdict == "valid"


def test_of_a_territory_without_a_list_those_above_it_vouch(country: Any, stranger: Any) -> None:
    above = country.neighbour(territory="990000", witnesses=(stranger,))
    book = combine((above, country.neighbour(territory="970000")))
    assert book.third_parties("990100").witnesses == (stranger,)
    assert book.third_parties("970000").witnesses == ()
