"""Cases in memory: the hot ones, folded again from the store when they are asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final

from oneservice.canonical import Digest, parse_object
from oneservice.case import Case, Form, fold_records
from oneservice.errors import (
    CaseErasedError,
    CaseNotFoundError,
    JournalCorruptError,
    JournalError,
    OneServiceError,
)
from oneservice.plan import Plan, parse_plan
from oneservice.ports import Store
from oneservice.runtimes.hot import HotCase

__all__ = ["Fold", "Memory"]

Fold = Callable[[str, Iterable[bytes]], tuple[Case, int, Digest]]
"""What makes a case of its records: :func:`oneservice.case.fold_records`, or the same by memory."""

HOT_CASES: Final = 10_000
"""Cases kept in memory; the others are rows, folded again when somebody asks."""
_COLD_CASES: Final = 10_000
"""Open cases of an earlier run that are known by their ids until somebody asks for them."""
_KNOWN_PLANS: Final = 256
"""Plans kept parsed: the cases of one day share few of them."""
_PLAN_BYTES: Final = 16_777_216


class Memory:
    """The cases that were used last, and which departments have something of ours to decide."""

    def __init__(self, store: Store, fold: Fold = fold_records) -> None:
        self._store = store
        self._fold = fold
        self._hot: OrderedDict[str, HotCase] = OrderedDict()
        self._plans: OrderedDict[Digest, Plan] = OrderedDict()
        self._open_business: dict[str, set[str]] = {}
        self._cold: set[str] = set()
        self._has_more_cold = False

    async def find_cold(self) -> None:
        """Learn which cases of an earlier run are open: their departments may have news."""
        found = await self._store.open_cases(_COLD_CASES + 1)
        self._has_more_cold = len(found) > _COLD_CASES
        self._cold = set(found[:_COLD_CASES]) - self._hot.keys()

    def has_open_business(self, department: str) -> bool:
        """Say whether ``department`` decides something of ours, as far as it is known.

        Whose steps the cases of an earlier run are is known when they are folded; until then any
        department may have them.
        """
        return bool(self._open_business.get(department)) or bool(self._cold) or self._has_more_cold

    def open_steps(self, department: str) -> tuple[tuple[str, str], ...]:
        """Return case and sub-case of what ``department`` decides, as far as it is known."""
        open_ones = (name.split(".") for name in self._open_business.get(department, ()))
        return tuple(sorted((case_id, name) for case_id, name in open_ones))

    async def case(self, case_id: str) -> HotCase:
        """Return the case as far as it is durable.

        Raises:
            CaseNotFoundError: there is none of that id.
            CaseErasedError: it was erased.
            JournalCorruptError: its history, plan or form is damaged.
        """
        found = self._hot.get(case_id)
        if found is None:
            found = await self._load(case_id)
            self.keep(found)
        return found

    def keep(self, hot: HotCase) -> None:
        """Take the newest durable state of a case."""
        case = hot.case
        self._hot[case.id] = hot
        self._cold.discard(case.id)
        self._hot.move_to_end(case.id)
        if len(self._hot) > HOT_CASES:
            self._hot.popitem(last=False)
        for sub in case.sub_cases.values():
            is_open = sub.submission is not None and not sub.is_decided and sub.halted is None
            known = self._open_business.setdefault(sub.spec.department, set())
            (known.add if is_open else known.discard)(f"{case.id}.{sub.id}")

    def drop(self, case_id: str) -> None:
        """Forget a case, so that it is folded again from what is durable."""
        self._hot.pop(case_id, None)

    def forget(self, case_id: str) -> None:
        """Forget a case that was erased: no department has anything of it to decide."""
        self._cold.discard(case_id)
        hot = self._hot.pop(case_id, None)
        if hot is not None:
            for sub in hot.case.sub_cases.values():
                self._open_business.get(sub.spec.department, set()).discard(f"{case_id}.{sub.id}")

    async def _load(self, case_id: str) -> HotCase:
        stored = await self._store.stored(case_id)
        if stored is None:
            msg = f"there is no case {case_id[:60]!r} here"
            raise CaseNotFoundError(msg)
        if stored.erased_at is not None:
            msg = f"case {case_id} was erased; its redacted journal is what is left"
            raise CaseErasedError(msg)
        case, seq, head = self._fold(case_id, await self._store.records(case_id))
        if seq != stored.seq:
            msg = f"case {case_id}: {seq} of {stored.seq} records are left; restore a backup"
            raise JournalCorruptError(msg)
        return HotCase(
            case=case,
            seq=seq,
            head=head,
            secret=stored.secret,
            plan=await self._plan(case_id, case.plan),
            form=await self._form(case_id, case.form),
            next_due=stored.next_due,
        )

    async def _plan(self, case_id: str, digest: Digest) -> Plan:
        known = self._plans.get(digest)
        if known is not None:
            return known
        data = await self._blob(case_id, digest, what="plan")
        try:
            body = parse_object(data, max_bytes=_PLAN_BYTES)
            plan = parse_plan(body | {"digest": digest})
        except JournalError:
            raise
        except OneServiceError as error:
            raise _unreadable(case_id, "plan") from error
        if plan.digest != digest:
            raise _unreadable(case_id, "plan")
        self._plans[digest] = plan
        if len(self._plans) > _KNOWN_PLANS:
            self._plans.popitem(last=False)
        return plan

    async def _form(self, case_id: str, digest: Digest) -> Form:
        try:
            return Form.parse(await self._blob(case_id, digest, what="form"))
        except JournalError:
            raise
        except (OneServiceError, KeyError, TypeError) as error:
            raise _unreadable(case_id, "form") from error

    async def _blob(self, case_id: str, digest: Digest, *, what: str) -> bytes:
        data = await self._store.blob(case_id, digest)
        if data is None:
            msg = f"case {case_id}: the bytes of its {what} are gone; restore a backup"
            raise JournalCorruptError(msg)
        return data


def _unreadable(case_id: str, what: str) -> JournalCorruptError:
    return JournalCorruptError(
        f"case {case_id}: its {what} cannot be read, or is another one; restore a backup"
    )
