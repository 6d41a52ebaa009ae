"""What can be wrong with a value, and what to do about it.

The texts are constants and know the options of a choice at most: a text that never sees the value
cannot repeat it, and the value may be a person's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from oneservice.values.kinds import Option, Words

__all__ = ["MAX_ITEMS", "MAX_LENGTH", "Problem", "ProblemCode", "entry_problem", "problem"]

MAX_LENGTH: Final = 4000
"""Characters of one text, before and after tidying: a long business scope fills a quarter."""
MAX_ITEMS: Final = 1000
"""Entries of one list; longer lists are documents and belong among the materials."""
_SHOWN_OPTIONS: Final = 12


class ProblemCode(StrEnum):
    """Stable names of the problems."""

    MISSING = "missing"
    WRONG_TYPE = "wrong_type"
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    PRIVATE_CHARACTER = "private_character"
    CREDIT_CODE_SHAPE = "credit_code_shape"
    CREDIT_CODE_CHECK = "credit_code_check"
    ORGANISATION_CODE_SHAPE = "organisation_code_shape"
    ORGANISATION_CODE_CHECK = "organisation_code_check"
    CITIZEN_NUMBER_SHAPE = "citizen_number_shape"
    CITIZEN_NUMBER_CHECK = "citizen_number_check"
    CITIZEN_NUMBER_OLD = "citizen_number_old"
    REGION_SHAPE = "region_shape"
    OUTSIDE_REGION = "outside_region"
    NOT_A_PHONE = "not_a_phone"
    NO_AREA_CODE = "no_area_code"
    NOT_A_DATE = "not_a_date"
    NO_SUCH_DAY = "no_such_day"
    DATE_ORDER = "date_order"
    SHORT_YEAR = "short_year"
    OPEN_ENDED = "open_ended"
    IS_INSTANT = "is_instant"
    NOT_A_NUMBER = "not_a_number"
    BINARY_FRACTION = "binary_fraction"
    NOT_WHOLE = "not_whole"
    GROUPING = "grouping"
    OTHER_UNIT = "other_unit"
    NEGATIVE = "negative"
    TOO_PRECISE = "too_precise"
    TOO_LARGE = "too_large"
    NOT_A_NAME = "not_a_name"
    NOT_AN_ADDRESS = "not_an_address"
    NOT_AN_OPTION = "not_an_option"
    NOT_YES_OR_NO = "not_yes_or_no"
    NOT_A_LIST = "not_a_list"
    TOO_MANY = "too_many"
    ENTRY = "entry"


_TEXTS: Final = {
    ProblemCode.MISSING: ("请填写此项", "is missing; fill it in"),
    ProblemCode.WRONG_TYPE: (
        "填写的内容类型不对，请按文字填写",
        "is of the wrong type; give it as text",
    ),
    ProblemCode.TOO_LONG: (
        f"超过{MAX_LENGTH}个字符，请缩短或作为材料提交",
        f"is longer than {MAX_LENGTH} characters; shorten it or hand it in as a material",
    ),
    ProblemCode.UNREADABLE: (
        "含有无法识别的字符，请重新输入",
        "contains characters that cannot be stored; type it again",
    ),
    ProblemCode.PRIVATE_CHARACTER: (
        "含有自造字，请改用国家标准GB 18030收录的字",
        "contains a private-use character; write it with characters of GB 18030",
    ),
    ProblemCode.CREDIT_CODE_SHAPE: (
        "统一社会信用代码为18位数字和大写字母（不含I、O、S、V、Z），请照营业执照填写",
        (
            "a credit code has 18 characters, digits and capital letters without I, O, S, V and Z; "
            "copy it from the licence"
        ),
    ),
    ProblemCode.CREDIT_CODE_CHECK: (
        "统一社会信用代码校验位不符，可能输错一位或两位颠倒，请对照营业执照核对",
        (
            "the check character of this credit code does not fit: one character was mistyped or "
            "two were swapped; compare it with the licence"
        ),
    ),
    ProblemCode.ORGANISATION_CODE_SHAPE: (
        "组织机构代码为8位数字或大写字母加1位校验码，请照证书填写",
        (
            "an organisation code has 8 digits or capital letters and a check character; copy it "
            "from the certificate"
        ),
    ),
    ProblemCode.ORGANISATION_CODE_CHECK: (
        "组织机构代码校验位不符，请对照证书核对",
        (
            "the check character of this organisation code does not fit; compare it with the "
            "certificate"
        ),
    ),
    ProblemCode.CITIZEN_NUMBER_SHAPE: (
        "公民身份号码为17位数字加1位校验码（数字或X），请照身份证填写",
        (
            "a citizen number has 17 digits and a check character (a digit or X); copy it from the "
            "card"
        ),
    ),
    ProblemCode.CITIZEN_NUMBER_CHECK: (
        "公民身份号码校验位或出生日期不符，请对照身份证逐位核对",
        (
            "the check character or the date of birth in this citizen number does not fit; compare "
            "it with the card digit by digit"
        ),
    ),
    ProblemCode.CITIZEN_NUMBER_OLD: (
        "15位身份号码已停止使用，请填写现行身份证上的18位号码",
        "numbers of 15 digits are no longer in use; enter the 18 characters of the present card",
    ),
    ProblemCode.REGION_SHAPE: (
        "行政区划代码为6位数字（到乡镇9位，到村12位），请从列表中选择",
        "a region code has 6 digits, 9 with the town, 12 with the village; choose it from the list",
    ),
    ProblemCode.OUTSIDE_REGION: (
        "该行政区划不在本事项的办理范围内，请核对或改向当地申请",
        "this region lies outside the one that is responsible; check it, or apply over there",
    ),
    ProblemCode.NOT_A_PHONE: (
        "请填写11位手机号码，或带区号的固定电话（例如0990-1234567）",
        "enter a mobile number of 11 digits or a landline with its area code (like 0990-1234567)",
    ),
    ProblemCode.NO_AREA_CODE: (
        "固定电话缺少区号，请在前面加上区号（例如0990-）",
        "the area code of this landline is missing; put it in front (like 0990-)",
    ),
    ProblemCode.NOT_A_DATE: (
        "请按年-月-日填写日期，例如2026-09-28",
        "write the date as year-month-day, like 2026-09-28",
    ),
    ProblemCode.NO_SUCH_DAY: (
        "没有这一天，请核对月份和日期",
        "there is no such day; check month and day",
    ),
    ProblemCode.DATE_ORDER: (
        "年份写在最后，日和月可能混淆，请按年-月-日填写",
        "with the year at the end day and month can be confused; write year-month-day",
    ),
    ProblemCode.SHORT_YEAR: ("年份请写满4位", "write the year with four digits"),
    # 9999-12-31 for 长期 is what many registers store; general knowledge, no standard at hand.
    ProblemCode.OPEN_ENDED: (
        "“长期”不是日期；选填项请留空，必填项请填9999-12-31",
        "'long-term' is no date; leave an optional field empty, else enter 9999-12-31",
    ),
    ProblemCode.IS_INSTANT: (
        "这里需要日期，不需要时刻；请只填写年月日",
        "a day is due, not an instant, whose day depends on the zone; give the date alone",
    ),
    ProblemCode.NOT_A_NUMBER: (
        "请用阿拉伯数字填写，例如82.5",
        "write a number in digits, like 82.5",
    ),
    ProblemCode.BINARY_FRACTION: (
        "小数请按文字传送，例如“82.5”",
        'send decimals as text, like "82.5": a binary fraction is not exact',
    ),
    ProblemCode.NOT_WHOLE: ("请填写整数", "must be a whole number"),
    ProblemCode.GROUPING: (
        "逗号位置不对：请去掉千分位逗号，小数点用“.”",
        "the comma stands in an odd place; leave commas out and write the decimal point as '.'",
    ),
    ProblemCode.OTHER_UNIT: (
        "单位与此项不符，请按此项的单位换算后填写",
        "is in another unit; convert it to the unit of this field",
    ),
    ProblemCode.NEGATIVE: ("不能是负数", "must not be negative"),
    ProblemCode.TOO_PRECISE: ("金额最多两位小数", "an amount has at most two decimal places"),
    ProblemCode.TOO_LARGE: ("数字过大，请核对", "has more digits than can be meant; check it"),
    ProblemCode.NOT_A_NAME: (
        "姓名或名称含有不应出现的字符，请照证件填写",
        "contains characters that a name does not have; copy it from the document",
    ),
    ProblemCode.NOT_AN_ADDRESS: (
        "地址不完整，请写明路名和门牌号",
        "is no address; give the street and the house number",
    ),
    ProblemCode.NOT_AN_OPTION: ("请选择", "choose"),
    ProblemCode.NOT_YES_OR_NO: ("请填“是”或“否”", "answer yes or no"),
    ProblemCode.NOT_A_LIST: (
        "请逐项填写，用顿号或换行分开",
        "give a list, one entry per line or separated by commas",
    ),
    ProblemCode.TOO_MANY: (
        f"超过{MAX_ITEMS}项，请作为材料提交",
        f"has more than {MAX_ITEMS} entries; hand the list in as a material",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why there is no value, and what to do; the text never contains what was typed."""

    code: ProblemCode
    text: Words


def problem(code: ProblemCode, options: tuple[Option, ...] = ()) -> Problem:
    """Return the problem ``code``; ``options`` are named where one of them must be chosen."""
    zh, en = _TEXTS[code]
    if options:
        shown, more = options[:_SHOWN_OPTIONS], len(options) > _SHOWN_OPTIONS
        zh += "：" + "、".join(one.title.zh for one in shown) + ("……" if more else "")
        en += ": " + ", ".join(one.title.en for one in shown) + (", ..." if more else "")
    return Problem(code=code, text=Words(zh=zh, en=en))


def entry_problem(number: int, inner: Problem) -> Problem:
    """Return ``inner`` as the problem of the ``number``-th entry of a list, counted from 1."""
    text = Words(
        zh=f"第{number}项：{inner.text.zh}",
        en=f"entry {number}: {inner.text.en}",
    )
    return Problem(code=ProblemCode.ENTRY, text=text)
