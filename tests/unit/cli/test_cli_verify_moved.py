"""``oneservice verify``: a certificate that moved is not called taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from oneservice.canonical import canonical
from oneservice.certificates import (
    MOVED_FROM,
    TRANSFER_NOTICE,
    Certificate,
    Claims,
    Cryptosuite,
    Entitlement,
    ListedKey,
    ListIssuer,
    Move,
    MoveWord,
    Notice,
    Publication,
    RecognitionLevel,
    RecognitionRule,
    SigningKey,
    StatusEntry,
    TrustedIssuer,
    TrustStore,
    issue,
    notice_claims,
    write_status_lists,
)

Run = Callable[..., Result]
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
SIGNED = datetime(2026, 10, 14, 2, tzinfo=UTC)
AT = "2026-10-15T00:00:00Z"
GIVING, RECEIVING = "https://990101.example/health", "https://980201.example/health"
OLD, NEW = "urn:oneservice:health:990101:1", "urn:oneservice:health:980201:1"
MOVE = Move(id="c1", certificate=OLD, giving=GIVING, receiving=RECEIVING)


def named(office: str) -> dict[str, Any]:
    region = office.split("/")[2][:6]
    return {"issuer_id": office, "issuer_name": {"en": region}, "issuer_region": region}


@dataclass(frozen=True, slots=True)
class World:
    """Two offices, the lists that vouch for them, and the register of the giving one."""

    folder: Path
    keys: dict[str, SigningKey] = field(
        default_factory=lambda: {
            one: SigningKey.generate(Cryptosuite.ECDSA_JCS_2019) for one in (GIVING, RECEIVING)
        }
    )

    def write(self, name: str, claims: Claims, *, by: str | None = None) -> Path:
        key = self.keys[by or claims.issuer_id]
        method = f"{claims.issuer_id}#{key.public_multibase}"
        made = issue(claims, key=key, verification_method=method, created=SIGNED)
        path = self.folder / name
        path.write_bytes(made.dump())
        Certificate.parse(made.dump())
        return path

    def old(self) -> Path:
        place = StatusEntry(uri=f"{GIVING}/status/1", index=7)
        return self.write("old.json", health(GIVING, OLD, status=place))

    def new(self, **result: Any) -> Path:
        origin = {"certificate": OLD, "issuer": GIVING, "move": "c1", **result}
        return self.write("new.json", health(RECEIVING, NEW, result={MOVED_FROM: origin}))

    def notice(self, word: MoveWord, *, by: str | None = None) -> Path:
        said = Notice(word=word, move=MOVE, at=SIGNED, successor=NEW)
        region = said.speaker.split("/")[2][:6]
        claims = notice_claims(said, name={"en": region}, region=region, sandbox=True)
        return self.write(f"{word}.json", claims, by=by)

    def given(self, value: int = 1) -> tuple[Any, ...]:
        """Write trust list and status lists; ``value`` is that of the old certificate."""
        trust, status = self.folder / "trust.json", self.folder / "status.jwt"
        trust.write_bytes(trust_of(self.keys))
        register = bytearray(131_072 // 4)
        register[1] |= value << 6
        key = self.keys[GIVING]
        made = write_status_lists(
            bytes(register),
            uri=f"{GIVING}/status/1",
            issuer=ListIssuer(id=GIVING, key=key, key_id=f"{GIVING}#{key.public_multibase}"),
            issued_at=SIGNED,
            expires_at=SIGNED + timedelta(days=2),
            ttl_s=600,
        )
        status.write_bytes(made[Publication.TOKEN])
        return ("--trust", trust, "--status", status, "--at", AT)


def health(office: str, identifier: str, **more: Any) -> Claims:
    return Claims(
        id=identifier,
        type="health_certificate",
        title={"en": "Health certificate"},
        holder_name="A cook",
        valid_from=date(2026, 9, 28),
        **named(office),
        **more,
    )


def trust_of(keys: dict[str, SigningKey]) -> bytes:
    issuers = tuple(
        TrustedIssuer(
            id=office,
            name={"en": office},
            region=named(office)["issuer_region"],
            keys=(ListedKey.for_certificates(office, key.public_multibase, valid_from=SINCE),),
            entitlements=tuple(
                Entitlement(type=kind, region=named(office)["issuer_region"], valid_from=SINCE)
                for kind in ("health_certificate", TRANSFER_NOTICE)
            ),
        )
        for office, key in keys.items()
    )
    store = TrustStore(
        territory="000000",
        version=1,
        issued_at=SINCE,
        expires_at=SINCE + timedelta(days=3650),
        issuers=issuers,
        recognition=(
            RecognitionRule(
                issuer_region="990000",
                type="health_certificate",
                accepted_in="980000",
                valid_from=SINCE,
                minimum_level=RecognitionLevel.SEALED,
                legal_basis={"en": "an agreement of both"},
            ),
        ),
    )
    key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    return store.signed(key=key, signer_id="https://trust.example/a", created=SINCE).dump()


def empty_folder(world: World) -> Path:
    folder = world.folder / "empty"
    folder.mkdir()
    return folder


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def of_old(result: Result) -> dict[str, Any]:
    reports = [json.loads(line) for line in result.stdout.splitlines()]
    return next(one for one in reports if one["file"].endswith("old.json"))


@pytest.mark.parametrize("beside", ["release", "arrival", "successor"])
def test_what_moved_is_told_as_moved_with_its_successor(
    run: Run, world: World, beside: str
) -> None:
    word = world.new() if beside == "successor" else world.notice(MoveWord(beside))
    files = (world.old(), word)
    result = run("verify", *files, *world.given(), "--json")
    assert result.exit_code == 1
    told = of_old(result)
    assert (told["verdict"], told["reason"]) == ("invalid", "transferred")
    assert NEW in told["message"]
    (status,) = [one for one in told["checks"] if one["name"] == "status"]
    assert (status["result"], status["evidence"]["reason"]) == ("fail", "transferred")
    page = " ".join(run("verify", *files, *world.given()).stdout.split())
    assert "It moved to another region" in page
    assert "The authority took it back" not in page
    zh = run("verify", *files, *world.given(), "--language", "zh").stdout
    zh = "".join(zh.split())
    assert "已转出" in zh
    assert f"后继证照为{NEW}" in zh
    assert "已将其撤销" not in zh


def test_alone_it_is_what_the_list_says(run: Run, world: World) -> None:
    told = of_old(run("verify", world.old(), *world.given(), "--json"))
    assert told["reason"] == "revoked"


@pytest.mark.parametrize(
    "word",
    [
        pytest.param(lambda world: world.notice(MoveWord.PROMISE), id="only promised"),
        pytest.param(lambda world: world.notice(MoveWord.RELEASE, by=RECEIVING), id="forged"),
        pytest.param(lambda world: world.new(certificate="urn:another"), id="of another one"),
        pytest.param(lambda world: world.new(issuer="https://a.example"), id="of another issuer"),
        pytest.param(lambda world: world.new(certificate=["x"]), id="misshapen"),
    ],
)
def test_what_tells_of_no_move_or_is_not_believed_changes_nothing(
    run: Run, world: World, word: Callable[[World], Path]
) -> None:
    told = of_old(run("verify", world.old(), word(world), *world.given(), "--json"))
    assert told["reason"] == "revoked"


@pytest.mark.parametrize(("value", "reason"), [(0, None), (2, "suspended")])
def test_a_word_about_a_move_takes_nothing_back(
    run: Run, world: World, value: int, reason: str | None
) -> None:
    files = (world.old(), world.notice(MoveWord.RELEASE))
    told = of_old(run("verify", *files, *world.given(value), "--json"))
    assert told["reason"] == reason


@pytest.mark.parametrize("jobs", [1, 2])
def test_many_on_many_cores(run: Run, world: World, jobs: int) -> None:
    many = ("--jobs", jobs, "--brief", "--json")
    given = world.given()
    alone = run("verify", world.old(), *given, *many)
    assert of_old(alone)["reason"] == "revoked"
    together = run("verify", world.old(), world.new(), *given, *many)
    assert of_old(together)["reason"] == "transferred"
    word = world.notice(MoveWord.RELEASE)
    beside = run("verify", world.old(), *given, "--beside", word, "--json")
    assert of_old(beside)["reason"] == "transferred"
    page = run("verify", world.old(), *given, "--beside", word.parent)
    assert (page.exit_code, NEW in page.stdout) == (1, True)
    missing = run("verify", world.old(), *given, "--beside", world.folder / "none")
    assert missing.exit_code == 2


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_lies_in_a_folder_tells_of_its_moves(run: Run, world: World, jobs: int) -> None:
    given = world.given()
    world.old()
    world.notice(MoveWord.RELEASE)
    told = of_old(run("verify", world.folder, *given, "--jobs", jobs, "--json"))
    assert told["reason"] == "transferred"


def test_a_folder_beyond_the_bound_is_looked_through_so_far_and_says_so(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = world.given()
    world.new().rename(world.folder / "zz.json")
    world.old()
    monkeypatch.setattr("oneservice.cli.verify_beside.MAX_LOOKED_THROUGH", 2)
    result = run("verify", world.folder, *given, "--json", "--brief")
    assert of_old(result)["reason"] == "revoked"
    assert "only the first 2 files were looked through" in result.stderr
    assert "--beside" in result.stderr


def test_a_letter_between_offices_tells_of_a_move(run: Run, world: World) -> None:
    paper = json.loads(world.notice(MoveWord.RELEASE).read_bytes())
    letter = world.folder / "released.letter"
    letter.write_bytes(canonical({"paper": paper, "enclosures": {}}))
    result = run("verify", world.old(), *world.given(), "--beside", letter, "--json")
    assert of_old(result)["reason"] == "transferred"
    assert result.stderr == ""
    alone = run("verify", letter, *world.given())
    assert (alone.exit_code, "name it with --beside" in alone.stderr) == (2, True)


@pytest.mark.parametrize(
    ("beside", "why"),
    [
        pytest.param(
            lambda world: world.folder / "trust.json", "this is a trust list", id="a trust list"
        ),
        pytest.param(
            lambda world: world.folder / "status.jwt", "neither the word of an office", id="a list"
        ),
        pytest.param(
            lambda world: world.write("own.json", health(GIVING, "urn:another")),
            "neither the word of an office",
            id="another certificate",
        ),
        pytest.param(
            lambda world: world.notice(MoveWord.PROMISE), "no move that took place", id="a promise"
        ),
        pytest.param(
            lambda world: world.notice(MoveWord.RELEASE, by=RECEIVING),
            "it is not believed itself: the trust list does not name this key",
            id="forged",
        ),
        pytest.param(empty_folder, "no file in it tells of a move", id="a folder"),
    ],
)
def test_what_is_named_to_tell_of_moves_and_does_not_is_told(
    run: Run, world: World, beside: Callable[[World], Path], why: str
) -> None:
    asked = (world.old(), *world.given(), "--beside", beside(world))
    result = run("verify", *asked)
    assert f"{asked[-1]}: not used: " in result.stderr
    assert why in result.stderr
    assert "revoked" in result.stdout
    zh = run("verify", *asked, "--language", "zh").stderr
    assert "未采用" in zh
    assert why not in zh


def test_pages_say_what_a_newer_paper_continues_and_to_whom_a_notice_speaks(
    run: Run, world: World
) -> None:
    given = world.given()
    new = " ".join(run("verify", world.new(), *given).stdout.split())
    assert f"continues {OLD}, issued by {GIVING}" in new
    notice = run("verify", world.notice(MoveWord.RELEASE), *given).stdout
    told = f"told to {RECEIVING} issued by 990101 good from 2026-10-14 says it was transferred out"
    assert f"{told} of {OLD} successor {NEW}" in " ".join(notice.split())
    assert "held by" not in notice
    zh = run("verify", world.notice(MoveWord.ARRIVAL), *given, "--language", "zh").stdout
    assert "已接收" in zh
    assert f"后继证照  {NEW}" in zh


@pytest.mark.parametrize("origin", [{"certificate": ["x"]}, {"issuer": 7}])
def test_a_page_leaves_out_what_is_misshapen(
    run: Run, world: World, origin: dict[str, Any]
) -> None:
    page = run("verify", world.new(**origin), *world.given()).stdout
    assert "number" in page
    assert "continues" not in page


def test_a_plan_sends_nobody_back_to_the_office_that_gave_the_certificate_away(
    run: Run, world: World
) -> None:
    shop = Path(__file__).resolve().parents[3] / "examples" / "tea-kiosk.yaml"
    held = ("--held", f"staff.1={world.old()}", "--held", f"staff.1={world.new()}")
    asked = ("plan", "restaurant", "--answers", shop, "--region", "980201", "--on", "2026-10-14")
    for language, told, never in (
        ("en", "it moved to another office; the one that continues it was shown", "took it back"),
        ("zh", "已转出，由一并出示的新证照接续", "签发机关已撤销"),
    ):
        page = run(*asked, *held, *world.given(), "--language", language)
        assert page.exit_code == 0, page.stderr
        shown = page.stdout + page.stderr
        assert told in (" " if language == "en" else "").join(shown.split()), shown
        assert never not in shown
