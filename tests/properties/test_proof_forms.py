"""What a proof covers is the canonical form without it, wherever the verifier takes that from."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oneservice.canonical import canonical
from oneservice.certificates.proofs import _without

_NAMES = st.sampled_from(["a", "proof", "proofValue", "z", '"proof":', "proof\\", "证", "\ufb03"])
_TEXTS = st.sampled_from(['"proof":{}', ',"proof":1', "\\", "", "证照", "plain"])
_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(_NAMES, _VALUES, max_size=5), _VALUES)
def test_a_member_is_cut_out_as_if_it_had_never_stood_there(
    rest: dict[str, Any], proof: Any
) -> None:
    rest.pop("proof", None)
    whole = {**rest, "proof": proof}
    member = canonical(proof)
    assert _without(whole, "proof", canonical(whole), member) == canonical(rest)
    assert _without(whole, "proof", None, member) == canonical(rest)
