"""The service guide: everything at once, nothing injected, whole on screen and on paper."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.catalog import (
    Department,
    EffectiveThing,
    Item,
    LimitUnit,
    OneThing,
    StepKind,
    Text,
    bundled_catalog_dir,
    load_answers,
    load_catalog,
)
from oneservice.catalog.effective import effective_digest, rules_of
from oneservice.exchange import service_guide, what_is_counted
from oneservice.exchange.guide_parts import make_up_days, weekday
from oneservice.exchange.guide_steps import days_section, steps_section
from oneservice.exchange.guide_style import STYLE
from oneservice.exchange.guide_words import GuideWords
from oneservice.exchange.html import Html, link, tag, text, unbroken
from oneservice.plan import (
    NO_WAY,
    NO_WAY_ADVICE,
    DueDate,
    GroupEntry,
    HeldCertificate,
    HeldLevel,
    Holdings,
    Language,
    Plan,
    TimeLimit,
    build_plan,
    reduction,
)
from oneservice.workdays import national_calendar

MONDAY = date(2026, 9, 28)
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
LANGUAGES: tuple[Language, ...] = get_args(Language)
VOID = {"meta"}


class Page(HTMLParser):
    """Reads a page strictly: every element closed where it was opened, every id once."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.names: list[str] = []
        self.ids: list[str] = []
        self.words: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(markup)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)


@pytest.fixture(scope="module")
def restaurant() -> EffectiveThing:
    return load_catalog(bundled_catalog_dir()).thing("restaurant", region="990101", on=MONDAY)


def plan_of(thing: EffectiveThing, name: str) -> Plan:
    answers = load_answers(EXAMPLES / f"{name}.yaml").answers
    return build_plan(thing, answers, on=MONDAY, calendar=national_calendar())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["noodle-shop", "seafood-karaoke", "tea-kiosk"])
def test_everything_is_said_at_once(
    restaurant: EffectiveThing, name: str, language: Language
) -> None:
    plan = plan_of(restaurant, name)
    page = Page(service_guide(plan, language=language, questions=restaurant.thing.situations))

    def of(words: Text) -> str:
        return words.zh if language == "zh" else words.en

    said = page.text
    for step in plan.steps:
        assert of(step.title) in said
        assert of(step.department_name) in said
    for material in plan.materials:
        assert of(material.title) in said
    for field in plan.form:
        assert of(field.title) in said
    for skipped in plan.skipped:
        assert of(skipped.title) in said
    assert plan.digest in said
    assert plan.definition in said
    assert "60" in said
    assert ("6 个月" if language == "zh" else "6 months") in said
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}"' in service_guide(
        plan, language=language
    )


def test_the_page_is_well_formed_and_accessible(restaurant: EffectiveThing) -> None:
    page = Page(service_guide(plan_of(restaurant, "seafood-karaoke")))
    assert len(set(page.ids)) == len(page.ids)
    assert page.names.count("h1") == 1
    assert page.names.index("h1") < page.names.index("h2")
    labelled = {value for _, name, value in page.attributes if name == "aria-labelledby"}
    assert labelled <= set(page.ids)
    assert len(labelled) == page.names.count("section") == page.names.count("h2")
    assert page.names.count("caption") == page.names.count("table")
    scopes = [value for name, key, value in page.attributes if (name, key) == ("th", "scope")]
    assert len(scopes) == page.names.count("th")
    assert {"col", "row"} == set(scopes)


def test_nothing_is_fetched_and_nothing_runs(restaurant: EffectiveThing) -> None:
    markup = service_guide(plan_of(restaurant, "noodle-shop"))
    page = Page(markup)
    assert not {"script", "iframe", "img", "link", "object", "form", "base"} & set(page.names)
    assert not [key for _, key, _ in page.attributes if key.startswith("on") or key == "style"]
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    assert len(STYLE.encode()) <= 20 * 1024
    assert "default-src &#x27;none&#x27;" in markup


def test_the_same_plan_gives_the_same_page(restaurant: EffectiveThing) -> None:
    plan = plan_of(restaurant, "noodle-shop")
    assert service_guide(plan) == service_guide(plan)


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>",
    "' onmouseover='x",
    "&lt;b&gt;",
    "{{7*7}}",
    "<!-- -->",
    "]]>",
)
hostile = st.text(min_size=1, max_size=30) | st.sampled_from(HOSTILE)


def small_thing(words: str, unit: str) -> EffectiveThing:
    """Return a thing in which every text is ``words``."""
    said = {"zh": words, "en": words}
    limit = {"days": 2}
    basis = [{"law": said, "article": words}]
    item = Item.model_validate(
        {
            "id": "one",
            "title": said,
            "department": "office",
            "statutory": limit,
            "promised": limit,
            "legal_basis": basis,
            "result": {"type": "paper", "title": said},
            "channels": [
                {"kind": "kiosk", "where": said, "when": "!yes", "otherwise": said},
                {"kind": "online", "where": said, "url": "https://a.example/'%22<b>"},
                {"kind": "window", "where": said, "visits": 1},
            ],
            "fees": [{"title": said, "amount": "1234.5", "legal_basis": basis}],
        }
    )
    thing = OneThing.model_validate(
        {
            "id": "thing",
            "title": said,
            "goal": said,
            "lead_department": "office",
            "situations": [
                {"id": "yes", "question": said, "type": "bool"},
                {
                    "id": "kind",
                    "question": said,
                    "type": "enum",
                    "choices": [{"value": "a", "title": said}],
                    "unit": unit,
                },
            ],
            "steps": [
                {"id": "one", "item": "one"},
                {"id": "never", "item": "one", "when": "!yes"},
            ],
            "fields": [
                {"id": "f", "title": said, "type": "text", "steps": ["one"], "unit": unit},
                {"id": "g", "title": said, "type": "choice", "steps": ["one"], "answer": "kind"},
            ],
            "materials": [
                {
                    "id": "m",
                    "title": said,
                    "steps": ["one"],
                    "source": "applicant",
                    "obtain": [
                        {"where": said, "channel": "online", "url": "https://a.example/\"'<>"},
                        {"where": said, "channel": "window", "working_days": 3},
                    ],
                },
                {"id": "n", "title": said, "steps": ["one"], "source": "lookup"},
            ],
            "before": {"fields": 9, "materials": 9, "working_days": 9, "source": said},
        }
    )
    items = {"one": item}
    offices = {"office": Department(id="office", name=Text(zh=words, en=words))}
    return EffectiveThing(
        thing=thing,
        items=items,
        departments=offices,
        region="990101",
        on=MONDAY,
        digest=effective_digest(thing, items, offices),
        layers=(),
        rules=rules_of(thing) | rules_of_items(items),
    )


def rules_of_items(items: dict[str, Item]) -> dict[str, Any]:
    from oneservice.catalog import parse_rule  # noqa: PLC0415 - only here

    whens = {one.when for item in items.values() for one in item.channels if one.when}
    return {when: parse_rule(when) for when in whens}


PLAIN = small_thing("plain", "m")


def shape(thing: EffectiveThing, language: Language) -> tuple[list[str], list[tuple[str, str]]]:
    answers = {"yes": True, "kind": "a"}
    plan = build_plan(thing, answers, on=MONDAY, calendar=national_calendar())
    page = Page(service_guide(plan, language=language, questions=thing.thing.situations))
    return page.names, [(name, key) for name, key, _ in page.attributes]


@settings(max_examples=60, deadline=None)
@given(words=hostile, unit=hostile, language=st.sampled_from(LANGUAGES))
def test_no_text_becomes_markup(words: str, unit: str, language: Language) -> None:
    """Whatever the texts are, the elements and attributes are those of a page of plain words."""
    assert shape(small_thing(words, unit), language) == shape(PLAIN, language)


def test_fees_ways_and_where_to_get_what_is_missing() -> None:
    answers = {"yes": True, "kind": "a"}
    plan = build_plan(PLAIN, answers, on=MONDAY, calendar=national_calendar())
    said = shown(service_guide(plan, language="en", questions=PLAIN.thing.situations))
    assert "1,234.50 yuan" in said
    assert "about 3 working days" in said
    assert "online" in said


@settings(max_examples=200)
@given(st.text())
def test_texts_are_escaped_because_they_are_texts(words: str) -> None:
    page = Page(str(tag("p", words, title=words)))
    assert page.names == ["p"]
    assert "<" not in str(text(words))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text(words))


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "http://a.example", "https://a b", 'https://a"b', "//a", ""]
)
def test_only_safe_addresses_become_links(address: str) -> None:
    assert link(address, "words") == "words"


def test_markup_made_here_goes_in_as_it_is() -> None:
    assert tag("p", Html("<b>x</b>"), "<b>") == "<p><b>x</b>&lt;b&gt;</p>"


RICH = {"newborn", "transport_company", "school_entry", "credit_repair", "data_change"}


@pytest.mark.parametrize("name", sorted(RICH))
def test_other_shapes_have_their_guide_too(name: str) -> None:
    """Other regions' offices, windows of days, consents, others' time, journeys, tolerance."""
    given = load_answers(EXAMPLES / f"{name}.yaml")
    on = date(2026, 5, 25)
    thing = load_catalog(bundled_catalog_dir()).thing(name, region=given.region, on=on)
    plan = build_plan(thing, given.answers, on=on, calendar=national_calendar())
    page = Page(service_guide(plan, language="en", questions=thing.thing.situations))
    said = page.text
    assert plan.digest in said
    for step in plan.steps:
        assert step.title.en in said
        if step.region != plan.region:
            assert step.region in said
        if step.kind is StepKind.EXTERNAL:
            assert "by others, not counted" in said
    if plan.subject is not None:
        assert plan.subject.title.en in said
    if plan.batch is not None:
        assert plan.batch.title.en in said
    for party in plan.parties:
        assert not party.must_consent or party.title.en in said
    for trip in plan.trips:
        assert trip.where.en in said
    for material in plan.missing:
        for way in material.obtain:
            assert way.where.en in said


def test_a_repeated_step_has_one_row() -> None:
    given = load_answers(EXAMPLES / "transport_company.yaml")
    on = date(2026, 5, 25)
    thing = load_catalog(bundled_catalog_dir()).thing(
        "transport_company", region=given.region, on=on
    )
    plan = build_plan(thing, given.answers, on=on, calendar=national_calendar())
    rows = Page(str(steps_section(plan, GuideWords(language="en")).markup(1))).names.count("tr")
    assert rows == 1 + len({step.step_id for step in plan.steps})


def with_notice_after_the_bundle(effective: EffectiveThing) -> Plan:
    """Return a plan in which a register is told three days after all is handed out."""
    plan = plan_of(effective, "noodle-shop")
    later = date(2026, 11, 2)
    told = replace(
        plan.steps[0],
        id="told",
        step_id="told",
        kind=StepKind.NOTIFY,
        title=Text(zh="告知登记机关", en="The register"),
        due=replace(plan.due, on=later),
    )
    return replace(plan, steps=(*plan.steps, told), due=replace(plan.due, on=later))


def test_what_is_told_after_the_bundle_does_not_move_its_day(restaurant: EffectiveThing) -> None:
    plan = with_notice_after_the_bundle(restaurant)
    bundle = next(step for step in plan.steps if step.kind is StepKind.BUNDLE)
    for language, together, told, done in (
        ("en", "All results handed out together", "The register: told at the latest", "Everything"),
        ("zh", "一并出件", "告知登记机关：最迟告知", "全部办结"),
    ):
        words = GuideWords(language=language)
        lines = re.split("<li", str(days_section(plan, words).markup(1)))
        by_words = {one: [line for line in lines if one in line] for one in (together, told, done)}
        assert bundle.due.on.isoformat() in by_words[together][0]
        assert [len(found) for found in by_words.values()] == [1, 1, 1]
        assert "2026-11-02" in by_words[told][0]
        assert "2026-11-02" in by_words[done][0]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", ("异地代收代办", "收件窗口：当地政务服务中心", "材料寄递，窗口 2 个工作日内转交")),
        ("en", ("collected elsewhere", "window: The window", "papers go by courier, passed on")),
    ],
)
def test_the_guide_says_how_to_hand_in_from_another_region(
    language: Language, said: tuple[str, ...]
) -> None:
    form = load_answers(EXAMPLES / "tea-kiosk.yaml")
    definition = load_catalog([bundled_catalog_dir()]).thing(
        "restaurant", region="980201", on=MONDAY
    )
    plan = build_plan(
        definition, form.answers, on=MONDAY, calendar=national_calendar(), origin="990101"
    )
    page = shown(service_guide(plan, language=language))
    assert all(words in page for words in said)
    near = build_plan(definition, form.answers, on=MONDAY, calendar=national_calendar())
    assert said[1] not in shown(service_guide(near, language=language))


def shown(page: str) -> str:
    """Return what a reader sees, without the seams of the markup."""
    return "".join(Page(page).words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_published_is_a_fact_and_what_to_do_is_advice(
    restaurant: EffectiveThing, language: Language
) -> None:
    """Both stand at the top, once; each step only bears a mark."""
    answers = load_answers(EXAMPLES / "noodle-shop.yaml").answers
    plan = build_plan(restaurant, answers, on=MONDAY, calendar=national_calendar(), origin="980201")
    page = service_guide(plan, language=language)
    fact, advice = (getattr(one, language) for one in (NO_WAY, NO_WAY_ADVICE))
    assert page.count("note advice") == 1
    assert shown(page).count(fact[1:]) == 1
    assert shown(page).count(advice[1:]) == 1
    closed = {one.step_id for one in plan.steps if one.crossing and one.crossing.mode is None}
    mark = {"zh": "异地方式未公布", "en": "from elsewhere: not published"}[language]
    assert page.count(mark) == len(closed)
    assert "—</dd>" not in page
    assert {"zh": "未公布", "en": "not published"}[language] in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_paper_that_spares_a_step_without_a_way_is_the_first_advice(
    restaurant: EffectiveThing, language: Language
) -> None:
    """Nobody sends an agent to an examination of their own body: the certificate counts."""
    answers = load_answers(EXAMPLES / "noodle-shop.yaml").answers
    plan = build_plan(restaurant, answers, on=MONDAY, calendar=national_calendar(), origin="980201")
    page = service_guide(plan, language=language, definition=restaurant)
    show, otherwise = {
        "zh": ("建议：已持有有效“健康证明”的", "建议：没有证照的，请先咨询"),
        "en": ("already holds a valid sealed", "otherwise ask"),
    }[language]
    said = shown(page).casefold()
    assert said.count(show.casefold()) == 1
    top = said.index({"zh": "您将得到", "en": "what you get"}[language])
    assert said.index(show.casefold()) < said.index(otherwise.casefold()) < top


@pytest.mark.parametrize("language", LANGUAGES)
def test_whose_certificate_is_there_fills_in_who_it_is_and_no_more(
    restaurant: EffectiveThing, language: Language
) -> None:
    answers = load_answers(EXAMPLES / "tea-kiosk.yaml").answers
    paper = HeldCertificate(
        type="health_certificate",
        reference="JK000000000001",
        valid_until=date(2027, 9, 1),
        level=HeldLevel.SEALED,
        entry=GroupEntry(group="staff", number=1),
    )
    plan = build_plan(
        restaurant,
        answers,
        on=MONDAY,
        calendar=national_calendar(),
        holdings=Holdings(certificates=(paper,)),
    )
    said = shown(service_guide(plan, language=language))
    twice, once = {
        "zh": (
            "以下各填 2 次第 1 人已持有证照：所填仅用于核对",
            "以下各填 1 次只填第 2 个的。岗位",
        ),
        "en": (
            "Each of these 2 times#1: the certificate is there",
            "Each of these onceOnly of #2.",
        ),
    }[language]
    assert said.index(twice) < said.index(once)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["noodle-shop", "seafood-karaoke", "tea-kiosk"])
def test_the_figures_of_today_add_up_from_those_above(
    restaurant: EffectiveThing, name: str, language: Language
) -> None:
    plan = plan_of(restaurant, name)
    saved = reduction(plan)
    assert saved is not None
    told = what_is_counted(plan, GuideWords(language=language))
    fill, known, *papers, there = map(int, re.findall(r"\d+", told))
    assert fill == sum(one.value is None for one in plan.form)
    assert fill + known == saved.fields.after
    assert sum(papers) == saved.materials.after
    assert sum(papers) + there == len(plan.materials)
    assert told in shown(service_guide(plan, language=language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_says_among_what_people_choose(
    restaurant: EffectiveThing, language: Language
) -> None:
    plan = plan_of(restaurant, "tea-kiosk")
    said = shown(service_guide(plan, language=language, definition=restaurant))
    told = {
        "zh": ("领取方式选一项：电子证照、窗口领取、邮寄", "经营项目可多选：热食类制售、"),
        "en": ("one of: Electronically, At the window, By post", "any of: Hot food, "),
    }[language]
    assert all(one in said for one in told)
    assert all(one not in shown(service_guide(plan, language=language)) for one in told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_versions_and_days_are_short_enough_for_their_places(
    restaurant: EffectiveThing, language: Language
) -> None:
    plan = plan_of(restaurant, "tea-kiosk")
    page = service_guide(plan, language=language)
    day = {"zh": "<small>2026年，周", "en": "<small>2026, "}[language]
    assert day in page
    plan = replace(plan, calendar="cn-2026+2004-2005-2006-2007.8160313b+2010-2012.0123abcd")
    page = service_guide(plan, language=language)
    assert "cn-2026+2004…2007.8160313b+2010-2012.0123abcd" in page, "a gap stays to be seen"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_visit_for_one_step_is_no_joint_one(
    restaurant: EffectiveThing, language: Language
) -> None:
    one = plan_of(restaurant, "tea-kiosk")
    several = plan_of(restaurant, "noodle-shop")
    assert [len(each.steps) for each in one.appointments] == [1]
    assert all(len(each.steps) > 1 for each in several.appointments)
    joint = {"zh": "联合勘验", "en": "oint visit"}[language]
    assert joint not in shown(service_guide(one, language=language))
    assert joint in shown(service_guide(several, language=language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_last_day_on_a_saturday_says_that_offices_work(
    restaurant: EffectiveThing, language: Language
) -> None:
    """2026-10-10 is a make-up day (domain section 7); an ordinary day has no such note."""
    plan = plan_of(restaurant, "noodle-shop")
    saturday = date(2026, 10, 10)
    assert make_up_days(plan) == {saturday}
    words = GuideWords(language=language)
    note = {"zh": "周六（调休上班）", "en": "Saturday (offices work: make-up day)"}[language]
    assert weekday(plan, saturday, words) == note
    assert weekday(plan, MONDAY, words) == words.weekday(MONDAY)
    assert note in shown(service_guide(plan, language=language))


def test_a_sunday_in_natural_days_is_no_working_day(restaurant: EffectiveThing) -> None:
    plan = plan_of(restaurant, "noodle-shop")
    natural = TimeLimit(days=20, unit=LimitUnit.NATURAL_DAYS)
    step = replace(plan.steps[1], promised=natural, due=DueDate(on=date(2026, 10, 18)))
    assert make_up_days(replace(plan, steps=(step,), appointments=())) == frozenset()


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_are_invited_to_show_what_they_hold(
    restaurant: EffectiveThing, language: Language
) -> None:
    """By the paper's title and the rule's own conditions; and never once it was shown."""
    plan = plan_of(restaurant, "noodle-shop")
    said = shown(service_guide(plan, language=language, definition=restaurant))
    invited = {
        "zh": "已持有有效“健康证明”的（须有签章），出示后无需再办“从业人员预防性体检合格证”"
        "（办结时有效期须至少还有 30 个自然日）",
        "en": 'already holds a valid sealed "Health certificate" can show it',
    }[language]
    assert invited in said
    assert invited not in shown(service_guide(plan, language=language))
    spared = replace(plan, steps=tuple(s for s in plan.steps if s.step_id != "health_cert"))
    assert invited not in shown(service_guide(spared, language=language, definition=restaurant))


def test_papers_that_count_as_certificates_are_named_among_those_to_bring() -> None:
    given = load_answers(EXAMPLES / "transport_company.yaml")
    on = date(2026, 5, 25)
    thing = load_catalog(bundled_catalog_dir()).thing(
        "transport_company", region=given.region, on=on
    )
    plan = build_plan(thing, given.answers, on=on, calendar=national_calendar())
    counting = {one.id for one in thing.thing.materials if one.accepts}
    titles = [one.title.zh for one in plan.missing if one.id in counting]
    said = shown(service_guide(plan, language="zh", definition=thing))
    assert titles
    assert f"已有电子证照的，出示后无需提交：{'、'.join(titles)}。" in said


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        ("《食品安全法》第四十五条（2021-04-29 起）", ["第四十五条", "2021-04-29"]),
        ("最迟 2026年10月10日，8 个工作日内", ["2026年10月10日", "8 个工作日"]),
        ("until 10 October 2026, in 20 working days", ["10 October 2026", "20 working days"]),
        ("Food Safety Law, art. 45 (sample)", ["art. 45"]),
        ("开办餐饮店“一件事”：一并出件", ["“一件事”"]),
        ("nothing to keep", []),
    ],
)
def test_days_and_numbers_are_never_torn_apart(words: str, whole: list[str]) -> None:
    made = unbroken(words)
    assert re.findall(r'<span class="nb">(.*?)</span>', made) == whole
    assert "".join(Page(made).words) == words
    assert unbroken(made) == made


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("990100", "示例市（990100）", "Sample City (990100)"),
        ("990101", "示例市（990101）", "Sample City (990101)"),
        ("980201", "区划（980201）", "region 980201"),
        ("000000", "全国（000000）", "The country (000000)"),
    ],
)
def test_a_region_goes_by_its_name_or_that_of_a_wider_one_but_not_by_the_country_s(
    code: str, zh: str, en: str
) -> None:
    names = {
        "990100": Text(zh="示例市", en="Sample City"),
        "000000": Text(zh="全国", en="The country"),
    }
    assert GuideWords(language="zh", regions=names).region(code) == zh
    assert GuideWords(language="en", regions=names).region(code) == en
