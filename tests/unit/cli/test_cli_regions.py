"""``oneservice regions``: from an empty draft to a directory that others act on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from oneservice.certificates import (
    Cryptosuite,
    RegionDirectory,
    SigningKey,
    TrustDraft,
    TrustMemory,
    TrustStore,
)
from oneservice.cli import program
from oneservice.cli.regions import COMMANDS
from oneservice.departments import parse_callers

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "cli" / "regions"
FIRST = ("--issued-at", "2026-03-01", "--expires", "2026-03-31")


@dataclass
class Desk:
    """A folder with keys, and a way to run commands in it."""

    folder: Path
    keys: dict[str, SigningKey]

    def path(self, name: str) -> Path:
        return self.folder / name

    def run(self, *arguments: str) -> Result:
        names = [str(self.path(one[1:])) if one.startswith("@") else one for one in arguments]
        result = CliRunner().invoke(program, ["regions", *names])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def done(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def key(self, name: str) -> str:
        return self.keys[name].public_multibase

    def begun(self) -> None:
        signers = [f"--signer={name}={self.key(name)}" for name in ("north", "south", "audit")]
        self.done(
            *("init", "--publisher", "https://regions.example", *signers),
            *("--threshold", "2", "--out", "@draft.yaml"),
        )
        self.enter("990000", "north")
        self.enter("980000", "south", "--list", "https://trust.example/980000")

    def enter(self, code: str, name: str, *more: str) -> None:
        signed = ("--list-signer", self.key(name)) if more else ()
        self.done(
            *("enter", "@draft.yaml", "--region", code, "--name", f"zh={name}"),
            *("--from", "2026-01-01", "--service", f"https://{code}.example/adapter"),
            *("--key", f"region-{code}-1={self.key('wire-' + name)}"),
            *("--evidence", "health_certificate", *more, *signed),
        )

    def sign(self, out: str, *names: str, more: tuple[str, ...] = FIRST) -> dict[str, Any]:
        keys = [f"--key={self.path(name)}.pem" for name in names]
        return self.done("sign", "@draft.yaml", *keys, *more, "--out", f"@{out}")

    def directory(self, name: str) -> RegionDirectory:
        return RegionDirectory.parse(self.path(name).read_bytes())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    names = ("north", "south", "audit", "wire-north", "wire-south")
    suites = dict.fromkeys(names, Cryptosuite.EDDSA_JCS_2022)
    suites["wire-south"] = Cryptosuite.ECDSA_JCS_2019
    keys = {name: SigningKey.generate(suite) for name, suite in suites.items()}
    for name, key in keys.items():
        (tmp_path / f"{name}.pem").write_bytes(key.to_pem(None))
    return Desk(folder=tmp_path, keys=keys)


def test_from_an_empty_draft_to_a_directory_signed_on_two_machines(desk: Desk) -> None:
    desk.begun()
    started = desk.run("sign", "@draft.yaml", *FIRST, "--out", "@regions.json")
    assert started.exit_code == 1
    assert "edition 1 of the directory of 000000" in started.stdout
    data = desk.path("regions.json").read_bytes()
    for name in ("north", "south"):
        desk.path(f"at-{name}.json").write_bytes(data)
        key = f"--key={desk.path(name)}.pem"
        assert desk.run("cosign", f"@at-{name}.json", key).exit_code == 1
    looked = desk.run("show", "@at-north.json", "--at", "2026-03-05")
    assert (looked.exit_code, "1 of 2 signatures" in looked.stdout) == (1, True)
    facts = desk.done(
        "cosign", "@regions.json", "--with", "@at-north.json", "--with", "@at-south.json"
    )
    assert facts["is_complete"]
    made = desk.directory("regions.json")
    assert made.issued_at == datetime(2026, 2, 28, 16, tzinfo=UTC)  # midnight in the offices
    assert [one.region for one in made.regions] == ["990000", "980000"]
    page = desk.run("show", "@regions.json", "--at", "2026-03-05", "--language", "zh").stdout
    for words in ("980000 south", "提供证照查询：health_certificate", "须 1 方签署", "签名齐全"):
        assert words in page
    english = desk.run("show", "@regions.json", "--at", "2026-03-05").stdout
    for words in ("offers evidence health_certificate", "1 of 1 sign", "complete"):
        assert words in english


def test_a_draft_is_told_to_be_signed_first(desk: Desk) -> None:
    desk.begun()
    desk.path("draft.json").write_text(
        json.dumps(yaml.safe_load(desk.path("draft.yaml").read_text(encoding="utf-8"))),
        encoding="utf-8",
    )
    for name in ("@draft.yaml", "@draft.json"):
        for verb in ("check", "show", "callers"):
            told = desk.run(verb, name)
            assert told.exit_code == 2
            assert "a draft of a directory" in told.stderr
            assert "'oneservice regions sign'" in told.stderr


def test_a_region_leaves_as_data_and_stays_in_the_past(desk: Desk) -> None:
    desk.begun()
    desk.sign("regions.json", "north", "audit")
    draft = desk.path("draft.yaml")
    text = draft.read_text(encoding="utf-8")
    begins = "zh: south\n  valid_from: "
    assert begins in text
    left = text.replace(begins, "zh: south\n  valid_until: 2026-03-20\n  valid_from: ")
    draft.write_text(left, encoding="utf-8")
    more = ("--after", str(desk.path("regions.json")), "--issued-at", "2026-03-10")
    desk.sign("next.json", "north", "audit", more=more)
    told = desk.run("diff", "@regions.json", "@next.json", "--language", "zh")
    assert (told.exit_code, "地区 980000 提前终止" in told.stdout) == (0, True)
    shown = desk.done("show", "@next.json", "--at", "2026-03-25")
    assert [one["region"] for one in shown["regions"]] == ["990000"]
    assert desk.done("check", "@regions.json", "@next.json", "--at", "2026-03-12")["findings"] == []
    draft.write_text(text.split("- region: '980000'")[0], encoding="utf-8")
    more = ("--after", str(desk.path("next.json")), "--out", str(desk.path("third.json")))
    refused = desk.run("sign", "@draft.yaml", *more)
    assert (refused.exit_code, "980000" in refused.output) == (2, True)


def test_signers_rotate_and_the_root_of_old_leads_to_them(desk: Desk) -> None:
    desk.begun()
    desk.sign("regions.json", "north", "audit")
    root = desk.directory("regions.json").roots[0].digest
    told = desk.run(
        "rotate", "@draft.yaml", "--drop", "north", "--add", f"north={desk.key('wire-north')}"
    )
    assert told.exit_code == 0
    lines = " ".join(told.stdout.split())
    assert f"signer north leaves: {desk.key('north')}" in lines
    assert f"signer north joins: {desk.key('wire-north')}" in lines
    more = ("--after", str(desk.path("regions.json")), "--issued-at", "2026-03-10")
    fresh = [f"--key={desk.path('wire-north')}.pem", f"--key={desk.path('audit')}.pem"]
    few = desk.run("sign", "@draft.yaml", *fresh, *more, "--out", "@next.json")
    assert few.exit_code == 1, "one of the old signers is not enough"
    assert "root 2" in few.stdout
    desk.done("cosign", "@next.json", f"--key={desk.path('north')}.pem", *more[:2])
    at = ("--at", "2026-03-12")
    assert desk.done("check", "@regions.json", "@next.json", "--root", root, *at)["findings"] == []
    assert [one.version for one in desk.directory("next.json").roots] == [1, 2]


def test_rotation_that_nobody_could_sign_leaves_the_draft(desk: Desk) -> None:
    desk.begun()
    before = desk.path("draft.yaml").read_bytes()
    for slip, why in (
        (("--drop", "west"), "no signer is called west; there are north, south, audit"),
        (("--threshold", "4"), "4"),
        (("--add", f"again={desk.key('north')}"), "key"),
    ):
        refused = desk.run("rotate", "@draft.yaml", *slip)
        assert (refused.exit_code, why in refused.output) == (2, True), refused.output
    assert desk.path("draft.yaml").read_bytes() == before


def test_a_lost_draft_is_made_of_what_is_published(desk: Desk) -> None:
    desk.begun()
    desk.sign("regions.json", "north", "audit")
    drafted = desk.done("import", "@regions.json", "--out", "@again.yaml")["draft"]
    assert drafted == desk.done("import", "@regions.json", "--out", "@third.json")["draft"]
    more = ("--after", str(desk.path("regions.json")), "--issued-at", "2026-03-10")
    signed = desk.done(
        "sign", "@again.yaml", f"--key={desk.path('north')}.pem",
        f"--key={desk.path('audit')}.pem", *more, "--out", "@next.json",
    )  # fmt: skip
    assert signed["version"] == 2
    assert desk.done("diff", "@regions.json", "@next.json")["changes"] == []
    refused = desk.run("import", "@regions.json", "--out", "@again.yaml")
    assert (refused.exit_code, "--force" in refused.output) == (2, True)


def test_an_older_edition_is_refused_by_who_remembers(desk: Desk) -> None:
    desk.begun()
    desk.sign("regions.json", "north", "audit")
    more = ("--after", str(desk.path("regions.json")), "--issued-at", "2026-03-10")
    desk.sign("next.json", "north", "audit", more=more)
    check = ("--memory", "@memory.json", "--at", "2026-03-12")
    desk.done("check", "@next.json", *check)
    memory = TrustMemory.parse(desk.path("memory.json").read_bytes())
    assert [(one.kind, one.version) for one in memory.seen] == [("directory", 2)]
    refused = desk.run("check", "@regions.json", *check)
    assert refused.exit_code == 2
    assert "edition 2 was relied on before" in " ".join(refused.output.split())


def test_an_expired_directory_is_a_finding_and_gives_no_callers(desk: Desk) -> None:
    desk.begun()
    desk.sign("regions.json", "north", "audit")
    late = ("--at", "2026-04-02")
    found = desk.run("check", "@regions.json", *late, "--json")
    assert [one["code"] for one in json.loads(found.stdout)["findings"]] == ["expired"]
    assert desk.run("show", "@regions.json", *late).exit_code == 1
    refused = desk.run("callers", "@regions.json", *late)
    assert (refused.exit_code, "has expired" in refused.output) == (2, True)
    early = desk.run("check", "@regions.json", "--at", "2026-01-01", "--json")
    assert [one["code"] for one in json.loads(early.stdout)["findings"]] == ["not_yet"]


def test_callers_are_what_an_adapter_is_served_with(desk: Desk) -> None:
    desk.begun()
    desk.sign("regions.json", "north", "audit")
    listed = desk.run("callers", "@regions.json", "--own", "990000", "--at", "2026-03-05")
    callers = parse_callers(listed.stdout.encode())
    assert [one.id for one in callers] == ["region-980000"]
    key = callers.keys["region-980000-1"]
    message = b"what was asked"
    assert key.holds(desk.keys["wire-south"].sign(message), message)
    assert not key.covers(datetime(2025, 12, 1, tzinfo=UTC))


def test_where_the_own_list_disagrees_people_are_told(desk: Desk) -> None:
    desk.begun()
    desk.sign("regions.json", "north", "audit")
    entry = desk.directory("regions.json").regions[1].trust_lists[0]
    document = {
        "format": "oneservice-trust-draft/1",
        "territory": "990000",
        "publisher": "https://trust.example",
        "threshold": 1,
        "signers": [{"name": "north", "public_key_multibase": desk.key("north")}],
        "peers": [{**entry.as_json(), "keys": [desk.key("audit")]}],
    }
    opened, ends = datetime(2026, 2, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    edition = TrustDraft.of(document).edition(after=None, issued_at=opened, expires_at=ends)
    own = TrustStore.of(edition.by(desk.keys["north"], at=opened))
    desk.path("list.json").write_bytes(own.dump())
    told = desk.run("check", "@regions.json", "--trust-list", "@list.json", "--at", "2026-03-05")
    assert told.exit_code == 1
    assert "[other_signers]" in " ".join(told.stdout.split())


def test_slips_in_a_draft_are_named_with_their_place(desk: Desk) -> None:
    desk.begun()
    draft = desk.path("draft.yaml")
    text = draft.read_text(encoding="utf-8")
    draft.write_text(text.replace("kind: evidence", "kind: evidense", 1), encoding="utf-8")
    refused = desk.run("sign", "@draft.yaml", "--out", "@regions.json")
    line = text.splitlines().index("  - kind: evidence") + 1
    assert f"draft.yaml:{line}:" in refused.output.replace("\n", "")
    assert not desk.path("regions.json").exists()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("enter", "@draft.yaml", "--region", "970000", "--name", "zh=x", "--from", "2026-01-01",
          "--list", "https://t.example"), "signers"),
        (("enter", "@draft.yaml", "--region", "990000", "--name", "zh=x", "--from", "2026-01-01"),
         "stands in it twice"),
        (("enter", "@draft.yaml", "--region", "970000", "--name", "zh=x", "--from", "2026-01-01",
          "--service", "http://x.example"), "https://HOST"),
        (("check", "a", "b", "c"), "give one edition"),
        (("init", "--publisher", "https://x", "--signer", "a=z6Mk", "--threshold", "1",
          "--out", "x"), "Multikey"),
    ],
)  # fmt: skip
def test_slips_on_the_command_line(desk: Desk, arguments: tuple[str, ...], why: str) -> None:
    desk.begun()
    refused = desk.run(*arguments)
    assert refused.exit_code in {1, 2}
    assert why in " ".join(refused.output.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_every_command_is_golden(name: str) -> None:
    """To renew: ``COLUMNS=80 oneservice regions NAME --help``, written to the file and read."""
    asked = ["regions", name, "--help"]  # click itself leaves two of the 80 columns free
    shown = CliRunner().invoke(program, asked, prog_name="oneservice", terminal_width=78)
    assert shown.stdout == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    assert all(len(line) <= 80 for line in shown.stdout.splitlines())
    assert "--json" in shown.stdout


def test_a_type_that_is_all_but_another_is_warned_of(desk: Desk) -> None:
    desk.begun()
    entering = (
        *("enter", "@draft.yaml", "--region", "970000", "--name", "zh=west"),
        *("--from", "2026-01-01", "--evidence", "health-certificate"),
    )
    told = desk.run(*entering, "--json")
    assert told.exit_code == 0
    assert "did you mean health_certificate?" in told.stderr
    json.loads(told.stdout)
    desk.path("draft.yaml").write_text(
        desk.path("draft.yaml").read_text(encoding="utf-8").replace("970000", "960000"),
        encoding="utf-8",
    )
    known = desk.run(*entering[:-1], "health_certificate")
    assert (known.exit_code, known.stderr) == (0, "")
    strange = tuple(one.replace("970000", "950000") for one in entering[:-1])
    assert desk.run(*strange, "diploma").stderr == ""
