"""What the codec reads, learnt from the codec: its readers run on a sheet that only takes notes.

Theory of operation. A reader of the codec asks an object for its members, one by one, and says what
each must be. :class:`Sketch` looks to it like such an object; it answers with values that are
harmless and writes down what was asked. So the formal description cannot fall behind the code. Only
what a reader judges by itself, after it has the value, must be told beside it.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final, TypeVar

from oneservice.canonical import Digest
from oneservice.departments.members import Members
from oneservice.departments.wire import MAX_ARRAY_ITEMS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Schema", "Sketch", "component", "reference", "sketched"]

Schema = dict[str, Any]
T = TypeVar("T")

_INSTANT: Final = "2026-11-21T01:00:00Z"
_DAY: Final = "2026-11-21"


def reference(name: str) -> Schema:
    """Return a reference to a named schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def component(book: dict[str, Schema], read: Callable[[Members], Any]) -> str:
    """Learn the object that ``read`` returns into ``book``, under the name of its class."""
    sketch = Sketch(book)
    found = type(read(sketch))
    told = inspect.getdoc(found) or ""
    book[found.__name__] = {"description": " ".join(told.split("\n\n")[0].split()), **sketch.schema}
    return found.__name__


def sketched(book: dict[str, Schema], read: Callable[[Members], Any], description: str) -> Schema:
    """Return the schema of the object that ``read`` takes, for what has no class of its own."""
    sketch = Sketch(book)
    read(sketch)
    return {"description": description, **sketch.schema}


class Sketch(Members):
    """Stands for any object of one kind; see the module.

    Args:
        book: where the schemas of named inner objects are put.
    """

    __slots__ = ("_book", "_properties", "_required")

    def __init__(self, book: dict[str, Schema]) -> None:
        # Readers look into the value only to ask whether an inner object is one.
        super().__init__(_Anything())
        self._book = book
        self._properties: dict[str, Schema] = {}
        self._required: list[str] = []

    @property
    def schema(self) -> Schema:
        """What was asked for so far."""
        return {
            "type": "object",
            "properties": self._properties,
            "required": self._required,
            "additionalProperties": reference("Value"),  # ignored, and I-JSON all the same
        }

    def _note(self, name: str, schema: Schema, *, required: bool) -> None:
        # What was asked for first counts: a reader may look again into what it found there.
        if name in self._properties:
            return
        if required:
            self._required.append(name)
        else:
            schema = {"anyOf": [schema, {"type": "null"}]}  # null counts as absent (section 1)
        self._properties[name] = schema

    def fail(self, name: str, problem: str) -> None:
        """Take no notice: values of a sketch break rules that are no rules of shape."""

    def get(self, name: str, *, required: bool) -> Any:
        """Note a member of any shape."""
        self._note(name, reference("Value"), required=required)

    def optional_text(self, name: str, *, required: bool = False) -> str | None:
        """Note a text."""
        self._note(name, reference("Text"), required=required)
        return ""

    def optional_id(self, name: str, *, required: bool = False) -> str | None:
        """Note an id."""
        self._note(name, reference("Id"), required=required)
        return "id"

    def optional_digest(self, name: str, *, required: bool = False) -> Digest | None:
        """Note a digest."""
        self._note(name, reference("Digest"), required=required)
        return Digest("sha256:" + "0" * 64)

    def optional_integer(self, name: str, *, least: int, required: bool = False) -> int | None:
        """Note an integer."""
        self._note(
            name, {"type": "integer", "minimum": least, "maximum": 2**53 - 1}, required=required
        )
        return least

    def boolean(self, name: str, *, default: bool, required: bool = False) -> bool:
        """Note a truth value."""
        self._note(name, {"type": "boolean"}, required=required)
        return default

    def instant(self, name: str, *, required: bool = True) -> str | None:
        """Note an instant."""
        self._note(name, reference("Instant"), required=required)
        return _INSTANT

    def day(self, name: str, *, required: bool = True) -> str | None:
        """Note a day."""
        self._note(name, reference("Day"), required=required)
        return _DAY

    def optional_mapping(self, name: str, *, required: bool = False) -> dict[str, Any] | None:
        """Note an object whose members are not ours."""
        self._note(name, reference("Object"), required=required)
        return {}

    def people_text(self, name: str) -> dict[str, str]:
        """Note text for people."""
        self._note(name, reference("PeopleText"), required=False)
        return {}

    def texts(self, name: str) -> tuple[str, ...]:
        """Note a list of texts."""
        self._note(name, _list_of(reference("Text")), required=False)
        return ()

    def objects(
        self, name: str, read: Callable[[Members], T], *, required: bool = False
    ) -> tuple[T, ...]:
        """Note a list of objects, and learn these."""
        self._note(name, _list_of(reference(component(self._book, read))), required=required)
        return ()

    def inner(self, name: str) -> Members:
        """Note an object, whose members the reader asks for next."""
        inner = Sketch(self._book)
        known = self._properties.get(name)
        if known is None:  # else asked for as one that may be absent
            self._note(name, inner.schema, required=True)
        else:
            self._properties[name] = {"anyOf": [inner.schema, {"type": "null"}]}
        return inner


class _Anything(dict[str, Any]):
    """An object that has any member, and nothing in it."""

    def get(self, key: str, default: Any = None) -> Any:
        del key, default
        return {}


def _list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items, "maxItems": MAX_ARRAY_ITEMS}
