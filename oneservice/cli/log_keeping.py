"""``oneservice log key | init | append | checkpoint``: what the owner of a log does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import click

from oneservice.canonical import canonical, digest_bytes, parse
from oneservice.cli.log_options import (
    FOLDER,
    key_options,
    password_of,
    policy_option,
    read_policy,
    read_signer,
)
from oneservice.cli.options import FILE, json_option
from oneservice.cli.pages import print_json
from oneservice.cli.reading import read_file, write_file
from oneservice.errors import MalformedJsonError
from oneservice.tlog import FileAnchor, LogFolder, LogKeeper, TileLog
from oneservice.transparency import EntryKind, NoteSigner, SignatureType, SignedNote

if TYPE_CHECKING:
    from pathlib import Path

    from oneservice.canonical import Digest
    from oneservice.tlog import Cosigned, LogReceipt
    from oneservice.transparency import WitnessPolicy

__all__ = ["append", "checkpoint", "init", "key", "logged_digest"]

_MAX_LOGGED_BYTES: Final = 67_108_864
_KEY_EPILOG = """\
\b
Examples:
  oneservice log key 990101.example/log --out log.pem
  oneservice log key audit.example/witness --witness --out witness.pem

The verifier key that is printed is public: it goes into policies and trust lists.
"""
_INIT_EPILOG = """\
\b
Example:
  oneservice log init log --key log.pem --name 990101.example/log
"""
_APPEND_EPILOG = """\
\b
Examples:
  oneservice log append log food_permit.json --key log.pem
  oneservice log append log lists/*.json --kind status-list --key log.pem

Beside each FILE a FILE.receipt is written. It holds the salt: it goes to whoever
gets the file, and never into the log. Nothing is published before a checkpoint.
"""
_CHECKPOINT_EPILOG = """\
\b
Examples:
  oneservice log checkpoint log --key log.pem
  oneservice log checkpoint log --key log.pem --policy policy.txt \\
      --anchor /mnt/archive/heads.jsonl

Without --policy no witness is asked. Once witnesses have cosigned, they must be
named again: whoever monitors the log would miss them. A policy with the line
"quorum none" and no witnesses publishes without them, on purpose.

Exit codes: 0 published, 2 too few witnesses cosigned, or nothing may be signed.
"""


@click.command("key", epilog=_KEY_EPILOG)
@click.argument("name", metavar="NAME")
@click.option("--out", type=FILE, required=True, metavar="FILE", help="Where the PEM file goes.")
@click.option("--witness", is_flag=True, help="A key for cosignatures (Ed25519).")
@click.option(
    "--witness-ml-dsa", is_flag=True, help="A key for cosignatures that outlast quantum computers."
)
@click.option(
    "--password-file",
    type=FILE,
    metavar="FILE",
    help="First line locks the key.  [default: $ONESERVICE_KEY_PASSWORD, else not locked]",
)
@json_option
def key(
    *,
    name: str,
    out: Path,
    witness: bool,
    witness_ml_dsa: bool,
    password_file: Path | None,
    as_json: bool,
) -> None:
    """Make a key for the log or witness NAME, a URL without schema, and print its public side."""
    if witness and witness_ml_dsa:
        msg = "one key is of one kind: --witness or --witness-ml-dsa"
        raise click.UsageError(msg)
    if out.exists():
        msg = f"{out}: is there already; a key is never written over"
        raise click.UsageError(msg)
    kind = SignatureType.COSIGNATURE_V1 if witness else SignatureType.ED25519
    kind = SignatureType.COSIGNATURE_ML_DSA_44 if witness_ml_dsa else kind
    signer = NoteSigner.generate(name, type=kind)
    write_file(out, signer.to_pem(password_of(password_file)), mode=0o600)
    if as_json:
        print_json({"file": str(out), "vkey": signer.key.vkey})
    else:
        click.echo(signer.key.vkey)


@click.command("init", epilog=_INIT_EPILOG)
@click.argument("folder", metavar="FOLDER", type=FOLDER)
@click.option("--name", required=True, metavar="NAME", help="Of the log, as in its key.")
@key_options
@json_option
def init(
    *, folder: Path, name: str, key_file: Path, password_file: Path | None, as_json: bool
) -> None:
    """Make an empty log in FOLDER and publish its empty head."""
    signer = read_signer(key_file, password_file, name=name)
    with TileLog.create(folder, signer) as log:
        log.publish(log.sign().note.dump())
    if as_json:
        print_json({"folder": str(folder), "vkey": signer.key.vkey, "size": 0})
    else:
        click.echo(f"{folder}: an empty log of {name}")
        click.echo(f"log {signer.key.vkey}")


@click.command("append", epilog=_APPEND_EPILOG)
@click.argument("folder", metavar="FOLDER", type=FOLDER)
@click.argument("files", metavar="FILE...", type=FILE, nargs=-1, required=True)
@click.option(
    "--kind",
    type=click.Choice([one.value for one in EntryKind]),
    default=EntryKind.CERTIFICATE.value,
    show_default=True,
    help="What the files are; it stands in the log in the clear.",
)
@key_options
@json_option
def append(
    *,
    folder: Path,
    files: tuple[Path, ...],
    kind: str,
    key_file: Path,
    password_file: Path | None,
    as_json: bool,
) -> None:
    """Log FILEs: of each a salted commitment to its digest, and nothing else."""
    for file in files:
        _refuse_receipt(file)
    digests = [logged_digest(read_file(one, max_bytes=_MAX_LOGGED_BYTES)) for one in files]
    signer = _owner(folder, key_file, password_file)
    receipts = asyncio.run(_log_all(TileLog(folder, signer), EntryKind(kind), digests))
    for file, receipt in zip(files, receipts, strict=True):
        write_file(file.with_name(f"{file.name}.receipt"), receipt.dump(), mode=0o600)
        if as_json:
            facts = {"file": str(file), "index": receipt.index, "digest": receipt.entry.digest}
            print_json({**facts, "receipt": f"{file}.receipt"}, indent=None)
        else:
            click.echo(f"{file}: entry {receipt.index}, receipt {file}.receipt")


@click.command("checkpoint", epilog=_CHECKPOINT_EPILOG)
@click.argument("folder", metavar="FOLDER", type=FOLDER)
@key_options
@policy_option()
@click.option(
    "--anchor",
    "anchor_file",
    type=FILE,
    metavar="FILE",
    help="Write the head down once more, out of this machine's reach.",
)
@json_option
def checkpoint(
    *,
    folder: Path,
    key_file: Path,
    password_file: Path | None,
    policy_file: Path | None,
    anchor_file: Path | None,
    as_json: bool,
) -> None:
    """Sign the head of FOLDER, collect cosignatures, and publish it.

    Nothing is published unless the witnesses of the policy make its quorum, and nothing is signed
    that contradicts what was signed before.
    """
    policy = read_policy(policy_file) if policy_file is not None else None
    if policy is None:
        _refuse_bare(LogFolder(folder))
    log = TileLog(folder, _owner(folder, key_file, password_file))
    size = log.size
    done = asyncio.run(_publish(log, policy, anchor_file))
    if as_json:
        facts = {"size": size, "cosigned": list(done.witnesses), "refusals": dict(done.refusals)}
        print_json({"folder": str(folder), **facts, "checkpoint": done.note.decode("utf-8")})
        return
    witnesses = f", cosigned by {', '.join(done.witnesses)}" if done.witnesses else ""
    click.echo(f"{folder}: a tree of {size}{witnesses}")
    for name, why in done.refusals:
        click.echo(f"  not by {name}: {why}")


async def _log_all(log: TileLog, kind: EntryKind, digests: list[Digest]) -> tuple[LogReceipt, ...]:
    async with LogKeeper(log) as keeper:
        return await keeper.log_all([(kind, one) for one in digests])


async def _publish(
    log: TileLog, policy: WitnessPolicy | None, anchor_file: Path | None
) -> Cosigned:
    from oneservice.departments import GuardedWeb  # noqa: PLC0415 - only where somebody is asked

    anchor = FileAnchor(anchor_file) if anchor_file is not None else None
    async with (
        GuardedWeb(is_internal=True) as web,
        LogKeeper(log, policy=policy, web=web, anchor=anchor) as keeper,
    ):
        return await keeper.publish()


def _owner(folder: Path, key_file: Path, password_file: Path | None) -> NoteSigner:
    name = LogFolder(folder).identity().key.name
    return read_signer(key_file, password_file, name=name)


def _refuse_bare(log: LogFolder) -> None:
    """Refuse to put a head without cosignatures in the place of one that has them."""
    published, key = log.checkpoint(), log.identity().key
    if published is None:
        return
    lines = SignedNote.parse(published).signatures
    names = sorted({one.name for one in lines if not one.is_by(key)})
    if names:
        msg = (
            f"the published head is cosigned by {', '.join(names)}, and without --policy the next "
            "one would not be: name the same witnesses with --policy FILE; nothing was signed"
        )
        raise click.UsageError(msg)


def _refuse_receipt(file: Path) -> None:
    """Refuse to write over a receipt: it has the only copy of its salt."""
    if file.with_name(f"{file.name}.receipt").exists() or file.suffix == ".receipt":
        msg = f"{file}: has a receipt, or is one; it is logged already, keep what opens its entry"
        raise click.UsageError(msg)


def logged_digest(data: bytes) -> Digest:
    """Return the digest of what is logged: of its canonical form, where it is JSON."""
    try:
        value: Any = parse(data, max_bytes=_MAX_LOGGED_BYTES, fractions=True)
        return digest_bytes(canonical(value))
    except MalformedJsonError:
        return digest_bytes(data)
