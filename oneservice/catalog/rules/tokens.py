"""Characters -> tokens, and what a number or a text token is worth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from oneservice.errors import RuleSyntaxError

__all__ = ["Token", "number_of", "text_of", "tokens_of"]

_INTEGER_BOUND = 2**63
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<number>\d+(?:\.\d+)?(?:[A-Za-z_][A-Za-z0-9_]*)?|\.\d+)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<text>"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')
    |(?P<mark>\|\||&&|==|!=|<=|>=|[-<>!()\[\],.])
    """,
    re.VERBOSE | re.ASCII,
)
_PLAIN_NUMBER = re.compile(r"(0|[1-9]\d*)(\.\d+)?", re.ASCII)
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"\\": "\\", "'": "'", '"': '"', "n": "\n", "t": "\t"}
_FOREIGN = {
    "+": "arithmetic is not part of rules; ask for the sum, or compare the parts",
    "*": "arithmetic is not part of rules",
    "/": "arithmetic is not part of rules",
    "%": "arithmetic is not part of rules",
    "?": "'a ? b : c' is not part of rules; write two rules",
    "=": "one '=' compares nothing; write '=='",
    "&": "write '&&'",
    "|": "write '||'",
    "{": "maps are not part of rules",
    '"': "the text does not end on this line; close the quotes",
    "'": "the text does not end on this line; close the quotes",
    "≥": "write '>='",
    "≤": "write '<='",
    "≠": "write '!='",
    "＞": "write '>'",
    "＜": "write '<'",
    "＝": "write '=='",
    "！": "write '!'",
    "＆": "write '&&'",
    "｜": "write '||'",
    "（": "write '('",
    "）": "write ')'",
    "［": "write '['",
    "］": "write ']'",
    "【": "write '['",
    "】": "write ']'",
    "，": "write ','",
    "、": "write ','",
    "。": "remove it",
    "．": "write '.'",
    "“": 'put texts between straight quotes, as in "food"',
    "”": 'put texts between straight quotes, as in "food"',
    "‘": "put texts between straight quotes, as in 'food'",
    "’": "put texts between straight quotes, as in 'food'",
    "＂": 'put texts between straight quotes, as in "food"',
    "且": "write '&&'",
    "或": "write '||'",
    "非": "write '!' before what shall not hold",
    "不": "write '!' before what shall not hold",
}
"""What to write instead of a character that people or their keyboards put into rules."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind (``name``, ``number``, ``text``, ``mark``, ``end``) and where it is."""

    kind: str
    text: str
    start: int
    end: int


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of ``text``, the last one of kind ``end``.

    Raises:
        RuleSyntaxError: a character that begins no token of ours.
    """
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            hint = _FOREIGN.get(text[at], "this character has no place in a rule")
            is_remedy = hint.startswith(("write", "put", "remove"))
            what = " has no place in a rule;" if is_remedy else ":"
            msg = f"{text[at]!r}{what} {hint}"
            raise RuleSyntaxError(msg, offset=at)
        kind = str(match.lastgroup)
        if kind != "space":
            found.append(Token(kind, match.group(), at, match.end()))
        at = match.end()
    found.append(Token("end", "the end of the rule", len(text), len(text)))
    return found


def number_of(token: Token, *, negative: bool = False) -> int | Decimal:
    """Return what a number token is worth: a whole number of 64 bits, or an exact decimal.

    Raises:
        RuleSyntaxError: CEL knows it and rules do not (hexadecimal, exponents), or it is too large.
    """
    if not _PLAIN_NUMBER.fullmatch(token.text):
        msg = f"{token.text!r}: write numbers as 300 or 82.5, without leading zeros or suffixes"
        raise RuleSyntaxError(msg, offset=token.start)
    if "." in token.text:
        return Decimal(token.text)
    value = int(token.text)
    if value >= _INTEGER_BOUND + negative:
        msg = "the number does not fit into 64 bits"
        raise RuleSyntaxError(msg, offset=token.start)
    return value


def text_of(token: Token) -> str:
    """Return the text between the quotes, escapes resolved.

    Raises:
        RuleSyntaxError: an escape that rules do not have.
    """

    def replace(match: re.Match[str]) -> str:
        if match.group(1) not in _ESCAPES:
            msg = f"'{match.group()}': of escapes there are \\\\ \\' \\\" \\n \\t"
            raise RuleSyntaxError(msg, offset=token.start + 1 + match.start())
        return _ESCAPES[match.group(1)]

    return _ESCAPE.sub(replace, token.text[1:-1])
