"""Plain data -> a model, and pydantic's complaints in our words at the right line and column."""

from __future__ import annotations

from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from oneservice.catalog.findings import Finding
from oneservice.catalog.places import Place
from oneservice.catalog.rules import did_you_mean

__all__ = ["shape"]

_Model = TypeVar("_Model", bound=BaseModel)
_PATTERNS = {
    r"^[a-z][a-z0-9_]{0,47}$": "small letters, digits and '_', at most 48",
    r"^[a-z][a-z0-9-]{0,63}$": "small letters, digits and '-', at most 64",
    r"^[0-9]{6}([0-9]{3}([0-9]{3})?)?$": "6, 9 or 12 digits in quotes",
    r"^https://\S+$": "an address that begins with https://",
    r"^[A-Z]{3}$": "three capital letters, such as CNY",
    r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$": "month and day, such as 06-01",
}


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
        for detail in error.errors(include_url=False):
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
        text = f"unknown key '{str(loc[-1])[:60]}'{did_you_mean(str(loc[-1])[:60], known)}"
        remedy = "correct or remove it"
    elif kind == "missing":
        code = "missing_translation" if loc[-1] in {"zh", "en"} else "missing_key"
        text, remedy = f"the key '{loc[-1]}' is missing here", f"add '{loc[-1]}: ...'"
    else:
        text, remedy = _words(detail, str(loc[-1]) if loc else "the document")
    return Finding(source=f"{file}:{at[0]}:{at[1]}", code=code, text=text, remedy=remedy)


def _words(detail: Any, name: str) -> tuple[str, str]:
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "string_type" and not isinstance(given, (list, dict, type(None))):
        return f"{name}: {str(given).lower()[:40]} is no text here", "put it in quotes"
    if kind == "string_pattern_mismatch":
        due = _PATTERNS.get(context["pattern"], context["pattern"])
        return f"{name}: {str(given)[:60]!r} is not written as it must be", f"use {due}"
    if kind in {"enum", "literal_error"}:
        return f"{name}: {str(given)[:60]!r} is not known here", f"use {context['expected']}"
    if kind == "value_error":
        return f"{name}: {context['error']}", "correct it"
    return f"{name}: {_lower(detail['msg'])}", "correct it"


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _fields(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """Return the keys that ``model`` knows at ``path``."""
    current: type[BaseModel] | None = model
    for part in path:
        if isinstance(part, str) and current is not None:
            field = current.model_fields.get(part)
            current = _model_in(field.annotation) if field else None
    return list(current.model_fields) if current is not None else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(part) for part in get_args(annotation))
    return next((model for model in found if model is not None), None)
