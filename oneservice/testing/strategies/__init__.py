"""Strategies for hypothesis: things that an engine takes, drawn where nobody thought of them.

    from hypothesis import given
    from oneservice.testing.strategies import filled_forms, plans

    @given(data())
    def test_every_plan_of_ours_can_be_filled(data):
        plan = data.draw(plans(THING, calendar=CALENDAR))
        data.draw(filled_forms(plan)).form(plan)

What is drawn is valid: answers do not contradict one another, numbers have right check digits,
histories keep the protocol's table. None of it is anybody's: regions 96 to 99 do not exist. For
what is *not* valid, break one member of something drawn.
"""

from oneservice.testing.strategies.answering import answers, plans, values_of
from oneservice.testing.strategies.catalogs import catalogs
from oneservice.testing.strategies.days import calendars, suspensions, year_tables
from oneservice.testing.strategies.forms import FilledForm, field_values, filled_forms
from oneservice.testing.strategies.histories import (
    DAY_ONE,
    department_events,
    histories,
    legal_types,
    next_event,
    plain_event,
)
from oneservice.testing.strategies.people import (
    applicants,
    citizen_numbers,
    credit_codes,
    fictional_regions,
    organisations,
    people,
)

__all__ = [
    "DAY_ONE",
    "FilledForm",
    "answers",
    "applicants",
    "calendars",
    "catalogs",
    "citizen_numbers",
    "credit_codes",
    "department_events",
    "fictional_regions",
    "field_values",
    "filled_forms",
    "histories",
    "legal_types",
    "next_event",
    "organisations",
    "people",
    "plain_event",
    "plans",
    "suspensions",
    "values_of",
    "year_tables",
]
