"""The tree of errors: whole, exported, told apart by stable codes."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re

import pytest

import oneservice
from oneservice import errors
from oneservice.errors import OneServiceError

BRANCHES = {
    "AdapterError",
    "ProtocolProblemError",
    "ExchangeError",
    "CatalogError",
    "CaseError",
    "DepartmentError",
    "JournalError",
    "SealRefusedError",
    "VerificationError",
    "EnvironmentalError",
}
LEAVES_OF_THE_ROOT = {"MalformedJsonError", "IdentifierError"}


def tree(root: type[OneServiceError] = OneServiceError) -> list[type[OneServiceError]]:
    return [root, *(one for child in root.__subclasses__() for one in tree(child))]


OURS = [one for one in tree() if one.__module__ == "oneservice.errors"]


def test_every_class_is_exported_and_every_export_is_in_the_tree() -> None:
    defined = {
        node.name
        for node in ast.parse(inspect.getsource(errors)).body
        if isinstance(node, ast.ClassDef)
    }
    assert set(errors.__all__) == defined == {one.__name__ for one in OURS}
    assert sorted(errors.__all__) == list(errors.__all__)
    assert len(set(errors.__all__)) == len(errors.__all__)


def test_the_branch_tells_who_must_act() -> None:
    children = {one.__name__ for one in OURS if one.__base__ is OneServiceError}
    children |= {one.__name__ for one in OURS if OneServiceError in one.__bases__}
    assert children == BRANCHES | LEAVES_OF_THE_ROOT
    drawn = set(re.findall(r"[├└]─ (\w+)", errors.__doc__ or ""))
    assert drawn == BRANCHES


def test_codes_are_unique_and_stable_in_form() -> None:
    codes = [one.code for one in OURS]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z][a-z_]*[a-z]", code) for code in codes)
    assert all("code" in vars(one) for one in OURS), "a code is never inherited"


@pytest.mark.parametrize("one", OURS, ids=lambda one: one.__name__)
def test_every_class_says_what_it_means(one: type[OneServiceError]) -> None:
    documented = one.__dict__.get("__doc__")
    assert documented
    assert documented.strip().endswith(".")


def test_the_code_is_documented() -> None:
    assert "``code``" in (errors.__doc__ or "")


@pytest.mark.parametrize("one", OURS, ids=lambda one: one.__name__)
def test_facts_are_attributes_and_the_message_is_the_text(one: type[OneServiceError]) -> None:
    samples = {
        "message": "what; do this",
        "kind": "credit_code",
        "source": "a.yaml:4:2",
        "cycle": ("a", "b", "a"),
        "duties": ("lamp", "line"),
        "sub_cases": ("health_cert-1",),
        "sub_case_id": "health_cert-1",
        "names": ("m_photo",),
        "consents": ("own.health",),
        "offset": 3,
        "path": "steps.a.when",
        "status": "granted",
        "questions": ("area",),
        "problems": {"area": "is missing"},
        "department": "fire-rescue",
        "retry_after_s": 30,
        "problem": "not-open",
        "region": "990101",
        "year": 2027,
        "port": 8080,
        "reason": "outside_hours",
        "remedy": "ask again during its hours",
    }
    accepted = inspect.signature(one.__init__).parameters
    positional = [name for name in ("message", "problems") if name in accepted]
    named = {name: samples[name] for name in accepted if name in samples and name not in positional}
    plain = ["what; do this"] if "args" in accepted else []  # no constructor of its own
    given = [samples[name] for name in positional] or plain
    error = one(*given, **named)
    for name, value in named.items():
        assert getattr(error, name) == value
    assert str(error)
    assert isinstance(error, OneServiceError)
    if "message" in positional or not (positional or named):
        assert "what; do this" in str(error)
    if "source" in named:
        assert str(error).startswith("a.yaml:4:2: ")


def test_only_bad_values_are_value_errors_too() -> None:
    also = {one.__name__ for one in OURS if issubclass(one, ValueError)}
    assert also == {"MalformedJsonError", "IdentifierError"}


def test_no_class_of_the_tree_hides_outside_of_the_module() -> None:
    """Errors that leave a room are defined in one place."""
    for module in pkgutil.walk_packages(oneservice.__path__, "oneservice."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    strangers = [one for one in tree() if one.__module__.split(".")[0] == "oneservice"]
    assert {one.__module__ for one in strangers} == {"oneservice.errors"}
