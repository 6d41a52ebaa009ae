"""Which departments there are: one folder each, or one for those that work alike.

Every department that a published catalog names has an office here, but one: the government service
centre decides nothing. It hands out what the others decided, under the seal that the engine holds.
"""

from __future__ import annotations

from typing import Final

from oneservice.errors import AdapterError
from oneservice_adapters import (
    bank,
    city_management,
    civil_affairs,
    credit,
    customs,
    drainage,
    ecology,
    education,
    estate_management,
    fire_rescue,
    greening,
    health,
    housing_fund,
    market_regulation,
    medical_insurance,
    public_security,
    registers,
    social_insurance,
    supply,
    tax,
    tobacco,
    transport,
    urban_dispatch,
    vehicle_testing,
)
from oneservice_adapters.procedure import Profile

__all__ = ["DEPARTMENTS", "materials_of", "profile_of", "steps_of"]

_PROFILES: Final = {
    one.department: one
    for one in (
        market_regulation.PROFILE,
        fire_rescue.PROFILE,
        city_management.PROFILE,
        health.PROFILE,
        drainage.PROFILE,
        ecology.PROFILE,
        tobacco.PROFILE,
        tax.PROFILE,
        customs.PROFILE,
        social_insurance.PROFILE,
        medical_insurance.PROFILE,
        housing_fund.PROFILE,
        bank.PROFILE,
        public_security.PROFILE,
        civil_affairs.PROFILE,
        education.PROFILE,
        transport.PROFILE,
        vehicle_testing.PROFILE,
        credit.CREDIT,
        credit.CREDIT_REFERENCE,
        credit.PUBLIC_RESOURCES,
        registers.REAL_ESTATE,
        registers.HOUSING,
        *supply.SUPPLIERS,
        greening.PROFILE,
        estate_management.PROFILE,
        urban_dispatch.PROFILE,
    )
}

DEPARTMENTS: Final = tuple(_PROFILES)
"""Ids of the departments, as catalogs and the wire name them."""


def profile_of(department: str) -> Profile:
    """Return what a department declares.

    Raises:
        AdapterError: there is no such department here.
    """
    found = _PROFILES.get(department)
    if found is None:
        msg = f"there is no department {department!r} here; choose one of {', '.join(DEPARTMENTS)}"
        raise AdapterError(msg)
    return found


def steps_of(department: str) -> tuple[str, ...]:
    """Return the steps that a department serves.

    Raises:
        AdapterError: there is no such department here.
    """
    return tuple(one.step_id for one in profile_of(department).procedures)


def materials_of(department: str, step_id: str) -> tuple[str, ...]:
    """Return the materials that a department looks at in one of its steps.

    Raises:
        AdapterError: there is no such department here.
    """
    return profile_of(department).procedure(step_id).knows
