"""Plain data -> a model, and pydantic's complaints in our words at the right line and column."""

from __future__ import annotations

from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from oneservice.catalog.findings import Finding
from oneservice.catalog.load.complaints import in_words
from oneservice.catalog.places import Place
from oneservice.catalog.rules import did_you_mean

__all__ = ["shape"]

_Model = TypeVar("_Model", bound=BaseModel)
_SHOWN = 60
"""Characters of what was written that a finding repeats."""


def shape(
    data: Any, place: Place, file: str, model: type[_Model], *, context: object = None
) -> tuple[_Model | None, list[Finding]]:
    """Return ``data`` as ``model``, or every place where it does not fit.

    ``context`` goes to the model as pydantic's validation context.
    """
    try:
        return model.model_validate(data, context=context), []
    except ValidationError as error:
        found: dict[str, Finding] = {}
        for detail in _without_misspelt(error.errors(include_url=False), model):
            finding = _finding(detail, place, file, model)
            found.setdefault(finding.source, finding)  # a union complains once for each member
        return None, list(found.values())


def _finding(detail: Any, top: Place, file: str, model: type[BaseModel]) -> Finding:
    loc: tuple[str | int, ...] = detail["loc"]
    place = top.find(loc)
    kind: str = detail["type"]
    at = (place.line, place.column)
    code = "wrong_value"
    if kind == "extra_forbidden":
        at, code = place.key or at, "unknown_key"
        known = _fields(model, loc[:-1])
        text = f"unknown key '{str(loc[-1])[:_SHOWN]}'{did_you_mean(str(loc[-1])[:_SHOWN], known)}"
        remedy = "correct or remove it"
    elif kind == "missing":
        code = "missing_translation" if loc[-1] in {"zh", "en"} else "missing_key"
        text, remedy = f"the key '{loc[-1]}' is missing here", f"add '{loc[-1]}: ...'"
    else:
        text, remedy = in_words(detail, _name(loc), _model_at(model, loc))
    return Finding(source=f"{file}:{at[0]}:{at[1]}", code=code, text=text, remedy=remedy)


def _without_misspelt(details: list[Any], model: type[BaseModel]) -> list[Any]:
    """Return the complaints without missing keys that stand there misspelt: one slip, one word."""
    kept = []
    for detail in details:
        *path, name = detail["loc"] or ("",)
        extra = [
            str(other["loc"][-1])[:_SHOWN]
            for other in details
            if other["type"] == "extra_forbidden" and list(other["loc"][:-1]) == path
        ]
        known = _fields(model, tuple(path))
        meant = [did_you_mean(each, known) for each in extra]
        if detail["type"] != "missing" or f"; did you mean '{name}'?" not in meant:
            kept.append(detail)
    return kept


def _name(loc: tuple[str | int, ...]) -> str:
    """Return how an author calls the place: its key, and of a list which entry, from 1."""
    if not loc:
        return "the document"
    if isinstance(loc[-1], str) or len(loc) == 1:
        return str(loc[-1])
    return f"{loc[-2]}, entry {loc[-1] + 1}"


def _fields(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """Return the keys that ``model`` knows at ``path``."""
    current = _model_at(model, path)
    return list(current.model_fields) if current is not None else []


def _model_at(model: type[BaseModel], path: tuple[str | int, ...]) -> type[BaseModel] | None:
    current: type[BaseModel] | None = model
    for part in path:
        if isinstance(part, str) and current is not None:
            field = current.model_fields.get(part)
            current = _model_in(field.annotation) if field else None
    return current


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(part) for part in get_args(annotation))
    return next((model for model in found if model is not None), None)
