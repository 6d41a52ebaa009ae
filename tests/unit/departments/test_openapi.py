"""The formal description says what the code does: learnt from it, and held against it both ways."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from oneservice.canonical import canonical
from oneservice.case import REQUIRED_DATA, EventType
from oneservice.case.department_events import MAX_LIMIT_DAYS, data_problem
from oneservice.cli.program import program
from oneservice.departments import (
    PROBLEMS,
    AdapterApp,
    arazzo_document,
    openapi_document,
    parse_callback,
    parse_capabilities,
    parse_changes,
    parse_evidence,
    parse_evidence_request,
    parse_findings,
    parse_problem,
    parse_status,
    parse_submission,
    parse_supplement,
    parse_withdrawal,
    problem_json,
)
from oneservice.departments.openapi_events import DATA_MEMBERS, MOST_DAYS
from oneservice.departments.openapi_resources import OPERATIONS, PARAMETERS
from oneservice.errors import ProtocolProblemError

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (DOCS / "protocol.md").read_text("utf-8")
EXAMPLES = {
    name: json.loads(text)
    for name, text in re.findall(
        r"<!-- example: ([a-z-]+) -->\n```json\n(.*?)\n```", PAGE, re.DOTALL
    )
}
MESSAGES: dict[str, tuple[str, Callable[[bytes], Any]]] = {
    "capabilities": ("Capabilities", parse_capabilities),
    "submission": ("SubmissionBody", parse_submission),
    "supplement": ("SupplementBody", parse_supplement),
    "withdrawal": ("WithdrawalBody", parse_withdrawal),
    "status": ("StatusPage", parse_status),
    "changes": ("ChangesPage", parse_changes),
    "findings": ("Findings", parse_findings),
    "evidence-request": ("EvidenceRequestBody", parse_evidence_request),
    "evidence": ("EvidenceAnswer", parse_evidence),
    "callback": ("Callback", parse_callback),
}
DOCUMENT = openapi_document()
REGISTRY: Registry[Any] = Registry().with_resource(
    "urn:protocol", Resource.from_contents(DOCUMENT, default_specification=DRAFT202012)
)
FORMATS = FormatChecker(formats=("date",))


def validator(name: str) -> Draft202012Validator:
    schema = {"$ref": f"urn:protocol#/components/schemas/{name}"}
    return Draft202012Validator(schema, registry=REGISTRY, format_checker=FORMATS)


def told(name: str, document: Any) -> list[str]:
    return [
        f"{one.json_path}: {one.message[:200]}" for one in validator(name).iter_errors(document)
    ]


def test_the_page_is_the_one_that_is_kept() -> None:
    """To renew: ``oneservice schema --protocol > docs/openapi.json``."""
    kept = (DOCS / "openapi.json").read_text("utf-8")
    assert json.loads(kept) == DOCUMENT
    shown = CliRunner().invoke(program, ["schema", "--protocol"])
    assert shown.exit_code == 0
    assert shown.output == kept


def test_the_flows_are_those_that_are_kept() -> None:
    """To renew: ``oneservice schema --flows > docs/flows.arazzo.json``."""
    kept = (DOCS / "flows.arazzo.json").read_text("utf-8")
    shown = CliRunner().invoke(program, ["schema", "--flows"])
    assert (shown.exit_code, shown.output) == (0, kept)
    assert json.loads(kept) == arazzo_document(openapi_url="openapi.json")
    assert CliRunner().invoke(program, ["schema", "--flows", "--protocol"]).exit_code == 2


def test_flows_use_the_operations_as_they_are_described() -> None:
    operations = {one.id: one for one in OPERATIONS}
    for flow in arazzo_document()["workflows"]:
        given = set(flow.get("inputs", {}).get("properties", ()))
        used = set(re.findall(r"\$inputs\.(\w+)", json.dumps(flow["steps"])))
        assert used == given, flow["workflowId"]
        steps = [step["stepId"] for step in flow["steps"]]
        assert len(set(steps)) == len(steps)
        for step in flow["steps"]:
            operation = operations[step["operationId"]]
            named = {(one["in"], one["name"]) for one in step["parameters"]}
            known = {
                (one["in"], one["name"])
                for name in ("version", *operation.parameters)
                for one in (PARAMETERS[name],)
            }
            must = {one for one in known if one[0] == "path"} | {("header", "OneService-Version")}
            assert must <= named <= known
            assert ("requestBody" in step) == (operation.body is not None)
            statuses = re.findall(r"== (\d{3})", step["successCriteria"][0]["condition"])
            assert {int(one) for one in statuses} <= operation.answers.keys()
            assert set(re.findall(r"steps\.(\w+)", json.dumps(step))) <= set(steps)


def test_it_is_an_openapi_document() -> None:
    checker = pytest.importorskip(
        "openapi_spec_validator", reason="the development extra has the official meta schema"
    )
    checker.OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_it_names_what_the_router_serves() -> None:
    routes = AdapterApp("health", store=":memory:")._face.routes
    served = {
        (method.lower(), tuple(words[at // 2] if at % 2 == 0 else "*" for at in range(count)))
        for (words, count), methods in routes._resources.items()
        for method in methods
    }
    named = {
        (one.method, tuple("*" if part[0] == "{" else part for part in one.path.split("/")[1:]))
        for one in OPERATIONS
    }
    assert named == served
    assert len({one.id for one in OPERATIONS}) == len(OPERATIONS)


def test_every_problem_that_an_adapter_may_answer_belongs_to_a_resource() -> None:
    named = {code for one in OPERATIONS for code in one.problems}
    assert named <= PROBLEMS.keys()
    # A resource that does not know a method, or does not exist, is no operation of the document.
    assert PROBLEMS.keys() - named == {"method-not-allowed"}


def test_every_name_of_a_schema_is_used() -> None:
    text = json.dumps(DOCUMENT)
    for name in DOCUMENT["components"]["schemas"].keys() - {"Head"}:
        assert f'"#/components/schemas/{name}"' in text, name
    for place in re.findall(r'"\$ref": "#/([^"]+)"', text):
        found: Any = DOCUMENT
        for part in place.split("/"):
            found = found[part]


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_the_examples_of_the_protocol_text_fit(name: str) -> None:
    assert told(MESSAGES[name][0], EXAMPLES[name]) == []


def test_the_outcome_and_the_problem_of_the_text_fit() -> None:
    assert told("Outcome", EXAMPLES["outcome"]) == []
    assert told("Problem", EXAMPLES["problem"]) == []


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_every_problem_document_fits(code: str) -> None:
    members = {
        "supported": ["1.0"],
        "server_time": "2026-11-21T01:00:00Z",
        "state": "received",
        "head": {"seq": 0, "digest": None},
        "limit": 5,
        "digests": [],
        "errors": [{"pointer": "/fields", "problem": "is missing"}],
    }
    data = problem_json(code, members=members, detail="d", trace="ab" * 16)
    assert told("Problem", json.loads(data)) == []
    assert parse_problem(data).code == code


# --- events ---


def test_every_member_of_data_has_a_shape() -> None:
    assert {name for names in REQUIRED_DATA.values() for name in names} <= DATA_MEMBERS.keys()
    assert MOST_DAYS == MAX_LIMIT_DAYS


GOOD = {
    "items": [{"material": "m", "problem": "missing"}],
    "reasons": [{"code": "other", "text": {"en": "no"}}],
    "remedies": [{"kind": "review", "until": "2026-12-01", "where": {"en": "there"}}],
    "pending": [{"material": "m", "until": "2026-12-01"}],
    "outcome": EXAMPLES["outcome"],
    "how": "explicit",
    "is_complete_list": True,
    "is_public": True,
    "working_days": 3,
    "promised_working_days": 3,
    "request_digest": "sha256:" + "0" * 64,
    "due_on": "2026-12-01",
    "expected_until": "2026-12-01",
    "effective_at": "2026-11-21T01:00:00Z",
    "result": {"en": "fine"},
    "reason": {"en": "late"},
    "label": {"en": "visit"},
}


@pytest.mark.parametrize("kind", sorted(EventType))
def test_data_of_every_type_is_judged_as_the_core_does(kind: EventType) -> None:
    data = {name: GOOD.get(name, "x1") for name in REQUIRED_DATA[kind]}
    event = EXAMPLES["status"]["events"][0] | {"type": kind.value, "data": data}
    assert told("DepartmentEvent", event) == []
    assert data_problem(kind, data) is None
    for name in REQUIRED_DATA[kind]:
        for worse in ({k: v for k, v in data.items() if k != name}, data | {name: 1.5}):
            assert told("DepartmentEvent", event | {"data": worse}), (kind, name)
    # And what the core refuses has no place in the description either.
    for name, value in (("promised_working_days", MOST_DAYS + 1), ("how", 1), ("items", {})):
        if name in data:
            assert data_problem(kind, data | {name: value})
            assert told("DepartmentEvent", event | {"data": data | {name: value}})


def test_types_of_other_people_may_hold_anything() -> None:
    event = EXAMPLES["status"]["events"][0] | {"type": "x_stamp", "data": {"any": [1, "2"]}}
    assert told("DepartmentEvent", event) == []
    assert told("DepartmentEvent", event | {"type": "stamp"})


# --- codec and schema: the same judgement of the same document ---

VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    1,
    -1,
    2**53 - 1,
    "",
    "a b",
    "c42",
    "/x",
    "x_y",
    "granted",
    "received",
    "delivered",
    "later",
    "needs_subject",
    "certificate",
    "sha256:" + "0" * 64,
    "sha256:" + "A" * 64,
    "2026-11-21",
    "2026-02-30",
    "2026-11-21T01:00:00Z",
    "2026-11-21T01:00:00.123Z",
    "2026-11-21T01:00:00+08:00",
    "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
    "x" * 97,
    [],
    [1],
    ["certificate"],
    ["sha256:" + "0" * 64],
    [{}],
    {},
    {"zh": "x"},
    {"zh": 1},
    {"kind": "person"},
)
CROSSING = re.compile(
    # What no schema can say: how members of a document, or of two events, stand to each other.
    r"/events/\d+ (does not follow|chains to|is not in|belongs to)"
    r"|`delivered`, and only then|has either `preview_url` or|must be https://HOST"
    r"|/head/digest is missing"
)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*at, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*at, index))


def changed(document: Any, place: tuple[Any, ...], value: Any, how: str) -> Any:
    found = copy.deepcopy(document)
    inner = found
    for part in place[:-1]:
        inner = inner[part]
    if how == "drop":
        del inner[place[-1]]
    elif how == "twice" and isinstance(inner, list):
        inner.append(value)
    else:
        inner[place[-1]] = value
    return found


def refusal(parse: Callable[[bytes], Any], document: Any) -> list[str] | None:
    """Return what the codec finds that a schema could say; ``None`` for nothing at all."""
    try:
        parse(canonical(document))
    except ProtocolProblemError as error:
        found = [f"{pointer} {rule}" for pointer, rule in error.findings] or [str(error)]
        return [one for one in found if CROSSING.search(one) is None]
    return None


def is_beyond_the_codec(name: str, errors: list[str]) -> bool:
    """Say whether the schema is stricter: of `data` the codec keeps all, and the core judges."""
    display = ("$.clock", "$.progress")
    return all(".data" in one or one.startswith(display) for one in errors) and name in {
        "status",
        "changes",
    }


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_schema_and_codec_judge_alike(name: str) -> None:
    """Each place of an example in turn: left out, doubled, and replaced by each odd value."""
    schema, parse = MESSAGES[name]
    judge = validator(schema)
    for place in places(EXAMPLES[name]):
        bent = [changed(EXAMPLES[name], place, None, "drop")]
        bent += [changed(EXAMPLES[name], place, value, "set") for value in VALUES]
        bent += [changed(EXAMPLES[name], place, value, "twice") for value in VALUES[:4]]
        for document in bent:
            refused = refusal(parse, document)
            errors = [f"{one.json_path}: {one.message}" for one in judge.iter_errors(document)]
            if refused is None:
                assert errors == [] or is_beyond_the_codec(name, errors), document
            else:
                assert errors or not refused, (refused, document)
