"""A witness, asked in every way that C2SP tlog-witness names, and a machine against a naive one."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from oneservice.clocks import VirtualClock
from oneservice.errors import (
    LogLockedError,
    LogMalformedError,
    LogRefusedError,
    LogStoreError,
    TooFewWitnessesError,
)
from oneservice.tlog import (
    AddCheckpoint,
    LogKeeper,
    LogReceipt,
    TileLog,
    Witness,
    WitnessAnswer,
    WitnessSite,
    collect_cosignatures,
    origin_hash,
)
from oneservice.transparency import (
    EMPTY_ROOT,
    Checkpoint,
    CompactRange,
    EntryKind,
    KnownWitness,
    NoteSigner,
    SignatureType,
    SignedNote,
    SplitView,
    WitnessGroup,
    WitnessPolicy,
    consistency_proof,
    leaf_hash,
    open_checkpoint,
    signed_note,
    subtree_root,
)

KIND = SignatureType.COSIGNATURE_V1
LOG = NoteSigner.generate("log.example/one")
WITNESS = NoteSigner.generate("witness.example/w", type=KIND)
START = datetime(2026, 9, 28, 1, tzinfo=UTC)


def hashes(size: int, *, world: int = 0) -> list[bytes]:
    return [leaf_hash(b"%d %d" % (world, index)) for index in range(size)]


def head(size: int, *, world: int = 0, signer: NoteSigner = LOG, origin: str = "") -> bytes:
    root = CompactRange().grown(hashes(size, world=world)).root
    text = Checkpoint(origin=origin or LOG.key.name, size=size, root=root).text
    return signed_note(text, signer).dump()


def proof(old: int, new: int, *, world: int = 0) -> tuple[bytes, ...]:
    leaves = hashes(new, world=world)
    if not 0 < old <= new:
        return ()
    return consistency_proof(
        old,
        new,
        lambda n: subtree_root(leaves[n.position << n.level : (n.position + 1) << n.level]),
    )


def asking(old: int, new: int, *, world: int = 0, **more: Any) -> bytes:
    made = proof(old, new, world=world)
    return AddCheckpoint(old_size=old, proof=made, checkpoint=head(new, world=world, **more)).dump()


@pytest.fixture
def witness(tmp_path: Path, clock: VirtualClock) -> Any:
    with Witness(tmp_path / "w", signers=[WITNESS], logs=[LOG.key], clock=clock) as found:
        yield found


def test_a_log_that_grows_is_cosigned(witness: Witness, clock: VirtualClock) -> None:
    for old, new in ((0, 0), (0, 3), (3, 3), (3, 7), (7, 300)):
        answer = witness.add_checkpoint(asking(old, new))
        assert answer.status == 200, answer.body
        note = SignedNote.parse(head(new)).with_signatures(answer.signatures())
        opened = open_checkpoint(note.dump(), log=LOG.key, witnesses=[WITNESS.key])
        assert opened.cosigned == ((WITNESS.key.name, clock.now()),)
        assert witness.checkpoint(origin_hash(LOG.key.name)) == note.dump()


def test_the_statuses_of_the_specification(witness: Witness) -> None:
    assert witness.add_checkpoint(asking(0, 5)).status == 200
    conflict = witness.add_checkpoint(asking(4, 8))
    assert (conflict.status, conflict.body) == (409, b"5\n")
    assert (conflict.media_type, conflict.known_size) == ("text/x.tlog.size", 5)
    assert witness.add_checkpoint(asking(0, 8)).status == 409
    stranger = NoteSigner.generate("stranger.example")
    other = head(8, signer=stranger, origin=stranger.key.name)
    unknown = AddCheckpoint(old_size=0, proof=(), checkpoint=other).dump()
    assert witness.add_checkpoint(unknown).status == 404
    thief = NoteSigner.generate(LOG.key.name)
    assert witness.add_checkpoint(asking(5, 8, signer=thief)).status == 403
    forged = head(8).replace(b"\n8\n", b"\n9\n")
    claimed = AddCheckpoint(old_size=5, proof=(), checkpoint=forged).dump()
    assert witness.add_checkpoint(claimed).status == 403
    above = AddCheckpoint(old_size=9, proof=(), checkpoint=head(8)).dump()
    assert witness.add_checkpoint(above).status == 400
    assert witness.add_checkpoint(asking(5, 8, world=1)).status == 422
    assert witness.add_checkpoint(asking(5, 5, world=1)).status == 422
    bare = AddCheckpoint(old_size=5, proof=(), checkpoint=head(8)).dump()
    assert witness.add_checkpoint(bare).status == 422
    assert witness.add_checkpoint(asking(5, 8)).status == 200
    assert witness.add_checkpoint(b"x" * 1_000_000).status == 413


def test_an_empty_tree_has_one_root(witness: Witness) -> None:
    text = Checkpoint(origin=LOG.key.name, size=0, root=bytes(32)).text
    wrong = AddCheckpoint(old_size=0, proof=(), checkpoint=signed_note(text, LOG).dump())
    assert witness.add_checkpoint(wrong.dump()).status == 422
    extra = AddCheckpoint(old_size=0, proof=(EMPTY_ROOT,), checkpoint=head(3))
    assert witness.add_checkpoint(extra.dump()).status == 422


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 00\n\n" + head(1),
        b"old -1\n\n" + head(1),
        b"old 0\nAA==\n\n" + head(1),
        b"old 0" + b"\n" + b"\n".join([b"A" * 43 + b"="] * 64) + b"\n\n" + head(1),
        b"old 0\r\n\r\n" + head(1),
        b"size 0\n\n" + head(1),
        b"old 0\n\n" + head(1)[:-1],
        b"old 0\n\nno note\n",
        b"old \xff\n\n" + head(1),
    ],
)
def test_what_is_no_request_is_400(witness: Witness, body: bytes) -> None:
    assert witness.add_checkpoint(body).status == 400


def test_a_log_that_contradicts_itself_leaves_evidence(witness: Witness, tmp_path: Path) -> None:
    assert witness.add_checkpoint(asking(0, 5)).status == 200
    assert witness.add_checkpoint(asking(5, 5, world=1)).status == 422
    assert witness.add_checkpoint(asking(5, 9, world=1)).status == 422
    kept = sorted(one.name.partition(".")[2] for one in (tmp_path / "w" / "evidence").iterdir())
    assert kept == ["split-view.json", "suspect"]
    (found,) = (tmp_path / "w" / "evidence").glob("*.split-view.json")
    SplitView.parse(found.read_bytes()).check(log=LOG.key)


def test_two_keys_of_one_log_are_one_history(tmp_path: Path, clock: VirtualClock) -> None:
    rotated = NoteSigner.generate(LOG.key.name)
    keys = [LOG.key, rotated.key]
    with Witness(tmp_path / "w", signers=[WITNESS], logs=keys, clock=clock) as witness:
        assert witness.add_checkpoint(asking(0, 5)).status == 200
        assert witness.add_checkpoint(asking(5, 9, signer=rotated)).status == 200
        assert witness.add_checkpoint(asking(5, 9)).status == 409


def test_what_monitors_are_served_has_every_log_key_that_was_verified(
    tmp_path: Path, clock: VirtualClock
) -> None:
    """C2SP tlog-witness, "Monitor Retrieval Mechanism"; whoever knows one of the keys can read."""
    rotated, stranger = NoteSigner.generate(LOG.key.name), NoteSigner.generate("x.example")
    note = SignedNote.parse(head(5))
    lines = [one.sign(note.text) for one in (rotated, stranger)]
    both = note.with_signatures([lines[0], lines[0], lines[1]]).dump()
    keys = [LOG.key, rotated.key]
    with Witness(tmp_path / "w", signers=[WITNESS], logs=keys, clock=clock) as witness:
        asked = AddCheckpoint(old_size=0, proof=(), checkpoint=both).dump()
        assert witness.add_checkpoint(asked).status == 200
        served = witness.checkpoint(origin_hash(LOG.key.name))
        assert served is not None
        for key in keys:
            opened = open_checkpoint(served, log=key, witnesses=[WITNESS.key])
            assert opened.cosigned == ((WITNESS.key.name, clock.now()),)
        names = [(one.name, one.key_id) for one in SignedNote.parse(served).signatures]
        assert len(names) == len(set(names)) == 3
        bent = rotated.sign("another text\n")
        asked = AddCheckpoint(
            old_size=5, proof=(), checkpoint=note.with_signatures([bent]).dump()
        ).dump()
        assert witness.add_checkpoint(asked).status == 403


def test_memory_outlives_the_process_and_has_one_owner(tmp_path: Path, clock: VirtualClock) -> None:
    path = tmp_path / "w"
    with Witness(path, signers=[WITNESS], logs=[LOG.key], clock=clock) as witness:
        assert witness.add_checkpoint(asking(0, 5)).status == 200
        with pytest.raises(LogLockedError):
            Witness(path, signers=[WITNESS], logs=[LOG.key], clock=clock)
    with Witness(path, signers=[WITNESS], logs=[LOG.key], clock=clock) as witness:
        assert witness.add_checkpoint(asking(0, 6)).known_size == 5
    (path / f"{origin_hash(LOG.key.name)}.checkpoint").write_bytes(b"damaged")
    with (
        Witness(path, signers=[WITNESS], logs=[LOG.key], clock=clock) as witness,
        pytest.raises(LogStoreError),
    ):
        witness.add_checkpoint(asking(0, 6))


def test_a_later_head_has_no_earlier_date(tmp_path: Path) -> None:
    """A clock that was set back must not prove that an entry is older than it is."""
    path, moments = tmp_path / "w", []
    for day, (old, new) in ((2, (0, 3)), (1, (3, 5)), (3, (5, 9))):
        clock = VirtualClock(datetime(2026, 10, day, tzinfo=UTC))
        with Witness(path, signers=[WITNESS], logs=[LOG.key], clock=clock) as witness:
            answer = witness.add_checkpoint(asking(old, new))
        note = SignedNote.parse(head(new)).with_signatures(answer.signatures())
        opened = open_checkpoint(note.dump(), log=LOG.key, witnesses=[WITNESS.key])
        moments += [at.day for _, at in opened.cosigned]
    assert moments == [2, 2, 3]


def test_a_log_key_is_no_witness_key(tmp_path: Path, clock: VirtualClock) -> None:
    with pytest.raises(LogMalformedError, match="cosignatures"):
        Witness(tmp_path / "w", signers=[LOG], logs=[LOG.key], clock=clock)


class WitnessMachine(RuleBasedStateMachine):
    """Two histories of one log are shown in any order; only one of them is ever cosigned."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.open()
        self.cosigned: list[tuple[int, bytes]] = []

    def open(self) -> None:
        clock = VirtualClock(START)
        self.witness = Witness(self.folder, signers=[WITNESS], logs=[LOG.key], clock=clock)

    @rule(
        old=st.integers(0, 12),
        new=st.integers(0, 12),
        world=st.integers(0, 1),
        made_of=st.integers(0, 1),
        knows=st.booleans(),
    )
    def ask(self, old: int, new: int, world: int, made_of: int, *, knows: bool) -> None:
        size, root = self.cosigned[-1] if self.cosigned else (0, EMPTY_ROOT)
        old = size if knows else old
        shown = head(new, world=world)
        made = proof(old, new, world=made_of)
        body = AddCheckpoint(old_size=old, proof=made, checkpoint=shown).dump()
        answer = self.witness.add_checkpoint(body)
        new_root = CompactRange().grown(hashes(new, world=world)).root
        prefix = CompactRange().grown(hashes(new, world=world)[:size]).root
        if old > new:
            assert answer.status == 400
        elif old != size:
            assert (answer.status, answer.known_size) == (409, size)
        elif size <= new and prefix == root and made == proof(old, new, world=world):
            assert answer.status == 200
            self.cosigned.append((new, new_root))
        else:
            assert answer.status == 422

    @rule()
    def restart(self) -> None:
        self.witness.close()
        self.open()

    @invariant()
    def one_history(self) -> None:
        worlds = [
            all(root == CompactRange().grown(hashes(size, world=one)).root for size, root in rest)
            for rest in [getattr(self, "cosigned", [])]
            for one in (0, 1)
        ]
        assert any(worlds)

    def teardown(self) -> None:
        if hasattr(self, "witness"):
            self.witness.close()
            shutil.rmtree(self.folder)


WitnessMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestWitnessMachine = WitnessMachine.TestCase


def policy(threshold: int, **keys: NoteSigner) -> WitnessPolicy:
    return WitnessPolicy(
        witnesses=tuple(
            KnownWitness(name=name, key=one.key, url=f"http://{name}") for name, one in keys.items()
        ),
        groups=(WitnessGroup(name="all", threshold=threshold, members=tuple(keys)),),
        quorum="all",
    )


async def test_a_log_collects_cosignatures(
    log: TileLog, tmp_path: Path, clock: VirtualClock, loopback: Any
) -> None:
    cosigners = {name: NoteSigner.generate(f"{name}.example", type=KIND) for name in "abc"}
    with contextlib.ExitStack() as stack:
        witnesses = {
            name: stack.enter_context(
                Witness(tmp_path / name, signers=[one], logs=[log.signer.key], clock=clock)
            )
            for name, one in cosigners.items()
        }
        web = loopback({name: WitnessSite(one) for name, one in witnesses.items()})
        asked = policy(2, **cosigners)
        keeper = LogKeeper(log, policy=asked, web=web)
        receipts = await keeper.log_all([(EntryKind.CERTIFICATE, f"sha256:{'0' * 64}")] * 3)
        done = await keeper.publish()
        assert set(done.witnesses) == {"a.example", "b.example", "c.example"}
        assert log.folder.checkpoint() == done.note
        for receipt in receipts:
            assert LogReceipt.parse(receipt.dump()) == receipt
            found = await keeper.prove(receipt.index)
            finding = found.check(receipt.entry.encode(), log=log.signer.key, witnesses=asked.keys)
            assert len(finding.cosigned) == 3
        assert len({one.entry.salt for one in receipts}) == 3
        # One is away: two of three are enough. Then it comes back, and is behind.
        away = web.sites.pop("b")
        await keeper.append([b"more"])
        done = await keeper.publish()
        assert [name for name, _ in done.refusals] == ["b"]
        web.sites["b"] = away
        await keeper.append([b"still more"])
        done = await keeper.publish()
        assert (len(done.witnesses), done.refusals) == (3, ())
        del web.sites["a"], web.sites["b"]
        await keeper.append([b"too few"])
        before = log.folder.checkpoint()
        with pytest.raises(TooFewWitnessesError) as error:
            await keeper.publish()
        assert {name for name, _ in error.value.reasons} == {"a", "b"}
        assert log.folder.checkpoint() == before


async def test_a_log_that_was_set_back_is_stopped_by_its_witness(
    tmp_path: Path, signer: NoteSigner, clock: VirtualClock, loopback: Any
) -> None:
    """The whole folder comes from a backup: it does not know what it signed; the witness does."""
    path = tmp_path / "log"
    with Witness(tmp_path / "w", signers=[WITNESS], logs=[signer.key], clock=clock) as witness:
        web = loopback({"w": WitnessSite(witness)})
        asked = policy(1, w=WITNESS)
        TileLog.create(path, signer).close()
        shutil.copytree(path, tmp_path / "backup")
        async with LogKeeper(TileLog(path, signer), policy=asked, web=web) as keeper:
            await keeper.append([b"one", b"two"])
            await keeper.publish()
        shutil.rmtree(path)
        shutil.copytree(tmp_path / "backup", path)
        async with LogKeeper(TileLog(path, signer), policy=asked, web=web) as keeper:
            await keeper.append([b"other"])
            with pytest.raises(LogRefusedError, match="larger"):
                await keeper.publish()
            assert keeper.log.folder.checkpoint() is None
            # Of the same size and another root, the witness refuses by itself.
            await keeper.append([b"another"])
            with pytest.raises(TooFewWitnessesError) as error:
                await keeper.publish()
            assert "another history" in dict(error.value.reasons)["w"]


async def test_one_lying_witness_stops_nothing(
    log: TileLog, tmp_path: Path, clock: VirtualClock, loopback: Any
) -> None:
    thief = NoteSigner.generate(WITNESS.key.name, type=KIND)

    def answering(answer: WitnessAnswer) -> Any:
        async def site(scope: Any, receive: Any, send: Any) -> None:
            del scope
            await receive()
            headers = [(b"content-type", answer.media_type.encode())]
            await send({"type": "http.response.start", "status": answer.status, "headers": headers})
            await send({"type": "http.response.body", "body": answer.body})

        return site

    log.append([b"x"])
    signed = log.sign()
    lies = {
        "huge": WitnessAnswer.conflict(10**15),
        "shy": WitnessAnswer.conflict(0),
        "thief": WitnessAnswer.cosigned([thief.sign(signed.note.text, at=clock.now())]),
        "mute": WitnessAnswer(status=200, body=b""),
        "noise": WitnessAnswer(status=200, body=bytes(range(256))),
        "redirect": WitnessAnswer(status=302, body=b""),
    }
    keys = {name: NoteSigner.generate(f"{name}.example", type=KIND) for name in lies}
    with Witness(tmp_path / "w", signers=[WITNESS], logs=[log.signer.key], clock=clock) as true:
        sites = {name: answering(one) for name, one in lies.items()}
        web = loopback({**sites, "w": WitnessSite(true)})
        found = await collect_cosignatures(
            signed, policy=policy(1, w=WITNESS, **keys), web=web, consistency=log.consistency
        )
        assert found.witnesses == (WITNESS.key.name,)
        assert {name for name, _ in found.refusals} == set(lies)


async def test_the_site_of_a_witness(witness: Witness, loopback: Any) -> None:
    from oneservice.ports import WebRequest  # noqa: PLC0415 - this test alone

    web = loopback({"w": WitnessSite(witness)})
    name = origin_hash(LOG.key.name)

    async def asked(path: str, method: str = "GET", body: bytes = b"") -> Any:
        return await web.exchange(WebRequest(url=f"http://w/{path}", method=method, body=body))

    async def status(path: str, method: str = "GET", body: bytes = b"") -> int:
        return (await asked(path, method, body)).status

    assert await status(f"{name}/checkpoint") == 404
    assert await status("add-checkpoint", "POST", asking(0, 3)) == 200
    assert await status(f"{name}/checkpoint") == 200
    assert await status(f"{name}/checkpoint", "HEAD") == 200
    assert await status(f"{'0' * 64}/checkpoint") == 404
    assert await status("../lock/checkpoint") == 404
    assert await status("add-checkpoint") == 405
    assert (await asked("add-checkpoint")).headers["allow"] == "POST"
    assert await status(f"{name}/checkpoint", "POST") == 405
    assert (await asked(f"{name}/checkpoint", "POST")).headers["allow"] == "GET, HEAD"
    assert await status("") == 404
