"""What a comparison says to a manager, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from oneservice.plan import Language
from oneservice.simulation.whatif import Comparison, Outlook
from oneservice.simulation.whatif_figures import Estimate, OfficeLoad

__all__ = [
    "as_it_is",
    "busiest",
    "effect_words",
    "estimate_words",
    "moved_steps",
    "office_name",
    "say",
    "setting_words",
    "step_moves",
]

_NOTE_ZH: Final = (
    "深色条为中位数，浅色条为九成案件的用时，菱形为平均数，虚线为平均承诺时限。"
    "“±”为 95 % 置信区间的半宽。结果依赖所给的人口与工时假设。"
)
_NOTE_EN: Final = (
    "Dark bar: median; light bar: nine cases in ten; diamond: mean; dashed line: mean promise. "
    "± is half of a 95 % confidence interval. The figures hang on the assumed applicants and "
    "minutes of work."
)
_COMMA_ZH: Final = "，"
_COMMA_EN: Final = ", "
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "as_it_is": ("现状", "As it is"),
    "days": (
        "办结用时（工作日）：中位数 · 平均 · 九成以内",
        "Working days: median · mean · 90 % within",
    ),
    "on_time": ("按承诺时限办结的比例", "Share decided within every promise"),
    "busiest": ("最忙的岗位（占工作时间）", "The busiest staff (share of their time)"),
    "enough": ("各岗位人手均充足", "every office has enough people"),
    "desks": ("窗口与审查人员", "desks"),
    "inspectors": ("现场核查人员", "inspectors"),
    "chart_note": (
        _NOTE_ZH,
        _NOTE_EN,
    ),
    "uncertain": ("差异不确定", "no certain difference"),
    "uncertain_mean": ("平均用时差异不确定", "no certain difference of the mean"),
    "more": ("另有 {} 项", "and {} more"),
}


def say(name: str, language: Language) -> str:
    """Return a phrase."""
    zh, en = _WORDS[name]
    return zh if language == "zh" else en


def as_it_is(language: Language) -> str:
    """Return what the scenario without a change is called."""
    return say("as_it_is", language)


def estimate_words(one: Estimate) -> str:
    """Return ``6.8 ± 0.1``; the figure alone where there is no margin."""
    return f"{one.value}" if one.margin is None else f"{one.value} ± {one.margin}"


def office_name(comparison: Comparison, department: str, language: Language) -> str:
    """Return the office's own name."""
    name = comparison.departments.get(department)
    if name is None:
        return department
    return name.zh if language == "zh" else name.en


def busiest(comparison: Comparison, load: OfficeLoad, language: Language) -> str:
    """Return who is busiest and how long an application waits for them."""
    name = office_name(comparison, load.department, language)
    role, hours = say(load.role, language), load.waiting_hours.value
    if language == "zh":
        return f"{name}{role} {load.staff} 人，平均等候 {hours} 办公小时"
    return f"{name}: {load.staff} {role}, wait {hours} office hours"


def setting_words(comparison: Comparison, language: Language) -> str:
    """Return what was assumed: how many come, for how long, and where their shares are from."""
    one = comparison
    whole, tenth = divmod(one.promised_tenths, 10)
    if language == "zh":
        return (
            f"{one.region} · 每个工作日约 {one.cases_per_day} 件，共 {one.days} 个工作日，"
            f"模拟 {one.runs} 次（种子 {one.seed}）· 平均承诺 {whole}.{tenth} 个工作日"
            f" · {one.source.zh}"
        )
    return (
        f"{one.region} · {one.cases_per_day} cases on an average working day, {one.days} working "
        f"days, lived {one.runs} times (seed {one.seed}) · mean promise {whole}.{tenth} working "
        f"days · {one.source.en}"
    )


def effect_words(outlook: Outlook, language: Language) -> str:
    """Return one sentence: what the scenario comes to and what the change does."""
    figures, change = outlook.figures, outlook.difference
    days, share = estimate_words(figures.mean_days), estimate_words(figures.on_time_percent)
    if language == "zh":
        words = f"平均 {days} 个工作日，按时 {share} %"
    else:
        words = f"{days} working days on the average, {share} % on time"
    if change is None:
        return words
    if not change.mean_days.is_sure:
        return (
            f"{words}（{say('uncertain', language)}）"
            if language == "zh"
            else (f"{words}: {say('uncertain', language)}")
        )
    moved = change.mean_days
    amount = f"{abs(moved.value)} ± {moved.margin}"
    if language == "zh":
        return f"{words}（{'减少' if moved.value < 0 else '增加'} {amount} 天）"
    return f"{words}: {amount} days {'less' if moved.value < 0 else 'more'}"


def moved_steps(outlook: Outlook, language: Language) -> str:
    """Return which steps a change makes shorter or longer beyond doubt; empty where none."""
    return (_COMMA_ZH if language == "zh" else _COMMA_EN).join(step_moves(outlook, language))


def step_moves(outlook: Outlook, language: Language) -> tuple[str, ...]:
    """Return :func:`moved_steps` one by one."""
    if outlook.difference is None:
        return ()
    sure = [(name, one) for name, one in outlook.difference.steps if one.is_sure]
    unit = "天" if language == "zh" else "days"
    return tuple(f"{name} {one.value:+} ± {one.margin} {unit}" for name, one in sure)
