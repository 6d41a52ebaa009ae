"""The service guide as a browser lays it out: what no markup can show by itself."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from oneservice.catalog import bundled_catalog_dir, load_answers, load_catalog
from oneservice.exchange import service_guide
from oneservice.plan import Language, build_plan
from oneservice.workdays import national_calendar

CHROMIUM = shutil.which("chromium")
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
MONDAY = date(2026, 9, 28)
LOOK = """<script>addEventListener("load", () => {
const lines = (one) => {
  const range = document.createRange();
  range.selectNodeContents(one);
  return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
};
const root = document.documentElement;
document.title = JSON.stringify({
  wide: Math.max(...[root, document.querySelector(".sheet")]
    .map((one) => one.scrollWidth - one.clientWidth)),
  kept: document.querySelectorAll(".nb").length,
  torn: [...document.querySelectorAll(".nb, time, .mark")].filter((one) => lines(one) > 1)
    .map((one) => one.textContent),
  small: [...document.querySelectorAll("body *")].filter((one) => one.children.length === 0
    && one.textContent.trim() && parseFloat(getComputedStyle(one).fontSize) < 11)
    .map((one) => one.textContent),
});
});</script>"""
"""Measures, and leaves what it found in the title."""


def looked_at(home: Path, page: str, *, width: int) -> dict[str, Any]:
    """Return what a browser finds at a page that is ``width`` CSS pixels wide.

    No window is narrower than 500 pixels there; a frame is. The page forbids scripts; the copy
    that is measured does not.
    """
    policy = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
    copy = policy.sub("", page, count=1).replace("</head>", f"{LOOK}</head>", 1)
    assert LOOK in copy
    (home / "guide.html").write_text(copy, encoding="utf-8")
    frame = (
        '<!DOCTYPE html><meta charset="utf-8"><title>wait</title>'
        f'<iframe src="guide.html" style="width:{width}px;height:800px;border:0"></iframe>'
        "<script>const frame = document.querySelector('iframe');"
        "addEventListener('load', () => setTimeout(() => "
        "{ document.title = frame.contentDocument.title; }, 0));</script>"
    )
    (home / "frame.html").write_text(frame, encoding="utf-8")
    command = [
        *(str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
        *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
        *("--disable-sync", "--allow-file-access-from-files", f"--user-data-dir={home}/chromium"),
        *("--virtual-time-budget=5000", "--window-size=1400,1000", "--dump-dom"),
        f"file://{home}/frame.html",
    ]
    environment = {**os.environ, "HOME": str(home)}
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=60, env=environment
    )
    title = re.search(r"<title>(.*?)</title>", done.stdout, re.DOTALL)
    assert title is not None, done.stdout[:500]
    found: dict[str, Any] = json.loads(unescape(title[1]))
    return found


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_torn_apart_cut_off_or_too_small(
    tmp_path: Path, language: Language, width: int
) -> None:
    """On a telephone and on a desk: days stay whole, nobody scrolls sideways, all can be read."""
    thing = load_catalog(bundled_catalog_dir()).thing("restaurant", region="980201", on=MONDAY)
    answers = load_answers(EXAMPLES / "tea-kiosk.yaml").answers
    plan = build_plan(thing, answers, on=MONDAY, calendar=national_calendar(), origin="990101")
    page = service_guide(plan, language=language, definition=thing)
    found = looked_at(tmp_path, page, width=width)
    assert found["kept"] > 0
    assert found["torn"] == []
    assert found["wide"] == 0
    assert found["small"] == []
