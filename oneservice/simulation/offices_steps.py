"""How one step goes at its office, as data: minutes, days, and how often it goes which way.

Rates are per mille of applications, work is in minutes at a desk or on the road, delays are in
working days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from oneservice.simulation.offices_chance import Always, Spread, Triangular

__all__ = ["Inspection", "Paper", "Procedure", "Rates", "StepParameters"]

_VISIT_MINUTES: Final = Triangular(60, 120, 240)
_LEAD_DAYS: Final = Always(1)
_PROCEDURE_DAYS: Final = Triangular(2, 3, 7)
_INTAKE: Final = Triangular(10, 20, 60)
_REVIEW: Final = Triangular(15, 40, 120)
_REVIEW_DAYS: Final = Triangular(0, 1, 2)
_SILENCE_DAYS: Final = Triangular(6, 7, 10)
_LATE_DAYS: Final = Triangular(1, 2, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How often, in 1,000 applications, things go another way than straight to a grant.

    Args:
        correction: asked for papers before acceptance (补正), all at once.
        correction_after: asked for papers after acceptance.
        not_accepted: not accepted, with reasons (不予受理).
        refused: refused, with reasons and remedies (不予许可).
        tolerated: granted while a paper may follow (容缺); what was promised is always tolerated.
        silent: no notice within five working days, so that it counts as accepted from receipt.
        extended: the limit is extended once, with approval and reason.
        late: decided after the promised limit.
        withdrawal_refused: of requests to withdraw (撤回).
        replaced: of grants: the result is corrected afterwards.
        revoked: of grants: the result is revoked afterwards (撤销).
    """

    correction: int = 0
    correction_after: int = 0
    not_accepted: int = 0
    refused: int = 0
    tolerated: int = 0
    silent: int = 0
    extended: int = 0
    late: int = 0
    withdrawal_refused: int = 0
    replaced: int = 0
    revoked: int = 0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not 0 <= getattr(self, name) <= 1000:  # noqa: PLR2004 - per mille
                msg = f"rate {name} is not between 0 and 100 % (1000 per mille)"
                raise ValueError(msg)
        if self.correction + self.not_accepted > 1000 or self.extended + self.late > 1000:  # noqa: PLR2004
            msg = "rates that exclude each other sum up to 100 % (1000 per mille) at most"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A visit to the premises by an inspector of the office; it stops the clock (art. 45).

    ``minutes`` are of one inspector, way included; ``lead_days``: how many working days ahead the
    applicant is told.
    """

    kind: str = "on_site_check"
    by_law: str = "Administrative Licensing Law art. 45"
    minutes: Spread = _VISIT_MINUTES
    lead_days: Spread = _LEAD_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A special procedure (特别程序) that takes its time and nobody's work; it stops the clock.

    ``per_mille``: of how many applications; ``days`` are working days.
    """

    kind: str
    by_law: str = "Administrative Licensing Law art. 45"
    per_mille: int = 1000
    days: Spread = _PROCEDURE_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a grant yields: its type and title as catalogs name them."""

    type: str
    title: Mapping[str, str]
    valid_years: int | None = None
    is_certificate: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StepParameters:
    """How one step goes at its office.

    Args:
        promised_working_days: told at acceptance.
        is_on_the_spot: decided while the caller waits.
        intake: minutes at a desk until it is accepted, or not.
        review: minutes at a desk until it is decided.
        review_days: working days that the file lies between the last look and the decision.
        inspection: somebody goes out.
        procedure: something else stops the clock.
        commitment: with this material (a signed promise) the decision is made on the papers:
            nobody goes out, nothing lies (告知承诺).
        rates: how often it goes another way.
        correction_days: working days in which a correction must be answered, else it lapses.
        tolerance_days: working days in which a tolerated paper must follow, else it lapses.
        silence_days: working days after which an office that was silent speaks again.
        late_days: working days by which late decisions are late.
        extension_days: working days of an extension.
        result: what a grant yields; ``None``: the grant says all there is to say.
    """

    promised_working_days: int = 5
    is_on_the_spot: bool = False
    intake: Spread = _INTAKE
    review: Spread = _REVIEW
    review_days: Spread = _REVIEW_DAYS
    inspection: Inspection | None = None
    procedure: Procedure | None = None
    commitment: str | None = None
    rates: Rates = Rates()
    correction_days: int = 10
    tolerance_days: int = 10
    silence_days: Spread = _SILENCE_DAYS
    late_days: Spread = _LATE_DAYS
    extension_days: int = 5
    result: Paper | None = None
