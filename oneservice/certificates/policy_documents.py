"""A policy as a small document: what a relier writes down once, and prints beside a report.

``require`` is a list, all of which must hold. A text names one of our policies or a check; an
object has one member, which names a requirement or ``any_of`` / ``all_of``:

.. code-block:: yaml

    format: oneservice-policy/1
    name: bank-counter
    require:
      - standard
      - logged
      - status_known: {max_age_days: 7}
      - any_of:
          - witnessed: {at_least: 2, by: [audit-office, university]}
          - timestamped_by
      - recognised_in: {region: "440000"}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

from oneservice.certificates.policy import POLICIES, Policy
from oneservice.certificates.report import CheckName
from oneservice.certificates.requirements import (
    AllOf,
    AnyOf,
    HeldBy,
    Leaf,
    Logged,
    Passes,
    RecognisedIn,
    Requirement,
    SealedUnder,
    StatusKnown,
    TimeProven,
    TimestampedBy,
    Witnessed,
)
from oneservice.errors import OneServiceError, PolicyInvalidError
from oneservice.identifiers import RegionCode

__all__ = ["POLICY_FORMAT", "policy_document", "read_policy"]

POLICY_FORMAT: Final = "oneservice-policy/1"
_MAX_DEPTH: Final = 8
_MAX_PARTS: Final = 64
"""No human reads a deeper or longer policy, and an unread policy is none."""
_MEMBERS: Final = frozenset({"format", "name", "require"})
_NAMES: Final[Mapping[type[Leaf], str]] = {
    Logged: "logged",
    Witnessed: "witnessed",
    TimeProven: "time_proven",
    TimestampedBy: "timestamped_by",
    RecognisedIn: "recognised_in",
    StatusKnown: "status_known",
    SealedUnder: "sealed_under",
    HeldBy: "held_by",
}
_UNITS: Final = {"_s": 1, "_hours": 3600, "_days": 86_400}


def read_policy(document: object) -> Policy:
    """Return the policy that ``document`` states (JSON, or YAML read by the caller).

    Raises:
        PolicyInvalidError: not of the format, a name that is none of ours, or a policy that would
            let pass what nobody signed; the message names the place.
    """
    if not isinstance(document, Mapping) or document.get("format") != POLICY_FORMAT:
        _refuse("the document", f"format: {POLICY_FORMAT} is due")
    unknown = sorted(map(str, document.keys() - _MEMBERS))
    if unknown:
        _refuse("the document", f"there is no {unknown[0][:40]!r}; {', '.join(sorted(_MEMBERS))}")
    name = document.get("name")
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name) <= 80:  # noqa: PLR2004
        _refuse("name", "a line of at most 80 characters is due, for the reports")
    policy = Policy(
        requires=AllOf(*_parts(document.get("require"), "require", _MAX_DEPTH)), name=name
    )
    if policy.refuses_all:
        _refuse("require", "it can be met without a signature; begin it with 'standard'")
    return policy


def policy_document(policy: Policy) -> dict[str, Any]:
    """Return ``policy`` as :func:`read_policy` reads it; the names of ours are spelt out."""
    requires = policy.requires
    parts = requires.parts if isinstance(requires, AllOf) else (requires,)
    return {
        "format": POLICY_FORMAT,
        "name": policy.name,
        "require": [requirement_json(part) for part in parts],
    }


def requirement_json(requirement: Requirement) -> str | dict[str, Any]:
    """Return one requirement as it stands in a document."""
    match requirement:
        case AllOf(parts=parts):
            return {"all_of": [requirement_json(part) for part in parts]}
        case AnyOf(parts=parts):
            return {"any_of": [requirement_json(part) for part in parts]}
        case Passes(check=check):
            return check.value
        case leaf:
            stated = {
                name: list(value) if isinstance(value, tuple) else value
                for name, value in _stated(leaf).items()
                if value is not None and value != ()
            }
            return {_NAMES[type(leaf)]: stated} if stated else _NAMES[type(leaf)]


def _stated(leaf: Leaf) -> dict[str, Any]:
    names = (name for name in type(leaf).__slots__ if name != "check")
    return {name: getattr(leaf, name) for name in names}


def _parts(value: object, place: str, depth_left: int) -> list[Requirement]:
    if not isinstance(value, list) or not value:
        _refuse(place, "a list with at least one requirement is due; of nothing, nothing follows")
    if depth_left <= 0 or len(value) > _MAX_PARTS:
        _refuse(place, f"at most {_MAX_DEPTH} levels of at most {_MAX_PARTS} requirements are read")
    return [_part(one, f"{place}[{index}]", depth_left) for index, one in enumerate(value)]


def _part(value: object, place: str, depth_left: int) -> Requirement:
    if isinstance(value, str):
        return _named(value, place)
    if not isinstance(value, Mapping) or len(value) != 1:
        _refuse(place, "a name, or an object with one member is due, such as {logged: {}}")
    ((name, stated),) = value.items()
    inner = f"{place}.{str(name)[:40]}"
    if name in ("all_of", "any_of"):
        make = AllOf if name == "all_of" else AnyOf
        return make(*_parts(stated, inner, depth_left - 1))
    if name not in _READERS:
        _refuse(place, f"there is no requirement {str(name)[:40]!r}; one of: {_choices()}")
    if not isinstance(stated, Mapping):
        _refuse(inner, "an object is due, such as {at_least: 2}")
    return _read(str(name), dict(stated), inner)


def _named(name: str, place: str) -> Requirement:
    """Return what a bare name asks for: one of our policies, a requirement, or a check."""
    if name in POLICIES:
        return POLICIES[name]().requires
    if name in _READERS:
        return _read(name, {}, place)
    if name in _CHECKS:
        return Passes(check=_CHECKS[name])
    return _refuse(place, f"there is no {name[:40]!r}; one of: {_choices()}")


def _read(name: str, stated: dict[str, Any], place: str) -> Requirement:
    try:
        found = _READERS[name](stated)
    except (KeyError, TypeError) as error:
        missing = error.args[0] if isinstance(error, KeyError) else "a value of another type"
        return _refuse(place, f"{missing} is missing or not of the type that is due")
    except OneServiceError as error:
        return _refuse(place, str(error))
    if stated:
        _refuse(place, f"there is no {min(map(str, stated))[:40]!r}")
    return found


def _span(stated: dict[str, Any], name: str) -> int | None:
    """Take a span out of ``stated``, whatever its unit; return seconds."""
    given = [name + unit for unit in _UNITS if name + unit in stated]
    if not given:
        return None
    if len(given) > 1:
        msg = f"{given[0]} and {given[1]}: one of them is enough"
        raise PolicyInvalidError(msg)
    number = stated.pop(given[0])
    if type(number) is not int or number < 0:
        msg = f"{given[0]}: a whole number from 0 is due"
        raise PolicyInvalidError(msg)
    return number * _UNITS[given[0].removeprefix(name)]


def _names(stated: dict[str, Any], name: str) -> tuple[str, ...]:
    value = stated.pop(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        msg = f"{name}: a list of names is due"
        raise PolicyInvalidError(msg)
    return tuple(value)


def _text(stated: dict[str, Any], name: str) -> str:
    value = stated.pop(name)
    if not isinstance(value, str):
        msg = f"{name}: text is due; write it in quotes"
        raise PolicyInvalidError(msg)
    return value


_CHECKS: Final = {check.value: check for check in CheckName}
_READERS: Final[Mapping[str, Callable[[dict[str, Any]], Requirement]]] = {
    "logged": lambda stated: Logged(at_least=stated.pop("at_least", 1)),
    "witnessed": lambda stated: Witnessed(
        at_least=stated.pop("at_least", 1), by=_names(stated, "by")
    ),
    "time_proven": lambda stated: TimeProven(within_s=_span(stated, "within")),
    "timestamped_by": lambda stated: TimestampedBy(authorities=_names(stated, "authorities")),
    "recognised_in": lambda stated: RecognisedIn(region=RegionCode(_text(stated, "region"))),
    "status_known": lambda stated: StatusKnown(max_age_s=_span(stated, "max_age")),
    "sealed_under": lambda stated: SealedUnder(seals=_names(stated, "seals")),
    "held_by": lambda stated: HeldBy(
        audience=_text(stated, "audience"),
        nonce=_text(stated, "nonce"),
        max_age_s=_span(stated, "max_age"),
    ),
}


def _choices() -> str:
    return ", ".join(
        [*POLICIES, "any_of", "all_of", *_READERS, *sorted(_CHECKS.keys() - _READERS.keys())]
    )


def _refuse(place: str, why: str) -> NoReturn:
    msg = f"the policy, {place}: {why}"
    raise PolicyInvalidError(msg)
