"""Answers from a file: a whole application (the catalog room reads it), or bare answers.

The bare form is ``question: answer`` lines, alone or under ``answers``. Only its shape is looked at
here; whether an answer fits its question is the catalog's business. Numbers stay text, so that
nothing is rounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeGuard

import yaml

from oneservice.catalog import load_answers
from oneservice.cli.reading import read_file
from oneservice.errors import AnswersInvalidError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_answers", "typed_answer"]

_MAX_BYTES: Final = 2_097_152
"""As the catalog room reads at most; answers are a screenful, a larger file is something else."""
_MAX_LEVELS: Final = 24
_APPLICATION: Final = frozenset({"answers", "applicant", "fields", "materials"})
"""Members that only a whole application has; no question has such an id."""
_SHORT: Final = frozenset({"region", "thing", "answers"})
"""An application that was cut down to what a plan needs."""
_BOOLEANS: Final = {"true": True, "false": False}
_Pairs: TypeAlias = list[tuple[yaml.Node, yaml.Node]]
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_answers(path: Path) -> tuple[dict[str, Any], str | None]:
    """Return the answers at ``path``, and the region if the file names one.

    Raises:
        AnswersInvalidError: a ``question: answer`` line is none, with its place.
        CatalogError: it is neither an application nor such lines.
        FileUnusableError: it cannot be read.
    """
    pairs = _pairs(_document(read_file(path, max_bytes=_MAX_BYTES)))
    members = {name.value: value for name, value in pairs or () if _is_scalar(name)}
    if pairs is not None and not members.keys() & _APPLICATION:
        return _answers(path, pairs), None
    short = _pairs(members.get("answers"))
    if short is None or members.keys() - _SHORT:
        application = load_answers(path)
        return dict(application.answers), application.region
    region = members.get("region")
    return _answers(path, short), region.value if _is_scalar(region) else None


def _answers(path: Path, pairs: _Pairs) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for name, value in pairs:
        if not _is_scalar(name) or name.value in answers:
            msg = "a question's id stands once, before a colon; drop or mend this line"
            raise _refusal(path, name, name, msg)
        if isinstance(value, yaml.SequenceNode):
            answers[name.value] = [_answer(path, name, one) for one in value.value]
        else:
            answers[name.value] = _answer(path, name, value)
    return answers


def _answer(path: Path, name: yaml.Node, node: yaml.Node) -> bool | str:
    if not _is_scalar(node):
        msg = "an answer is a single value, or a list of them, such as 'changes: [name, address]'"
        raise _refusal(path, name, node, msg)
    text: str = node.value
    return text if node.style else plain_value(text)


def plain_value(text: str) -> bool | str:
    """Return ``true`` and ``false`` as such; everything else stays the text that was typed."""
    return _BOOLEANS.get(text, text)


def typed_answer(text: str, *, is_list: bool = False) -> bool | str | list[str]:
    """Return an answer as typed on the command line.

    Args:
        text: such as ``82.5``, ``true``, ``name,address`` or ``[name, address]``.
        is_list: the question takes several choices; a single one is then a list, too.
    """
    is_bracketed = text[:1] == "[" and text[-1:] == "]"
    if not is_list and not is_bracketed:
        return plain_value(text)
    inner = text[1:-1] if is_bracketed else text
    return [one for part in inner.split(",") if (one := part.strip())]


def _document(data: bytes) -> yaml.Node | None:
    """Return the document's tree; ``None`` where the strict reader must say what is wrong."""
    try:
        return yaml.compose(data, Loader=_Loader) if _is_flat(data) else None
    except (yaml.YAMLError, ValueError):
        return None


def _is_flat(data: bytes) -> bool:
    """Say whether no value is nested deeper than an application's.

    PyYAML's C composer recurses without a limit: 100,000 brackets end the whole process.
    """
    level = 0
    for event in yaml.parse(data, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            level += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            level -= 1
        if level > _MAX_LEVELS:
            return False
    return True


def _pairs(node: yaml.Node | None) -> _Pairs | None:
    return list(node.value) if isinstance(node, yaml.MappingNode) else None


def _is_scalar(node: yaml.Node | None) -> TypeGuard[yaml.ScalarNode]:
    return isinstance(node, yaml.ScalarNode)


def _refusal(path: Path, name: yaml.Node, node: yaml.Node, text: str) -> AnswersInvalidError:
    """Return why a line is no answer, with its place."""
    question = name.value if _is_scalar(name) else "a question"
    place = f"{path}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"
    return AnswersInvalidError({question[:60]: f"{place}: {text}"})
