"""Many papers in one stream: each gets its own answer, whoever judges it, whatever stands in it."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.certificates import (
    Claims,
    Cryptosuite,
    DocumentKind,
    Entitlement,
    ListedKey,
    Policy,
    SigningKey,
    TrustedIssuer,
    TrustStore,
    Verdict,
    examine,
    issue,
)
from oneservice.errors import FileUnusableError, WorkersLostError
from oneservice.relying import (
    Judged,
    Paper,
    Reliance,
    papers_below,
    papers_on_lines,
    read_paper,
    verify_many,
)

ROOT = Path(__file__).resolve().parents[3]
ISSUER = "https://990101.example/market-regulation"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
AT = datetime(2027, 3, 1, tzinfo=UTC)
KEY = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
OFFICE = {"zh": "示例市市场监督管理局", "en": "Market Regulation Bureau"}
CLAIMS = Claims(
    id="urn:oneservice:test:1",
    type="food_permit",
    title={"zh": "食品经营许可证", "en": "Food business permit"},
    issuer_id=ISSUER,
    issuer_name=OFFICE,
    issuer_region="990101",
    holder_name="李记面馆",
    valid_from=date(2026, 10, 14),
)
TRUST = TrustStore(
    territory="990101",
    version=1,
    issued_at=SINCE,
    expires_at=datetime(2036, 1, 1, tzinfo=UTC),
    issuers=(
        TrustedIssuer(
            id=ISSUER,
            name=OFFICE,
            region="990101",
            keys=(ListedKey.for_certificates(ISSUER, KEY.public_multibase, valid_from=SINCE),),
            entitlements=(Entitlement(type="food_permit", region="990101", valid_from=SINCE),),
        ),
    ),
)
RELIANCE = Reliance(trust=TRUST, policy=Policy.standard())


def issued(number: int) -> bytes:
    return issue(
        replace(CLAIMS, id=f"urn:oneservice:test:{number}"),
        key=KEY,
        verification_method=f"{ISSUER}#{KEY.public_multibase}",
        created=datetime(2026, 10, 14, 2, tzinfo=UTC),
    ).dump()


GOOD = [issued(number) for number in range(5)]
FORGED = GOOD[0].replace("李记面馆".encode(), "王记面馆".encode())


def killed(paper: Paper) -> bytes:
    """Stand for a worker that the system ends."""
    os.kill(os.getpid(), signal.SIGKILL)
    return read_paper(paper)


def broken(paper: Paper) -> bytes:
    """Stand for a defect of ours, with words that must not be repeated."""
    if paper.name == "2":
        msg = "110101199003074477"
        raise ZeroDivisionError(msg)
    return read_paper(paper)


def papers(count: int) -> Iterator[Paper]:
    for number in range(count):
        data = FORGED if number % 7 == 3 else GOOD[number % 5]
        yield Paper(str(number), b"{" if number % 11 == 5 else data)


def due(number: int) -> Verdict:
    return Verdict.INVALID if number % 11 == 5 or number % 7 == 3 else Verdict.VALID


@pytest.mark.parametrize("jobs", [1, 2])
def test_each_gets_the_answer_that_it_gets_alone(jobs: int) -> None:
    found = list(verify_many(papers(300), reliance=RELIANCE, at=AT, jobs=jobs))
    assert [one.name for one in found] == [str(number) for number in range(300)]
    for one, paper in zip(found, papers(300), strict=True):
        assert one.verdict is due(int(one.name))
        alone = examine(paper.data or b"", trust=TRUST, at=AT).as_json()
        assert one.as_json() == {"file": one.name, "kind": "certificate", **alone}
        assert b"\n" not in one.line


def test_without_order_none_is_lost_and_none_comes_twice() -> None:
    found = list(
        verify_many(
            papers(700), reliance=RELIANCE, at=AT, jobs=2, is_ordered=False, with_checks=False
        )
    )
    assert sorted(int(one.name) for one in found) == list(range(700))
    assert all(one.verdict is due(int(one.name)) for one in found)
    assert all("checks" not in one.as_json() for one in found)


def test_papers_are_taken_as_they_are_needed() -> None:
    taken = 0

    def endless() -> Iterator[Paper]:
        nonlocal taken
        while True:
            taken += 1
            yield Paper(str(taken), GOOD[0])

    answers = verify_many(endless(), reliance=RELIANCE, at=AT, jobs=2)
    first = [next(answers) for _ in range(100)]
    answers.close()
    assert [one.name for one in first] == [str(number) for number in range(1, 101)]
    assert taken < 1000
    alone = verify_many(endless(), reliance=RELIANCE, at=AT)
    before = taken
    next(alone)
    assert taken == before + 1


def test_a_large_paper_goes_out_without_waiting_for_others() -> None:
    large = b'{"x": "' + b"x" * 2_000_000 + b'"}'
    mixed = [Paper("large", large), *papers(3)]
    found = list(verify_many(mixed, reliance=RELIANCE, at=AT, jobs=2))
    assert [one.name for one in found] == ["large", "0", "1", "2"]
    assert found[0].reason == "malformed"


def test_a_worker_that_is_ended_is_told() -> None:
    with pytest.raises(WorkersLostError, match="memory"):
        list(verify_many(papers(3), reliance=RELIANCE, at=AT, jobs=2, read=killed))


def test_a_defect_is_the_answer_on_one_paper_without_its_words() -> None:
    found = list(verify_many(papers(3), reliance=RELIANCE, at=AT, read=broken))
    assert [one.reason for one in found] == [None, None, "internal"]
    assert found[2].verdict is Verdict.INDETERMINATE
    assert "ZeroDivisionError" in found[2].message
    assert b"110101199003074477" not in found[2].line


def test_what_is_no_paper_is_never_invalid(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_bytes(
        TRUST.signed(key=KEY, signer_id=ISSUER, created=SINCE).dump()
    )
    (tmp_path / "good.json").write_bytes(GOOD[0])
    (tmp_path / ".hidden").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "bad.json").write_bytes(FORGED)
    names = [*papers_below(tmp_path), Paper(str(tmp_path / "missing")), Paper("a\0b")]
    found = {Path(one.name).name: one for one in verify_many(names, reliance=RELIANCE, at=AT)}
    assert set(found) == {"bad.json", "good.json", "list.json", "missing", "pipe", "a\0b"}
    unusable = {name for name, one in found.items() if one.reason == "file_unusable"}
    assert unusable == {"list.json", "missing", "pipe", "a\0b"}
    assert all(found[name].verdict is Verdict.INDETERMINATE for name in unusable)
    assert found["good.json"].verdict is Verdict.VALID
    assert found["bad.json"].reason == "forged"


def test_names_of_any_bytes(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff.json"
    Path(os.fsdecode(name)).write_bytes(GOOD[0])
    (one,) = verify_many(papers_below(tmp_path), reliance=RELIANCE, at=AT)
    assert one.verdict is Verdict.VALID
    assert one.as_json()["file"].endswith("/\\xff.json")


def test_lines(tmp_path: Path) -> None:
    file = tmp_path / "permits.jsonl"
    file.write_bytes(GOOD[0] + b"\r\n\n" + FORGED + b"\n" + GOOD[1])
    with file.open("rb") as stream:
        found = list(verify_many(papers_on_lines(stream, name="f"), reliance=RELIANCE, at=AT))
    assert [(one.name, str(one.verdict)) for one in found] == [
        ("f:1", "valid"),
        ("f:3", "invalid"),
        ("f:4", "valid"),
    ]


def test_other_papers_are_judged_as_what_they_are() -> None:
    golden = ROOT / "tests" / "golden"
    evidence = (golden / "evidence" / "permit.evidence.json").read_bytes()
    root = (golden / "evidence" / "root.txt").read_text(encoding="ascii").strip()
    bundle = (golden / "certificates" / "bundle.json").read_bytes()
    shown = (golden / "certificates" / "permit.sd-jwt").read_bytes()
    by_root = Reliance(trust=None, policy=Policy.standard(), root=root)
    many = [Paper("evidence", evidence), Paper("bundle", bundle), Paper("shown", shown + b"\n")]
    found = {one.name: one for one in verify_many(many, reliance=by_root, at=AT)}
    assert (found["evidence"].kind, found["evidence"].verdict) == (
        DocumentKind.EVIDENCE,
        Verdict.VALID,
    )
    assert found["bundle"].reason == "trust_list", "its list is by somebody else"
    assert found["shown"].kind is DocumentKind.SD_JWT
    assert found["shown"].verdict is Verdict.INDETERMINATE, "nobody is trusted"


@settings(max_examples=40)
@given(st.binary(max_size=300))
def test_whatever_the_bytes_there_is_an_answer(data: bytes) -> None:
    (one,) = verify_many([Paper("x", data)], reliance=RELIANCE, at=AT)
    assert isinstance(one, Judged)
    assert one.verdict is not Verdict.VALID
    assert json.loads(one.line)["verdict"] == str(one.verdict)


def test_a_caller_with_threads_is_no_problem() -> None:
    stop = threading.Event()
    busy = threading.Thread(target=stop.wait)
    busy.start()
    try:
        found = list(verify_many(papers(10), reliance=RELIANCE, at=AT, jobs=2))
    finally:
        stop.set()
        busy.join()
    assert len(found) == 10


def test_reading_refuses_what_is_too_large(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("oneservice.relying.papers._MAX_BYTES", 10)
    (tmp_path / "x").write_bytes(b"x" * 11)
    with pytest.raises(FileUnusableError, match="more than 10 bytes"):
        read_paper(Paper(str(tmp_path / "x")))


def test_workers_end_when_whoever_started_them_is_killed(tmp_path: Path) -> None:
    """Kill the caller in the midst of a batch: nobody is left behind."""
    script = tmp_path / "caller.py"
    script.write_text(
        "import multiprocessing, sys\n"
        "from datetime import UTC, datetime\n"
        "from oneservice.certificates import Policy\n"
        "from oneservice.relying import Paper, Reliance, verify_many\n"
        "def endless():\n"
        "    while True:\n"
        "        yield Paper('x', b'{}')\n"
        "if __name__ == '__main__':\n"
        "    rely = Reliance(trust=None, policy=Policy.standard())\n"
        "    answers = verify_many(endless(), reliance=rely, at=datetime.now(UTC), jobs=2)\n"
        "    next(answers)\n"
        "    print(*[one.pid for one in multiprocessing.active_children()], flush=True)\n"
        "    sys.stdin.read()\n",
        encoding="utf-8",
    )
    with subprocess.Popen(
        [sys.executable, str(script)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as caller:
        assert caller.stdout is not None
        workers = [int(one) for one in caller.stdout.readline().split()]
        assert len(workers) == 2
        watched = [os.pidfd_open(one) for one in workers]
        caller.kill()
    for descriptor in watched:
        ended, _, _ = select.select([descriptor], [], [], 60)
        os.close(descriptor)
        assert ended, "a worker outlived its caller"
