"""What another region sends along is taken as far as it can be read, and is about the paper."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime
from typing import Any

import pytest

from oneservice.canonical import canonical
from oneservice.certificates import (
    Certificate,
    Claims,
    Cryptosuite,
    EnclosedList,
    EnclosedProof,
    Enclosures,
    SigningKey,
    issue,
)
from oneservice.engine.enclosed_elsewhere import elsewhere_among, joined, written
from oneservice.engine.result_papers import PaperBeside

KEY = SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)


def paper(number: int = 1) -> Certificate:
    claims = Claims(
        id=f"https://office.example/entries/{number}",
        type="birth_registration",
        title={"en": "Entry of birth"},
        issuer_id="https://office.example/issuer",
        issuer_name={"en": "Police"},
        issuer_region="980201",
        holder_name="陆小禾",
        valid_from=date(2026, 9, 28),
    )
    return issue(
        claims,
        key=KEY,
        verification_method=f"https://office.example/issuer#{KEY.public_multibase}",
        created=datetime(2026, 9, 28, 1, tzinfo=UTC),
    )


PAPER = paper()


def sent(data: bytes) -> PaperBeside:
    return PaperBeside(certificate=PAPER, department="region-980200", data=data)


def stated(enclosed: Any, *, name: str = PAPER.digest, **more: Any) -> bytes:
    return canonical({"format": "oneservice-enclosures/1", "certificates": {name: enclosed}} | more)


def stamps(count: int) -> list[str]:
    return [base64.b64encode(bytes([one])).decode() for one in range(1, count + 1)]


def test_what_is_written_is_read() -> None:
    found = Enclosures(timestamps=(b"a token",), status_lists=(EnclosedList(data=b"a list"),))
    data = written({PAPER.digest: found, paper(2).digest: Enclosures()})
    assert elsewhere_among([sent(data)]) == {PAPER.digest: found}


def test_lists_that_make_it_too_large_are_left_out() -> None:
    large = EnclosedList(data=b"a" * 5_000_000)
    found = Enclosures(timestamps=(b"a token",), status_lists=(large,))
    read = elsewhere_among([sent(written({PAPER.digest: found}))])
    assert read[PAPER.digest] == Enclosures(timestamps=(b"a token",))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        canonical({}),
        stated({"timestamps": stamps(1)}, format="oneservice-enclosures/2"),
        stated({"timestamps": stamps(1)}, name=paper(2).digest),
        stated({}, certificates=[]),
        stated([]),
        stated({"timestamps": []}),
        stated({"timestamps": ["?"]}),
        stated({"log_proofs": [{"proof": "none", "salt": "s"}]}),
        stated({"gifts": [1]}),
        stated({"timestamps": stamps(33)}),
        stated({"seal_receipt": {"format": "x"}}),
        b" " * 5_000_000,
    ],
)
def test_what_is_misshapen_or_about_another_paper_is_left_out(data: bytes) -> None:
    assert elsewhere_among([sent(data)]) == {}


def test_no_neighbour_makes_a_bundle_unreadable() -> None:
    """A bundle holds 32 of a kind; what it cannot hold makes all of it misshapen."""
    (found,) = elsewhere_among([sent(stated({"timestamps": stamps(32)}))]).values()
    assert len(found.timestamps) == 8
    whole = joined(Enclosures(timestamps=tuple(bytes([200 + one]) for one in range(8))), found)
    assert Enclosures.of(whole.as_json()) == whole


def proof(salt: str) -> EnclosedProof:
    """Return what stands for a proof: nobody reads it here."""
    return EnclosedProof(text="c2sp.org/tlog-proof@v1", salt=salt)


def test_a_list_that_both_have_comes_with_the_proof_of_its_own_log() -> None:
    ours, theirs = proof("ours"), proof("theirs")
    both, mine = b"the list of their office", b"a list of ours"
    whole = joined(
        Enclosures(
            log_proofs=(ours,),
            status_lists=(EnclosedList(data=both, log_proof=ours), EnclosedList(data=mine)),
        ),
        Enclosures(
            log_proofs=(theirs, ours),
            status_lists=(EnclosedList(data=both, log_proof=theirs), EnclosedList(data=mine)),
        ),
    )
    assert whole.log_proofs == (ours, theirs)
    assert whole.status_lists == (
        EnclosedList(data=both, log_proof=theirs),
        EnclosedList(data=mine),
    )
    bare = Enclosures(status_lists=(EnclosedList(data=both),))
    kept = joined(Enclosures(status_lists=(EnclosedList(data=both, log_proof=ours),)), bare)
    assert kept.status_lists == (EnclosedList(data=both, log_proof=ours),)


def test_nothing_from_elsewhere_changes_nothing() -> None:
    own = Enclosures(timestamps=(b"a token",))
    assert joined(own, None) is own
    assert joined(own, Enclosures()) == own
