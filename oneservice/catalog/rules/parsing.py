"""Text -> tree, for a small subset of CEL (the Common Expression Language).

Theory of operation: one regular expression cuts tokens, a recursive descent follows CEL's
grammar (https://github.com/cel-expr/cel-spec, "Syntax"): ``||`` under ``&&`` under relations, which
are all of one level and lean to the left, under ``!``, under member calls. What CEL has and we have
not (arithmetic, ``?:``, field access, null, bytes, unsigned and hexadecimal numbers) is refused by
name, so that an author knows that the text is CEL but not ours. Two things differ on purpose: a
number with a point is an exact decimal, and chains of ``&&`` or ``||`` are flat, which keeps
explanations readable. Depth is bounded while parsing, so that no text can exhaust the stack.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from oneservice.catalog.rules.tokens import Token, number_of, text_of, tokens_of
from oneservice.catalog.rules.tree import (
    And,
    Constant,
    Fact,
    Listing,
    Membership,
    Node,
    Not,
    Or,
    Quantified,
    Quantifier,
    Relation,
    Relational,
    Rule,
    Size,
)
from oneservice.errors import RuleSyntaxError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "parse_rule"]

MAX_LENGTH = 2000
"""Characters of a rule. The longest rule of a real catalog is a tenth; a page is unreadable."""
MAX_DEPTH = 20
"""Nesting of a rule, far below the interpreter's own limit. People cannot follow five levels."""
MAX_QUANTIFIERS = 2
"""Quantifiers inside one another. Work grows as list length to this power, so it stays small."""
MAX_CHAIN = 4
"""Comparisons in a row: ``a == b == c`` has two, and even that is rarely meant."""

_RESERVED = frozenset(
    {"as", "break", "const", "continue", "else", "for", "function", "if", "import", "let"}
    | {"loop", "package", "namespace", "null", "return", "var", "void", "while"}
)
_RELATIONAL = {str(operator): operator for operator in Relational}
_IN_CEL = {"and": "'&&'", "or": "'||'", "is": "'=='", "equals": "'=='"}
"""Words that people write between two conditions, and what CEL writes there."""


@lru_cache(maxsize=8192)  # a pure function of its text; a catalog repeats its rules
def parse_rule(text: str) -> Rule:
    """Return the rule that ``text`` states.

    Args:
        text: at most :data:`MAX_LENGTH` characters, at most :data:`MAX_DEPTH` levels deep.

    Raises:
        RuleSyntaxError: with ``offset``, the character (from 0) where reading stopped.
    """
    if len(text) > MAX_LENGTH:
        msg = f"the rule has {len(text)} characters, {MAX_LENGTH} are allowed; split it"
        raise RuleSyntaxError(msg, offset=MAX_LENGTH)
    parser = _Parser(text)
    tree = parser.whole()
    return Rule(text, tree, tuple(parser.names))


class _Parser:
    """One pass over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens_of(text)
        self._at = 0
        self._depth = 0
        self._bound: list[str] = []
        self.names: dict[str, None] = {}

    def whole(self) -> Node:
        tree = self._or()
        if self._next.kind != "end":
            meant = _IN_CEL.get(self._next.text.lower())
            if meant is not None:
                msg = f"'{self._next.text}' is no word of rules; write {meant}"
                raise RuleSyntaxError(msg, offset=self._next.start)
            raise self._refusal("'&&', '||', a comparison or the end of the rule is due here")
        return tree

    # --- the grammar, from the loosest to the tightest --------------------------------------

    def _or(self) -> Node:
        return self._chain("||", self._and, Or)

    def _and(self) -> Node:
        return self._chain("&&", self._relation, And)

    def _chain(self, mark: str, part: Callable[[], Node], kind: type[Or | And]) -> Node:
        parts = [part()]
        while self._skip(mark):
            parts.append(part())
        if len(parts) == 1:
            return parts[0]
        return kind(start=parts[0].start, end=parts[-1].end, parts=tuple(parts))

    def _relation(self) -> Node:
        left = self._unary()
        levels = 0
        while self._next.text in _RELATIONAL or self._is_name("in"):
            levels += 1
            if levels > MAX_CHAIN:
                raise self._refusal(f"more than {MAX_CHAIN} comparisons in a row; use '&&'")
            operator = self._take().text
            right = self._unary()
            start, end = left.start, right.end
            if operator == "in":
                left = Membership(start=start, end=end, element=left, whole=right)
            else:
                relational = _RELATIONAL[operator]
                left = Relation(start=start, end=end, operator=relational, left=left, right=right)
        return left

    def _unary(self) -> Node:
        start = self._next.start
        if self._skip("!"):
            operand = self._deeper(self._unary)
            return Not(start=start, end=operand.end, operand=operand)
        if self._skip("-"):
            if self._next.kind != "number":
                raise self._refusal(
                    "'-' stands before a number only; arithmetic is not part of rules"
                )
            token = self._take()
            return Constant(start=start, end=token.end, value=-number_of(token, negative=True))
        return self._member()

    def _member(self) -> Node:
        node = self._primary()
        while self._skip("."):
            if self._next.text not in {"exists", "all"}:
                raise self._refusal("after '.', 'exists(x, ...)' or 'all(x, ...)' is due")
            node = self._deeper(lambda over=node: self._quantified(over))  # type: ignore[misc]
        return node

    def _quantified(self, over: Node) -> Node:
        quantifier = Quantifier(self._take().text)
        self._expect("(")
        if self._next.kind != "name" or self._next.text in {"true", "false", "in", "size"}:
            raise self._refusal("a name for the element is due here, as in 'xs.exists(x, x > 1)'")
        name = self._plain_name(self._take())
        self._expect(",")
        if len(self._bound) == MAX_QUANTIFIERS:
            raise self._refusal(
                f"more than {MAX_QUANTIFIERS} quantifiers inside one another; split the rule"
            )
        self._bound.append(name)
        condition = self._or()
        self._bound.pop()
        end = self._expect(")").end
        return Quantified(
            start=over.start,
            end=end,
            quantifier=quantifier,
            over=over,
            name=name,
            condition=condition,
        )

    def _primary(self) -> Node:
        token = self._next
        if token.kind == "name":
            return self._named(self._take())
        if token.kind in {"number", "text"}:
            read = number_of if token.kind == "number" else text_of
            return Constant(start=token.start, end=token.end, value=read(self._take()))
        if token.text == "(":
            return self._deeper(self._grouped)
        if token.text == "[":
            return self._deeper(self._listing)
        raise self._refusal("a name, a number, a text, a list or '(' is due here")

    def _named(self, token: Token) -> Node:
        if token.text in {"true", "false"}:
            return Constant(start=token.start, end=token.end, value=token.text == "true")
        if token.text == "size" and self._next.text == "(":
            self._take()
            operand = self._deeper(self._or)
            return Size(start=token.start, end=self._expect(")").end, operand=operand)
        name = self._plain_name(token)
        if name.lower() == "not" and (self._next.kind != "mark" or self._next.text == "("):
            msg = f"'{name}' is no word of rules; write '!' before what shall not hold"
            raise RuleSyntaxError(msg, offset=token.start)
        if self._next.text == "(":
            msg = f"'{name}' is no function of rules; there are size(x), xs.exists(x, ...), xs.all"
            raise RuleSyntaxError(msg, offset=token.start)
        if name not in self._bound:
            self.names.setdefault(name)
        return Fact(start=token.start, end=token.end, name=name)

    def _grouped(self) -> Node:
        start = self._expect("(").start
        node = self._or()
        return replace(node, start=start, end=self._expect(")").end)

    def _listing(self) -> Node:
        start = self._expect("[").start
        items: list[Node] = []
        while self._next.text != "]":
            items.append(self._or())
            if not self._skip(","):
                break
        return Listing(start=start, end=self._expect("]").end, items=tuple(items))

    # --- tokens -----------------------------------------------------------------------------

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _is_name(self, text: str) -> bool:
        return self._next.kind == "name" and self._next.text == text

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _skip(self, mark: str) -> bool:
        if self._next.kind == "mark" and self._next.text == mark:
            self._at += 1
            return True
        return False

    def _expect(self, mark: str) -> Token:
        if self._next.kind != "mark" or self._next.text != mark:
            raise self._refusal(f"'{mark}' is due here")
        return self._take()

    def _plain_name(self, token: Token) -> str:
        if token.text in _RESERVED or token.text == "in":
            msg = f"'{token.text}' is a reserved word of CEL; choose another name"
            raise RuleSyntaxError(msg, offset=token.start)
        return token.text

    def _deeper(self, part: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._refusal(f"nested deeper than {MAX_DEPTH} levels; split the rule")
        node = part()
        self._depth -= 1
        return node

    def _refusal(self, hint: str) -> RuleSyntaxError:
        found = self._next.text if self._next.kind == "end" else repr(self._next.text)
        return RuleSyntaxError(f"{found}: {hint}", offset=self._next.start)
