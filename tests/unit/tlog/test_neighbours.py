"""Regions that watch each other: what one of them hides, the others find and can prove."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice.clocks import VirtualClock
from oneservice.errors import (
    EnvironmentalError,
    LogKeyUnknownError,
    LogMalformedError,
    LogProofError,
    LogRefusedError,
    OneServiceError,
    PolicyInvalidError,
    TooFewWitnessesError,
)
from oneservice.tlog import (
    Alarm,
    Concern,
    FileAnchor,
    FolderView,
    LogFolder,
    LogKeeper,
    NeighbourLog,
    NeighbourWatch,
    SiteView,
    TileLog,
    Watched,
    Witness,
    WitnessSite,
    crosswise_policy,
    open_alarm,
    origin_hash,
)
from oneservice.transparency import (
    KnownLog,
    KnownWitness,
    NoteSigner,
    SignatureType,
    WitnessPolicy,
    signed_note,
)

Entries = Callable[..., list[bytes]]
NAMES = ("990100.example/w", "970300.example/w", "audit.example/w", "university.example/w")
COSIGNERS = {one: NoteSigner.generate(one, type=SignatureType.COSIGNATURE_V1) for one in NAMES}
WATCHER = NoteSigner.generate("watch.example/970300")


def known(name: str) -> KnownWitness:
    host = name.partition("/")[0]
    return KnownWitness(name=host, key=COSIGNERS[name].key, url=f"http://{host}")


def policy(signer: NoteSigner, liars: int = 1) -> WitnessPolicy:
    regions, offices = [known(one) for one in NAMES[:2]], [known(one) for one in NAMES[2:]]
    logs = [KnownLog(key=signer.key)]
    return crosswise_policy(logs, regions=regions, offices=offices, liars=liars)


class Liar:
    """A witness that cosigns whatever it is shown, without remembering anything."""

    def __init__(self, folder: Path, signer: NoteSigner, log: NoteSigner, clock: Any) -> None:
        self.folder, self.signer, self.log, self.clock = folder, signer, log, clock

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        with Witness(
            self.folder, signers=[self.signer], logs=[self.log.key], clock=self.clock
        ) as one:

            async def forgetful() -> Any:
                event = await receive()
                body = event["body"]
                old, rest = body.split(b"\n", 1)
                note = rest.partition(b"\n\n")[2]
                return {**event, "body": b"old 0\n\n" + note if old != b"old 0" else body}

            await WitnessSite(one)(scope, forgetful, send)


class Silent:
    """A witness that refuses everything."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        del scope
        await receive()
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": b""})


class Net:
    """A log with four witnesses, of which one may lie."""

    def __init__(self, base: Path, signer: NoteSigner, clock: Any, loopback: Any) -> None:
        self.base, self.signer, self.clock = base, signer, clock
        self.witnesses = {
            name: Witness(
                base / name.replace("/", "_"),
                signers=[COSIGNERS[name]],
                logs=[signer.key],
                clock=clock,
            )
            for name in NAMES
        }
        self.web = loopback(
            {
                name.partition("/")[0]: WitnessSite(witness)
                for name, witness in self.witnesses.items()
            }
        )
        self.anchor = FileAnchor(base / "anchor")

    def instead(self, name: str, site: Any) -> None:
        self.web.sites[name.partition("/")[0]] = site

    async def publish(self, path: Path, entries: Sequence[bytes], *, is_new: bool) -> None:
        log = TileLog.create(path, self.signer) if is_new else TileLog(path, self.signer)
        async with LogKeeper(
            log, policy=policy(self.signer), web=self.web, anchor=self.anchor
        ) as keeper:
            await keeper.append(entries)
            await keeper.publish()

    def watch(self, path: Path, *, anchors: bool = False) -> NeighbourWatch:
        shown = f"{origin_hash(self.signer.key.name)}/checkpoint"
        witnesses = (
            SiteView(f"http://{name.partition('/')[0]}", self.web, head=shown) for name in NAMES
        )
        log = Watched(view=FolderView(LogFolder(path)))
        neighbour = NeighbourLog(
            log=self.signer.key,
            policy=policy(self.signer),
            watched=(log, *(Watched(view=one, has_tiles=False) for one in witnesses)),
            anchors=(self.anchor,) if anchors else (),
        )
        return NeighbourWatch(
            self.base / "watch", logs=[neighbour], signer=WATCHER, clock=self.clock
        )

    def close(self) -> None:
        for witness in self.witnesses.values():
            witness.close()


@pytest.fixture
def net(tmp_path: Path, signer: NoteSigner, clock: VirtualClock, loopback: Any) -> Any:
    found = Net(tmp_path, signer, clock, loopback)
    yield found
    found.close()


@pytest.mark.parametrize(
    ("regions", "offices", "liars", "enough"),
    [(2, 2, 1, 3), (1, 1, 0, 2), (2, 1, 0, None), (3, 4, 2, 5), (2, 1, 1, None), (1, 5, 1, None)],
)
def test_how_many_are_enough(regions: int, offices: int, liars: int, enough: int | None) -> None:
    made = [
        KnownWitness(
            name=f"w{number}",
            key=NoteSigner.generate(f"w{number}.example", type=SignatureType.COSIGNATURE_V1).key,
        )
        for number in range(regions + offices)
    ]

    def stated() -> WitnessPolicy:
        return crosswise_policy([], regions=made[:regions], offices=made[regions:], liars=liars)

    if enough is None:
        with pytest.raises(PolicyInvalidError):
            stated()
        return
    (group,) = stated().groups
    assert group.threshold == enough
    names = [one.key.name for one in made]
    quorums = [set(some) for some in itertools.combinations(names, enough)]
    assert all(len(one & other) > liars for one in quorums for other in quorums)
    assert all(one & set(names[:regions]) and one & set(names[regions:]) for one in quorums)
    assert enough <= len(made) - liars


async def test_a_log_that_grows_raises_no_alarm(net: Net, entries: Entries) -> None:
    path = net.base / "log"
    await net.publish(path, entries(3), is_new=True)
    watch = net.watch(path, anchors=True)
    assert await watch.look() == ()
    await net.publish(path, entries(300, 3), is_new=False)
    assert await watch.look() == ()
    assert watch.alarms() == ()


async def test_a_witness_that_keeps_silent_stops_nobody(net: Net, entries: Entries) -> None:
    net.instead(NAMES[0], Silent())
    await net.publish(net.base / "log", entries(3), is_new=True)
    assert await net.watch(net.base / "log").look() == ()
    net.instead(NAMES[2], Silent())
    with pytest.raises(TooFewWitnessesError):
        await net.publish(net.base / "log", entries(1, 3), is_new=False)


@pytest.mark.parametrize("liar", NAMES)
async def test_one_liar_lets_no_second_history_pass(
    net: Net, entries: Entries, liar: str, tmp_path: Path
) -> None:
    """The log and one witness conspire: the others cosign nothing, and keep what convicts it."""
    net.instead(liar, Liar(tmp_path / "liar", COSIGNERS[liar], net.signer, net.clock))
    await net.publish(net.base / "log", entries(3), is_new=True)
    with pytest.raises((TooFewWitnessesError, LogRefusedError)):
        await net.publish(net.base / "other", [b"another"] * 3, is_new=True)
    evidence = [
        path for path in net.base.glob("*/evidence/*.split-view.json") if "liar" not in path.parts
    ]
    assert len(evidence) >= 1


async def test_a_split_view_is_found_and_convicts(net: Net, entries: Entries) -> None:
    path, other = net.base / "log", net.base / "other"
    await net.publish(path, entries(3), is_new=True)
    watch = net.watch(path)
    assert await watch.look() == ()
    with TileLog.create(other, net.signer) as log:  # shown to us only, cosigned by nobody
        log.append([b"another"] * 5)
        log.publish(log.sign().note.dump())
    net.clock.advance(timedelta(hours=1))

    alarms = await net.watch(other).look()
    split = [one for one in alarms if one.concern is Concern.SPLIT_VIEW]
    assert len(split) >= 1  # against what was seen before, and what each witness knows
    assert all(one.convicts(net.signer.key) for one in split)
    assert not split[0].convicts(WATCHER.key)
    assert {one.concern for one in alarms} == {Concern.SPLIT_VIEW, Concern.TOO_FEW_WITNESSES}

    sent = [open_alarm(one, watchers=[WATCHER.key]) for one in watch.alarms()]
    assert (split[0], "watch.example/970300") in sent
    assert await net.watch(other).look() == ()  # raised once, not every minute
    assert await net.watch(path).look() == ()  # the good head is still the one remembered


async def test_an_old_backup_is_found(net: Net, entries: Entries) -> None:
    path, backup = net.base / "log", net.base / "backup"
    await net.publish(path, entries(3), is_new=True)
    shutil.copytree(path, backup)
    await net.publish(path, entries(4, 3), is_new=False)
    assert await net.watch(path).look() == ()
    (alarm,) = await net.watch(backup).look()
    assert alarm.concern is Concern.ROLLBACK
    assert (alarm.facts["size"], alarm.facts["seen_size"]) == ("3", "7")
    assert len(alarm.heads) == 2
    # Its witnesses know better, so what it would publish next is refused.
    with pytest.raises(OneServiceError):
        await net.publish(backup, [b"another"] * 6, is_new=False)


async def test_an_anchor_remembers_what_log_and_witnesses_forgot(
    net: Net, entries: Entries
) -> None:
    """All of it restored from an old backup, and a watcher who never looked before."""
    path, backup = net.base / "log", net.base / "backup"
    await net.publish(path, entries(3), is_new=True)
    shutil.copytree(path, backup)
    await net.publish(path, entries(4, 3), is_new=False)
    for number, name in enumerate(NAMES):
        site = Liar(net.base / f"l{number}", COSIGNERS[name], net.signer, net.clock)
        net.instead(name, site)

    (rollback,) = await net.watch(backup, anchors=True).look()
    assert (rollback.concern, rollback.view) == (Concern.ROLLBACK, "anchor 1")

    elsewhere = FileAnchor(net.base / "elsewhere")
    kept, net.anchor = net.anchor, elsewhere
    await net.publish(backup, [b"another"] * 20, is_new=False)  # grown past it, and cosigned
    net.anchor = kept
    (split,) = await net.watch(backup, anchors=True).look()
    assert split.concern is Concern.SPLIT_VIEW
    assert split.convicts(net.signer.key)


async def test_what_cannot_be_reached_is_no_alarm(net: Net, entries: Entries) -> None:
    path = net.base / "log"
    watch = net.watch(path)
    assert await watch.look() == ()
    await net.publish(path, entries(3), is_new=True)

    class Away:
        async def anchor(self, checkpoint: bytes) -> str:
            raise NotImplementedError

        async def anchored(self) -> tuple[bytes, ...]:
            msg = "away"
            raise EnvironmentalError(msg)

    net.anchor = Away()
    assert await net.watch(path, anchors=True).look() == ()


def test_an_alarm_is_believed_only_from_a_watcher_that_is_known(clock: VirtualClock) -> None:
    alarm = Alarm(
        origin="log.example/990101",
        concern=Concern.ROLLBACK,
        seen_at=clock.now(),
        view="here",
        facts={"size": "3"},
        heads=(b"one\n",),
    )
    data = alarm.signed(WATCHER)
    assert open_alarm(data, watchers=[WATCHER.key]) == (alarm, "watch.example/970300")
    with pytest.raises(LogKeyUnknownError):
        open_alarm(data, watchers=[COSIGNERS[NAMES[0]].key])
    with pytest.raises(LogProofError):
        open_alarm(data.replace(b'"3"', b'"4"'), watchers=[WATCHER.key])
    for text in ("{}\n", "no json\n", '{"format":"x"}\n'):
        with pytest.raises(LogMalformedError):
            open_alarm(signed_note(text, WATCHER).dump(), watchers=[WATCHER.key])
