"""``--held``: papers that people have are looked at offline, and the plan needs less."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result

from benchmarks.recognising import make_train
from oneservice.certificates import (
    Certificate,
    Cryptosuite,
    EnclosedList,
    Enclosures,
    Evidence,
    SigningKey,
    StatusList,
)
from oneservice.plan import parse_plan

Run = Callable[..., Result]
ROOT = Path(__file__).resolve().parents[3]
SHOP = ("restaurant", "--answers", ROOT / "examples" / "noodle-shop.yaml", "--on", "2026-09-28")
TRUTHS = ("recognised", "revoked", "other_type", "not_recognised")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawer:
    """Certificates as files by their truth, and the options by which they are judged."""

    papers: dict[str, Path]
    judged: tuple[object, ...]

    def held(self, *entries: str) -> tuple[object, ...]:
        """Return the options for these papers: ``staff.1=recognised``."""
        found: list[object] = list(self.judged)
        for one in entries:
            entry, mark, truth = one.rpartition("=")
            found += ["--held", f"{entry}{mark}{self.papers[truth]}"]
        return tuple(found)


def token_of(status: StatusList) -> bytes:
    """Return the list as it was fetched: what was read keeps the token that it came in."""
    token: str = status._signed.text  # type: ignore[union-attr] - the train's lists are tokens
    return token.encode("ascii")


@pytest.fixture(scope="module")
def drawer(tmp_path_factory: pytest.TempPathFactory) -> Drawer:
    folder = tmp_path_factory.mktemp("drawer")
    train = make_train(Cryptosuite.ECDSA_JCS_2019, people=40, kind="health_certificate")
    papers = {}
    for truth in TRUTHS:
        papers[truth] = folder / f"{truth}.json"
        shown = train.shown[train.truths.index(truth)].paper
        assert isinstance(shown, bytes)
        papers[truth].write_bytes(shown)
    judged: list[object] = []
    for number, one in enumerate(train.trust.lists):
        key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
        signer = f"https://{one.territory}.example/trust"
        signed = one.signed(key=key, signer_id=signer, created=one.issued_at)
        (folder / f"list-{number}.json").write_bytes(signed.dump())
        judged += ["--trust", folder / f"list-{number}.json"]
    for number, status in enumerate(train.status.lists):
        (folder / f"status-{number}.jwt").write_bytes(token_of(status))
        judged += ["--status", folder / f"status-{number}.jwt"]
    return Drawer(papers=papers, judged=tuple(judged))


def test_the_page_says_who_is_spared_and_why(run: Run, drawer: Drawer) -> None:
    result = run("plan", *SHOP, *drawer.held("staff.1=recognised"))
    assert result.exit_code == 0, result.stderr
    page = " ".join(result.stdout.split())
    assert "handles food ×2" in page
    assert "Spared by what is held already - Health certificate of a person who handles" in page
    assert "1 held already, the rest this case yields" in page
    assert "was not compared with the form" in result.stderr
    assert "was not compared" not in run("plan", *SHOP, *drawer.held("staff.1=revoked")).stderr
    zh = run("plan", *SHOP, *drawer.held("staff.1=recognised"), "--language", "zh", "--why").stdout
    assert "已持有证照，无需再办" in zh
    assert "健康证明跨省互认协议" in "".join(zh.split())


def test_machines_get_the_plan_with_what_is_held(run: Run, drawer: Drawer) -> None:
    result = run("plan", *SHOP, *drawer.held("staff.3=recognised"), "--json")
    plan = parse_plan(json.loads(result.stdout)["plan"])
    (spared,) = [one for one in plan.skipped if one.held is not None]
    assert spared.id == "health_cert-3"
    assert spared.held is not None
    assert spared.held.digest is not None


@pytest.mark.parametrize("truth", ["revoked", "not_recognised"])
def test_what_does_not_count_is_told_with_what_to_do(run: Run, drawer: Drawer, truth: str) -> None:
    result = run("plan", *SHOP, *drawer.held(f"staff.1={truth}"), "--why")
    assert result.exit_code == 0, result.stderr
    page = " ".join(result.stdout.split())
    assert "health_cert-1: the Health certificate that you hold does not count" in page
    assert "Spared by" not in page


def test_pictures_and_the_guide_show_it(run: Run, drawer: Drawer) -> None:
    held = drawer.held("staff.1=recognised")
    picture = run("graph", *SHOP, *held).stdout
    assert "s_health_cert_n2" in picture
    assert "s_health_cert_n1" not in picture
    assert 's_m_health[/"Health certificates of the staff<br/>held already"/]:::held' in picture
    drawn = run("graph", *SHOP, *held, "--format", "svg", "--language", "zh").stdout
    assert "已持有证照，无需再办：从业人员预防性体检合格证" in drawn
    guide = run("guide", *SHOP, *held, "--language", "zh").stdout
    assert "已持有证照，不需再办" in guide
    kept = drawer.papers["recognised"].read_bytes()
    refused = run("guide", *SHOP, *held, "--out", drawer.papers["recognised"])
    assert refused.exit_code != 0
    assert drawer.papers["recognised"].read_bytes() == kept


def test_a_paper_that_nothing_asks_for_is_noted(run: Run, drawer: Drawer) -> None:
    result = run("plan", *SHOP, *drawer.held("other_type"))
    assert result.exit_code == 0
    assert (
        "other_type.json: can be read, but nothing here has a use for it: driving-licence"
        in result.stderr
    )


@pytest.mark.parametrize("entry", ["staff.4", "guest.1"])
def test_a_paper_of_nobody_is_wrong_use(run: Run, drawer: Drawer, entry: str) -> None:
    result = run("plan", *SHOP, *drawer.held(f"{entry}=recognised"))
    assert result.exit_code == 2
    assert f"nobody is meant by {entry}" in result.stderr
    assert "there are staff.1 to staff.3" in result.stderr


def test_somebody_must_vouch(run: Run, drawer: Drawer) -> None:
    paper = drawer.papers["recognised"]
    alone = run("plan", *SHOP, "--held", paper)
    assert alone.exit_code == 2
    assert "without a trust list nobody vouches" in alone.stderr
    idle = run("plan", *SHOP, *drawer.judged)
    assert idle.exit_code == 2
    assert "judge the papers of --held" in idle.stderr


def test_what_cannot_be_read_is_noted_and_what_nobody_holds_refused(
    run: Run, drawer: Drawer, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("a note", encoding="utf-8")
    noted = run("plan", *SHOP, *drawer.judged, "--held", tmp_path / "note.txt")
    assert "note.txt: cannot be read as a certificate" in noted.stderr
    journal = ROOT / "tests" / "golden" / "certificates" / "journal.jsonl"
    refused = run("plan", *SHOP, *drawer.judged, "--held", journal)
    assert refused.exit_code == 2
    assert "a journal is no certificate that somebody holds" in refused.stderr


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("staff.2=recognised", "counts: spares the step"),
        ("recognised", "is valid, but for whom is it? It was not used: write --held staff.1=FILE"),
        ("staff.1=revoked", "does not count: its issuer took it back; ask the issuing office"),
    ],
)
def test_each_paper_is_told_of(run: Run, drawer: Drawer, entry: str, told: str) -> None:
    result = run("plan", *SHOP, *drawer.held(entry), "--json")
    assert told in result.stderr
    assert "--held staff.1=FILE" not in result.stderr or entry == "recognised"


def test_the_moment_can_be_named_and_an_ended_status_list_is(run: Run, drawer: Drawer) -> None:
    held = drawer.held("staff.1=recognised")
    late = run("plan", *SHOP, *held, "--at", "2027-01-15T10:00:00+08:00")
    assert "it cannot be told: the status list https://" in late.stderr
    assert "looked at as of 2027-01-15T10:00+08:00" in late.stderr
    zh = run("plan", *SHOP, *held, "--at", "2027-01-15T10:00:00+08:00", "--language", "zh")
    assert "查验时刻为 2027-01-15T10:00+08:00" in zh.stderr
    assert "可按容缺" not in zh.stderr
    assert "经您同意" in zh.stdout
    assert "经你" not in zh.stdout
    idle = run("plan", *SHOP, "--at", "2026-09-28T10:00:00+08:00")
    assert idle.exit_code == 2


def test_an_evidence_file_brings_its_own_status_list(
    run: Run, drawer: Drawer, tmp_path: Path
) -> None:
    trust = drawer.judged[: drawer.judged.index("--status")]
    lists = [part for part in drawer.judged[len(trust) :] if isinstance(part, Path)]
    certificate = Certificate.parse(drawer.papers["recognised"].read_bytes())
    enclosed = Enclosures(status_lists=tuple(EnclosedList(data=one.read_bytes()) for one in lists))
    file = tmp_path / "cook.evidence.json"
    file.write_bytes(Evidence.of(certificate, enclosed).dump())
    result = run("plan", *SHOP, *trust, "--held", f"staff.1={file}")
    assert result.exit_code == 0, result.stderr
    assert "cook.evidence.json: counts: spares the step" in result.stderr


LAW = "legal_basis: [{law: {zh: 示例办法, en: Sample measures}, is_sample: true}]"
ROUTED = f"""\
format: oneservice-catalog/1
region: "000000"
effective_from: 2025-01-01
departments: [{{id: office, name: {{zh: 办公室, en: Office}}}}]
items:
  - {{id: check, title: {{zh: 检查, en: Check}}, department: office, promised: {{days: 5}}, {LAW}}}
things:
  - id: job
    title: {{zh: 就业, en: A job}}
    goal: {{zh: 就业, en: Take a job}}
    lead_department: office
    situations: [{{id: home, question: {{zh: 户籍地, en: Home}}, type: region}}]
    steps:
      - {{id: examined, item: check, region: {{of: home, reason: {{zh: 户籍地, en: Home}}}}}}
    fields: [{{id: name, title: {{zh: 姓名, en: Name}}, type: text, steps: [examined]}}]
    materials: []
"""
THEIRS = """\
format: oneservice-catalog/1
region: "980200"
effective_from: 2025-01-01
overlays:
  - thing: job
    change_steps:
      - id: examined
        spared_by: {certificates: [health_certificate], %s}
"""


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("", ("recognised", "recognised.json: counts: spares the step Check")),
        ("valid_for: {days: 3650}, ", ("recognised", "does not count: the health_certificate")),
        ("", ("revoked", "does not count: its issuer took it back")),
        ("", ("other_type", "nothing here has a use for it: driving-licence")),
    ],
)
def test_a_paper_that_only_the_deciding_region_asks_for_is_told_of(
    run: Run, drawer: Drawer, tmp_path: Path, rest: str, said: tuple[str, str]
) -> None:
    truth, told = said
    for name, text in (("base", ROUTED), ("there", THEIRS % (rest + LAW))):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    asked = ("job", "--catalog", tmp_path, "--region", "990101", "--set", "home=980201")
    result = run("plan", *asked, "--on", "2026-09-28", *drawer.held(truth))
    assert result.exit_code == 0, result.stderr
    assert told in " ".join(result.stderr.split())
