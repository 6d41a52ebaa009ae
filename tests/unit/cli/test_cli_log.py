"""``oneservice log``: the pages of its commands, and a log from its key to its proof."""

from __future__ import annotations

import importlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result

from oneservice.cli.log import command
from oneservice.tlog import Concern
from oneservice.transparency import NoteKey, NoteSigner, SignatureType, SignedNote

Run = Callable[..., Result]
ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "golden" / "cli"
COMMANDS = command.list_commands(None)
NAME = "990101.example/log"


@pytest.fixture
def log(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with ``log.pem``, an empty ``log`` of it, and a certificate."""
    monkeypatch.chdir(tmp_path)
    assert run("log", "key", NAME, "--out", "log.pem").exit_code == 0
    assert run("log", "init", "log", "--key", "log.pem", "--name", NAME).exit_code == 0
    (tmp_path / "permit.json").write_text('{"number": "JY1"}')
    return tmp_path


def vkey(folder: Path) -> str:
    found: str = json.loads((folder / "log/private/log.json").read_text())["vkey"]
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_part_is_golden(name: str) -> None:
    """To renew: ``COLUMNS=80 oneservice log NAME --help > tests/golden/cli/log-NAME.txt``."""
    paths = f"{ROOT}{os.pathsep}{ROOT / 'adapters'}"
    shown = subprocess.run(
        [sys.executable, "-m", "oneservice", "log", name, "--help"],
        env=os.environ | {"PYTHONPATH": paths, "COLUMNS": "80", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert shown == (GOLDEN / f"log-{name}.txt").read_text(encoding="utf-8")
    assert "--json" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_from_the_key_to_the_proof(log: Path, run: Run) -> None:
    logged = run("log", "append", "log", "permit.json", "--key", "log.pem")
    assert logged.exit_code == 0
    assert "entry 0" in logged.stdout
    assert (log / "permit.json.receipt").stat().st_mode & 0o777 == 0o600
    made = ("log", "prove", "log", "--receipt", "permit.json.receipt", "--out", "p.tlog-proof")
    early = run(*made)
    assert early.exit_code == 2, "nothing is proven before it is published"
    assert run("log", "checkpoint", "log", "--key", "log.pem").exit_code == 0
    assert run(*made).exit_code == 0
    judged = (
        "log",
        "check",
        "p.tlog-proof",
        "--receipt",
        "permit.json.receipt",
        "--log",
        vkey(log),
    )
    good = run(*judged, "--of", "permit.json", "--json")
    assert good.exit_code == 0
    found = json.loads(good.stdout)
    assert (found["verdict"], found["kind"], found["index"]) == ("valid", "proof", 0)
    # The same certificate with other spaces is the same; another one is not.
    (log / "permit.json").write_text('{ "number":"JY1" }')
    assert run(*judged, "--of", "permit.json").exit_code == 0
    (log / "permit.json").write_text('{"number": "JY2"}')
    changed = run(*judged, "--of", "permit.json", "--json")
    assert changed.exit_code == 1
    assert json.loads(changed.stdout)["verdict"] == "invalid"
    stranger = NoteSigner.generate("other.example/log").key.vkey
    unknown = run(
        "log", "check", "p.tlog-proof", "--receipt", "permit.json.receipt", "--log", stranger
    )
    assert unknown.exit_code == 2
    proof = log / "p.tlog-proof"
    proof.write_bytes(proof.read_bytes().replace(b"index 0", b"index 1"))
    assert run(*judged).exit_code == 1


def test_a_receipt_is_never_written_over(log: Path, run: Run) -> None:
    assert run("log", "append", "log", "permit.json", "--key", "log.pem").exit_code == 0
    before = (log / "permit.json.receipt").read_bytes()
    assert run("log", "append", "log", "permit.json", "--key", "log.pem").exit_code == 2
    assert run("log", "append", "log", "permit.json.receipt", "--key", "log.pem").exit_code == 2
    assert (log / "permit.json.receipt").read_bytes() == before


def test_a_quorum_that_is_not_there(log: Path, run: Run) -> None:
    witness = NoteSigner.generate("w.example/w", type=SignatureType.COSIGNATURE_V1).key.vkey
    policy = log / "policy.txt"
    policy.write_text(f"log {vkey(log)}\nwitness w {witness}\nquorum w\n")
    refused = run(
        "log", "checkpoint", "log", "--key", "log.pem", "--policy", "policy.txt", "--json"
    )
    assert refused.exit_code == 2
    assert json.loads(refused.stdout)["error"]["code"] == "too_few_witnesses"
    bare = run("log", "check", "log/checkpoint", "--policy", "policy.txt", "--json")
    assert bare.exit_code == 1
    assert "quorum" in json.loads(bare.stdout)["message"]
    watched = run("log", "monitor", "log", "--policy", "policy.txt", "--state", "s", "--json")
    assert watched.exit_code == 1
    (one,) = json.loads(watched.stdout)["observations"]
    assert one["concern"] == "too-few-witnesses"
    assert (
        "见证不足"
        in run(
            "log", "monitor", "log", "--policy", "policy.txt", "--state", "s", "--language", "zh"
        ).stdout
    )


def test_a_monitor_follows(log: Path, run: Run) -> None:
    watch = ("log", "monitor", "log", "--log", vkey(log), "--state", "seen.json", "--entries")
    assert "first look" in run(*watch).stdout
    run("log", "append", "log", "permit.json", "--kind", "status-list", "--key", "log.pem")
    run("log", "checkpoint", "log", "--key", "log.pem")
    second = run(*watch)
    assert second.exit_code == 0
    assert "new since the last look: 1" in second.stdout
    assert "read: status list 1" in second.stdout
    (log / "seen.json").write_text("{}")
    assert run(*watch).exit_code == 2


def test_every_concern_has_words_in_both_languages() -> None:
    words = importlib.import_module("oneservice.cli.log_words")
    for one in Concern:
        for language in ("en", "zh"):
            assert words.say(f"concern:{one}", language)


def test_keys_are_of_one_kind_and_never_written_over(log: Path, run: Run) -> None:
    assert run("log", "key", NAME, "--out", "log.pem").exit_code == 2
    both = ("log", "key", NAME, "--out", "x.pem", "--witness", "--witness-ml-dsa")
    assert run(*both).exit_code == 2
    made = run("log", "key", "w.example/w", "--out", "w.pem", "--witness", "--json")
    key = NoteKey.parse(json.loads(made.stdout)["vkey"])
    assert key.type is SignatureType.COSIGNATURE_V1
    assert (log / "w.pem").stat().st_mode & 0o777 == 0o600


def test_a_locked_key_needs_its_password(
    log: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (log / "word").write_text("a long word\n")
    locked = ("log", "key", NAME, "--out", "locked.pem", "--password-file", "word")
    assert run(*locked).exit_code == 0
    init = ("log", "init", "second", "--key", "locked.pem", "--name", NAME)
    assert run(*init).exit_code == 2
    assert run(*init, "--password-file", "word").exit_code == 0
    monkeypatch.setenv("ONESERVICE_KEY_PASSWORD", "a long word")
    assert run("log", "checkpoint", "second", "--key", "locked.pem").exit_code == 0


@pytest.mark.parametrize(
    "wrong",
    [
        ("log", "prove", "log", "--out", "x"),
        ("log", "check", "log/checkpoint"),
        ("log", "check", "permit.json", "--log", "no key"),
        ("log", "append", "nowhere", "permit.json", "--key", "log.pem"),
        ("log", "serve", "nowhere"),
        ("log", "nonsense"),
    ],
)
def test_wrong_use_of_logs_is_two(log: Path, run: Run, wrong: tuple[str, ...]) -> None:
    del log
    assert run(*wrong).exit_code == 2


def test_a_cosigned_head_is_not_replaced_by_a_bare_one(log: Path, run: Run) -> None:
    witness = NoteSigner.generate("w.example/w", type=SignatureType.COSIGNATURE_V1)
    path = log / "log/checkpoint"
    note = SignedNote.parse(path.read_bytes())
    line = witness.sign(note.text, at=datetime(2026, 9, 28, tzinfo=UTC))
    path.write_bytes(note.with_signatures([line]).dump())
    before = path.read_bytes()
    refused = run("log", "checkpoint", "log", "--key", "log.pem")
    assert refused.exit_code == 2
    assert "w.example/w" in refused.stderr
    assert "--policy" in refused.stderr
    assert path.read_bytes() == before
    (log / "none.txt").write_text(f"log {vkey(log)}\nquorum none\n")
    meant = ("log", "checkpoint", "log", "--key", "log.pem", "--policy", "none.txt")
    assert run(*meant).exit_code == 0


def test_each_missing_witness_is_named_with_its_reason(log: Path, run: Run) -> None:
    keys = [
        NoteSigner.generate(f"{name}.example/w", type=SignatureType.COSIGNATURE_V1).key.vkey
        for name in ("down", "silent")
    ]
    with socket.socket() as taken:  # bound, and not listening: nobody answers there
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        policy = (
            f"log {vkey(log)}",
            f"witness down {keys[0]} http://{address}",
            f"witness silent {keys[1]}",
            "group both all down silent",
            "quorum both",
        )
        (log / "policy.txt").write_text("\n".join(policy) + "\n")
        asked = ("log", "checkpoint", "log", "--key", "log.pem", "--policy", "policy.txt")
        refused = run(*asked)
        assert refused.exit_code == 2
        assert f"down: {address}: it cannot be reached" in refused.stderr
        assert "silent: not asked" in refused.stderr
        assert "remedy: " in refused.stderr
        watch = ("log", "monitor", f"http://{address}", "--log", vkey(log), "--state", "seen")
        watched = run(*watch)
        assert f"unreachable: {address}: it cannot be reached" in watched.stdout


def test_receipts_are_named_with_their_folder(log: Path, run: Run) -> None:
    (log / "sub").mkdir()
    (log / "sub/permit.json").write_text("{}")
    told = run("log", "append", "log", "sub/permit.json", "--key", "log.pem").stdout
    assert "receipt sub/permit.json.receipt" in told


def test_a_missing_quorum_is_told_in_chinese_throughout(log: Path, run: Run) -> None:
    witness = NoteSigner.generate("w.example/w", type=SignatureType.COSIGNATURE_V1).key.vkey
    (log / "policy.txt").write_text(f"log {vkey(log)}\nwitness w {witness}\nquorum w\n")
    asked = ("log", "check", "log/checkpoint", "--policy", "policy.txt", "--language", "zh")
    told = run(*asked)
    assert told.exit_code == 1
    assert "无人会签" in told.stdout
    assert "nobody" not in told.stdout


def test_readers_of_chinese_get_kinds_of_entries_in_chinese(log: Path, run: Run) -> None:
    known = ("--log", vkey(log), "--language", "zh")
    run("log", "append", "log", "permit.json", "--key", "log.pem")
    run("log", "checkpoint", "log", "--key", "log.pem")
    run("log", "prove", "log", "--receipt", "permit.json.receipt", "--out", "p.tlog-proof")
    told = run("log", "check", "p.tlog-proof", "--receipt", "permit.json.receipt", *known).stdout
    assert "序号 0（从 0 起）：证照，" in told
    watched = run("log", "monitor", "log", *known, "--state", "seen.json", "--entries").stdout
    assert "已读条目：证照 1" in watched
