"""``oneservice verify``: kinds, verdicts, exit codes, words, and no socket."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import Result

from oneservice.canonical import canonical, digest, sealed_digest
from oneservice.certificates import CheckName, Cryptosuite, Evidence, SigningKey
from oneservice.cli.verify_whys import WHYS, why_of
from oneservice.cli.verify_words import CHECKS, REASONS, VERDICTS
from oneservice.cli.wrapping import columns
from oneservice.errors import VerificationError

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Papers

Run = Callable[..., Result]
ROOT = Path(__file__).resolve().parents[3]
AT = ("--at", "2027-03-01")


def reports(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_three_kinds_are_told_apart_by_content(run: Run, papers: Papers) -> None:
    names = {}
    for kind in ("certificate", "bundle", "journal"):
        names[kind] = papers.folder / f"{kind}.dat"
        getattr(papers, kind).rename(names[kind])
    result = run("verify", *names.values(), "--trust", papers.trust, *AT, "--json")
    assert result.exit_code == 0, result.stdout
    found = reports(result)
    assert [one["kind"] for one in found] == list(names)
    assert [one["file"] for one in found] == [str(one) for one in names.values()]
    for one in found:
        assert (one["verdict"], one["reason"]) == ("valid", None)
        for check in one["checks"]:
            assert set(check) == {"name", "result", "evidence"}
    assert [check["name"] for check in found[0]["checks"]] == [str(one) for one in CheckName]
    assert found[1]["components"][0]["verdict"] == "valid"


def test_the_page_shows_each_check_and_the_verdict(run: Run, papers: Papers) -> None:
    result = run("verify", papers.certificate, "--trust", papers.trust, *AT)
    assert result.exit_code == 0
    page = " ".join(result.stdout.split())
    for name in CheckName:
        assert CHECKS[name].en in page
    assert "held by 李记面馆 92990101MA99000523" in page
    assert "VALID as of 2027-03-01 23:59 +0800" in page
    assert "A listed authority issued it" in page
    assert "It names no status list, so whether it was taken back since was not asked" in page
    assert "could not be looked up" not in page
    assert "holds by keys in the list itself (you chose the file" in page
    assert "is sandbox" not in page
    assert not re.search(r"\d{4}-\d\d-\d\dT\d\d:", page), "one page, one clock"
    zh = run("verify", papers.certificate, "--trust", papers.trust, *AT, "--language", "zh")
    assert "没有见证方会签" in zh.stdout
    assert "有效（2027-03-01 23:59 +0800）" in zh.stdout


@pytest.mark.parametrize("width", [24, 50, 80])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_line_is_wider_than_the_terminal(
    run: Run, papers: Papers, monkeypatch: pytest.MonkeyPatch, width: int, language: str
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    files = (papers.certificate, papers.bundle, papers.journal)
    result = run("verify", *files, "--trust", papers.trust, *AT, "--language", language)
    assert result.exit_code == 0
    for line in result.stdout.splitlines():
        assert columns(line) <= width
        assert line == line.rstrip()


@pytest.mark.parametrize(
    ("at", "verdict", "reason", "code"),
    [
        ("2026-10-13", "invalid", "not_yet_valid", 1),
        ("2026-10-14", "valid", None, 0),
        ("2031-10-13", "valid", None, 0),
        ("2031-10-13T23:59:59+08:00", "valid", None, 0),
        ("2031-10-13T16:00:00Z", "invalid", "expired", 1),
        ("2031-10-14", "invalid", "expired", 1),
        ("2027-01-01t00:00:00.5z", "valid", None, 0),
    ],
)
def test_the_day_that_is_asked_about_counts(
    run: Run, papers: Papers, *, at: str, verdict: str, reason: str | None, code: int
) -> None:
    result = run("verify", papers.certificate, "--trust", papers.trust, "--at", at, "--json")
    (report,) = reports(result)
    assert (report["verdict"], report["reason"]) == (verdict, reason)
    assert result.exit_code == code


@pytest.mark.parametrize(
    "at",
    [
        "tomorrow",
        "2027-02-30",
        "2027-03-01T09:00:00",
        "2027-W09-1",
        "20270301",
        "",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_a_moment_without_meaning_is_wrong_use(run: Run, papers: Papers, at: str) -> None:
    result = run("verify", papers.certificate, "--at", at)
    assert result.exit_code == 2
    assert "'--at'" in result.stderr


def test_without_a_trust_list_nothing_can_be_told(run: Run, papers: Papers) -> None:
    result = run("verify", papers.certificate, *AT, "--json")
    assert result.exit_code == 2
    assert reports(result)[0]["verdict"] == "indeterminate"
    words = run("verify", papers.certificate, *AT)
    assert "CANNOT BE TOLD NOW" in words.stdout
    assert "does not mean it is invalid" in " ".join(words.stdout.split())


def test_the_dangerous_policy_must_be_asked_for_by_its_name(run: Run, papers: Papers) -> None:
    name = "dangerously-believe-any-issuer"
    result = run("verify", papers.certificate, *AT, "--policy", name)
    assert result.exit_code == 0, result.stdout
    page = " ".join(result.stdout.split())
    assert "anybody could have" in page
    assert "A listed authority" not in page


def test_a_changed_word_is_forged_wherever_it_stands(run: Run, papers: Papers) -> None:
    for file in (papers.certificate, papers.bundle):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("李记面馆", "王记面馆"), encoding="utf-8")
    lines = papers.journal.read_bytes().splitlines(keepends=True)
    papers.journal.write_bytes(b"".join([lines[0], *lines[2:]]))
    files = (papers.certificate, papers.bundle, papers.journal)
    result = run("verify", *files, "--trust", papers.trust, *AT, "--json")
    assert result.exit_code == 1
    assert [one["reason"] for one in reports(result)] == ["forged"] * 3
    words = run("verify", *files, "--trust", papers.trust, *AT)
    assert words.exit_code == 1
    assert "Do not accept it" in " ".join(words.stdout.split())
    assert "3 files: 3 invalid" in words.stdout


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_damaged_files_are_malformed_and_keep_their_kind(
    run: Run, papers: Papers, cut: int
) -> None:
    for file in (papers.certificate, papers.bundle, papers.journal):
        file.write_bytes(file.read_bytes()[:cut])
    files = (papers.certificate, papers.bundle, papers.journal)
    result = run("verify", *files, "--trust", papers.trust, *AT, "--json")
    assert result.exit_code == 1
    found = reports(result)
    assert [one["reason"] for one in found] == ["malformed"] * 3
    assert (found[0]["kind"], found[2]["kind"]) == ("certificate", "journal")
    if cut == -1:
        assert found[1]["kind"] == "bundle"


def test_a_bundle_tells_which_of_its_certificates_is_bad(run: Run, papers: Papers) -> None:
    document = json.loads(papers.bundle.read_bytes())
    document["certificates"][0]["credentialSubject"]["number"] = "JY00000000000000"
    papers.bundle.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    result = run("verify", papers.bundle, "--trust", papers.trust, *AT)
    assert result.exit_code == 1
    assert "certificate food_permit" in result.stdout
    assert "reason forged" in result.stdout


def relinked(papers: Papers, *, dropped: int) -> Path:
    """Return the journal without one record, its chain linked anew: anybody can."""
    records = [json.loads(line) for line in papers.journal.read_bytes().splitlines()]
    del records[dropped]
    prev = None
    for seq, record in enumerate(records, start=1):
        record |= {"seq": seq, "prev": prev}
        envelope = {name: record[name] for name in ("v", "case_id", "seq", "at", "prev", "kind")}
        sealed = sealed_digest(record["salt"], record["data"])
        prev = record["digest"] = digest(envelope | {"data_digest": sealed})
    forged = papers.folder / "forged.jsonl"
    forged.write_bytes(b"".join(canonical(record) + b"\n" for record in records))
    return forged


def test_a_journal_alone_is_never_valid(run: Run, papers: Papers) -> None:
    forged = relinked(papers, dropped=1)
    for file in (papers.journal, forged):
        result = run("verify", file, "--trust", papers.trust, *AT)
        assert result.exit_code == 2
        page = " ".join(result.stdout.split())
        assert "CONSISTENT, BUT NOT SEALED" in page
        assert "give the bundle as well" in page
        zh = run("verify", file, "--trust", papers.trust, *AT, "--language", "zh").stdout
        assert "记录相接，但无凭证为证" in zh


def test_chinese_says_as_much_as_english(run: Run, papers: Papers) -> None:
    lines = papers.journal.read_bytes().splitlines(keepends=True)
    cut = papers.folder / "cut.jsonl"
    cut.write_bytes(b"".join([lines[0], *lines[2:]]))
    page = run("verify", cut, "--language", "zh").stdout
    assert "第 2 条：与前一条不相接" in page
    page = run("verify", papers.certificate, "--trust", papers.trust, *AT, "--language", "zh")
    assert "签名套件 ecdsa-jcs-2019" in page.stdout
    assert "cryptosuite" not in page.stdout
    none = "none of 2 ways to meet the policy is open: (1) no witness has cosigned; (2) else"
    told = why_of({"message": none, "reason": "indeterminate"}, "zh")
    assert told == "策略允许的 2 种方式均不成立：（1）没有见证方会签；（2）else"
    assert why_of({"message": none}, "en") == none


def test_an_audit_of_a_broken_journal_names_its_case(run: Run, papers: Papers) -> None:
    bundle = json.loads(papers.bundle.read_bytes())
    del bundle["journal"][1]
    broken = papers.folder / "broken.json"
    broken.write_bytes(canonical(bundle))
    told = run("audit", broken, "--trust", papers.trust, *AT)
    assert told.exit_code == 1
    assert told.stdout.splitlines()[0].endswith("c-1")
    assert "backup" not in told.stdout


def test_all_current_says_of_which_certificate_it_speaks(run: Run, papers: Papers) -> None:
    late = ("--trust", papers.trust, "--at", "2032-01-01", "--all-current")
    told = run("verify", papers.bundle, *late)
    assert told.exit_code == 1
    assert "About food_permit in the bundle:" in told.stdout
    assert "About" not in run("verify", papers.certificate, *late[:4]).stdout


def test_evidence_has_the_face_of_its_certificate(run: Run, papers: Papers) -> None:
    file, page = papers.folder / "permit.evidence.json", papers.folder / "permit.html"
    file.write_bytes(Evidence.of(papers.issued()).dump())
    drawn = run("face", file, "--out", page)
    assert drawn.exit_code == 0, drawn.output
    assert "食品经营许可证" in page.read_text(encoding="utf-8")
    wrong = run("face", papers.journal, "--out", page)
    assert wrong.exit_code == 2
    assert "oneservice verify" in wrong.stderr


def test_what_is_no_status_list_is_told_of_both_forms(run: Run, papers: Papers) -> None:
    told = run("verify", papers.certificate, "--trust", papers.trust, "--status", papers.trust)
    assert told.exit_code == 2
    assert "neither a token (JWT) nor in the W3C form" in told.stderr
    assert "as it was fetched" in told.stderr


def test_a_journal_is_held_against_the_bundle_beside_it(run: Run, papers: Papers) -> None:
    trust = ("--trust", papers.trust, *AT)
    result = run("verify", papers.journal, papers.bundle, *trust)
    assert result.exit_code == 0
    page = " ".join(result.stdout.split())
    assert "SEALED UP TO RECORD 4 by Market Regulation Bureau" in page
    forged = run("verify", papers.bundle, relinked(papers, dropped=1), *trust, "--json")
    assert forged.exit_code == 1
    assert [one["reason"] for one in reports(forged)] == [None, "forged"]
    # Whom nobody vouches for seals nothing, even where any issuer is believed.
    policy = ("--policy", "dangerously-believe-any-issuer")
    anybody = run("verify", papers.bundle, papers.journal, *AT, *policy, "--json")
    assert [one["reason"] for one in reports(anybody)] == [None, "unsealed"]


def test_records_after_the_seal_are_said_to_be_unsealed(run: Run, papers: Papers) -> None:
    records = papers.records(6)
    papers.journal.write_bytes(b"".join(canonical(record) + b"\n" for record in records))
    result = run("verify", papers.bundle, papers.journal, "--trust", papers.trust, *AT)
    assert result.exit_code == 0
    page = " ".join(result.stdout.split())
    assert "SEALED UP TO RECORD 4" in page
    assert "Nobody vouches for the 2 after it" in page


def test_a_bundle_is_the_record_of_its_day(run: Run, papers: Papers) -> None:
    trust = ("--trust", papers.trust, "--at", "2032-01-01")
    result = run("verify", papers.bundle, *trust)
    assert result.exit_code == 0
    page = " ".join(result.stdout.split())
    assert "No longer in force: food_permit (its last day has passed)" in page
    strict = run("verify", papers.bundle, *trust, "--all-current", "--json")
    assert (strict.exit_code, reports(strict)[0]["reason"]) == (1, "expired")


def test_sound_files_of_other_kinds_are_named(run: Run, papers: Papers) -> None:
    bundle = json.loads(papers.bundle.read_bytes())
    plan, controller = papers.folder / "plan.json", papers.folder / "controller.json"
    plan.write_text(json.dumps(bundle["plan"]), encoding="utf-8")
    controller.write_text(json.dumps(bundle["controllers"][0]), encoding="utf-8")
    result = run("verify", papers.trust, plan, controller, *AT)
    assert result.exit_code == 2
    for words in ("this is a trust list", "this is a plan", "public keys"):
        assert words in result.stderr


def test_the_standard_input_is_a_file_too(run: Run, papers: Papers) -> None:
    arguments = ("verify", "-", "--trust", papers.trust, *AT, "--json")
    result = run(*arguments, stdin=papers.certificate.read_bytes())
    assert (result.exit_code, reports(result)[0]["file"]) == (0, "-")


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "the file is empty"), (b'{"a":1}\n{"b"', "its last line is cut off")]
)
def test_a_damaged_journal_is_told_how(run: Run, papers: Papers, content: bytes, why: str) -> None:
    papers.journal.write_bytes(content)
    assert why in run("verify", papers.journal, *AT).stdout


def test_readers_of_chinese_get_reasons_in_chinese(run: Run, papers: Papers) -> None:
    text = papers.certificate.read_text(encoding="utf-8")
    papers.certificate.write_text(text.replace("李记面馆", "王记面馆"), encoding="utf-8")
    page = run("verify", papers.certificate, "--trust", papers.trust, *AT, "--language", "zh")
    assert "签名与内容不符" in page.stdout
    assert "does not cover" not in page.stdout
    source = "".join(
        path.read_text(encoding="utf-8")
        for room in ("certificates", "relying")
        for path in (ROOT / "oneservice" / room).glob("*.py")
    )
    parts = re.sub(r'"\s*\n\s*f?"', "", source)
    unsaid = {why for why in WHYS if why not in parts and "the trust list does not name" not in why}
    assert not unsaid, "sentences that nobody says any more"


def test_files_that_cannot_be_opened_do_not_stop_the_others(run: Run, papers: Papers) -> None:
    files = (papers.folder / "missing.json", Path(os.devnull), papers.certificate)
    result = run("verify", *files, "--trust", papers.trust, *AT, "--json")
    assert result.exit_code == 2
    missing, device, good = reports(result)
    assert (missing["verdict"], missing["reason"]) == ("indeterminate", "file_unusable")
    assert "is no regular file" in device["message"]
    assert good["verdict"] == "valid"
    words = run("verify", *files, "--trust", papers.trust, *AT)
    assert words.stderr.count("error[file_unusable]: ") == 2
    assert "VALID as of" in words.stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read(run: Run, papers: Papers) -> None:
    papers.certificate.chmod(0)
    result = run("verify", papers.certificate, "--trust", papers.trust, *AT)
    assert result.exit_code == 2
    assert "Permission denied" in result.stderr


def test_a_device_is_no_file(run: Run, papers: Papers) -> None:
    result = run("verify", "/dev/zero", "--trust", papers.trust, *AT)
    assert result.exit_code == 2
    assert "no regular file" in result.stderr


@pytest.mark.parametrize("what", ["missing", "damaged", "edited"])
def test_a_trust_list_that_cannot_be_used_ends_the_command(
    run: Run, papers: Papers, what: str
) -> None:
    text = papers.trust.read_text(encoding="utf-8")
    if what == "missing":
        papers.trust.unlink()
    else:
        edited = text.replace('"payload":"e', '"payload":"f')
        papers.trust.write_text(text[:-9] if what == "damaged" else edited, encoding="utf-8")
    result = run("verify", papers.certificate, "--trust", papers.trust, *AT, "--json")
    assert result.exit_code == 2
    expected = "file_unusable" if what == "missing" else "trust_list"
    assert json.loads(result.stdout)["error"]["code"] == expected


def test_a_trust_root_must_have_signed_the_list(run: Run, papers: Papers) -> None:
    files = ("verify", papers.certificate, "--trust", papers.trust, *AT)
    pinned = run(*files, "--trust-root", papers.key.public_multibase)
    assert pinned.exit_code == 0
    assert "by the root that the caller named" in " ".join(pinned.stdout.split())
    other = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019).public_multibase
    refused = run(*files, "--trust-root", other, "--json")
    assert refused.exit_code == 2
    error = json.loads(refused.stdout)["error"]
    assert error["code"] == "trust_list"
    assert "signed by another key" in error["message"]


@pytest.mark.parametrize("root", ["", "zzz", "https://990101.example/trust"])
def test_a_trust_root_that_is_no_key_is_wrong_use(run: Run, papers: Papers, root: str) -> None:
    result = run("verify", papers.certificate, "--trust", papers.trust, "--trust-root", root)
    assert result.exit_code == 2
    assert "Invalid value for '--trust-root'" in result.stderr


def test_a_trust_root_without_a_list_is_wrong_use(run: Run, papers: Papers) -> None:
    result = run("verify", papers.certificate, "--trust-root", papers.key.public_multibase)
    assert result.exit_code == 2
    assert "name the list with --trust" in result.stderr


def test_a_person_is_masked(run: Run, papers: Papers) -> None:
    made = papers.issued(holder_name="张小芳", holder_code="990101199001010019")
    papers.certificate.write_bytes(made.dump())
    for more in ((), ("--json",)):
        result = run("verify", papers.certificate, "--trust", papers.trust, *AT, *more)
        assert result.exit_code == 0
        assert "990101199001010019" not in result.stdout
        assert "张小芳" not in result.stdout
    page = run("verify", papers.certificate, "--trust", papers.trust, *AT).stdout
    assert "张** 9901011990****0019" in page


def test_words_of_a_certificate_cannot_move_the_cursor(run: Run, papers: Papers) -> None:
    """Ours are refused for such words; a stranger's credential may hold anything."""
    kinds = ["VerifiableCredential", "\u202eliA\u2028\x1b[31m[bold]x"]
    papers.certificate.write_bytes(canonical(papers.issued().document | {"type": kinds}))
    page = run("verify", papers.certificate, "--trust", papers.trust, *AT).stdout
    assert not {"\u202e", "\u2028", "\x1b"} & set(page)
    assert "[bold]x" in page


def test_a_sandbox_certificate_says_so(run: Run, papers: Papers) -> None:
    papers.certificate.write_bytes(papers.issued(is_sandbox=True).dump())
    page = run("verify", papers.certificate, "--trust", papers.trust, *AT).stdout
    assert "without any legal effect" in page


def test_every_reason_has_words() -> None:
    def below(kind: type[VerificationError]) -> set[str]:
        return {kind.code}.union(*(below(child) for child in kind.__subclasses__()))

    assert below(VerificationError) - {"invalid"} <= REASONS.keys()
    assert set(VERDICTS) == {"valid", "invalid", "indeterminate"}


AUDIT = """\
import sys

def refuse(event, _arguments):
    if event.startswith("socket."):
        raise RuntimeError("a socket was touched: " + event)

sys.addaudithook(refuse)
"""


@pytest.mark.parametrize("more", [(), ("--json",), ("--offline",)])
def test_no_socket_is_ever_opened(papers: Papers, tmp_path: Path, more: tuple[str, ...]) -> None:
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(AUDIT, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": f"{hook}{os.pathsep}{ROOT}"}
    files = [papers.certificate, papers.bundle, papers.journal]

    def process(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    control = process("-c", "import socket; socket.socket()")
    assert "a socket was touched" in control.stderr
    done = process("-m", "oneservice", "verify", *files, "--trust", papers.trust, *AT, *more)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_the_book_of_a_seal_is_named_with_the_command_that_judges_it(
    run: Run, papers: Papers
) -> None:
    record = '{"at":"","book":"b","data":{},"digest":"d","kind":"use","prev":"","seq":1,"v":1}\n'
    book = papers.folder / "village-book.jsonl"
    book.write_text(record * 2, encoding="utf-8")
    result = run("verify", book)
    assert result.exit_code == 2
    told = " ".join(result.stderr.split())
    assert "the book of a seal" in told
    assert "run: oneservice keys book FILE" in told
    assert "damaged" not in told
