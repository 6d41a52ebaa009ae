"""The book on disk against a naive model: any order of rules, mandates, uses, crashes, clocks."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from oneservice.canonical import digest_bytes
from oneservice.certificates import (
    Mandate,
    RecordKind,
    SealHours,
    SealPolicy,
    SealRequest,
    examine_book,
    read_book,
)
from oneservice.seals import SealBook, Use
from oneservice.workdays import announced_calendar

_SEAL = "https://county.example/seals/permits"
_START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)  # a Monday, 09:00 at the office
_CLERKS = ("village-clerk:1", "village-clerk:2")
_COUNT = 3
_CALENDAR = announced_calendar()


def _request(number: int, clerk: str, mandate: str | None) -> SealRequest:
    return SealRequest(
        seal_id=_SEAL,
        document_digest=digest_bytes(b"%d" % number),
        type="food_permit",
        region="990101",
        requester=clerk,
        mandate_id=mandate,
    )


_ASKS = st.tuples(
    st.integers(0, 9), st.sampled_from((0, 0, 1, 1, 2, 3)), st.integers(0, 5), st.booleans()
)
"""Which document, by which mandate, whether it is the asker's own, whether the key then signs."""


class SealBookMachine(RuleBasedStateMachine):
    """What an office does in a month, and a model that fits on one page."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "seal.db"
        self.book = SealBook(self.path, seal_id=_SEAL)
        self.now = _START
        self.book.enact(
            SealPolicy(
                seal_id=_SEAL,
                name={"en": "Permits"},
                key_id="https://county.example/issuer#k",
                types=("food_permit",),
                regions=("990101",),
                hours=SealHours.of({"opens": "08:00", "closes": "18:00"}),
                daily_count=_COUNT,
                valid_from=datetime(2026, 1, 1, tzinfo=UTC),
            ),
            at=self.now,
        )
        self.mandates: dict[str, tuple[str, datetime]] = {}
        self.revoked: set[str] = set()
        self.days: dict[date, int] = {}
        self.open: dict[tuple[int, str, str], Use] = {}
        self.sealed: dict[tuple[int, str, str], bytes] = {}
        for clerk in _CLERKS:
            self.a_mandate_is_granted(clerk, 9)

    def teardown(self) -> None:
        self.book.close()
        self.folder.cleanup()

    @rule(hours=st.sampled_from((-24, -3, -1, 1, 2, 5, 24)))
    def time_passes_or_the_clock_is_set_back(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def the_process_dies_and_comes_back(self) -> None:
        self.book.close()
        self.book = SealBook(self.path, seal_id=_SEAL)

    @rule(clerk=st.sampled_from(_CLERKS), days=st.integers(1, 9))
    def a_mandate_is_granted(self, clerk: str, days: int) -> None:
        name = f"m:{len(self.mandates)}"
        until = self._moment() + timedelta(days=days)
        self.book.mandate(
            Mandate(
                id=name,
                seal_id=_SEAL,
                holder=clerk,
                granted_by="county:registrar",
                types=("food_permit",),
                regions=("990101",),
                valid_from=datetime(2026, 1, 1, tzinfo=UTC),
                valid_until=until,
            ),
            at=self.now,
        )
        self.mandates[name] = clerk, until

    @rule(number=st.integers(0, 4))
    def a_mandate_is_revoked(self, number: int) -> None:
        name = f"m:{number}"
        if name in self.mandates:
            self.book.revoke(name, at=self.now)
            self.revoked.add(name)

    @rule(asks=st.lists(_ASKS, min_size=2, max_size=9))
    def a_busy_hour(self, asks: list[tuple[int, int, int, bool]]) -> None:
        for number, mandate, is_own, signs in asks:
            self._ask(number, mandate, is_own)
            if signs and self.open:
                self._sign(max(self.open))

    def _ask(self, number: int, mandate: int, is_own: int) -> None:
        name = f"m:{mandate}"
        holder = self.mandates.get(name, _CLERKS)[0]
        clerk = holder if is_own else next(one for one in _CLERKS if one != holder)
        place = number, clerk, name
        expected = self._expected(place)
        found = self.book.ask(_request(number, clerk, name), at=self.now, calendar=_CALENDAR)
        if expected is None:
            assert isinstance(found, Use)
            assert found.result == self.sealed.get(place)
            if place not in self.sealed and place not in self.open:
                day = self._office_time().date()
                self.days[day] = self.days.get(day, 0) + 1
            if place not in self.sealed:
                self.open[place] = found
        else:
            self.open.pop(place, None)
            assert isinstance(found, tuple)
            assert found[0].reason.value == expected

    @rule(data=st.data())
    def the_key_has_signed(self, data: st.DataObject) -> None:
        if self.open:
            self._sign(data.draw(st.sampled_from(sorted(self.open))))

    def _sign(self, place: tuple[int, str, str]) -> None:
        use = self.open.pop(place)
        number, clerk, name = place
        result = b"signature %d" % use.seq
        found = self.book.finish(use, _request(number, clerk, name), result, at=self.now)
        if self._right(place) is None:
            assert isinstance(found, Use)
            assert found.result == result
            self.sealed[place] = result
        else:
            assert isinstance(found, tuple)
            assert found[0].reason.value == self._right(place)

    def _moment(self) -> datetime:
        """Time never goes back behind what is written."""
        return max(self.now, read_book(self.book.dump())[-1].at)

    def _office_time(self) -> datetime:
        return self._moment() + timedelta(hours=8)

    def _right(self, place: tuple[int, str, str]) -> str | None:
        _, clerk, name = place
        if name not in self.mandates:
            return "mandate_unknown"
        holder, until = self.mandates[name]
        if holder != clerk:
            return "mandate_of_another"
        if name in self.revoked:
            return "mandate_revoked"
        return "mandate_ended" if self._moment() >= until else None

    def _expected(self, place: tuple[int, str, str]) -> str | None:
        if place in self.sealed:
            return None
        wrong = self._right(place)
        if wrong is not None or place in self.open:
            return wrong
        local = self._office_time()
        if not _CALENDAR.is_working_day(local.date()):
            return "not_a_working_day"
        if not 8 <= local.hour < 18:
            return "outside_hours"
        return "daily_count_used" if self.days.get(local.date(), 0) >= _COUNT else None

    @invariant()
    def the_book_is_whole_and_honest(self) -> None:
        report = examine_book(read_book(self.book.dump()), calendar=_CALENDAR)
        assert not report.findings
        assert report.sealed == len(self.sealed)
        granted = [one for one in read_book(self.book.dump()) if one.kind is RecordKind.GRANT]
        assert len(granted) == sum(self.days.values())


TestSealBookMachine = SealBookMachine.TestCase
TestSealBookMachine.settings = settings(
    settings.default, max_examples=20, stateful_step_count=40, deadline=None
)
