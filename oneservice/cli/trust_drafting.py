"""``trust init``, ``import`` and ``rotate``: the draft itself, and who signs what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from oneservice.certificates import TrustDraft
from oneservice.cli.edition_making import rotated
from oneservice.cli.edition_options import publisher_options, rotation_options
from oneservice.cli.options import FILE, json_option
from oneservice.cli.trust_files import read_draft, read_list, refuse_existing, write_draft
from oneservice.cli.trust_options import force_option
from oneservice.cli.trust_page import tell_draft
from oneservice.identifiers import parse_region

if TYPE_CHECKING:
    from pathlib import Path

    from oneservice.certificates import ListSigner

__all__ = ["import_list", "init", "rotate"]


@click.command("init", short_help="Begin the draft of a list.")
@click.option("--territory", required=True, metavar="REGION", help="For which the list speaks.")
@publisher_options(who="Office", publishes="Who publishes it.")
def init(
    *,
    territory: str,
    publisher: str,
    signers: tuple[ListSigner, ...],
    threshold: int,
    out: Path,
    force: bool,
    as_json: bool,
) -> None:
    """Begin the draft of a list: for which region it speaks, and who signs it.

    A threshold of one makes every signer's key as good as the whole list. Let at least two sign,
    and have one signer more than must, so that a lost key is no catastrophe.
    """
    refuse_existing(out, force=force)
    draft = TrustDraft(
        territory=parse_region(territory),
        publisher=publisher,
        threshold=threshold,
        signers=signers,
    )
    draft.try_out()
    write_draft(out, draft)
    tell_draft(out, draft, as_json=as_json)


@click.command("import", short_help="Make a draft of a published list.")
@click.argument("trust_list", type=FILE, metavar="LIST")
@click.option("--out", type=FILE, required=True, metavar="FILE", help="Draft, .yaml or .json.")
@force_option
@json_option
def import_list(*, trust_list: Path, out: Path, force: bool, as_json: bool) -> None:
    """Make a draft of a published list, of format 1 or 2.

    A list of format 1 has a single signer. Name more with 'rotate', and sign the next edition
    --after LIST, with the old signer among those who sign: whoever relied on the old list is then
    led to the new one.
    """
    refuse_existing(out, force=force)
    draft = TrustDraft.from_list(read_list(trust_list))
    write_draft(out, draft)
    tell_draft(out, draft, as_json=as_json)


@click.command("rotate", short_help="Change who signs the list.")
@rotation_options
def rotate(
    *,
    draft_file: Path,
    added: tuple[ListSigner, ...],
    dropped: tuple[str, ...],
    threshold: int | None,
    as_json: bool,
) -> None:
    """Change who signs the list, from the next edition on.

    That edition must be signed by enough of the signers before it and by enough of the new ones.
    To replace the key of a signer, drop and add the same name.
    """
    before = read_draft(draft_file)
    draft = rotated(before, added=added, dropped=dropped, threshold=threshold)
    draft.try_out()
    write_draft(draft_file, draft)
    tell_draft(draft_file, draft, before=before, as_json=as_json)
