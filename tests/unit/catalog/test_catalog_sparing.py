"""A step that a held certificate spares: as a catalog says it, and as a region changes it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from oneservice.catalog import HeldLevel, bundled_catalog_dir, diff, load_catalog, single_step
from oneservice.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Callable

    from oneservice.catalog import Catalog

ON = date(2026, 9, 28)
LAW = "legal_basis: [{law: {zh: 办法, en: Measures}, article: 第三条}]"
SPARED = f"spared_by: {{certificates: [report], {LAW}}}"
OVERLAY = f"""\
format: oneservice-catalog/1
region: "990100"
effective_from: 2026-02-01
overlays:
  - thing: shop
    change_steps:
      - id: check
        {SPARED}
"""


def with_sparing(base: str) -> str:
    return base.replace(
        "        requires: [permit]\n", f"        requires: [permit]\n        {SPARED}\n"
    )


def test_a_level_reaches_itself_and_what_is_weaker() -> None:
    assert HeldLevel.SEALED.reaches(HeldLevel.COLLECTED)
    assert HeldLevel.SEALED.reaches(HeldLevel.SEALED)
    assert HeldLevel.COLLECTED.reaches(HeldLevel.COLLECTED)
    assert not HeldLevel.COLLECTED.reaches(HeldLevel.SEALED)


def test_only_a_sealed_certificate_spares_unless_the_author_says_more(
    base: str, make_catalog: Callable[..., Catalog]
) -> None:
    thing = make_catalog(base=with_sparing(base)).thing("shop", region="990101", on=ON)
    rule = next(step.spared_by for step in thing.thing.steps if step.id == "check")
    assert rule is not None
    assert rule.certificates == ("report",)
    assert rule.at_least is HeldLevel.SEALED
    assert rule.valid_for is None


def test_a_definition_that_says_nothing_of_it_keeps_its_digest(
    base: str, make_catalog: Callable[..., Catalog]
) -> None:
    plain = make_catalog(base=base).thing("shop", region="990101", on=ON)
    spared = make_catalog(base=with_sparing(base)).thing("shop", region="990101", on=ON)
    assert "spared_by" not in plain.thing.model_dump_json(exclude_defaults=True)
    assert plain.digest != spared.digest


def test_a_region_may_spare_a_step_by_its_own_law_and_the_difference_is_told(
    base: str, make_catalog: Callable[..., Catalog]
) -> None:
    catalog = make_catalog(base=base, city=OVERLAY)
    here = catalog.thing("shop", region="990101", on=ON)
    there = catalog.thing("shop", region="980101", on=ON)
    source = here.source_of("shop.steps.check.spared_by")
    assert source is not None
    assert source.startswith("city.yaml:8:")
    (one,) = diff(there, here)
    assert (one.id, one.member) == ("check", "spared_by")
    assert "持证免办" in one.sentence("甲", "乙").zh
    assert "report" in one.sentence("A", "B").en


@pytest.mark.parametrize(
    "wrong",
    [
        f"spared_by: {{certificates: [], {LAW}}}",
        "spared_by: {certificates: [report], legal_basis: []}",
        f"spared_by: {{certificates: [report], at_least: signed, {LAW}}}",
        f"spared_by: {{certificate: report, {LAW}}}",
    ],
)
def test_what_says_too_little_is_refused(
    base: str, make_catalog: Callable[..., Catalog], wrong: str
) -> None:
    with pytest.raises((CatalogError, AssertionError)):
        make_catalog(base=with_sparing(base).replace(SPARED, wrong))


def test_a_step_alone_is_not_spared_again(base: str, make_catalog: Callable[..., Catalog]) -> None:
    """The region that carries the case has decided that the step is needed."""
    thing = make_catalog(base=with_sparing(base)).thing("shop", region="990101", on=ON)
    assert all(step.spared_by is None for step in single_step(thing, "check").thing.steps)


def test_health_certificates_spare_the_examination_in_the_bundled_catalog() -> None:
    thing = load_catalog([bundled_catalog_dir()]).thing("restaurant", region="990101", on=ON)
    (step,) = (step for step in thing.thing.steps if step.spared_by is not None)
    assert step.id == "health_cert"
    assert step.spared_by is not None
    assert step.spared_by.certificates == ("health_certificate",)
    assert step.spared_by.legal_basis[0].article == "第四十五条"
