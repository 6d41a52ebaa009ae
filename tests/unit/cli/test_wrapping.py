"""Where lines break on a terminal."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.cli.pages import Page
from oneservice.cli.wrapping import columns, printable, wrapped


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("one two three", 7, ["one two", "three"]),
        ("承诺九个工作日", 8, ["承诺九个", "工作日"]),
        ("承诺 9 个工作日", 6, ["承诺", "9 个工", "作日"]),
        ("一二三，四", 6, ["一二", "三，四"]),
        ("一（二）三", 6, ["一", "（二）", "三"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
    ],
)
def test_breaks(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(text, width) == lines


@given(
    st.text(st.sampled_from("ab 1，。（）一二e\u0301.\u3000-"), max_size=60),
    st.integers(min_value=2, max_value=30),
)
def test_nothing_is_lost_and_nothing_is_too_wide(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(columns(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.text())
def test_what_is_printed_moves_no_cursor(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert shown.isprintable() or set(shown) - {"\u3000", "\xa0"}
    assert "\x1b" not in shown
    assert "\n" not in shown


def test_a_shell_reads_a_command_back_however_narrow_the_page(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    place = f"/home/li's own/{'long' * 30}"
    words = ["oneservice", "verify", f"{place}/a.json", f"--trust={place}/list.json", "--offline"]
    Page().command(words)
    shown = capsys.readouterr().out
    assert shlex.split(shown.replace("\\\n", "")) == words
    assert len(shown.splitlines()) == 3
