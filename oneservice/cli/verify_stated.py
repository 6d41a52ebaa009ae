"""What a certificate says of itself, for who looks at it: no person's whole name or number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oneservice.certificates import MOVED_FROM, TRANSFER_NOTICE, MoveWord
from oneservice.cli.verify_words import Words
from oneservice.cli.wrapping import columns
from oneservice.errors import IdentifierError
from oneservice.identifiers import mask_citizen_number, mask_name, parse_citizen_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oneservice.certificates import Claims, LocalText
    from oneservice.cli.pages import Page
    from oneservice.plan import Language

__all__ = ["show_stated", "text_in"]

_SAYS: Final[Mapping[str, Words]] = {
    MoveWord.PROMISE: Words("承诺接收", "it will be taken in"),
    MoveWord.RELEASE: Words("已转出", "it was transferred out"),
    MoveWord.ARRIVAL: Words("已接收", "it was taken in"),
    MoveWord.REFUSAL: Words("不予接收", "it is not taken in"),
    MoveWord.WITHDRAWAL: Words("撤回转移", "the move is called off"),
}


def show_stated(page: Page, claims: Claims, language: Language) -> None:
    """Write what the certificate says of itself, a person's number and name masked."""
    until = "" if claims.valid_until is None else f"{claims.valid_until}"
    rows = [
        (Words("证照", "says it is"), text_in(claims.title, language)),
        (Words("编号", "number"), claims.number or claims.id),
        *_holder(claims),
        (Words("签发机关", "issued by"), text_in(claims.issuer_name, language)),
        (Words("有效期", "good from"), f"{claims.valid_from} – {until}"),
        *_move(claims, language),
    ]
    labels = [label.of(language) for label, _ in rows]
    width = max(map(columns, labels))
    for label, (_, value) in zip(labels, rows, strict=True):
        page.point(value.strip(" –"), mark=label + " " * (width - columns(label) + 1))
    if claims.is_sandbox:
        warning = Words("沙箱签发，没有法律效力", "made by a sandbox, without any legal effect")
        page.point(warning.of(language), mark="!", style="bold")


def text_in(text: LocalText, language: Language) -> str:
    """Return a text in ``language``, or in another where it is not to be had."""
    return text.get(language) or next(iter(text.values()), "")


def _holder(claims: Claims) -> list[tuple[Words, str]]:
    """Return who holds it (domain page, invariant 10); a notice has an addressee instead."""
    if claims.type == TRANSFER_NOTICE:
        return [(Words("致", "told to"), claims.holder_name)]
    code = claims.holder_code
    is_person = "*" in code
    try:
        code = mask_citizen_number(parse_citizen_number(code.strip().upper()))
        is_person = True
    except IdentifierError:
        pass
    name = mask_name(claims.holder_name) if is_person else claims.holder_name
    return [(Words("持有人", "held by"), " ".join(part for part in (name, code) if part))]


def _move(claims: Claims, language: Language) -> list[tuple[Words, str]]:
    """Return which certificate moved, or which one this continues; what is misshapen is not."""
    told = claims.result
    if claims.type == TRANSFER_NOTICE:
        said = _SAYS.get(str(told.get("word")))
        rows = [
            (Words("内容", "says"), "" if said is None else said.of(language)),
            (Words("所涉证照", "of"), told.get("certificate")),
            (Words("后继证照", "successor"), told.get("successor")),
        ]
    else:
        origin = told.get(MOVED_FROM)
        old, giving = (
            (origin.get("certificate"), origin.get("issuer"))
            if isinstance(origin, dict)
            else (None, None)
        )
        by = Words(f"（{giving}）", f", issued by {giving}").of(language)
        is_whole = isinstance(old, str) and isinstance(giving, str)
        rows = [(Words("接续", "continues"), f"{old}{by}" if is_whole else None)]
    return [(label, value) for label, value in rows if isinstance(value, str) and value]
