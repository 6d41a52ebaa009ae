"""What the relier brings to ``verify``: whom he trusts, the registers, what must pass. As files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from oneservice.canonical import parse
from oneservice.certificates import (
    POLICIES,
    EnclosedProof,
    HeldBy,
    Policy,
    PublishedStatus,
    RecognisedIn,
    StatusList,
    TrustStore,
    combine,
    decode_multikey,
    proven_lists,
    read_policy,
)
from oneservice.cli.reading import MAX_TRUST_BYTES, read_file
from oneservice.cli.trust_memory import remembered
from oneservice.clocks import SystemClock
from oneservice.errors import (
    FileUnusableError,
    IdentifierError,
    MalformedCertificateError,
    MalformedJsonError,
    PolicyInvalidError,
    VerificationError,
)
from oneservice.identifiers import RegionCode
from oneservice.transparency import PROOF_SUFFIX, entry_of_list

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from oneservice.canonical import Digest
    from oneservice.certificates import Trust

__all__ = ["POLICY", "asked_for", "check_root", "registers", "relied_on"]

_MAX_POLICY_BYTES: Final = 65_536
_MAX_LIST_BYTES: Final = 67_108_864
"""A status list of some hundred million entries."""
_MAX_PROOF_BYTES: Final = 1_048_576
_YAML: Final = frozenset({".yaml", ".yml"})
_DIGEST: Final = "sha256:"


class _PolicyType(click.ParamType[Policy]):
    """The name of one of our policies, or a file that states one."""

    name = "policy"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Policy:
        if isinstance(value, Policy):
            return value
        if value in POLICIES:
            return POLICIES[value]()
        path = Path(value)
        if not path.exists():
            known = ", ".join(POLICIES)
            return self.fail(f"{value!r} is neither a file nor one of: {known}", param, ctx)
        return _read_policy(path)


POLICY: Final = _PolicyType()


def _read_policy(path: Path) -> Policy:
    data = read_file(path, max_bytes=_MAX_POLICY_BYTES)
    document = _yaml(path, data) if path.suffix.lower() in _YAML else data
    try:
        return read_policy(parse(document) if isinstance(document, bytes) else document)
    except (PolicyInvalidError, MalformedJsonError) as error:
        msg = f"{path}: {error}"
        raise PolicyInvalidError(msg) from error


def _yaml(path: Path, data: bytes) -> Any:
    from oneservice.catalog import read_text  # noqa: PLC0415 - brings pydantic; few write YAML here

    document, _, findings = read_text(data, str(path))
    if findings:
        raise PolicyInvalidError("\n".join(f"{one.source}: {one.text}" for one in findings[:5]))
    return document


def asked_for(
    policy: Policy, *, recognise_in: str | None, audience: str | None, nonce: str | None
) -> Policy:
    """Return ``policy`` with what further options ask for.

    Raises:
        click.UsageError: ``--audience`` without ``--nonce``, or the other way round.
        click.BadParameter: ``--recognise-in`` names no region.
    """
    if (audience is None) != (nonce is None):
        msg = "--audience and --nonce belong together: to whom it is shown, and for which occasion"
        raise click.UsageError(msg)
    if recognise_in is not None:
        try:
            policy = policy.also(RecognisedIn(region=RegionCode(recognise_in)))
        except IdentifierError as error:
            raise click.BadParameter(str(error), param_hint="'--recognise-in'") from None
    if audience is not None and nonce is not None:
        policy = policy.also(HeldBy(audience=audience, nonce=nonce))
    return policy


def check_root(root: str | None) -> None:
    """Refuse what can be the root of no list.

    Raises:
        click.BadParameter: neither a public key nor the digest of a root.
    """
    if root is None or root.startswith(_DIGEST):
        return
    try:
        decode_multikey(root)
    except MalformedCertificateError as error:
        raise click.BadParameter(str(error), param_hint="'--trust-root'") from None


def relied_on(files: Sequence[Path], *, root: str | None, memory: Path | None) -> Trust | None:
    """Return the lists in ``files``; ``None``: nobody is trusted.

    Args:
        files: trust lists of different territories.
        root: who must have signed them, as far as the relier knows from elsewhere.
        memory: file in which the relier remembers the editions that he relied on.

    Raises:
        TrustListError: a list is unusable, or contradicts the memory; two speak of one territory.
        FileUnusableError: a file cannot be read, or the memory not written.
    """
    if not files:
        return None
    lists: Sequence[TrustStore] = [
        TrustStore.parse(read_file(file, max_bytes=MAX_TRUST_BYTES), root=root) for file in files
    ]
    if len(lists) > 1:
        combine(lists)  # refused before anything is remembered of them
    if memory is not None:
        lists = remembered(memory, lists)
    return lists[0] if len(lists) == 1 else combine(lists)


def registers(
    files: Sequence[Path], *, trust: Trust | None, at: datetime | None = None
) -> PublishedStatus | None:
    """Return the published lists in ``files`` as one register; ``None``: there are none.

    Where the proof of a log lies beside a list (``FILE.tlog-proof``), it says since when the list
    existed at the latest.

    Raises:
        FileUnusableError: a file cannot be read, is no status list, or has a proof beside it that
            is of something else.
    """
    if not files:
        return None
    lists = tuple(map(_status_list, files))
    proven: dict[Digest, datetime] = {}
    for file, one in zip(files, lists, strict=True):
        proven |= _proven(file, one, trust=trust, at=at or SystemClock().now())
    return PublishedStatus(lists=lists, trust=trust, proven=proven)


def _proven(
    file: Path, one: StatusList, *, trust: Trust | None, at: datetime
) -> Mapping[Digest, datetime]:
    beside = file.with_name(file.name + PROOF_SUFFIX)
    if not beside.is_file():
        return {}
    text = read_file(beside, max_bytes=_MAX_PROOF_BYTES).decode("utf-8", "replace")
    proof = EnclosedProof(text=text, salt=entry_of_list(one.digest).salt)
    try:
        return proven_lists([(one, proof)], trust=trust, at=at)
    except VerificationError as error:
        msg = f"{beside}: {error}"
        raise FileUnusableError(
            msg, remedy="fetch list and proof again, or take it away"
        ) from error


def _status_list(file: Path) -> StatusList:
    try:
        return StatusList.parse(read_file(file, max_bytes=_MAX_LIST_BYTES).rstrip(b"\r\n"))
    except VerificationError as error:
        msg = f"{file}: no status list, neither a token (JWT) nor in the W3C form: {error}"
        raise FileUnusableError(msg, remedy="name the list itself, as it was fetched") from error
