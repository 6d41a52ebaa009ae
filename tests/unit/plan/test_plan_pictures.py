"""The pictures: well-formed, harmless, readable aloud, and with everything in its place."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.catalog import Text
from oneservice.plan import to_mermaid, to_svg
from oneservice.plan.layout import arrange
from oneservice.plan.lettering import text_width, wrap
from oneservice.plan.svg_style import INK, MOODS, SOFT_INK

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def plan(kit):
    law = 'Fire <check> & "more"'
    return kit.plan(
        {"staff": 5, "shops": 2},
        items=(
            kit.item("food", 8) | {"title": {"zh": "食品经营许可（新办）", "en": law}},
            kit.item("end", 1),
        ),
        situations=[kit.question("staff", "int"), kit.question("shops", "int")],
        steps=[
            {"id": "health", "for_each": {"count": "staff", "group": "people"}},
            {"id": "sign", "for_each": {"count": "shops", "group": "shops"}},
            {"id": "food", "attaches": ["health"]},
            {"id": "end", "kind": "bundle", "requires": ["food", "sign", "health"]},
            {"id": "after", "kind": "follow_up", "requires": ["food"]},
            {"id": "off", "when": "staff > 100"},
        ],
        joint_inspection=["food", "sign"],
    )


def read(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own output, made a line above


def texts(svg: str) -> str:
    root = read(svg)
    return " ".join("".join(node.itertext()) for node in root.iter(f"{SVG}text"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_svg_is_well_formed_and_has_a_name_and_a_description(plan, language) -> None:
    root = read(to_svg(plan, language=language))
    assert root.attrib["role"] == "img"
    ids = {node.attrib["id"] for node in root.iter() if "id" in node.attrib}
    assert set(root.attrib["aria-labelledby"].split()) <= ids
    description = root.findtext(f"{SVG}desc") or ""
    for step in plan.steps:
        assert (step.title.zh if language == "zh" else step.title.en) in description
        assert f"{step.due.on}" in description


def test_svg_runs_nothing_and_fetches_nothing(plan) -> None:
    svg = to_svg(plan, states={"food": "granted"}, language="en")
    assert not re.search(r"<script|<style|<image|<use|href|javascript|@import|on\w+=", svg)
    assert svg.count("http") == 1  # the name space


def test_svg_is_the_same_each_time(plan) -> None:
    assert to_svg(plan) == to_svg(plan)


def test_no_title_steers_mermaid(plan) -> None:
    title = Text(zh='一"]\n%% 注', en='one"]\n%%{init: {"theme": "dark"}}%%\nclick s_a "https://x"')
    steps = (replace(plan.steps[0], title=title), *plan.steps[1:])
    for language in ("zh", "en"):
        lines = to_mermaid(replace(plan, steps=steps), language=language).splitlines()
        assert len(lines) == len(to_mermaid(plan, language=language).splitlines())
        assert not [line for line in lines if "%%" in line or line.count('"') not in {0, 2}]


def test_more_than_four_instances_are_one_box(plan) -> None:
    svg = texts(to_svg(plan, language="en"))
    assert "health ×5" in svg
    assert "sign #1" in svg
    assert "sign #2" in svg
    mermaid = to_mermaid(plan)
    assert mermaid.count("s_health(") == 1
    assert "s_sign_n1(" in mermaid


def test_states_are_words_and_signs(plan) -> None:
    states = {"food": "correction_requested", "end": "waiting", "after": "what_ever"}
    states |= {f"health-{n}": "granted" if n < 4 else "refused" for n in range(1, 6)}
    svg = texts(to_svg(plan, states=states, language="en"))
    assert "! correction asked for" in svg
    assert "✓ granted 3" in svg
    assert "✕ refused 2" in svg
    assert "what ever" in svg
    assert "✓ 准予 3" in texts(to_svg(plan, states=states, language="zh"))
    assert "granted 3" in to_mermaid(plan, states=states)


def test_what_is_not_drawn_is_written_below(plan) -> None:
    svg = texts(to_svg(plan, language="en"))
    assert "not needed for these answers: off" in svg
    assert "one joint visit: " in svg
    assert plan.digest in svg


def test_a_visit_for_one_step_is_drawn_as_no_joint_one(plan) -> None:
    (visit,) = plan.appointments
    alone = replace(plan, appointments=(replace(visit, steps=("food",)),))
    svg = texts(to_svg(alone, language="en"))
    assert "one visit: " in svg
    assert "joint visit" not in svg
    assert "现场勘验：" in texts(to_svg(alone, language="zh"))


def test_an_empty_plan_has_a_picture_too(kit) -> None:
    plan = kit.plan(steps=[])
    read(to_svg(plan))
    assert to_mermaid(plan).startswith("flowchart LR")


def test_results_that_two_steps_give_each_other_later_do_not_stop_the_picture(kit) -> None:
    plan = kit.plan(steps=[{"id": "a", "attaches": ["b"]}, {"id": "b", "attaches": ["a"]}])
    read(to_svg(plan))


def test_boxes_without_arrows_stand_on_the_left(kit) -> None:
    plan = kit.plan(steps=[{"id": "a"}, {"id": "b", "requires": ["a"]}, {"id": "loose"}])
    places = re.findall(r'<g transform="translate\((\S+) \S+\)">\n<rect', to_svg(plan))
    assert places == ["0.0", "310.0", "0.0"]


def test_arrows_that_follow_from_others_are_left_out(kit) -> None:
    plan = kit.plan(
        steps=[
            {"id": "a"},
            {"id": "b", "requires": ["a"]},
            {"id": "c", "requires": ["a", "b"]},
        ]
    )
    mermaid = to_mermaid(plan)
    assert "s_a --> s_b" in mermaid
    assert "s_a --> s_c" not in mermaid


def test_mermaid_text_cannot_break_out(plan) -> None:
    line = next(line for line in to_mermaid(plan).splitlines() if line.startswith("    s_food("))
    assert line.count('"') == 2
    assert "<check>" not in line
    assert "#60;check#62;" in line


# --- lettering and colours --------------------------------------------------------------------


@given(st.text(alphabet="abc mW一餐饮，。）", max_size=60), st.integers(40, 200), st.integers(1, 4))
def test_lines_fit_their_room(words: str, width: int, lines: int) -> None:
    wrapped = wrap(words, 12, width, lines)
    assert 1 <= len(wrapped) <= lines
    assert all(text_width(line, 12) <= width for line in wrapped)


def luminance(colour: str) -> float:
    def linear(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[n : n + 2], 16)) for n in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("ink", "paper"),
    [(ink, paper) for _, ink, paper in MOODS.values()]
    + [(ink, paper) for ink in (INK, SOFT_INK) for paper in ("#ffffff", "#f8fafc", "#fff8f3")],
)
def test_contrast_is_seven_to_one(ink: str, paper: str) -> None:
    assert (luminance(paper) + 0.05) / (luminance(ink) + 0.05) >= 7


# --- layout -----------------------------------------------------------------------------------


@st.composite
def drawings(draw):
    columns, arrows, earlier = [], [], []
    for number in range(draw(st.integers(1, 5))):
        column = [f"b{number}_{n}" for n in range(draw(st.integers(1, 6)))]
        for name in column:
            if earlier:
                sources = draw(st.lists(st.sampled_from(earlier), max_size=4, unique=True))
                arrows += [(source, name) for source in sources]
        columns.append(column)
        earlier += column
    return columns, arrows


@given(drawings())
def test_no_box_lies_on_another_and_no_arrow_runs_through_one(drawing) -> None:
    columns, arrows = drawing
    width, height = 100.0, 40.0
    layout = arrange(columns, arrows, box=(width, height), gaps=(50.0, 20.0))
    boxes = list(layout.boxes.values())
    for index, one in enumerate(boxes):
        assert 0 <= one.y <= layout.height - height + 1e-6
        for other in boxes[:index]:
            assert abs(one.x - other.x) >= width or abs(one.y - other.y) >= height + 20 - 1e-6
    assert set(layout.routes) == set(arrows)
    for points in layout.routes.values():
        for left, right in zip(points[1:-1:2], points[2:-1:2], strict=True):
            assert left.y == right.y  # level along the lane
            for box in boxes:
                if box.x == left.x:
                    assert not box.y < left.y < box.y + height


def test_the_picture_does_not_depend_on_the_order_of_arrows() -> None:
    columns = [["a", "b"], ["c", "d"]]
    arrows = [("a", "d"), ("b", "c"), ("a", "c")]
    layouts = [
        arrange(columns, order, box=(10, 10), gaps=(5, 5)) for order in (arrows, arrows[::-1])
    ]
    assert layouts[0].boxes == layouts[1].boxes
    assert layouts[0].routes == layouts[1].routes
