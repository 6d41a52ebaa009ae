"""Chance in integers: the right shapes, the same numbers for the same name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.simulation.offices_chance import Always, Table, Triangular, happens, luck_of

NUMBERS = range(0, 1 << 16, 7)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_a_triangle_keeps_its_bounds_and_its_mean(least: int, up: int, on: int) -> None:
    spread = Triangular(least, least + up, least + up + on)
    drawn = [spread.draw(number) for number in NUMBERS]
    assert spread.least <= min(drawn)
    assert max(drawn) <= spread.most
    assert drawn == sorted(drawn)
    assert sum(drawn) / len(drawn) == pytest.approx(float(spread.mean), abs=0.6)


def test_a_table_gives_each_row_its_weight() -> None:
    table = Table(((10, 1), (20, 3), (30, 0)))
    drawn = [table.draw(number) for number in range(1 << 16)]
    assert (drawn.count(10), drawn.count(20), drawn.count(30)) == (1 << 14, 3 << 14, 0)
    assert table.mean * 4 == 70
    assert Table.of([3, 1, 2]).draw(0) == 1


def test_the_same_amount_always() -> None:
    assert {Always(7).draw(number) for number in NUMBERS} == {7}


def test_rates_are_exact_and_do_not_overlap() -> None:
    numbers = range(1 << 16)
    first = {one for one in numbers if happens(one, 120)}
    second = {one for one in numbers if happens(one, 80, 120)}
    assert len(first) / len(numbers) == pytest.approx(0.12, abs=0.001)
    assert len(second) / len(numbers) == pytest.approx(0.08, abs=0.001)
    assert not first & second


def test_luck_hangs_on_the_name_alone() -> None:
    salt = b"s" * 32
    assert luck_of(salt, "c1.food_permit.1") == luck_of(salt, "c1.food_permit.1")
    assert luck_of(salt, "c1.food_permit.1") != luck_of(salt, "c1.food_permit.1", 1)
    assert luck_of(salt, "c1.food_permit.1") != luck_of(b"t" * 32, "c1.food_permit.1")


@pytest.mark.parametrize("numbers", [(3, 2, 4), (-1, 2, 4), (1, 2, 1)])
def test_a_spread_out_of_order_is_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="least"):
        Triangular(*numbers)


@pytest.mark.parametrize("rows", [(), ((1, 0),), ((-1, 2),)])
def test_a_table_without_sense_is_refused(rows: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValueError, match="table"):
        Table(rows)
