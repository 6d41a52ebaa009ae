"""The 28 official SD-JWTs: read, verified, and their disclosures made again byte for byte."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from oneservice.certificates import SdJwt, key_of_jwk
from oneservice.certificates.disclosures import write_disclosure
from oneservice.certificates.jose import check_jws
from oneservice.certificates.sd_jwt_issuing import conceal

PUBLIC = ("kty", "crv", "x", "y")
NAMES = (
    *(
        f"testcases/{name}"
        for name in (
            "array_data_types",
            "array_full_sd",
            "array_in_sd",
            "array_nested_in_plain",
            "array_none_disclosed",
            "array_of_nulls",
            "array_of_objects",
            "array_of_scalars",
            "array_recursive_sd",
            "array_recursive_sd_some_disclosed",
            "header_mod",
            "key_binding",
            "no_sd",
            "object_data_types",
            "recursions",
        )
    ),
    *(
        f"rfc9901-examples/{name}"
        for name in (
            "address_only_flat",
            "address_only_recursive",
            "address_only_structured",
            "address_only_structured_one_open",
            "arf-pid",
            "complex_eidas",
            "complex_eidas_proposal",
            "complex_ekyc",
            "jsonld",
            "simple",
            "simple_structured",
            "w3c-vc",
            "w3c-vc_for_slide_deck",
        )
    ),
)


@pytest.fixture(params=NAMES)
def vector(request: pytest.FixtureRequest, vectors: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((vectors / "sd-jwt" / f"{request.param}.json").read_bytes())
    return found


def parse(text: str) -> SdJwt:
    """Read with the type that the vector has: they are of many profiles."""
    header = json.loads(base64.urlsafe_b64decode(text.split(".", maxsplit=1)[0] + "=="))
    return SdJwt.parse(text, typ=header["typ"])


def test_both_forms_verify_and_say_what_they_should(vector: dict[str, Any]) -> None:
    key = key_of_jwk({name: vector["issuer_key"][name] for name in PUBLIC})
    for form in ("sd_jwt_issuance", "sd_jwt_presentation"):
        read = parse(vector[form])
        check_jws(read.token, key, what=form)
        assert read.dump().decode() == vector[form]
    assert read.claims == vector["verified_contents"]


def test_key_bindings_are_those_of_the_holder(vector: dict[str, Any]) -> None:
    read = parse(vector["sd_jwt_presentation"])
    assert (read.key_binding is not None) == ("kb_jwt_payload" in vector)
    if read.key_binding is None:
        return
    check_jws(read.key_binding, key_of_jwk(read.claims["cnf"]["jwk"]), what="key binding")
    assert read.key_binding.payload == vector["kb_jwt_payload"]
    assert read.key_binding.payload["sd_hash"] == read.sd_hash


class Hidden:
    """What a vector's specification marks with ``!sd``."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return hash(self.value)


class Specification(yaml.SafeLoader):
    """Reads ``!sd`` before names of members and before elements."""


def _hidden(loader: Specification, node: yaml.Node) -> Hidden:
    if isinstance(node, yaml.MappingNode):
        return Hidden(loader.construct_mapping(node, deep=True))
    if isinstance(node, yaml.SequenceNode):
        return Hidden(loader.construct_sequence(node, deep=True))
    plain = yaml.ScalarNode(loader.resolve(yaml.ScalarNode, node.value, (True, False)), node.value)
    plain.style = node.style
    if node.style is not None:
        plain.tag = "tag:yaml.org,2002:str"
    return Hidden(loader.construct_object(plain))


Specification.add_constructor("!sd", _hidden)


def clear(value: Any) -> Any:
    """Return the claims without marks."""
    if isinstance(value, Hidden):
        return clear(value.value)
    if isinstance(value, dict):
        return {clear(name): clear(one) for name, one in value.items()}
    if isinstance(value, list):
        return [clear(one) for one in value]
    return value


def marked(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths of what is marked."""
    if isinstance(value, Hidden):
        value = value.value
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    if not isinstance(value, (dict, list)):
        return
    for name, one in entries:
        place = (*path, clear(name))
        if isinstance(name, Hidden) or isinstance(one, Hidden):
            yield place
        inner = one.value if isinstance(one, Hidden) else one
        if isinstance(inner, (dict, list)):
            yield from marked(inner, place)


def pythonic(value: Any) -> bytes:
    """Write JSON as the reference implementation does."""
    return json.dumps(value).encode()


def test_the_same_salts_give_the_same_disclosures(vector: dict[str, Any]) -> None:
    issued = parse(vector["sd_jwt_issuance"])
    claims = yaml.load(vector["specification_yaml"], Specification)["user_claims"]  # noqa: S506
    assert clear(claims) == vector["user_claims"] or vector["user_claims"] == {
        str(name): one for name, one in vector["user_claims"].items()
    }
    payload = json.loads(json.dumps(clear(claims), default=str))
    hidden = tuple(
        tuple(
            step if isinstance(step, int) and _in_list(claims, path[:n]) else _named(step)
            for n, step in enumerate(path)
        )
        for path in marked(claims)
    )
    made = conceal(payload, hidden, iter([one.salt for one in issued.disclosures]), write=pythonic)
    assert [one.text for one in made.disclosures] == [one.text for one in issued.disclosures]
    decoys = set(vector.get("decoy_digests", ()))
    due = {name: vector["sd_jwt_payload"].get(name) for name in made.payload}
    assert made.payload == _without(due, decoys)


def _named(step: Any) -> Any:
    return json.loads(json.dumps({step: 0}, default=str)).popitem()[0]


def _in_list(claims: Any, path: tuple[Any, ...]) -> bool:
    value = clear(claims)
    for step in path:
        value = value[step]
    return isinstance(value, list)


def _without(value: Any, decoys: set[str]) -> Any:
    """Return a payload without digests that stand for nothing."""
    if isinstance(value, dict):
        kept = {name: _without(one, decoys) for name, one in value.items()}
        if "_sd" in kept:
            kept["_sd"] = [one for one in kept["_sd"] if one not in decoys]
        return kept
    if isinstance(value, list):
        return [_without(one, decoys) for one in value]
    return value


def test_the_rfcs_own_disclosure() -> None:
    """RFC 9901, section 4.2.1, and the digest of section 4.2.3."""
    made = write_disclosure("_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius", write=pythonic)
    plain = write_disclosure(
        "_26bc4LT-ac6q2KI6cBW5es",
        "family_name",
        "Möbius",
        write=lambda value: json.dumps(value, ensure_ascii=False).encode(),
    )
    assert plain.text == ("WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0")
    assert plain.digest("sha-256") == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    assert made.digest("sha-256") != plain.digest("sha-256")
