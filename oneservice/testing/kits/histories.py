"""Random lives of a store beside the naive model of it."""

# ruff: noqa: S101 - a kit judges by assertions; they are shown as those of a test are

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import strategies as st

from oneservice.errors import JournalConflictError
from oneservice.ports import Store, Write
from oneservice.testing.kits.journals import START, Journal

__all__ = ["Step", "live_through", "steps"]

_CASES = ("c1", "c2", "c3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One commit. ``names`` are its cases; ``off`` shifts the condition of the last one."""

    names: tuple[str, ...]
    records: int
    off: int
    due_h: int | None
    blob: bytes | None
    cursor: str | None
    reopens: bool


def steps() -> st.SearchStrategy[Step]:
    """Draw a step: mostly right, now and then one that must be refused."""
    return st.builds(
        Step,
        names=st.lists(st.sampled_from(_CASES), min_size=1, unique=True).map(tuple),
        records=st.integers(1, 3),
        off=st.sampled_from([0, 0, 0, 0, -1, 1]),
        due_h=st.none() | st.integers(0, 5),
        blob=st.none() | st.binary(max_size=16) | st.just(b"shared " * 1000),
        cursor=st.none() | st.sampled_from(["7", "8"]),
        reopens=st.booleans(),
    )


async def live_through(
    open_store: Callable[[], Awaitable[Store]], lived: Sequence[Step], *, again: bool
) -> None:
    """Take every step of ``lived`` and compare the store with the model after each.

    Args:
        open_store: opens it, or opens it again.
        lived: what happens.
        again: whether it may be closed and opened in between.
    """
    model = {name: Journal(name) for name in _CASES}
    order: list[str] = []
    cursor: str | None = None
    store = await open_store()
    try:
        for step in lived:
            writes = _writes(model, step)
            if any(one.after_seq != len(model[one.case_id].lines) for one in writes):
                await _refused(store, writes, step)
            else:
                await store.commit(writes, {"d": step.cursor})
                cursor = step.cursor
                for write in writes:
                    order += [write.case_id] if not write.after_seq else []
                    model[write.case_id].keep(write)
            if again and step.reopens:
                await store.close()
                store = await open_store()
            await _agrees(store, model, order, cursor)
    finally:
        await store.close()


def _writes(model: dict[str, Journal], step: Step) -> list[Write]:
    due = None if step.due_h is None else START + timedelta(hours=step.due_h)
    found = []
    for name in step.names:
        journal = model[name]
        off = step.off if name == step.names[-1] else 0
        found.append(
            journal.write(
                step.records,
                after=max(0, len(journal.lines) + off),
                due=due,
                blobs=() if step.blob is None else (step.blob,),
            )
        )
    return found


async def _refused(store: Store, writes: list[Write], step: Step) -> None:
    try:
        await store.commit(writes, {"d": step.cursor})
    except JournalConflictError:
        return
    msg = f"an append that does not follow was taken: {step}"
    raise AssertionError(msg)


async def _agrees(
    store: Store, model: dict[str, Journal], order: list[str], cursor: str | None
) -> None:
    assert [one.case_id for one in await store.cases()] == order
    assert await store.cursor("d") == cursor
    for name in order:
        journal = model[name]
        assert await store.records(name) == tuple(journal.lines)
        for digest, content in journal.blobs.items():
            assert await store.blob(name, digest) == content
    await _same_due_times(store, [model[name] for name in order])


async def _same_due_times(store: Store, journals: Sequence[Journal]) -> None:
    due = {one.case_id: one.due for one in journals if one.due is not None}
    assert await store.next_due() == min(due.values(), default=None)
    for hours in range(6):
        until: datetime = START + timedelta(hours=hours)
        found = await store.due(until, len(_CASES))
        assert set(found) == {name for name, at in due.items() if at <= until}
        assert [due[name] for name in found] == sorted(due[name] for name in found)
