"""One slip of a finger or an eye: what may be meant, and how sure that is.

Theory of operation: all texts that differ by one slip are made, those that fit the rules of the
kind are kept, and only where exactly one is left is it suggested. How sure that is follows from
Bayes' rule. Let *p* in a hundred wrong texts of this look come from the slip, *n* be the number of
texts tried, *m* the modulus of the check character: a wrong text fits by chance once in *m*. Then
the one that fits is right with ``p·m / (p·m + (100 - p)·n)``.

A letter that cannot stand there gives itself away, so its repair is nearly certain. Where all
characters are possible and only the check fails, it is not: eight in ten such errors are one
arbitrary wrong digit, which nothing can repair, and one in ten is a swap of neighbours (Verhoeff,
Error Detecting Decimal Codes, 1969). A swap that fits is then more often chance than truth, and
its low confidence says so. Whole numbers only: the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from oneservice.errors import IdentifierError
from oneservice.values.kinds import Words
from oneservice.values.readings import Slip, Suggestion

__all__ = ["LOOKALIKES_OF_DIGITS", "confidence", "exactly_one", "one_slip", "suggestion_for"]

_PRIORS: Final[Mapping[Slip, int]] = {
    Slip.LOOKALIKE: 97,
    Slip.THROUGHOUT: 95,
    Slip.EXTRA_ZERO: 95,
    Slip.ORDER: 90,
    Slip.DECIMAL_COMMA: 75,
    Slip.DOUBLED: 60,
    Slip.SWAPPED: 10,
    Slip.MISREAD: 10,
}
"""In a hundred wrong texts with this look, how many come from this slip. Swaps: Verhoeff 1969; the
others are our own, careful estimates."""

_LOOKALIKES: Final[Mapping[str, str]] = {
    "O": "0", "D": "0", "Q": "0", "I": "1", "L": "1", "|": "1", "!": "1", "Z": "2", "S": "5",
    "G": "6", "B": "8", "V": "UY", "6": "G", "8": "B", "×": "X", "*": "X",
    # Greek and Cyrillic capitals that print as Latin ones
    "Α": "A", "Β": "B", "Ε": "E", "Η": "H", "Κ": "K", "Μ": "M", "Ν": "N", "Ο": "0O", "Ρ": "P",
    "Τ": "T", "Χ": "X", "Υ": "Y", "А": "A", "В": "B", "Е": "E", "К": "K", "М": "M", "Н": "H",
    "О": "0O", "Р": "P", "С": "C", "Т": "T", "Х": "X", "У": "Y",
}  # fmt: skip
"""What may be meant by a character. Letters stand for digits, seldom the other way: codes are full
of zeros and hardly have an O, and trying each zero as an O would make every repair ambiguous."""

LOOKALIKES_OF_DIGITS: Final = frozenset("OoIlL|")
"""Letters that are typed for digits even where nothing checks the number."""

_WHY: Final[Mapping[Slip, Words]] = {
    Slip.LOOKALIKE: Words(
        zh="有一个字符不应出现在此处，可能与形近字符混淆（如字母O与数字0）",
        en="one character cannot stand there; it may be a lookalike, such as the letter O for zero",
    ),
    Slip.THROUGHOUT: Words(
        zh="同一个形近字符多处出现，可能应为数字",
        en="the same lookalike stands in several places where it cannot; another may be meant",
    ),
    Slip.MISREAD: Words(
        zh="有一个字符可能看错（如8与B），改后校验位相符",
        en="one character may be misread, such as B for 8; then the check character fits",
    ),
    Slip.SWAPPED: Words(
        zh="相邻两位可能颠倒，调换后校验位相符",
        en="two neighbours may be swapped; the other way round the check character fits",
    ),
    Slip.DOUBLED: Words(
        zh="有一位可能重复输入，去掉后校验位相符",
        en="one character may be typed twice; without it the check character fits",
    ),
    Slip.EXTRA_ZERO: Words(
        zh="手机号码前多了一个0",
        en="a mobile number has no zero in front",
    ),
    Slip.ORDER: Words(
        zh="年份写在最后，按日期只能这样理解",
        en="the year stands at the end, and only this order of day and month gives a date",
    ),
    Slip.DECIMAL_COMMA: Words(
        zh="逗号可能是小数点",
        en="the comma may be meant as a decimal point",
    ),
}


def confidence(slip: Slip, *, tried: int, modulus: int = 1) -> Decimal:
    """Return how sure the only fitting text is, rounded down to two places, at most 0.99.

    Args:
        slip: what would have happened.
        tried: how many texts were tried, >= 1.
        modulus: of the check character; 1 where nothing is checked.
    """
    prior = _PRIORS[slip]
    share = 100 * prior * modulus // (prior * modulus + (100 - prior) * tried)
    return Decimal(f"0.{min(share, 99):02d}")


def one_slip(text: str, *, alphabet: str, length: int, misreads: bool = True) -> dict[str, Slip]:
    """Return the texts that one slip may have turned into ``text``.

    Args:
        text: tidied, capitals only.
        alphabet: the characters that can stand there.
        length: of a right text.
        misreads: whether characters of the alphabet are taken for one another; not in numbers,
            which are copied digit by digit and whose digits people do not confuse in print.
    """
    strange = {one for one in text if one not in alphabet}
    if strange:
        return _lookalikes(text, strange, alphabet) if len(text) == length else {}
    if len(text) == length + 1:
        return {
            text[:place] + text[place + 1 :]: Slip.DOUBLED
            for place in range(length)
            if text[place] == text[place + 1]
        }
    if len(text) != length:
        return {}
    found = _swaps(text)
    return found | _misreads(text, alphabet) if misreads else found


def exactly_one(tried: Mapping[str, Slip], fits: Callable[[str], bool]) -> str | None:
    """Return the one text of ``tried`` that fits, ``None`` where none or several do."""
    fitting = [text for text in tried if fits(text)]
    return fitting[0] if len(fitting) == 1 else None


def suggestion_for(
    tried: Mapping[str, Slip], parse: Callable[[str], str], *, modulus: int = 1
) -> Suggestion | None:
    """Return the suggestion that ``tried`` leaves, or ``None``.

    Args:
        tried: texts that may be meant, and the slip of each.
        parse: returns the normal form, or raises :class:`IdentifierError`.
        modulus: of the check character; 1 where nothing is checked.
    """

    def fits(text: str) -> bool:
        try:
            parse(text)
        except IdentifierError:
            return False
        return True

    meant = exactly_one(tried, fits)
    if meant is None:
        return None
    slip = tried[meant]
    return Suggestion(
        value=parse(meant),
        confidence=confidence(slip, tried=len(tried), modulus=modulus),
        slip=slip,
        why=_WHY[slip],
    )


def _lookalikes(text: str, strange: set[str], alphabet: str) -> dict[str, Slip]:
    if len(strange) > 1:
        return {}
    (one,) = strange
    slip = Slip.LOOKALIKE if text.count(one) == 1 else Slip.THROUGHOUT
    return {
        text.replace(one, meant): slip for meant in _LOOKALIKES.get(one, "") if meant in alphabet
    }


def _swaps(text: str) -> dict[str, Slip]:
    return {
        text[:place] + text[place + 1] + text[place] + text[place + 2 :]: Slip.SWAPPED
        for place in range(len(text) - 1)
        if text[place] != text[place + 1]
    }


def _misreads(text: str, alphabet: str) -> dict[str, Slip]:
    return {
        text[:place] + meant + text[place + 1 :]: Slip.MISREAD
        for place, one in enumerate(text)
        for meant in _LOOKALIKES.get(one, "")
        if meant in alphabet
    }
