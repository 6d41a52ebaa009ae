"""The end of the demonstration: files for strangers, an offline check, and what was saved."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from oneservice.canonical import read_instant, write_instant
from oneservice.case import Case
from oneservice.catalog import Catalog, Text
from oneservice.certificates import Certificate, Evidence, SdJwt
from oneservice.cli.demo_folder import DemoFolder
from oneservice.cli.demo_moments import FiveMoments
from oneservice.cli.demo_pages import drawn_pages
from oneservice.cli.demo_standing import Ending
from oneservice.cli.demo_vouching import written_policy
from oneservice.cli.demo_words import say
from oneservice.cli.pages import Page
from oneservice.cli.reading import read_file
from oneservice.engine import Engine
from oneservice.plan import Language, Plan, plan_bytes, reduction, to_svg
from oneservice.transparency import PROOF_SUFFIX

__all__ = ["Results", "published_lists", "report", "verify_in_another_process", "write_results"]

MAX_LIST_BYTES: Final = 16_777_216


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What the demonstration leaves behind."""

    plan: Plan
    at: datetime
    certificates: tuple[Path, ...]
    bundle: Path
    journal: Path
    evidence: tuple[Path, ...] = ()
    status: tuple[Path, ...] = ()
    pages: tuple[Path, ...] = ()
    sealed_at: datetime


async def write_results(
    folder: DemoFolder, engine: Engine, case: Case, *, catalog: Catalog, language: Language
) -> Results:
    """Write certificates, pages, bundle, plan and journal; each file whole or not at all.

    Each certificate lies there three times: as it is, with all that proves it (``evidence/``), and
    in the form for its holder's wallet.

    Raises:
        FileUnusableError: the disk is full, or the folder may not be written.
    """
    plan = await engine.plan_of(case.id)
    folder.write("plan.json", plan_bytes(plan))
    states = {sub.id: str(sub.status).replace("_", " ") for sub in case.sub_cases.values()}
    folder.write("plan.svg", to_svg(plan, language=language, states=states).encode())
    journal = b"".join(line + b"\n" for line in await engine.journal(case.id))
    bundle = await engine.bundle(case.id)
    sealed = {"bundle": bundle.certificate} | {
        sub.id: Certificate.of(sub.outcome["certificate"])
        for sub in case.sub_cases.values()
        if sub.outcome and sub.outcome.get("certificate")
    }
    for one in await engine.wallet(case.id):
        form = SdJwt.parse(one)
        folder.write(f"certificates/{_step_of(sealed, form)}.sd-jwt", one)
    return Results(
        plan=plan,
        at=engine.now(),
        sealed_at=read_instant(bundle.certificate.content["proof"]["created"]),
        evidence=tuple(
            folder.write(
                f"evidence/{name}.json",
                Evidence.of(one, bundle.enclosed(one), trust=engine.trust).dump(),
            )
            for name, one in sealed.items()
        ),
        certificates=tuple(
            folder.write(f"certificates/{name}.json", one.dump()) for name, one in sealed.items()
        ),
        pages=drawn_pages(bundle, catalog=catalog, write=folder.write),
        bundle=folder.write("bundle.json", bundle.dump()),
        journal=folder.write("journal.jsonl", journal),
        status=published_lists(folder),
    )


def _step_of(sealed: Mapping[str, Certificate], form: SdJwt) -> str:
    """Return the step whose certificate has this form for a wallet."""
    return next(name for name, one in sealed.items() if one.id == form.claims.get("certificate_id"))


def published_lists(folder: DemoFolder) -> tuple[Path, ...]:
    """Write the status lists of the day that the offices publish, as a stranger fetches them."""
    return tuple(
        folder.write(
            f"status/{path.parents[2].name}.jwt", read_file(path, max_bytes=MAX_LIST_BYTES)
        )
        for path in sorted(folder.path.glob("offices/*/status/current/token.jwt"))
    )


def lay_proofs_beside(folder: DemoFolder) -> None:
    """Copy the log's proof of each list of the day, where the office has not moved on since."""
    for path in sorted(folder.path.glob("offices/*/status/current/token.jwt")):
        name, proof = f"status/{path.parents[2].name}.jwt", path.with_name(path.name + PROOF_SUFFIX)
        of_day = read_file(folder.path / name, max_bytes=MAX_LIST_BYTES)
        if proof.exists() and of_day == read_file(path, max_bytes=MAX_LIST_BYTES):
            folder.write(name + PROOF_SUFFIX, read_file(proof, max_bytes=MAX_LIST_BYTES))


def verify_in_another_process(
    folder: DemoFolder, results: Results, *, at: datetime
) -> list[dict[str, Any]]:
    """Verify everything as a stranger would: other process, no network, only files.

    The journal comes with the bundle, whose certificate names the head; alone it would prove
    nothing.
    """
    files = [*results.evidence, results.bundle, results.journal]
    arguments = [
        "--policy",
        str(written_policy(folder)),
        "--trust",
        str(folder.trust_list),
        "--at",
        write_instant(at),
        "--offline",
        "--json",
        *(word for path in results.status for word in ("--status", str(path))),
    ]
    done = subprocess.run(  # noqa: S603 - our own program, our own files
        [sys.executable, "-m", "oneservice", "verify", *map(str, files), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    return _documents(done.stdout)


def report(
    folder: DemoFolder,
    case: Case,
    results: Results,
    checks: list[dict[str, Any]],
    *,
    language: Language,
    is_silent: bool,
    ending: Ending | None = None,
    moments: FiveMoments | None = None,
) -> dict[str, object]:
    """Say what was brought, what it replaced, what was issued, and who verified it.

    Of a story its ``ending`` is told instead of what was brought and replaced.
    """
    saved = reduction(results.plan)
    valid = [one for one in checks if one.get("verdict") == "valid"]
    expected = len(results.certificates) + 2
    outcome: dict[str, object] = {
        "dir": str(folder.path),
        "case": case.id,
        "status": str(case.status),
        "at": write_instant(results.at),
        "steps": {sub.id: str(sub.status) for sub in case.sub_cases.values()},
        "certificates": [str(path.relative_to(folder.path)) for path in results.certificates],
        "pages": [str(path.relative_to(folder.path)) for path in results.pages],
        "reduction": saved.as_json() if saved else None,
        "verified": len(valid) == expected,
        "verifications": checks,
    }
    if ending is not None:
        outcome |= ending.as_json()
    if moments is not None:
        outcome |= {
            "moments": moments.as_json(),
            "verified": outcome["verified"] and moments.are_right,
        }
    if not is_silent:
        if ending is None:
            _print_brought(results.plan, language)
        else:
            ending.write()
        if moments is not None:
            moments.write(language)
        _print(folder, results, checks, language=language, is_valid=bool(outcome["verified"]))
    return outcome


def _print_brought(plan: Plan, language: Language) -> None:
    page = Page()
    page.head(say("brought", language))
    for material in plan.materials:
        if material.must_bring:
            page.point(_in(language, material.title))
    _print_reduction(page, plan, language)


def _print(
    folder: DemoFolder,
    results: Results,
    checks: list[dict[str, Any]],
    *,
    language: Language,
    is_valid: bool,
) -> None:
    page = Page()
    page.head(say("verified", language))
    for one in checks:
        name = Path(str(one.get("file", "?"))).relative_to(folder.path)
        verdict = say(str(one.get("verdict", "indeterminate")), language)
        why = one.get("reason")
        page.point(say("checked_why" if why else "checked", language, name, verdict, why))
    page.line(say("all_valid" if is_valid else "not_all_valid", language))
    page.head(say("pages", language))
    for path in results.pages:
        page.line(str(path), indent=2)
    if not results.pages:
        page.line(say("no_pages", language), indent=2)
    page.head(say("yourself", language))
    page.command(_verification(folder, at=write_instant(results.at)))


def _verification(folder: DemoFolder, *, at: str) -> list[str]:
    """Return the words by which anybody verifies the bundle, wherever they stand."""
    options = (f"--trust={folder.trust_list}", f"--policy={folder.path}/policy.yaml", f"--at={at}")
    return ["oneservice", "verify", f"{folder.path}/bundle.json", *options, "--offline"]


def _print_reduction(page: Page, plan: Plan, language: Language) -> None:
    saved = reduction(plan)
    if saved is None:
        return
    page.head(say("reduction", language))
    rows = [
        (
            say(name, language),
            str(one.before),
            str(one.after),
            say("less", language, one.saved_percent),
        )
        for name, one in (
            ("fields", saved.fields),
            ("materials", saved.materials),
            ("days", saved.working_days),
        )
    ]
    heads = ("", say("before", language), say("now", language), "")
    page.table(heads, rows, right=frozenset({1, 2}))
    page.line(say("to_bring", language, saved.to_bring, _in(language, saved.source)), indent=2)


def _in(language: Language, text: Text) -> str:
    return text.zh if language == "zh" else text.en


def _documents(text: str) -> list[dict[str, Any]]:
    """Read one JSON document, a list of them, or one per line."""
    try:
        value = json.loads(text)
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        return [json.loads(line) for line in lines]
    return value if isinstance(value, list) else [value]
