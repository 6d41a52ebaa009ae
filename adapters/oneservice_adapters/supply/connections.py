"""Three steps that each company at the kerb knows: the plan, the works, the connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from oneservice.departments import Submission
from oneservice_adapters.numbers import lettered
from oneservice_adapters.ordinary import bilingual, ordinary, receipt
from oneservice_adapters.procedure import Course, Paper, Procedure, Special, printed

__all__ = ["connection"]

Text: TypeAlias = Mapping[str, str]
Days: TypeAlias = tuple[int, int, int]

_STREET = ("m_road_permit", "m_traffic_consent", "m_green_permit")


def connection(
    stem: str,
    *,
    by_law: tuple[str, str, str],
    days: Days,
    plan: Text,
    built: Text,
    contract: Text,
    letters: str,
    type_no: str,
    main: tuple[str, ...] = ("m_application", "m_property"),
    also: tuple[str, ...] = (),
    small: tuple[str, int, Days] | None = None,
    is_checked_inside: bool = False,
) -> tuple[Procedure, ...]:
    """Return the steps ``<stem>_plan``, ``<stem>_work`` and ``<stem>_connect``.

    Args:
        stem: of the step ids.
        by_law: of plan, works and connection.
        days: promised working days, likewise.
        plan: title of the plan.
        built: title of the record of the works.
        contract: title of the contract, which is a certificate.
        letters: before the numbers.
        type_no: of the contract.
        main: materials of the plan.
        also: further materials of the plan.
        small: field, largest value and promised days of small connections.
        is_checked_inside: whether somebody looks at the rooms before the connection.
    """
    line = _Line(stem=stem, by_law=by_law, days=days, letters=letters, small=small)
    return (
        line.planned(plan, main=main, also=also),
        line.built(built),
        line.connected(contract, type_no, is_visited=is_checked_inside),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """What the three steps of one company share."""

    stem: str
    by_law: tuple[str, str, str]
    days: Days
    letters: str
    small: tuple[str, int, Days] | None

    def planned(self, plan: Text, *, main: tuple[str, ...], also: tuple[str, ...]) -> Procedure:
        """Return the step that plans; somebody looks at the place first."""
        return ordinary(
            f"{self.stem}_plan",
            self.by_law[0],
            bilingual("现有管线容量不足。", "The lines in the street carry no more."),
            days=self.days[0],
            main=main,
            also=also,
            course=self._course(0, is_visited=True),
            paper=receipt(f"{self.stem}_plan", plan["zh"], plan["en"], f"{self.letters}F"),
        )

    def built(self, record: Text) -> Procedure:
        """Return the step that builds, for which the street must be open."""
        return ordinary(
            f"{self.stem}_work",
            self.by_law[1],
            bilingual(
                "道路未获准开挖，无法施工。", "The street may not be dug up; nobody can build."
            ),
            days=self.days[1],
            also=(f"m_{self.stem}_plan", *_STREET),
            paper=receipt(f"{self.stem}_built", record["zh"], record["en"], f"{self.letters}J"),
        )

    def connected(self, contract: Text, type_no: str, *, is_visited: bool) -> Procedure:
        """Return the step that connects, and yields the contract."""
        return ordinary(
            f"{self.stem}_connect",
            self.by_law[2],
            bilingual("竣工检验不合格。", "The works failed the inspection."),
            days=self.days[2],
            also=(f"m_{self.stem}_built", f"m_{self.stem}_plan"),
            course=self._course(2, is_visited=is_visited),
            paper=Paper(
                type=f"{self.stem}_contract",
                title=contract,
                type_no=type_no,
                number=lettered(self.letters),
                face=printed("address", "bill_account"),
            ),
        )

    def _course(self, step: int, *, is_visited: bool) -> Callable[[Submission], Course]:
        def given(submission: Submission) -> Course:
            small = self.small
            is_small = small is not None and _is_at_most(submission, small)
            promised = small[2][step] if small and is_small else self.days[step]
            special = _visit(self.by_law[step]) if is_visited else None
            return Course(promised_working_days=promised, special=special)

        return given


def _visit(by_law: str) -> Special:
    """Return the look at the place, on the first working day after acceptance."""
    return Special(
        ground="on_site_check",
        by_law=by_law,
        result=bilingual("现场查看完毕", "the place has been looked at"),
        starts_on=1,
        lasts=1,
    )


def _is_at_most(submission: Submission, limit: tuple[str, int, Days]) -> bool:
    try:
        return Decimal(str(submission.fields[limit[0]])) <= limit[1]
    except (KeyError, InvalidOperation):
        return False
