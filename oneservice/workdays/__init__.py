"""Working days, limits and suspensions: when something is due.

Rules that live only here: which days are worked (the State Council's notices with make-up days, a
region's own days), that a year which is not announced is an error and never a guess, how a limit is
counted, the limits that the law itself sets, and what the clocks of a step and a case read on a
day. There is no second function in this library that adds days to a date.
"""

from oneservice.workdays.by_region import (
    BorrowedDays,
    WorkCalendars,
    calendar_at,
    versions_of,
    with_regions,
)
from oneservice.workdays.calendars import TabulatedCalendar, WorkCalendar, YearTable
from oneservice.workdays.clocks import CaseClock, Light, LimitUnit, StepClocks
from oneservice.workdays.limits import (
    deadline,
    due_natural_day,
    due_working_day,
    working_days_elapsed,
)
from oneservice.workdays.national import announced_calendar, national_calendar
from oneservice.workdays.provisional import provisional_due_working_day, provisionally
from oneservice.workdays.readings import WARN_AT, case_clock, step_clocks
from oneservice.workdays.statutes import (
    DECISION_WORKING_DAYS,
    DELIVERY_WORKING_DAYS,
    EXTENSION_WORKING_DAYS,
    JOINT_CAP_WORKING_DAYS,
    JOINT_EXTENSION_WORKING_DAYS,
    NOTICE_WORKING_DAYS,
    Extension,
    deemed_acceptance,
    deemed_accepted_on,
    delivery_due,
    extended_due,
    joint_cap_due,
)
from oneservice.workdays.suspensions import Suspension
from oneservice.workdays.zone import LEGAL_ZONE, legal_day

__all__ = [
    "DECISION_WORKING_DAYS",
    "DELIVERY_WORKING_DAYS",
    "EXTENSION_WORKING_DAYS",
    "JOINT_CAP_WORKING_DAYS",
    "JOINT_EXTENSION_WORKING_DAYS",
    "LEGAL_ZONE",
    "NOTICE_WORKING_DAYS",
    "WARN_AT",
    "BorrowedDays",
    "CaseClock",
    "Extension",
    "Light",
    "LimitUnit",
    "StepClocks",
    "Suspension",
    "TabulatedCalendar",
    "WorkCalendar",
    "WorkCalendars",
    "YearTable",
    "announced_calendar",
    "calendar_at",
    "case_clock",
    "deadline",
    "deemed_acceptance",
    "deemed_accepted_on",
    "delivery_due",
    "due_natural_day",
    "due_working_day",
    "extended_due",
    "joint_cap_due",
    "legal_day",
    "national_calendar",
    "provisional_due_working_day",
    "provisionally",
    "step_clocks",
    "versions_of",
    "with_regions",
    "working_days_elapsed",
]
