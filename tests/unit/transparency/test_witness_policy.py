"""Policies for logs and witnesses: the file format of C2SP tlog-policy, and who is enough."""

from __future__ import annotations

import itertools
import sys

import pytest
from cryptography.hazmat.primitives import asymmetric

from oneservice.errors import KeyUnusableError, LogKeyUnknownError, LogMalformedError
from oneservice.transparency import (
    EMPTY_ROOT,
    Checkpoint,
    NoteKey,
    NoteSignature,
    NoteSigner,
    SignatureType,
    WitnessPolicy,
    open_checkpoint,
    signed_note,
)
from oneservice.transparency.note_keys import _SMALL_ORDER, _load

LOG = NoteSigner.generate("log.example").key.vkey
KEYS = {
    name: NoteSigner.generate(f"{name.lower()}.example", type=SignatureType.COSIGNATURE_V1).key
    for name in ("X1", "X2", "X3", "Y1", "Y2", "Y3")
}
LINES = [f"log {LOG}"] + [f"witness {name} {key.vkey}" for name, key in KEYS.items()]
EXAMPLE = "\n".join(
    [
        *LINES,
        "group X-witnesses 2 X1 X2 X3",
        "\t group  Y-witnesses any Y1 Y2 Y3 ",
        "",
        "# both kinds, 两类",
        "group X-and-Y all X-witnesses Y-witnesses",
        "quorum X-and-Y",
        "",
    ]
).encode()


def test_the_example_of_the_specification() -> None:
    policy = WitnessPolicy.parse(EXAMPLE)
    assert policy.quorum == "X-and-Y"
    assert policy.keys == tuple(KEYS.values())
    for count in range(7):
        for names in itertools.combinations(KEYS, count):
            enough = sum(one[0] == "X" for one in names) >= 2 and any(
                one[0] == "Y" for one in names
            )
            assert policy.is_met([KEYS[one].name for one in names]) is enough


def test_what_is_written_is_read_back() -> None:
    policy = WitnessPolicy.parse(EXAMPLE)
    assert WitnessPolicy.parse(policy.dump()) == policy
    assert WitnessPolicy().dump() == b"quorum none\n"
    bare = WitnessPolicy.parse(f"log {LOG}\nquorum none\n".encode())
    assert bare.dump() == f"log {LOG}\nquorum none\n".encode()


def test_a_policy_without_witnesses() -> None:
    policy = WitnessPolicy.parse(f"log {LOG} https://log.example/\nquorum none\n".encode())
    assert policy.is_met(())
    assert policy.logs[0].url == "https://log.example/"


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["quorum X1", "quorum X1"],
        ["quorum Z"],
        ["group G 3 X1 X2", "quorum G"],
        ["group G 0 X1 X2", "quorum G"],
        ["group G 01 X1 X2", "quorum G"],
        ["group G all", "quorum G"],
        ["group G all X1 X1", "quorum G"],
        ["group G all X1", "group H any X1", "quorum H"],
        ["group G all H", "group H all X1", "quorum G"],
        ["group X1 all X2", "quorum X1"],
        ["group none all X2", "quorum none"],
        ["witness again " + KEYS["X1"].vkey, "quorum X1"],
        ["witness plain " + LOG, "quorum none"],
        ["log " + LOG, "quorum none"],
        ["log " + LOG + " a b", "quorum none"],
        ["something else", "quorum none"],
        ["quorum none extra"],
        ["quorum\x00none"],
        ["quorum\u000bnone"],
    ],
)
def test_what_is_no_policy(lines: list[str]) -> None:
    with pytest.raises(LogMalformedError):
        WitnessPolicy.parse("\n".join([*LINES, *lines, ""]).encode())


def test_names_are_opaque_octets() -> None:
    text = "\n".join([*LINES, "quorum X1"]).encode()
    kelvin = text.replace(b"quorum X1", b"quorum \xe2\x84\xaa1")
    with pytest.raises(LogMalformedError):
        WitnessPolicy.parse(kelvin)
    latin = text.replace(b"witness X1", b"witness X\xff").replace(b"quorum X1", b"quorum X\xff")
    assert WitnessPolicy.parse(latin).is_met([KEYS["X1"].name])


def test_keys_and_their_kinds() -> None:
    log, witness = (
        NoteSigner.generate("l.example"),
        NoteSigner.generate("w.example", type=SignatureType.COSIGNATURE_V1),
    )
    assert NoteKey.parse(log.key.vkey) == log.key
    assert repr(log) == f"<NoteSigner {log.key.vkey}>"
    again = NoteSigner.from_pem(log.to_pem(b"pw"), name="l.example", password=b"pw")
    assert again.key == log.key
    for password in (None, b"other"):
        with pytest.raises(KeyUnusableError):
            NoteSigner.from_pem(log.to_pem(b"pw"), name="l.example", password=password)
    with pytest.raises(KeyUnusableError, match="empty"):
        log.to_pem(b"")
    with pytest.raises(KeyUnusableError, match="moment"):
        witness.sign("l.example\n0\n")
    with pytest.raises(LogMalformedError):
        signed_note("no newline", log)
    assert signed_note("empty lines\n\nare text\n\n", log).check([log.key])
    for name in ("", "a b", "a+b", "a\u3000b", "x" * 256, "a\nb"):
        with pytest.raises(LogMalformedError):
            NoteSigner.generate(name)


def test_a_kind_that_cannot_be_checked_here_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An older `cryptography` has no ML-DSA: its witnesses are missing, nothing is false."""
    log = NoteSigner.generate("l.example")
    kind = SignatureType.COSIGNATURE_ML_DSA_44
    witness = NoteKey(name="w.example", type=kind, public=bytes(1312))
    line = NoteSignature(name=witness.name, key_id=witness.id, value=b"\x01" * 2428)
    head = Checkpoint(origin="l.example", size=0, root=EMPTY_ROOT)
    note = signed_note(head.text, log).with_signatures([line])
    _load.cache_clear()
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.mldsa", None)
    monkeypatch.delattr(asymmetric, "mldsa", raising=False)  # who imported it before
    assert not witness.is_usable
    opened = open_checkpoint(note.dump(), log=log.key, witnesses=[witness])
    assert opened.cosigned == ()
    with pytest.raises(KeyUnusableError, match="newer"):
        witness.verifies(b"\x01" * 2420, b"x")
    with pytest.raises(LogKeyUnknownError):
        note.check([witness])
    _load.cache_clear()


@pytest.mark.parametrize("kind", [SignatureType.ED25519, SignatureType.COSIGNATURE_V1])
@pytest.mark.parametrize("public", sorted(_SMALL_ORDER))
def test_a_key_under_which_anybody_signs_is_none(public: int, kind: SignatureType) -> None:
    for sign in (0, 1 << 255):
        with pytest.raises(LogMalformedError, match="small order"):
            NoteKey(name="l.example", type=kind, public=(public | sign).to_bytes(32, "little"))
