"""A verification as a page: what it says, each check with its evidence, the verdict, the reason."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from oneservice.certificates import BundleReport, CheckName, CheckResult, Verdict
from oneservice.cli.inspection import Kind
from oneservice.cli.options import OFFICE_ZONE
from oneservice.cli.pages import counted
from oneservice.cli.verify_evidence_words import evidence_name, evidence_value, in_office_time
from oneservice.cli.verify_stated import show_stated, text_in
from oneservice.cli.verify_whys import why_of
from oneservice.cli.verify_words import (
    CARRIED,
    ENDED,
    NAMES_NO_LIST,
    REASONS,
    RESULTS,
    SEALED,
    STATUS_NOWHERE,
    STATUS_UNKNOWN,
    TAIL,
    UNSEALED,
    UNVOUCHED,
    VALID,
    VERDICTS,
    Words,
    check_label,
)
from oneservice.cli.wrapping import columns

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from oneservice.certificates import Check, Report
    from oneservice.cli.inspection import Inspection
    from oneservice.cli.pages import Page
    from oneservice.plan import Language

__all__ = ["show_inspection", "show_sum"]

_STYLES: Final = {"pass": "green", "fail": "bold red", "not_checked": "dim"}
_VERDICT_STYLES: Final = {"valid": "bold green", "invalid": "bold red", "indeterminate": "bold"}
_UNSAID: Final = frozenset({"why", "words", "reason"})
"""``why`` (``words``: in both languages) stands first; ``reason`` is its code, for machines."""
_NAMING: Final = frozenset({"list", "log", "type", "witness"})
"""First members of records that say of what the record speaks."""


def show_inspection(
    page: Page, inspection: Inspection, *, at: datetime, language: Language
) -> None:
    """Write the page of one file."""
    page.title(str(inspection.file))
    _verdict(page, inspection, at, language)
    page.line()
    if inspection.claims is not None:
        show_stated(page, inspection.claims, language)
        if inspection.carrier is not None:
            page.point(CARRIED.of(language), mark="!")
        page.line()
    report = inspection.report
    _checks(page, report.checks, language)
    if isinstance(report, BundleReport):
        for part in report.components:
            if part.report.verdict is not Verdict.VALID:
                page.line()
                page.line(f"{part.sub_case_id or '?'}  {part.certificate_id}", indent=2)
                _checks(page, part.report.checks, language)
    page.line()


def _checks(page: Page, checks: Iterable[Check], language: Language) -> None:
    width = max(columns(words.of(language)) for words in RESULTS.values())
    outcomes = groupby(checks, key=lambda one: _outcome(one, language))
    for (result, evidence), alike in outcomes:
        words = RESULTS[result].of(language)
        mark = words + " " * (width - columns(words) + 1)
        names = (
            Words("、", ", ").of(language).join(check_label(one.name, language) for one in alike)
        )
        colon = Words("：", ": ").of(language) if evidence else ""
        page.point(f"{names}{colon}{evidence}", mark=mark, style=_STYLES[result])


def _outcome(check: Check, language: Language) -> tuple[str, str]:
    """Return result and evidence; neighbours that share both share a line."""
    facts = check.as_json()
    return facts["result"], _evidence(facts["evidence"], language)


def _evidence(facts: Mapping[str, Any], language: Language) -> str:
    """Return what a check rests on: why first, then ``name value`` pairs."""
    parts = (
        [in_office_time(why_of(facts, language))] if facts.get("why") or facts.get("words") else []
    )
    parts += [
        f"{evidence_name(name, language)} {_value(value, language)}"
        for name, value in facts.items()
        if name not in _UNSAID and value is not None
    ]
    return Words("；", "; ").of(language).join(parts)


def _value(value: Any, language: Language) -> str:
    """Return a piece of evidence in words: no signs of a programming language."""
    if isinstance(value, Mapping):
        return _record(value, language)
    if isinstance(value, (list, tuple)):
        parts = [_value(one, language) for one in value]
        return Words("、", ", ").of(language).join(parts) or Words("无", "none").of(language)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return in_office_time(evidence_value(text, language))


def _record(members: Mapping[str, Any], language: Language) -> str:
    """Return what a record tells; one that begins with a name so: ``log.example (size 8)``."""
    known = [(name, one) for name, one in members.items() if one is not None]
    named = [_value(one, language) for name, one in known[:1] if name in _NAMING]
    pairs = [
        f"{evidence_name(name, language)} {_value(one, language)}"
        for name, one in known[len(named) :]
    ]
    told = Words("，", ", ").of(language).join(pairs)
    if not pairs:
        return "".join(named) or Words("无", "none").of(language)
    return "".join(named) + Words(f"（{told}）", f" ({told})" if named else f"({told})").of(
        language
    )


def _verdict(page: Page, inspection: Inspection, at: datetime, language: Language) -> None:
    report = inspection.report
    conclusion = _conclusion(inspection, at, language)
    page.line(conclusion, style=_VERDICT_STYLES[report.verdict.value])
    if report.reason is None:
        for line in _good_news(inspection, language):
            page.line(line, indent=2)
        return
    parts = _parts_meant(report)
    if parts:
        zh, en = (
            f"以下所指为其中的证照：{'、'.join(parts)}",
            f"About {', '.join(parts)} in the bundle:",
        )
        page.line(Words(zh, en).of(language), indent=2)
    known = REASONS.get(report.reason)
    if known is not None:
        page.line(known.of(language), indent=2)
    facts = {"message": report.message, "reason": report.reason}
    why = in_office_time(why_of(facts, language))
    if language == "zh":
        told = "" if known and why == known.zh else f"：{why}"
        page.line(f"原因代码 {report.reason}{told}", indent=2)
    else:
        page.line(f"reason {report.reason}: {why}", indent=2)
    further = [one for one in report.missing if one != report.message]
    for one in further:  # all at once: nobody wants to be sent for them one after the other
        lacking = in_office_time(why_of({"message": one}, language))
        page.line(Words(f"还缺：{lacking}", f"also missing: {lacking}").of(language), indent=2)


def _parts_meant(report: Report | BundleReport) -> list[str]:
    """Return the certificates of a bundle of which the reason speaks, where not of itself."""
    against = [one for one in report.checks if why_of(one.evidence, "en") == report.message]
    names = [one.name.partition(":") for one in against]
    is_of_parts = bool(names) and all(kind == "component" for kind, _, _ in names)
    return [part for _, _, part in names] if is_of_parts else []


def _good_news(inspection: Inspection, language: Language) -> list[str]:
    """Return what "valid" means here, and no more: what was not checked is said."""
    news = VALID[inspection.kind.value]
    checks = {one.name: one for one in inspection.report.checks}
    if inspection.kind is Kind.JOURNAL:
        tail = checks.get("journal_tail")
        more = [TAIL.of(language).format(tail.evidence["unsealed"])] if tail else []
        return [news.of(language), *more]
    passed = {name for name, one in checks.items() if one.result is CheckResult.PASS}
    told = [news if CheckName.KEY_LISTED in passed else UNVOUCHED]
    if CheckName.STATUS not in passed:
        names_none = why_of(checks[CheckName.STATUS].evidence, "en") == NAMES_NO_LIST
        told.append(STATUS_NOWHERE if names_none else STATUS_UNKNOWN)
    return [words.of(language) for words in told] + _ended(inspection.report, language)


def _ended(report: Report | BundleReport, language: Language) -> list[str]:
    """Name what was good when the bundle was sealed, and is not any more."""
    parts = report.components if isinstance(report, BundleReport) else ()
    return [
        ENDED.of(language).format(
            part.sub_case_id,
            why_of({"message": part.report.message, "reason": part.report.reason}, language),
        )
        for part in parts
        if part.has_ended
    ]


def _conclusion(inspection: Inspection, at: datetime, language: Language) -> str:
    report = inspection.report
    word = VERDICTS[report.verdict.value].of(language)
    if inspection.kind is Kind.JOURNAL:  # records have no dates of validity
        if inspection.seal is not None and report.verdict is Verdict.VALID:
            name = text_in(inspection.seal.name, language) or inspection.seal.by
            return SEALED.of(language).format(inspection.seal.head.seq, name)
        return UNSEALED.of(language) if report.reason == "unsealed" else word
    moment = f"{at.astimezone(OFFICE_ZONE):%Y-%m-%d %H:%M %z}"
    return Words(f"{word}（{moment}）", f"{word} as of {moment}").of(language)


def show_sum(page: Page, counts: Mapping[Verdict, int], *, language: Language) -> None:
    """Write how many of several files came out how."""
    words = [(VERDICTS[one.value], counts[one]) for one in Verdict if counts.get(one)]
    zh = "，".join(f"{word.zh} {count}" for word, count in words)
    en = ", ".join(f"{count} {word.en.lower()}" for word, count in words)
    total = sum(counts.values())
    page.line(
        Words(f"共 {total} 个文件：{zh}", f"{counted(total, 'file')}: {en}").of(language),
        style="bold",
    )
