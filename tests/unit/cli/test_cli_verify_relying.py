"""``oneservice verify``: what a relier brings along, and files that bring it themselves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import Result

from oneservice.certificates import (
    POLICIES,
    Bundle,
    CheckName,
    Cryptosuite,
    Evidence,
    RecognitionLevel,
    RecognitionRule,
    SigningKey,
    TrustStore,
)
from oneservice.cli.wrapping import columns

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Papers

Run = Callable[..., Result]
GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "evidence"
EVIDENCE = GOLDEN / "permit.evidence.json"
PRESENTED = GOLDEN / "permit.sd-jwt.evidence.json"
ROOT = (GOLDEN / "root.txt").read_text(encoding="ascii").strip()
LIST = GOLDEN / "trust-list.json"
AT = ("--at", "2027-03-01T00:00:00Z")
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def reports(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_one_file_and_one_key_give_the_full_report(run: Run) -> None:
    asked = ("--trust-root", ROOT, "--policy", "archive")
    result = run("verify", EVIDENCE, *asked, *AT, "--json", "--offline")
    assert result.exit_code == 0, result.stdout
    (report,) = reports(result)
    assert (report["kind"], report["verdict"], report["policy"]) == ("evidence", "valid", "archive")
    passed = {one["name"] for one in report["checks"] if one["result"] == "pass"}
    assert {"logged", "witnessed", "time", "status", "trust_list"} <= passed
    page = run("verify", EVIDENCE, *asked, *AT).stdout
    assert page.index("VALID as of") < page.index("pass")
    assert "what is enclosed was held against it" in " ".join(page.split())
    zh = run("verify", EVIDENCE, *asked, *AT, "--language", "zh").stdout
    assert "随附证据均经核对" in zh.replace("\n", "").replace(" ", "")
    assert not {"[", "{"} & set(page + zh), "words, not what a programming language writes"
    assert "witnesses audit.example/witness (role audit office, at" in " ".join(page.split())
    assert "日志 990100.example/log（序号 1，日志规模 2）" in zh


def test_the_enclosed_list_counts_only_by_its_signers(run: Run) -> None:
    other = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019).public_multibase
    result = run("verify", EVIDENCE, "--trust-root", other, *AT, "--json")
    assert result.exit_code == 2
    assert reports(result)[0]["reason"] == "trust_list"
    alone = run("verify", EVIDENCE, *AT, "--json")
    assert (alone.exit_code, reports(alone)[0]["reason"]) == (2, "indeterminate")


def test_a_presentation_as_a_text_file(run: Run, tmp_path: Path) -> None:
    shown = Evidence.parse(PRESENTED.read_bytes())
    file = tmp_path / "permit.txt"
    file.write_bytes(shown.certificate.dump() + b"\n")
    status = tmp_path / "status.jwt"
    status.write_bytes(shown.enclosures.status_lists[0].data + b"\n")
    lists = ("--trust", LIST, "--status", status)
    result = run("verify", file, *lists, *AT, "--json")
    (report,) = reports(result)
    assert (report["kind"], report["reason"]) == ("sd_jwt", None), report["message"]
    page = run("verify", file, *lists, *AT).stdout
    assert "Li's Noodles" in page
    asked = ("--audience", "https://me.example", "--nonce", "n-1")
    unproven = run("verify", file, *lists, *AT, *asked)
    assert unproven.exit_code == 1
    assert "Ask to be shown it again" in " ".join(unproven.stdout.split())
    half = run("verify", file, *lists, *AT, *asked[:2])
    assert half.exit_code == 2
    assert "belong together" in half.stderr


def test_without_a_register_nothing_is_told_of_what_names_one(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "permit.json"
    shown = Evidence.parse(EVIDENCE.read_bytes())
    file.write_bytes(shown.certificate.dump())
    result = run("verify", file, "--trust", LIST, *AT, "--json")
    assert (result.exit_code, reports(result)[0]["reason"]) == (2, "indeterminate")
    status = tmp_path / "status.json"
    status.write_bytes(shown.enclosures.status_lists[0].data)
    listed = ("--trust", LIST, "--status", status)
    good = run("verify", file, *listed, *AT, "--json")
    assert good.exit_code == 0, good.stdout
    late = run("verify", file, *listed, "--at", "2027-06-01", "--json")
    assert reports(late)[0]["reason"] == "indeterminate"
    assert "spoke until" in reports(late)[0]["message"]
    wrong = run("verify", file, "--trust", LIST, "--status", LIST, *AT)
    assert wrong.exit_code == 2
    assert "no status list" in wrong.stderr


def other_region(key: SigningKey, *rules: RecognitionRule) -> bytes:
    store = TrustStore(
        territory="440000",
        version=1,
        issued_at=SINCE,
        expires_at=SINCE + timedelta(days=3650),
        issuers=(),
        recognition=rules,
    )
    signed = store.signed(key=key, signer_id="https://440000.example/trust", created=SINCE)
    return signed.dump()


def rule(**changes: Any) -> RecognitionRule:
    return RecognitionRule(
        **{
            "issuer_region": "990101",
            "type": "food_permit",
            "accepted_in": "440000",
            "valid_from": SINCE,
            "minimum_level": RecognitionLevel.SEALED,
            "legal_basis": {"zh": "粤示互认〔2026〕1号", "en": "Agreement No. 1 of 2026"},
            **changes,
        }
    )


def test_recognition_is_a_question_to_the_other_region(run: Run, papers: Papers) -> None:
    theirs = papers.folder / "theirs.json"
    theirs.write_bytes(other_region(papers.key, rule()))
    lists = ("--trust", papers.trust, "--trust", theirs, "--at", "2027-03-01")
    known = run("verify", papers.certificate, *lists, "--recognise-in", "440100", "--json")
    assert known.exit_code == 0, known.stdout
    check = next(one for one in reports(known)[0]["checks"] if one["name"] == "recognised")
    assert check["evidence"]["rule"]["legal_basis"]["en"] == "Agreement No. 1 of 2026"
    theirs.write_bytes(other_region(papers.key, rule(valid_until=SINCE + timedelta(days=300))))
    ended = run("verify", papers.certificate, *lists, "--recognise-in", "440100")
    assert ended.exit_code == 1
    page = " ".join(ended.stdout.split())
    assert "no rule lets it count here" in page
    assert "ended on 2026-10-28 08:00:00 +0800" in page
    alone = ("--trust", papers.trust, "--at", "2027-03-01", "--recognise-in", "440100", "--json")
    unknown = run("verify", papers.certificate, *alone)
    assert (unknown.exit_code, reports(unknown)[0]["reason"]) == (2, "indeterminate")
    nonsense = run("verify", papers.certificate, *lists, "--recognise-in", "44")
    assert nonsense.exit_code == 2
    assert "'--recognise-in'" in nonsense.stderr


def test_two_lists_of_one_territory_are_refused(run: Run, papers: Papers) -> None:
    lists = ("--trust", papers.trust, "--trust", papers.trust)
    result = run("verify", papers.certificate, *lists, "--json")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["code"] == "trust_list"


def test_an_older_list_than_was_relied_on_is_refused(run: Run, papers: Papers) -> None:
    memory = papers.folder / "memory.json"
    old = TrustStore.parse(papers.trust.read_bytes())
    asked = ("--trust", papers.trust, "--trust-memory", memory, "--at", "2027-03-01", "--json")
    assert run("verify", papers.certificate, *asked).exit_code == 0
    kept = memory.read_bytes()
    assert run("verify", papers.certificate, *asked).exit_code == 0
    forked = replace(old, expires_at=old.expires_at + timedelta(days=1), document=None, roots=())
    signer = "https://990101.example/trust"
    papers.trust.write_bytes(forked.signed(key=papers.key, signer_id=signer, created=SINCE).dump())
    result = run("verify", papers.certificate, *asked)
    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["code"] == "trust_history"
    assert memory.read_bytes() == kept


POLICY = """\
format: oneservice-policy/1
name: 窗口 counter
require:
  - standard
  - any_of:
      - witnessed: {at_least: 2, by: [audit-office, university]}
      - timestamped_by
  - status_known: {max_age_hours: 36}
"""


def test_a_policy_of_ones_own(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "counter.yaml"
    file.write_text(POLICY, encoding="utf-8")
    asked = ("--trust", LIST, "--policy", file, "--json")
    result = run("verify", EVIDENCE, *asked, *AT)
    assert result.exit_code == 0, result.stdout
    assert reports(result)[0]["policy"] == "窗口 counter"
    stale = run("verify", EVIDENCE, *asked, "--at", "2027-03-02T12:00:01Z")
    assert reports(stale)[0]["reason"] == "indeterminate"
    as_json = run("verify", EVIDENCE, "--trust", LIST, "--policy", GOLDEN / "policy.json", *AT)
    assert as_json.exit_code == 0, as_json.stdout
    assert reports(run("verify", EVIDENCE, *asked, *AT)) == reports(result)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (POLICY.replace("standard", "standrad"), "require[0]: there is no 'standrad'"),
        (POLICY.replace("  - standard\n", ""), "without a signature"),
        (POLICY.replace("at_least: 2", "at_least: 0"), "any_of[0].witnessed"),
        ("format: [", "counter.yaml:"),
        ("", "counter.yaml:1:1"),
        ("- standard", "format: oneservice-policy/1 is due"),
    ],
)
def test_a_policy_with_a_slip_names_file_and_place(
    run: Run, tmp_path: Path, text: str, why: str
) -> None:
    file = tmp_path / "counter.yaml"
    file.write_text(text, encoding="utf-8")
    result = run("verify", EVIDENCE, "--policy", file, *AT, "--json")
    assert result.exit_code == 2
    error = json.loads(result.stdout)["error"]
    assert error["code"] == "policy_invalid"
    assert why in error["message"]
    assert "counter.yaml" in error["message"]


def test_a_policy_that_is_neither_file_nor_name(run: Run) -> None:
    result = run("verify", EVIDENCE, "--policy", "standrad", *AT)
    assert result.exit_code == 2
    assert "'standrad' is neither a file nor one of" in " ".join(result.stderr.split())


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", POLICIES)
def test_every_policy_can_be_explained(run: Run, name: str, language: str) -> None:
    more = ("--explain-policy", "--recognise-in", "440000", "--audience", "me", "--nonce", "n")
    result = run("verify", "--policy", name, *more, "--language", language)
    assert result.exit_code == 0
    assert all(columns(line) <= 80 for line in result.stdout.splitlines())
    assert "440000" in result.stdout
    danger = {"zh": "危险", "en": "Danger"}[language]
    assert (danger in result.stdout) is name.startswith("dangerously")


def test_an_explained_policy_can_be_read_again(run: Run, tmp_path: Path) -> None:
    told = run("verify", "--policy", "archive", "--explain-policy", "--json")
    assert told.exit_code == 0
    file = tmp_path / "archive.json"
    file.write_text(told.stdout, encoding="utf-8")
    assert run("verify", EVIDENCE, "--trust", LIST, "--policy", file, *AT).exit_code == 0


def test_without_a_file_there_is_nothing_to_judge(run: Run) -> None:
    result = run("verify", "--trust", LIST)
    assert result.exit_code == 2
    assert "name a file to judge" in result.stderr


def test_a_bundle_and_a_key_are_enough(run: Run, papers: Papers) -> None:
    """The list of the day lies in it; its signer is all that one must know."""
    bundle = Bundle.parse(papers.bundle.read_bytes())
    assert bundle.trust_list
    root = papers.key.public_multibase
    result = run("verify", papers.bundle, papers.journal, "--trust-root", root, *AT, "--json")
    assert result.exit_code == 0, result.stdout
    assert [one["verdict"] for one in reports(result)] == ["valid", "valid"]
    assert {one["name"] for one in reports(result)[0]["checks"]} >= set(CheckName)


def test_all_that_is_missing_is_told_at_once(run: Run, papers: Papers) -> None:
    """Who is sent for a register, then for a log, then for a timestamp, goes three times."""
    asked = ("verify", papers.certificate, "--trust", papers.trust, "--policy", "archive", *AT)
    (report,) = reports(run(*asked, "--json"))
    assert report["reason"] == "indeterminate"
    whys = (
        "no register at hand knows whether it was taken back",
        "the certificate comes without a proof of logging",
        "no timestamp; the only clock is the issuer's own",
    )
    assert report["message"] == whys[0]
    told = " ".join(run(*asked).stdout.partition("says it is")[0].split())
    assert all(told.count(why) == 1 for why in whys), told
    zh = "".join(run(*asked, "--language", "zh").stdout.split())
    assert "还缺：未附透明日志证明" in zh
    assert "还缺：没有时间戳" in zh


AUDIT = """\
import sys

def refuse(event, _arguments):
    if event.startswith("socket."):
        raise RuntimeError("a socket was touched: " + event)

sys.addaudithook(refuse)
"""


def test_no_socket_for_evidence_either(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(AUDIT, encoding="utf-8")
    root = Path(__file__).resolve().parents[3]
    words = ("verify", EVIDENCE, "--trust-root", ROOT, "--policy", "archive", "--offline", *AT)
    result = subprocess.run(
        [sys.executable, "-m", "oneservice", *map(str, words)],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{root}:{root / 'adapters'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "VALID as of" in result.stdout


def bent(tmp_path: Path, bend: Callable[[list[str]], list[str]]) -> Path:
    document = json.loads(EVIDENCE.read_bytes())
    (proof, *_) = document["enclosures"]["log_proofs"]
    proof["proof"] = "\n".join(bend(proof["proof"].split("\n")))
    document["enclosures"]["log_proofs"] = [proof]
    file = tmp_path / "bent.evidence.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def test_a_damaged_log_proof_is_not_called_a_forged_paper(run: Run, tmp_path: Path) -> None:
    def other_index(lines: list[str]) -> list[str]:
        return [f"index {int(one[6:]) + 1}" if one.startswith("index ") else one for one in lines]

    file = bent(tmp_path, other_index)
    asked = (file, "--trust", LIST, *AT)
    (told,) = reports(run("verify", *asked, "--json"))
    assert (told["verdict"], told["reason"]) == ("invalid", "log_proof")
    passed = {one["name"]: one["result"] for one in told["checks"]}
    assert (passed["proof"], passed["logged"]) == ("pass", "fail")
    page = " ".join(run("verify", *asked).stdout.split())
    assert "the enclosed proof of logging does not fit; ask for a new one" in page
    assert "not what was signed" not in page
    zh = "".join(run("verify", *asked, "--language", "zh").stdout.split())
    assert "随附的日志证明与证照不符，请索取新的证明" in zh
    assert "内容与签名不符" not in zh


def test_how_many_witnesses_are_missing_is_told_in_both_languages(run: Run, tmp_path: Path) -> None:
    policy = tmp_path / "nine.yaml"
    policy.write_text(
        "format: oneservice-policy/1\nname: nine\n"
        "require: [standard, {witnessed: {at_least: 9}}]\n",
        encoding="utf-8",
    )
    asked = (EVIDENCE, "--trust", LIST, "--policy", policy, *AT)
    (told,) = reports(run("verify", *asked, "--json"))
    count = told["message"].split()[0]
    assert told["message"] == f"{count} of 9 witnesses cosigned"
    zh = "".join(run("verify", *asked, "--language", "zh").stdout.split())
    assert f"应有9方见证会签，现有{count}方" in zh


def test_a_log_that_nobody_names_says_whose_list_would_have_to(run: Run, tmp_path: Path) -> None:
    def renamed(lines: list[str]) -> list[str]:
        return [
            "other.example/log" if one.endswith("/log") and " " not in one else one for one in lines
        ]

    policy = tmp_path / "logged.yaml"
    policy.write_text(
        "format: oneservice-policy/1\nname: logged\nrequire: [standard, logged]\n",
        encoding="utf-8",
    )
    asked = (bent(tmp_path, renamed), "--trust", LIST, "--policy", policy, *AT)
    (told,) = reports(run("verify", *asked, "--json"))
    territory = TrustStore.parse(LIST.read_bytes()).territory
    assert told["reason"] == "indeterminate"
    due = f"the trust list of {territory}, which speaks for the issuer, names no log"
    assert due in told["message"]
    zh = "".join(run("verify", *asked, "--language", "zh").stdout.split())
    assert f"管辖签发机关的信任名单（{territory}）未列日志" in zh


@pytest.mark.parametrize(
    ("leaf", "words"),
    [
        ("{witnessed: {at_least: 1}}", "at least 1 listed witness cosigned it"),
        ("{witnessed: {at_least: 3}}", "at least 3 listed witnesses cosigned it"),
        ("{logged: {at_least: 1}}", "at least 1 listed log holds it"),
        ("{logged: {at_least: 2}}", "at least 2 listed logs hold it"),
    ],
)
def test_a_policy_is_explained_in_the_right_number(
    run: Run, tmp_path: Path, leaf: str, words: str
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(f"format: oneservice-policy/1\nname: own\nrequire: [standard, {leaf}]\n")
    assert words in run("verify", "--explain-policy", "--policy", policy).stdout
