"""A relier's own register beside published lists: the graver of two answers counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from oneservice.certificates import (
    CertificateState,
    CheckName,
    EnclosedList,
    Enclosures,
    Policy,
    Publication,
    StatusFinding,
    StatusKnown,
)

GOOD, SUSPENDED, REVOKED = CertificateState


@dataclass
class Own:
    """A register that answers the same for every certificate, or nothing."""

    state: CertificateState | None

    def status_of(self, certificate: Any, *, at: Any) -> StatusFinding | None:
        del certificate, at
        return (
            None if self.state is None else StatusFinding(state=self.state, evidence={"of": "us"})
        )


def judged(country: Any, own: Own | None, listed: CertificateState | None, **asked: Any) -> Any:
    lists = () if listed is None else (EnclosedList(data=country.lists(listed)[Publication.TOKEN]),)
    enclosed = Enclosures(status_lists=lists)
    return country.report(country.certificate(), status=own, enclosures=enclosed, **asked)


@pytest.mark.parametrize(
    ("own", "listed", "reason"),
    [
        (GOOD, GOOD, None),
        (GOOD, REVOKED, "revoked"),
        (GOOD, SUSPENDED, "suspended"),
        (SUSPENDED, GOOD, "suspended"),
        (SUSPENDED, REVOKED, "revoked"),
        (REVOKED, GOOD, "revoked"),
        (REVOKED, SUSPENDED, "revoked"),
        (REVOKED, REVOKED, "revoked"),
        (GOOD, None, None),
        (REVOKED, None, "revoked"),
        (None, GOOD, None),
        (None, REVOKED, "revoked"),
        (None, None, "indeterminate"),
    ],
)
def test_the_graver_answer_counts(
    own: CertificateState | None,
    listed: CertificateState | None,
    reason: str | None,
    country: Any,
) -> None:
    report = judged(country, Own(own), listed)
    assert (report.reason or None) == reason
    (check,) = [one for one in report.checks if one.name == CheckName.STATUS]
    differs = check.evidence.get("register", {}).get("differs")
    if None in {own, listed} or own is listed:
        assert differs is None
    else:
        assert {differs["state"], reason} <= {"good", "suspended", "revoked"}
        assert differs["state"] != reason


def test_the_own_answer_has_no_date_unless_it_gives_one(country: Any) -> None:
    asked = Policy.standard().also(StatusKnown(max_age_s=86_400))
    alone = judged(country, Own(GOOD), None, policy=asked)
    assert (alone.verdict, "does not say of when" in alone.message) == ("indeterminate", True)
