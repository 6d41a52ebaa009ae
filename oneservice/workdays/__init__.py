"""Working days, limits and suspensions: when something is due.

Rules that live only here: which days are worked (the State Council's notices with make-up days, a
region's own days), that a year which is not announced is an error and never a guess, and how a
limit is counted. There is no second function in this library that adds days to a date.
"""

from oneservice.workdays.calendars import TabulatedCalendar, WorkCalendar, YearTable
from oneservice.workdays.limits import (
    deadline,
    due_natural_day,
    due_working_day,
    provisional_due_working_day,
    working_days_elapsed,
)
from oneservice.workdays.national import announced_calendar, national_calendar
from oneservice.workdays.suspensions import Suspension

__all__ = [
    "Suspension",
    "TabulatedCalendar",
    "WorkCalendar",
    "YearTable",
    "announced_calendar",
    "deadline",
    "due_natural_day",
    "due_working_day",
    "national_calendar",
    "provisional_due_working_day",
    "working_days_elapsed",
]
