"""How a log asks witnesses for cosignatures, and what their refusals mean for it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from oneservice.errors import (
    LogMalformedError,
    LogRefusedError,
    OneServiceError,
    TooFewWitnessesError,
)
from oneservice.ports import WebRequest
from oneservice.tlog.witness import origin_hash
from oneservice.tlog.witness_wire import MAX_ANSWER_BYTES, AddCheckpoint, WitnessAnswer
from oneservice.transparency import MAX_NOTE_BYTES, NoteSignature, SignedNote, open_checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from oneservice.ports import Web
    from oneservice.transparency import KnownWitness, OpenedCheckpoint, WitnessPolicy

__all__ = ["Cosigned", "collect_cosignatures"]

_NOT_ASKED: Final = "not asked, for the policy has no URL of it"
_ASKED_TWICE: Final = 2
"""The first answer may tell the size that the witness knows; the second must settle it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """A head with the cosignatures that were given.

    Attributes:
        note: the signed note, to be published.
        witnesses: names of the witnesses' keys that cosigned.
        refusals: of each other witness, by its name in the policy, why not.
    """

    note: bytes
    witnesses: tuple[str, ...]
    refusals: tuple[tuple[str, str], ...]


async def collect_cosignatures(
    head: OpenedCheckpoint,
    *,
    policy: WitnessPolicy,
    web: Web,
    consistency: Callable[[int, int], tuple[bytes, ...]],
    known: Mapping[str, int] | None = None,
    deadline_s: float = 10.0,
) -> Cosigned:
    """Return the head with cosignatures of all witnesses in ``policy`` that have a URL.

    They are asked at the same time. Each is first told the size that ``known`` has for its name (or
    zero), and asked once more with the size that it then tells.

    Args:
        head: signed by the log and written down (:meth:`TileLog.sign`).
        policy: the witnesses, and how many of them are enough.
        web: how they are asked.
        consistency: makes the proof from one size to another (:meth:`TileLog.consistency`).
        known: size that each witness cosigned last, by its name in the policy.
        deadline_s: real seconds for each exchange.

    Raises:
        TooFewWitnessesError: they do not make the quorum; ``reasons`` has each refusal.
        LogRefusedError: a witness shows a larger tree that this log signed: this folder was set
            back, or somebody else signs with its key. Nothing may be published.
    """
    asked = [one for one in policy.witnesses if one.url]
    sizes = dict(known or {})
    asking = _Asking(head=head, web=web, consistency=consistency, deadline_s=deadline_s)
    found = await asyncio.gather(*(asking.ask(one, sizes.get(one.name, 0)) for one in asked))
    refuse_larger = [one.name for one, got in zip(asked, found, strict=True) if got is None]
    if refuse_larger:
        msg = (
            f"{', '.join(refuse_larger)} shows a head of {head.checkpoint.origin} that is larger "
            f"than this one of {head.checkpoint.size} entries, and signed with the log's key: this "
            "folder is not the newest, or somebody else has the key; publish nothing from it"
        )
        raise LogRefusedError(msg)
    lines: list[NoteSignature] = []
    refusals: list[tuple[str, str]] = []
    for one, got in zip(asked, found, strict=True):
        if isinstance(got, str):
            refusals.append((one.name, got))
        else:
            lines += got or ()
    note = head.note.with_signatures(lines).dump()
    opened = open_checkpoint(note, log=head.log, witnesses=policy.keys)
    names = tuple(name for name, _ in opened.cosigned)
    if not policy.is_met(names):
        silent = [(one.name, _NOT_ASKED) for one in policy.witnesses if not one.url]
        raise _too_few(policy, len(names), reasons=(*refusals, *silent))
    return Cosigned(note=note, witnesses=names, refusals=tuple(refusals))


def _too_few(
    policy: WitnessPolicy, count: int, *, reasons: tuple[tuple[str, str], ...]
) -> TooFewWitnessesError:
    """Return the refusal, which names each witness that is missing, and why."""
    missing = "; ".join(f"{name}: {why}" for name, why in reasons)
    msg = (
        f"{count} of {len(policy.witnesses)} witnesses cosigned, which is not the quorum "
        f"{policy.quorum}; nothing was published ({missing})"
    )
    return TooFewWitnessesError(msg, reasons=reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """One head, shown to several witnesses."""

    head: OpenedCheckpoint
    web: Web
    consistency: Callable[[int, int], tuple[bytes, ...]]
    deadline_s: float

    async def ask(
        self, witness: KnownWitness, old_size: int
    ) -> tuple[NoteSignature, ...] | str | None:
        """Return what a witness signed, why not, or ``None``: the log did sign a larger tree."""
        try:
            for _ in range(_ASKED_TWICE):
                answer = await self._submit(witness, min(old_size, self.head.checkpoint.size))
                if answer.status == 200:  # noqa: PLR2004 - HTTP's own number
                    return _verified(self.head, witness, answer)
                if answer.status != 409:  # noqa: PLR2004
                    return _refusal(answer)
                old_size = answer.known_size
                if old_size > self.head.checkpoint.size:
                    return await self._claimed(witness)
        except OneServiceError as error:
            return str(error)
        return "it changes its mind about the size that it knows"

    async def _submit(self, witness: KnownWitness, known: int) -> WitnessAnswer:
        size = self.head.checkpoint.size
        proof: tuple[bytes, ...] = ()
        if 0 < known < size:
            proof = await asyncio.to_thread(self.consistency, known, size)
        body = AddCheckpoint(old_size=known, proof=proof, checkpoint=self.head.note.dump()).dump()
        request = WebRequest(
            method="POST",
            url=f"{witness.url.rstrip('/')}/add-checkpoint",
            headers={"Content-Type": "text/plain; charset=utf-8"},
            body=body,
            max_bytes=MAX_ANSWER_BYTES,
            deadline_s=self.deadline_s,
        )
        got = await self.web.exchange(request)
        media_type = got.headers.get("content-type", "")
        return WitnessAnswer(status=got.status, body=got.body, media_type=media_type)

    async def _claimed(self, witness: KnownWitness) -> str | None:
        """Return ``None`` if a witness can show the larger head that it claims to know.

        A number is no proof: one witness that lies must not be able to stop a log.
        """
        origin = self.head.checkpoint.origin
        request = WebRequest(
            url=f"{witness.url.rstrip('/')}/{origin_hash(origin)}/checkpoint",
            max_bytes=MAX_NOTE_BYTES,
            deadline_s=self.deadline_s,
        )
        got = await self.web.exchange(request)
        shown = open_checkpoint(got.body, log=self.head.log, origin=origin).checkpoint
        if shown.size > self.head.checkpoint.size:
            return None
        return "it claims to know a larger tree, and shows none; ask its operator"


def _verified(
    head: OpenedCheckpoint, witness: KnownWitness, answer: WitnessAnswer
) -> tuple[NoteSignature, ...]:
    """Return those lines that are by the witness's own key and hold; others are passed over.

    Raises:
        LogMalformedError: there is none.
        LogProofError: one claims to be and does not hold.
    """
    mine = tuple(one for one in answer.signatures() if one.is_by(witness.key))
    if not mine:
        msg = "it answered without a cosignature by its own key"
        raise LogMalformedError(msg)
    SignedNote(text=head.note.text, signatures=mine).check([witness.key])
    return mine[:1]


def _refusal(answer: WitnessAnswer) -> str:
    """Say what a status means; the text of a stranger is not passed on."""
    meanings = {
        403: "it does not accept the log's signature; give it the log's key",
        404: "it does not know this log; ask its operator to add it",
        422: "it remembers another history of this log; find out why before anything is published",
    }
    return meanings.get(answer.status, f"it answered {answer.status}")
