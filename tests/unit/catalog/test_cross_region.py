"""Lists of what crosses regions: searched by mode, origin and destination."""

from __future__ import annotations

from datetime import date

import pytest
from click.testing import CliRunner

from oneservice.catalog import (
    AcceptedBy,
    CrossRegion,
    CrossRegionMode,
    PaperRoute,
    bundled_catalog_dir,
    cross_region_list,
    load_catalog,
)
from oneservice.catalog.terms import Limit, Text
from oneservice.cli.program import program
from oneservice.errors import IdentifierError

DAY = date(2026, 10, 1)


@pytest.fixture(scope="module")
def catalog() -> object:
    return load_catalog(bundled_catalog_dir())


def found(catalog: object, **asked: object) -> list[tuple[str, str, str]]:
    rows = cross_region_list(catalog, DAY, **asked)  # type: ignore[arg-type]
    return [(row.item, row.destination, str(row.mode)) for row in rows]


def test_a_neighbour_may_choose_and_who_is_far_away_has_one_way(catalog: object) -> None:
    near = found(catalog, destinations=["980201"], origin="990101", item="food_permit")
    far = found(catalog, destinations=["980201"], origin="110101", item="food_permit")
    assert near == [("food_permit", "980201", "collect"), ("food_permit", "980201", "online")]
    assert far == [("food_permit", "980201", "online")]


def test_nothing_crosses_a_border_inside_the_region(catalog: object) -> None:
    assert found(catalog, destinations=["980200"], origin="980201") == []


def test_by_mode_and_by_words_in_both_languages(catalog: object) -> None:
    joint = found(catalog, mode=CrossRegionMode.JOINT)
    assert joint == [("registration", "980200", "joint")]
    assert found(catalog, item="户口") == found(catalog, item="HOUSEHOLD")
    assert {place for _, place, _ in found(catalog, item="户口")} == {
        "970000",
        "970300",
        "980200",
        "990100",
    }


def test_a_wrong_region_is_an_error_of_ours(catalog: object) -> None:
    with pytest.raises(IdentifierError):
        cross_region_list(catalog, DAY, origin="99")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("way", "lacks", "exceeds"),
    [
        (CrossRegion(mode=CrossRegionMode.ONLINE), (), ()),
        (
            CrossRegion(mode=CrossRegionMode.ONLINE, papers=PaperRoute.COURIER),
            (),
            ("papers",),
        ),
        (
            CrossRegion(mode=CrossRegionMode.COLLECT),
            ("window", "papers", "forwarded_within"),
            (),
        ),
        (
            CrossRegion(
                mode=CrossRegionMode.COLLECT,
                window=Text(zh="窗口", en="window"),
                papers=PaperRoute.NETWORK,
                forwarded_within=Limit(days=1),
                accepted_by=AcceptedBy.ORIGIN,
            ),
            (),
            ("accepted_by",),
        ),
        (CrossRegion(mode=CrossRegionMode.JOINT), ("accepted_by",), ()),
    ],
)
def test_each_mode_has_members_of_its_own(
    way: CrossRegion, lacks: tuple[str, ...], exceeds: tuple[str, ...]
) -> None:
    assert (way.lacks(), way.exceeds()) == (lacks, exceeds)


def test_the_command_lists_and_says_when_there_is_nothing() -> None:
    run = CliRunner().invoke
    done = run(program, ["cross-region", "--mode", "joint", "--on", "2026-10-01", "--json"])
    assert done.exit_code == 0
    assert '"accepted_by": "origin"' in done.output
    nothing = run(program, ["cross-region", "--item", "no such thing", "--language", "zh"])
    assert (nothing.exit_code, nothing.output.strip()) == (0, "没有符合条件的跨区域事项")
    wrong = run(program, ["cross-region", "--origin", "99"])
    assert wrong.exit_code in {1, 2}
    assert "99" in wrong.output
