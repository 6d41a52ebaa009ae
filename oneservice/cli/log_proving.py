"""``oneservice log prove | check``: proofs made from tiles, and judged without any."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from oneservice.cli.log_keeping import logged_digest
from oneservice.cli.log_options import log_key_of, policy_option, stated_policy
from oneservice.cli.log_words import BAD, GOOD, kind_words, say
from oneservice.cli.options import FILE, json_option, language_of, language_option
from oneservice.cli.pages import Page, print_json
from oneservice.cli.reading import read_file, write_file
from oneservice.cli.refusals import FINDING, FINE, WRONG_USE
from oneservice.cli.verify_evidence_words import in_office_time
from oneservice.cli.verify_whys import why_of
from oneservice.errors import (
    LogKeyUnknownError,
    LogMalformedError,
    LogProofError,
)
from oneservice.tlog import (
    FolderView,
    LogFolder,
    LogReceipt,
    SiteView,
    entries_from,
    inclusion_from,
)
from oneservice.transparency import LogProof, SplitView, open_checkpoint

if TYPE_CHECKING:
    from oneservice.plan import Language
    from oneservice.tlog import LogView
    from oneservice.transparency import Checkpoint, KnownLog, WitnessPolicy

__all__ = ["check", "prove", "viewed"]

_MAX_BYTES: Final = 4_194_304
_MAX_LOGGED_BYTES: Final = 67_108_864
_PROVE_EPILOG = """\
\b
Examples:
  oneservice log prove log --receipt permit.json.receipt --out p.tlog-proof
  oneservice log prove https://990101.example/log --index 73 --log VKEY \\
      --out 73.tlog-proof

The proof is checked against the signed head before it is written.
"""
_CHECK_EPILOG = """\
\b
Examples:
  oneservice log check permit.tlog-proof --receipt permit.json.receipt \\
      --of permit.json --policy policy.txt
  oneservice log check checkpoint --policy policy.txt
  oneservice log check split-view.json --log VKEY

FILE is a proof (C2SP tlog-proof), a signed head, or the evidence of a split view:
two heads by one log that cannot both be true.

Exit codes: 0 it holds, 1 it does not, 2 it cannot be told (a key is unknown), or
wrong use.
"""


@click.command("prove", epilog=_PROVE_EPILOG)
@click.argument("source", metavar="LOG")
@click.option("--index", type=click.IntRange(0), metavar="N", help="Which entry, from 0.")
@click.option("--receipt", "receipt_file", type=FILE, metavar="FILE", help="Of the entry.")
@click.option("--log", "vkey", metavar="VKEY", help="The log's key, where LOG is a URL.")
@click.option("--out", type=FILE, required=True, metavar="FILE", help="Where the proof goes.")
@json_option
def prove(
    *,
    source: str,
    index: int | None,
    receipt_file: Path | None,
    vkey: str | None,
    out: Path,
    as_json: bool,
) -> None:
    """Write the proof of an entry of LOG, a folder or the URL that serves one."""
    if (index is None) == (receipt_file is None):
        msg = "say which entry: --index N or --receipt FILE"
        raise click.UsageError(msg)
    receipt = _receipt(receipt_file)
    place = receipt.index if receipt is not None else index or 0
    known = vkey or _own_vkey(source)
    log = log_key_of(stated_policy(None, known), None)
    proof, head, entry = asyncio.run(_proven(source, place, log))
    proof.check(entry if receipt is None else receipt.entry.encode(), log=log.key)
    write_file(out, proof.dump())
    if as_json:
        print_json({"file": str(out), "index": place, "size": head.size, "origin": head.origin})
    else:
        click.echo(f"{out}: entry {place} of {head.size} in {head.origin}")


@click.command("check", epilog=_CHECK_EPILOG)
@click.argument("file", metavar="FILE", type=FILE)
@click.option("--receipt", "receipt_file", type=FILE, metavar="FILE", help="Opens the entry.")
@click.option("--of", "logged", type=FILE, metavar="FILE", help="What is said to be logged.")
@click.option("--log", "vkey", metavar="VKEY", help="The log's key; no witness is asked for.")
@policy_option()
@language_option
@json_option
def check(
    *,
    file: Path,
    receipt_file: Path | None,
    logged: Path | None,
    vkey: str | None,
    policy_file: Path | None,
    language: str,
    as_json: bool,
) -> None:
    """Check a proof, a signed head, or evidence against a log. Opens no socket."""
    policy = stated_policy(policy_file, vkey)
    data = read_file(file, max_bytes=_MAX_BYTES)
    receipt = _receipt(receipt_file)
    facts: dict[str, Any] = {"file": str(file)}
    try:
        facts |= _judged(data, receipt, logged, policy)
        code = FINE
    except (LogProofError, LogMalformedError) as error:
        facts |= {"verdict": "invalid", "reason": error.code, "message": str(error)}
        if isinstance(error, LogProofError) and error.quorum is not None:
            facts |= {"cosigned_by": list(error.cosigned_by), "quorum": error.quorum}
        code = FINDING
    except LogKeyUnknownError as error:
        facts |= {"verdict": "indeterminate", "reason": error.code, "message": str(error)}
        code = WRONG_USE
    if as_json:
        print_json(facts)
    else:
        _show(facts, language_of(language))
    raise click.exceptions.Exit(code)


def _judged(
    data: bytes, receipt: LogReceipt | None, logged: Path | None, policy: WitnessPolicy
) -> dict[str, Any]:
    """Return what holds; what does not is raised."""
    if data.startswith(b"c2sp.org/tlog-proof"):
        return _judged_proof(LogProof.parse(data), receipt, logged, policy)
    if data.lstrip().startswith(b"{"):
        evidence = SplitView.parse(data)
        log = _log_in(policy, _origin_in(evidence.first))
        evidence.check(log=log.key)
        return {"kind": "split-view", "verdict": "valid", "origin": log.key.name}
    log = _log_in(policy, _origin_in(data))
    opened = open_checkpoint(data, log=log.key, witnesses=policy.keys)
    names = [name for name, _ in opened.cosigned]
    _refuse_few(policy, names)
    head = opened.checkpoint
    return {
        "kind": "checkpoint",
        "verdict": "valid",
        **_head(head),
        "cosigned": _said(opened.cosigned),
    }


def _judged_proof(
    proof: LogProof, receipt: LogReceipt | None, logged: Path | None, policy: WitnessPolicy
) -> dict[str, Any]:
    if receipt is None:
        msg = "a proof is about an entry: name its --receipt"
        raise click.UsageError(msg)
    if logged is not None:
        digest = logged_digest(read_file(logged, max_bytes=_MAX_LOGGED_BYTES))
        if digest != receipt.entry.digest:
            msg = f"{logged}: is not what the receipt is about; it was changed, or is another file"
            raise LogProofError(msg)
    log = _log_in(policy, _origin_in(proof.checkpoint))
    found = proof.check(receipt.entry.encode(), log=log.key, witnesses=policy.keys)
    _refuse_few(policy, [name for name, _ in found.cosigned])
    return {
        "kind": "proof",
        "verdict": "valid",
        **_head(found.logged_by),
        "index": found.index,
        "entry": receipt.entry.kind.value,
        "digest": receipt.entry.digest,
        "cosigned": _said(found.cosigned),
    }


def _refuse_few(policy: WitnessPolicy, names: list[str]) -> None:
    if not policy.is_met(names):
        msg = say("few", "en").format(names=", ".join(names) or "nobody", quorum=policy.quorum)
        raise LogProofError(msg, quorum=policy.quorum, cosigned_by=names)


def _log_in(policy: WitnessPolicy, origin: str) -> KnownLog:
    for one in policy.logs:
        if one.key.name == origin:
            return one
    msg = "the log that this is from is not one that you named"
    raise LogKeyUnknownError(msg)


def _origin_in(note: bytes) -> str:
    return note.split(b"\n", 1)[0].decode("utf-8", "replace")


def _head(head: Checkpoint) -> dict[str, Any]:
    return {"origin": head.origin, "size": head.size, "root": head.root.hex()}


def _said(cosigned: Any) -> list[dict[str, str]]:
    return [{"witness": name, "at": at.isoformat()} for name, at in cosigned]


def _show(facts: dict[str, Any], language: Language) -> None:
    page = Page()
    is_good = facts["verdict"] == "valid"
    key = facts.get("kind", "") if is_good else facts["verdict"]
    page.line(f"{facts['file']}: {say(key, language)}", style=GOOD if is_good else BAD)
    if not is_good:
        page.line(_why(facts, language), indent=2)
        return
    if "size" in facts:
        page.line(say("head", language).format(**facts), indent=2)
    if "index" in facts:
        told = {**facts, "entry": kind_words(facts["entry"], language)}
        page.line(say("entry", language).format(**told), indent=2)
    for one in facts.get("cosigned", ()):
        page.line(in_office_time(say("cosigned", language).format(**one)), indent=2)


def _why(facts: dict[str, Any], language: Language) -> str:
    """Return what does not hold; in Chinese the words for its reason where it has none itself."""
    if "quorum" not in facts or language == "en":
        return why_of(facts, language)
    names = "、".join(facts["cosigned_by"])
    few = say("few" if names else "bare", language)
    return few.format(names=names, quorum=facts["quorum"])


def _receipt(file: Path | None) -> LogReceipt | None:
    return None if file is None else LogReceipt.parse(read_file(file, max_bytes=_MAX_BYTES))


def _own_vkey(source: str) -> str | None:
    return None if "://" in source else LogFolder(Path(source)).identity().key.vkey


async def _proven(source: str, index: int, log: KnownLog) -> tuple[LogProof, Checkpoint, bytes]:
    """Return the proof of an entry, the head that it leads to, and the entry as it lies there."""
    from oneservice.departments import GuardedWeb  # noqa: PLC0415 - only where somebody is asked

    async with GuardedWeb(is_internal=True) as web:
        view = viewed(source, web)
        note = await view.checkpoint()
        head = open_checkpoint(note, log=log.key).checkpoint
        size = head.size
        if index >= size:
            msg = f"entry {index} is not in the published head, which holds {size}: "
            msg += "'oneservice log checkpoint' publishes what was appended"
            raise LogProofError(msg)
        proof = await inclusion_from(view, index=index, size=size, checkpoint=note)
        parts = entries_from(view, index, index + 1, size=size)
        (entry,) = [one async for _, entries in parts for one in entries]
        return proof, head, entry


def viewed(source: str, web: Any, *, head: str = "checkpoint") -> LogView:
    """Return the log in a folder, or at a URL."""
    if "://" in source:
        return SiteView(source, web, head=head)
    return FolderView(LogFolder(Path(source)))
