"""P-01 to P-06: what an adapter says of itself, and versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from oneservice.conformance.breaking import NotApplicableError, broken, require
from oneservice.conformance.statements import statement
from oneservice.conformance.words import VERSION, VERSION_HEADER
from oneservice.departments import parse_capabilities
from oneservice.errors import ProtocolProblemError

if TYPE_CHECKING:
    from oneservice.conformance.trial import Trial

_REFERENCES: Final = ("$ref", "$dynamicRef")
_TYPES: Final = frozenset(
    {"null", "boolean", "object", "array", "number", "string", "integer"},
)


@statement(
    "P-01",
    "GET /capabilities is 200, valid, with ETag; If-None-Match gives 304",
    clause="3",
    cure="Answer the document of section 3 with an ETag of its bytes, and 304 to that ETag.",
)
async def capabilities(trial: Trial) -> None:
    """Read them twice, as an engine does every hour."""
    first = (await trial.get("/capabilities")).expect(200)
    try:
        found = parse_capabilities(first.body)
    except ProtocolProblemError as error:
        broken(f"the capabilities are not valid: {error}", first)
    require(VERSION in found.protocol, f"protocol must list {VERSION}", first)
    etag = first.header("etag")
    if not etag:
        broken("the capabilities come without ETag", first)
    (await trial.call("GET", "/capabilities", headers={"If-None-Match": etag})).expect(304)


@statement(
    "P-02",
    "every step that is listed can be filed",
    clause="3, 4",
    cure="List only what you take in, and take in what you list.",
)
async def every_step(trial: Trial) -> None:
    """File each; a form that the kit does not know may be refused as one, never as a step."""
    require(trial.bench.steps, "no step is listed")
    unknown = []
    for step in trial.bench.steps:
        name = str(step.get("step_id"))
        fields = _sample(step.get("fields_schema")) if name != trial.bench.step_id else None
        changes: dict[str, Any] = {"step_id": name} | (
            {} if not isinstance(fields, dict) else {"fields": fields}
        )
        found = await trial.put(f"/submissions/{trial.id()}", trial.application(**changes))
        if found.status == 422 and found.code == "invalid-submission":  # noqa: PLR2004
            unknown.append(name)
            continue
        require(found.status == 201, f"{found.told}: step {name} cannot be filed", found)  # noqa: PLR2004
    if unknown:
        msg = f"the form of {', '.join(unknown)} is not known to the kit: give --application FILE"
        raise NotApplicableError(msg)


@statement(
    "P-03",
    "fields_schema is valid and refers to no other host",
    clause="3",
    cure="Write JSON Schema 2020-12 whose $ref stay within the document (#/$defs/…).",
)
async def schemas(trial: Trial) -> None:
    """Look at every schema that is listed."""
    found = (await trial.get("/capabilities")).expect(200)
    steps = [one for one in found.document.get("steps") or () if isinstance(one, dict)]
    shown = [one for one in steps if one.get("fields_schema") is not None]
    if not shown:
        raise NotApplicableError("no step has a fields_schema")
    for step in shown:
        for place, problem in _schema_problems(step["fields_schema"], "fields_schema"):
            broken(f"step {step.get('step_id')}: {place} {problem}", found)


@statement(
    "P-06",
    "a missing or unknown version is 400 unsupported-version with supported",
    clause="1, 15",
    cure="Look at OneService-Version before anything else, and tell which versions you speak.",
)
async def versions(trial: Trial) -> None:
    """Leave it out; ask for one that nobody has written yet."""
    unknown = await trial.call("GET", "/capabilities", headers={VERSION_HEADER: "9.9"})
    unknown.expect(400, code="unsupported-version")
    supported = unknown.document.get("supported")
    is_told = isinstance(supported, list) and VERSION in supported
    require(is_told, f"{unknown.told} must list {VERSION} in supported", unknown)
    missing = await trial.call("GET", "/capabilities", without=(VERSION_HEADER,))
    # The field is covered by signatures: who looks at those first finds one that does not hold.
    if trial.bench.target.caller.key is None or missing.status != 401:  # noqa: PLR2004
        missing.expect(400, code="unsupported-version")


def _sample(schema: Any) -> Any:
    """Return a small value that probably fits ``schema``; ``None`` where none can be made."""
    if not isinstance(schema, dict):
        return None
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    for name in ("enum", "examples"):
        if isinstance(schema.get(name), list) and schema[name]:
            return schema[name][0]
    match schema.get("type"):
        case "object":
            properties = schema.get("properties") or {}
            return {name: _sample(properties.get(name)) for name in schema.get("required") or ()}
        case "integer":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "array":
            return []
        case _:
            return "1" * max(1, int(schema.get("minLength", 1)))


def _schema_problems(schema: Any, place: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a schema, as far as it can be told without a library for it."""
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        yield place, "must be an object"
        return
    for name in _REFERENCES:
        target = schema.get(name, "#")
        if not isinstance(target, str) or urlsplit(target).scheme or urlsplit(target).netloc:
            yield f"{place}/{name}", "must not refer to another host"
    kinds = schema.get("type", [])
    named = kinds if isinstance(kinds, list) else [kinds]
    if not all(isinstance(one, str) and one in _TYPES for one in named):
        yield f"{place}/type", "is no type of JSON Schema"
    required = schema.get("required", [])
    if not isinstance(required, list) or not all(isinstance(one, str) for one in required):
        yield f"{place}/required", "must be a list of names"
    for name in ("properties", "$defs", "patternProperties"):
        inner = schema.get(name, {})
        if not isinstance(inner, Mapping):
            yield f"{place}/{name}", "must be an object"
            continue
        for key, one in inner.items():
            yield from _schema_problems(one, f"{place}/{name}/{key}")
    for name in ("items", "additionalProperties", "not"):
        if name in schema:
            yield from _schema_problems(schema[name], f"{place}/{name}")
    for name in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for index, one in enumerate(schema.get(name) or ()):
            yield from _schema_problems(one, f"{place}/{name}/{index}")
