"""A signature spelt as usual is read at one look, and just as it is read piece by piece."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from oneservice.departments import REQUEST_TAG
from oneservice.departments.message_claims import Claim, any_claim, claim_of, usual_claim
from oneservice.departments.message_signatures import COVERED
from oneservice.errors import ProtocolProblemError

_PLAIN = st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters='"\\')
_TEXTS = st.text(_PLAIN | st.sampled_from('"\\é'), max_size=12)
_NUMBERS = st.integers(0, 10**15 - 1).map(str) | st.sampled_from(("00", "-1", "1.0", "10" * 8, ""))
_LABELS = st.sampled_from(("oneservice", "a", "*b.c-1_", "A", "1", ""))
_SIGNATURES = st.binary(min_size=60, max_size=66).map(base64.b64encode).map(bytes.decode)


@st.composite
def _inputs(draw: st.DrawFn) -> str:
    """Return a field nearly as usual: members left out, swapped, doubled, with spaces between."""
    members = [f"created={draw(_NUMBERS)}", f"expires={draw(_NUMBERS)}"]
    members += [f'nonce="{draw(_TEXTS)}"'] if draw(st.booleans()) else []
    members.append(f'keyid="{draw(_TEXTS)}"')
    members += [f'alg="{draw(_TEXTS)}"'] if draw(st.booleans()) else []
    members.append(f'tag="{draw(st.just(REQUEST_TAG) | _TEXTS)}"')
    if draw(st.integers(0, 4)) == 0:
        members = draw(st.permutations(members))
    if draw(st.integers(0, 4)) == 0:
        members.append(draw(st.sampled_from(members)))
    covered = draw(st.just(COVERED) | st.sampled_from(('("@method")', COVERED.replace(" ", "  "))))
    return draw(_LABELS) + "=" + draw(st.sampled_from((";", "; "))).join([covered, *members])


def _read(fields: dict[str, str]) -> Claim | None:
    try:
        return any_claim(fields, REQUEST_TAG)
    except ProtocolProblemError:
        return None


@given(text=_inputs(), label=_LABELS, value=_SIGNATURES, last=st.sampled_from("Aw/=!"))
def test_what_is_read_at_one_look_is_what_is_read_piece_by_piece(
    text: str, label: str, value: str, last: str
) -> None:
    for same in (text.partition("=")[0], label):
        for signature in (value, value[:85] + last + value[86:]):
            fields = {"signature-input": text, "signature": f"{same}=:{signature}:"}
            usual = usual_claim(fields, REQUEST_TAG)
            assert usual is None or usual == _read(fields)


@given(
    created=st.integers(0, 10**15 - 1),
    nonce=st.none() | st.text(_PLAIN),
    keyid=st.text(_PLAIN),
    value=st.binary(min_size=64, max_size=64),
)
def test_a_usual_one_is_read_at_one_look(
    created: int, nonce: str | None, keyid: str, value: bytes
) -> None:
    middle = "" if nonce is None else f';nonce="{nonce}"'
    text = (
        f'a={COVERED};created={created};expires={created}{middle};keyid="{keyid}"'
        f';alg="ed25519";tag="{REQUEST_TAG}"'
    )
    signature = f"a=:{base64.b64encode(value).decode()}:"
    fields = {"signature-input": text, "signature": signature}
    found = usual_claim(fields, REQUEST_TAG)
    assert found is not None
    assert found == claim_of(fields, REQUEST_TAG) == any_claim(fields, REQUEST_TAG)
    assert (found.keyid, found.created, found.signature) == (keyid, created, value)
