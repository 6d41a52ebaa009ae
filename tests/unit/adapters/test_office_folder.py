"""The folder of an office: keys, card, lock; and the words with which a start fails."""

from __future__ import annotations

import json
import socket
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oneservice.certificates import TrustStore
from oneservice.clocks import FileClock, SystemClock
from oneservice.errors import (
    AdapterError,
    FileUnusableError,
    IdentifierError,
    JournalLockedError,
)
from oneservice.identifiers import parse_credit_code
from oneservice_adapters import (
    DEPARTMENTS,
    opened_office,
    prepare_office,
    read_office_card,
)
from oneservice_adapters.__main__ import main
from oneservice_adapters.offices import profile_of
from oneservice_adapters.premises import occupied

START = datetime(2026, 9, 28, 1, tzinfo=UTC)


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_a_new_office_has_keys_of_its_own(tmp_path: Path, department: str) -> None:
    card = prepare_office(tmp_path, department, "990101")
    assert card == read_office_card(tmp_path) == prepare_office(tmp_path, department, "990101")
    assert card.issuer_id == f"https://{department}.990101.example/issuer"
    assert card.seal_suite == profile_of(department).seal_suite
    assert card.event_alg == profile_of(department).event_alg
    parse_credit_code(card.code)
    for name in ("event-key.pem", "seal-key.pem"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert not list(tmp_path.glob("*.tmp"))
    public = (tmp_path / "office.json").read_text("utf-8")
    assert "PRIVATE" not in public


def test_all_cards_fit_on_one_trust_list(tmp_path: Path) -> None:
    cards = [prepare_office(tmp_path / one, one) for one in DEPARTMENTS]
    trust = TrustStore(
        territory="990101",
        version=1,
        issued_at=START,
        expires_at=START.replace(year=2036),
        issuers=tuple(card.trusted_issuer(since=START) for card in cards),
    )
    for card in cards:
        assert [key.id for key in trust.event_keys(card.department)] == [card.event_keyid]
    assert {card.seal_suite for card in cards} == {"ecdsa-jcs-2019", "eddsa-jcs-2022"}
    assert {card.event_alg for card in cards} == {"ed25519", "ecdsa-p256-sha256"}


def test_the_codes_of_the_domain_page() -> None:
    from oneservice_adapters.numbers import office_code  # noqa: PLC0415 - only here

    codes = [office_code("990101", profile_of(one).code_no) for one in DEPARTMENTS[:3]]
    assert codes == ["11990101MB9900021A", "11990101MB990003X2", "11990101MB99000482"]


def test_an_interrupted_set_up_goes_on_with_the_same_keys(tmp_path: Path) -> None:
    first = prepare_office(tmp_path, "health")
    (tmp_path / "office.json").unlink()
    assert prepare_office(tmp_path, "health") == first


@pytest.mark.parametrize(
    ("department", "region", "error"),
    [
        ("nowhere", "990101", AdapterError),
        ("health", "99010", IdentifierError),
        ("health", "990102", AdapterError),
        ("tobacco", "990101", AdapterError),
    ],
)
def test_another_office_than_the_folders(
    tmp_path: Path, department: str, region: str, error: type[Exception]
) -> None:
    prepare_office(tmp_path, "health")
    with pytest.raises(error):
        prepare_office(tmp_path, department, region)


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with opened_office(tmp_path, "health", clock=SystemClock()):
        assert prepare_office(tmp_path, "health").department == "health"
        with (
            pytest.raises(JournalLockedError, match="another process serves"),
            opened_office(tmp_path, "health", clock=SystemClock()),
        ):
            pytest.fail("two processes in one office")
    with occupied(tmp_path):
        pass


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"format": "oneservice-office/1"}',
        '{"format": "oneservice-office/2"}',
        "not json",
        '{"format": "oneservice-office/1", "event_key": [], "seal": 1}',
    ],
)
def test_what_is_no_card(tmp_path: Path, text: str) -> None:
    (tmp_path / "office.json").write_text(text)
    with pytest.raises(FileUnusableError, match="no office card"):
        read_office_card(tmp_path)


def test_no_card_at_all(tmp_path: Path) -> None:
    with pytest.raises(FileUnusableError, match="cannot be read"):
        read_office_card(tmp_path)


def test_a_story_in_the_card_is_told_unless_the_caller_tells_another(tmp_path: Path) -> None:
    prepare_office(tmp_path, "tobacco")
    path = tmp_path / "office.json"
    document = json.loads(path.read_text("utf-8")) | {"stories": {"tobacco": "refused"}}
    path.write_text(json.dumps(document), "utf-8")
    with opened_office(tmp_path, "tobacco", clock=SystemClock()) as office:
        assert office.stories == {"tobacco": "refused"}
    path.write_text(json.dumps(document | {"stories": {"tobacco": "bribed"}}), "utf-8")
    with pytest.raises(FileUnusableError, match="a story is one of"):
        read_office_card(tmp_path)


def test_a_damaged_register_is_told_and_nothing_is_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare_office(tmp_path, "health")
    (tmp_path / "files.db").write_bytes(b"this was a register once" * 400)
    assert main(["health", "--dir", str(tmp_path)]) == 2
    told = capsys.readouterr()
    assert "files.db cannot be used (SQLITE_NOTADB)" in told.err
    assert told.out == ""


@pytest.mark.parametrize("name", ["event-key.pem", "seal-key.pem"])
def test_a_lost_or_damaged_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    prepare_office(tmp_path, "health")
    (tmp_path / name).write_text("-----BEGIN PRIVATE KEY-----")
    assert main(["health", "--dir", str(tmp_path)]) == 2
    (tmp_path / name).unlink()
    assert main(["health", "--dir", str(tmp_path)]) == 2
    assert f"{name} cannot be read" in capsys.readouterr().err
    assert not (tmp_path / name).exists()  # a new one would be nobody's


@pytest.mark.parametrize("name", ["event-key.pem", "seal-key.pem"])
def test_somebody_elses_key(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    prepare_office(tmp_path / "one", "health")
    prepare_office(tmp_path / "other", "health")
    (tmp_path / "one" / name).write_bytes((tmp_path / "other" / name).read_bytes())
    assert main(["health", "--dir", str(tmp_path / "one")]) == 2
    assert f"{name} is not the key on the office's card" in capsys.readouterr().err


# --- the command -----------------------------------------------------------------------------


def test_a_folder_that_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert main(["health", "--dir", str(file / "office")]) == 2
    assert "error[file_unusable]" in capsys.readouterr().err
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file"]


@pytest.mark.parametrize("text", [None, "", "yesterday"])
def test_a_clock_that_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None
) -> None:
    clock = tmp_path / "clock"
    if text is not None:
        clock.write_text(text)
    office = tmp_path / "office"
    assert main(["health", "--dir", str(office), "--clock", str(clock)]) == 2
    assert "error[file_unusable]: clock file" in capsys.readouterr().err
    assert not office.exists()


def test_a_port_that_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    FileClock(tmp_path / "clock", start=START)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        given = ["health", "--dir", str(tmp_path / "office"), "--port", port]
        assert main([*given, "--clock", str(tmp_path / "clock")]) == 2
    told = capsys.readouterr()
    assert "error[port_in_use]" in told.err
    assert port in told.err
    assert told.out == ""
    with occupied(tmp_path / "office"):  # the door is open again
        pass


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--story", "health_cert"], "STEP=WORD"),
        (["--story", "health_cert=bribed"], "a story is one of granted, refused"),
        (["--story", "food_permit=refused"], "health has no step food_permit"),
        (["--region", "99"], "a region code has 6 digits"),
    ],
)
def test_wrong_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], text: str
) -> None:
    assert main(["health", "--dir", str(tmp_path / "office"), *words]) == 2
    assert text in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["nowhere", "--dir", "x"], ["health"], ["health", "--port", "x"]]
)
def test_wrong_use(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    assert "usage:" in capsys.readouterr().err
