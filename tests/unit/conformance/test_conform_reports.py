"""What a report shows, and what it must not."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from oneservice.cli.conform import command
from oneservice.cli.conform_page import show_report
from oneservice.cli.pages import Page
from oneservice.conformance import (
    Answer,
    Exchange,
    Report,
    Result,
    Sent,
    Verdict,
    as_html,
    as_json,
    as_junit,
    exchange_text,
    masked_body,
    masked_header,
    masked_text,
    statements_of,
)

D_STATEMENTS = 61
PERSON = "Li Xiaomei <script>alert(1)</script>"


def exchange(**changes: Any) -> Exchange:
    body = {"applicant": {"kind": "person", "name": PERSON}, "case_id": "c1", "attempt": 1}
    told: dict[str, Any] = {
        "sent": Sent(
            method="PUT",
            path="/oneservice/v1/submissions/conform-1",
            headers=(("Authorization", "Bearer secret"), ("X-Api-Key", "secret"), ("A", "1.0")),
            secret=frozenset({"x-api-key"}),
            body=json.dumps(body).encode(),
        ),
        "answer": Answer(
            status=200,
            headers=(("set-cookie", "secret=1"), ("content-type", "application/json")),
            body=b'{"detail":"11010519491231002X called 13800138000"}',
        ),
    }
    return Exchange(**(told | changes))


def report(*verdicts: Verdict) -> Report:
    table = statements_of()
    results = [
        Result(
            statement=table[place],
            verdict=verdict,
            why="" if verdict is Verdict.PASS else f"it said {PERSON[:3]} 13800138000 & more",
            exchanges=(exchange(),),
            seconds=0.25,
        )
        for place, verdict in enumerate(verdicts)
    ]
    return Report(
        url="http://127.0.0.1:1/oneservice/v1",
        department="sample-office",
        step_id="conform",
        run="00ff",
        results=tuple(results),
        seconds=1.5,
    )


ALL = report(Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE)


def test_every_d_statement_of_the_protocol_is_tried() -> None:
    from pathlib import Path  # noqa: PLC0415

    page = Path(__file__).resolve().parents[3] / "docs" / "protocol.md"
    rows = re.findall(r"^\| (P-\d\d) \| ([DE, ]+) \|", page.read_text("utf-8"), re.MULTILINE)
    assert [one.number for one in statements_of()] == [name for name, who in rows if "D" in who]
    assert len(statements_of()) == D_STATEMENTS


def test_every_statement_has_words() -> None:
    for one in statements_of():
        assert one.cure.endswith(".")
        assert one.cure.count(". ") == 0
        assert re.fullmatch(r"\d+(, \d+)*", one.clause)


@pytest.mark.parametrize(
    "render", [as_html, as_junit, lambda one: json.dumps(as_json(one)).encode()]
)
def test_no_report_shows_a_person_or_a_secret(render: Any) -> None:
    shown = render(ALL).decode()
    for hidden in ("Xiaomei", "secret", "13800138000", "11010519491231002X", "<script"):
        assert hidden not in shown
    assert "conform-1" in shown


def test_junit_is_what_build_servers_read() -> None:
    suite = ET.fromstring(as_junit(ALL))  # noqa: S314 - our own
    assert suite.attrib["tests"] == "3"
    assert (suite.attrib["failures"], suite.attrib["skipped"]) == ("1", "1")
    (failure,) = suite.iter("failure")
    assert "& more" in failure.attrib["message"]
    assert "Section" in (failure.text or "")


def test_json_says_what_is_broken_and_how_to_mend_it() -> None:
    found = as_json(ALL)
    assert found["conforming"] is False
    assert found["counts"] == {"pass": 1, "fail": 1, "not_applicable": 1}
    good, bad, _ = found["statements"]
    assert (good["cure"], bad["verdict"]) == ("", "fail")
    assert bad["cure"]
    assert bad["exchanges"][0]["answer"]["status"] == 200
    assert as_json(report(Verdict.PASS))["conforming"] is True


def test_an_exchange_without_answer_says_so() -> None:
    silent = exchange(answer=None, failure="nothing came within 20 s")
    assert "(no answer: nothing came within 20 s)" in exchange_text(silent)
    assert as_json(report())["statements"] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("13800138000", "•••"),
        ("11010519491231002X!", "•••!"),
        ("92990101MA99000523", "•••"),
        ("SJ-20261121-0007", "SJ-20261121-0007"),
        ("0123456789" * 8, "0123456789" * 8),
    ],
)
def test_numbers_of_persons_are_masked(text: str, shown: str) -> None:
    assert masked_text(text) == shown


def test_bodies_keep_their_form() -> None:
    assert json.loads(masked_body(b'{"applicant":{"a":[1,null,"x"]},"state":"received"}')) == {
        "applicant": {"a": ["•••", None, "•••"]},
        "state": "received",
    }
    assert masked_body(b"") == ""
    assert masked_body(b"%PDF").startswith("(4 bytes")
    assert masked_header("Cookie", "x") == "•••"
    assert masked_header("ETag", '"sha256:00"') == '"sha256:00"'


# --- the command ---


def test_what_is_wanting_is_told_once_for_all_that_want_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = report(Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.NOT_APPLICABLE)
    show_report(Page(), found)
    numbers = ", ".join(one.statement.number for one in found.results[1:])
    page = capsys.readouterr().out
    assert "What could not be tried, and what is wanting for it" in page
    assert f"n/a {numbers}: it said" in page
    assert page.count("it said") == 1


def run(*arguments: str) -> Any:
    return CliRunner().invoke(command, arguments)


def test_the_command_lists_the_statements() -> None:
    listed = run("--list", "--json")
    assert listed.exit_code == 0
    assert len(json.loads(listed.output)) == D_STATEMENTS
    assert "P-07" in run("--list", "--only", "P-07").output


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("http://127.0.0.1:1/x", "--callback", "nothing"),
        ("http://127.0.0.1:1/x", "--header", "nothing"),
    ],
)
def test_wrong_use_is_said(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2
