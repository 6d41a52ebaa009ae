"""Articles of laws are read as numbers, and cited in English as English does."""

from __future__ import annotations

import pytest

from oneservice.catalog import LegalBasis, Text
from oneservice.catalog.articles import article_numbers


@pytest.mark.parametrize(
    ("printed", "numbers", "english"),
    [
        ("第三十五条", (35,), "art. 35"),
        ("第十条", (10,), "art. 10"),
        ("第一百零八条", (108,), "art. 108"),
        ("第一千二百五十八条", (1258,), "art. 1258"),
        ("第45条", (45,), "art. 45"),
        ("第二十六条、第四十二条", (26, 42), "art. 26 and 42"),
        ("第十九条、第二十四条、第二十七条", (19, 24, 27), "art. 19, 24 and 27"),
        ("第十三条第一款第一项", (13,), "第十三条第一款第一项"),
        ("国办发〔2025〕22号", (), "国办发〔2025〕22号"),
        ("", (), ""),
    ],
)
def test_what_is_printed_and_how_it_is_cited(
    printed: str, numbers: tuple[int, ...], english: str
) -> None:
    basis = LegalBasis(law=Text(zh="某法", en="Some Law"), article=printed)
    assert article_numbers(printed) == numbers
    assert basis.english_article == english
