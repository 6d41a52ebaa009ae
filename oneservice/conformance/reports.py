"""A report for machines: JSON, and the JUnit XML that build servers read. Persons are masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from oneservice.conformance.masking import HIDDEN, masked_body, masked_header, masked_text
from oneservice.conformance.verdicts import Result, Verdict

if TYPE_CHECKING:
    from oneservice.conformance.exchanges import Exchange, Sent
    from oneservice.conformance.running import Report

__all__ = ["as_json", "as_junit", "exchange_text"]

FORMAT: Final = "oneservice-conformance-v1"


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as a JSON object; seconds are text, as all decimals of this library."""
    return {
        "format": FORMAT,
        "url": report.url,
        "department": report.department,
        "step_id": report.step_id,
        "run": report.run,
        "conforming": report.is_conforming,
        "seconds": f"{report.seconds:.2f}",
        "counts": {verdict.value: len(report.of(verdict)) for verdict in Verdict},
        "statements": [_result_json(one) for one in report.results],
    }


def as_junit(report: Report) -> bytes:
    """Return the report as JUnit XML: a failure per broken statement, skipped where unknown."""
    suite = ET.Element(
        "testsuite",
        name=f"oneservice conform {report.department}",
        tests=str(len(report.results)),
        failures=str(len(report.of(Verdict.FAIL))),
        skipped=str(len(report.of(Verdict.NOT_APPLICABLE))),
        errors="0",
        time=f"{report.seconds:.2f}",
    )
    for one in report.results:
        case = ET.SubElement(
            suite,
            "testcase",
            classname="oneservice.protocol",
            name=f"{one.statement.number} {one.statement.title}",
            time=f"{one.seconds:.2f}",
        )
        if one.verdict is Verdict.FAIL:
            failure = ET.SubElement(case, "failure", message=_plain(one.why))
            shown = [exchange_text(exchange) for exchange in one.exchanges]
            cure = f"Section {one.statement.clause}. {one.statement.cure}"
            failure.text = _plain("\n\n".join([cure, *shown]))
        elif one.verdict is Verdict.NOT_APPLICABLE:
            ET.SubElement(case, "skipped", message=_plain(one.why))
    return bytes(ET.tostring(suite, encoding="utf-8", xml_declaration=True))


def exchange_text(exchange: Exchange) -> str:
    """Return request and answer as they stood on the wire, masked."""
    sent, answer = exchange.sent, exchange.answer
    lines = [f"{sent.method} {masked_text(sent.path)}", *_header_lines(_shown(sent))]
    lines += ["", masked_body(sent.body)] if sent.body else []
    if answer is None:
        return "\n".join([*lines, "", f"(no answer: {exchange.failure})"])
    lines += ["", f"→ {answer.status} after {exchange.seconds:.2f} s"]
    lines += _header_lines(answer.headers)
    return "\n".join([*lines, *(["", masked_body(answer.body)] if answer.body else [])])


def _header_lines(headers: tuple[tuple[str, str], ...]) -> list[str]:
    return [f"{name}: {masked_header(name, value)}" for name, value in headers]


def _shown(sent: Sent) -> tuple[tuple[str, str], ...]:
    """Return the header fields of a request without those that are the caller's secrets."""
    return tuple(
        (name, HIDDEN if name.lower() in sent.secret else value) for name, value in sent.headers
    )


def _result_json(result: Result) -> dict[str, Any]:
    statement = result.statement
    return {
        "number": statement.number,
        "title": statement.title,
        "clause": statement.clause,
        "verdict": result.verdict.value,
        "why": masked_text(result.why),
        "cure": statement.cure if result.verdict is Verdict.FAIL else "",
        "seconds": f"{result.seconds:.2f}",
        "exchanges": [_exchange_json(one) for one in result.exchanges],
    }


def _exchange_json(exchange: Exchange) -> dict[str, Any]:
    sent, answer = exchange.sent, exchange.answer
    request = {
        "method": sent.method,
        "path": masked_text(sent.path),
        "headers": [[name, masked_header(name, value)] for name, value in _shown(sent)],
        "body": masked_body(sent.body),
    }
    if answer is None:
        return {"request": request, "answer": None, "failure": exchange.failure}
    told = {
        "status": answer.status,
        "headers": [[name, masked_header(name, value)] for name, value in answer.headers],
        "body": masked_body(answer.body),
    }
    return {"request": request, "answer": told, "seconds": f"{exchange.seconds:.2f}"}


def _plain(text: str) -> str:
    """Leave out what XML 1.0 cannot carry."""
    shown = masked_text(text)
    return "".join(one for one in shown if one in "\t\n" or " " <= one < "\ud800" or one > "\udfff")
