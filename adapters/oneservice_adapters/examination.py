"""The look at an application's form before it is accepted: whose it is, what is missing or wrong.

Everything that is wrong is found in one look, because the law wants it said at once (一次性告知).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from oneservice.certificates import is_printable
from oneservice.departments import (
    CorrectionRequested,
    MaterialItem,
    NotAccepted,
    Reason,
    Submission,
)
from oneservice.errors import IdentifierError
from oneservice.identifiers import (
    parse_citizen_number,
    parse_credit_code,
    parse_region,
    region_contains,
)
from oneservice_adapters.procedure import Procedure

__all__ = ["examine", "still_missing"]

_COMPETENCE = "中华人民共和国行政许可法 第三十二条第一款第二项"
_ONCE = "中华人民共和国行政许可法 第三十二条第一款第四项"
_STANDS_BY_ITSELF = frozenset({"generated", "lookup", "step"})
"""Sources whose material the office gets from the form, a register or a colleague."""
_NOTE = {
    "zh": "请一次性补正所列材料和信息（缺失、不清晰、含无法打印的字符或校验码有误）。",
    "en": "Please hand in all that is listed: it is missing, its check digit is wrong, or it "
    "cannot be printed.",
}


def examine(
    submission: Submission, procedure: Procedure, *, region: str
) -> NotAccepted | CorrectionRequested | None:
    """Return what stands against acceptance, or ``None``.

    References:
        Administrative Licensing Law art. 32: not this office's matter; incomplete papers, all at
        once; complete.
    """
    if not _is_competent(submission, region):
        reason = Reason(
            code="not_competent",
            text={
                "zh": "经营场所不在本机关管辖区域内，请向所在地机关申请。",
                "en": "The premises are outside this office's region; apply to the office there.",
            },
            by_law=_COMPETENCE,
        )
        return NotAccepted(reasons=(reason,))
    missing = still_missing(submission, procedure.materials(submission))
    wrong = tuple(sorted({*_wrong_codes(submission), *_wrong_names(submission)}))
    wanting = procedure.wanting(submission)
    if not missing and not wrong and not wanting:
        return None
    return CorrectionRequested(
        materials=missing,
        fields=wrong,
        items=wanting,
        note=_NOTE,
        by_law=_ONCE,
        problem="missing" if not wrong else "missing_or_wrong" if missing else "wrong",
    )


def still_missing(submission: Submission, materials: Iterable[str]) -> tuple[str, ...]:
    """Return those of ``materials`` that have not come."""
    given = submission.materials
    return tuple(name for name in materials if not _is_there(given.get(name)))


def _is_competent(submission: Submission, region: str) -> bool:
    asked = submission.body.region
    if asked is None:
        return True
    try:
        return region_contains(parse_region(region), parse_region(asked))
    except IdentifierError:
        return False


def _is_there(item: MaterialItem | None) -> bool:
    return item is not None and bool(
        item.documents or item.certificate or item.source in _STANDS_BY_ITSELF
    )


def _wrong_codes(submission: Submission) -> tuple[str, ...]:
    """Return the fields whose codes have a wrong check digit.

    An applicant's own code is mended by handing in the field that says the same.
    """
    fields = submission.fields
    wrong = [
        name
        for name, value in fields.items()
        if name.endswith("_id_no") and not _holds(parse_citizen_number, value)
    ]
    is_person = submission.applicant.get("kind") == "person"
    own = "applicant_id_no" if is_person else "credit_code"
    code = fields.get(own, submission.applicant.get("code"))
    parse = parse_citizen_number if is_person else parse_credit_code
    if code is not None and own not in wrong and not _holds(parse, code):
        wrong.append(own)
    return tuple(wrong)


def _wrong_names(submission: Submission) -> Iterator[str]:
    """Yield the fields whose name could not be printed on a paper."""
    fields = submission.fields
    names = {"name": fields.get("name", submission.applicant.get("name", ""))}
    if "staff_name" in fields:
        names["staff_name"] = fields["staff_name"]
    yield from (field for field, name in names.items() if not is_printable(name))


def _holds(parse: Callable[[str], object], value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parse(value)
    except IdentifierError:
        return False
    return True
