"""Key files: encrypted, for their owner alone, and read by other people's programs."""

from __future__ import annotations

import os
import pickle
import subprocess
from pathlib import Path

import pytest

from oneservice.certificates import Cryptosuite, Curve, SigningKey
from oneservice.errors import FileUnusableError, KeyUnusableError
from oneservice.seals import Secret, open_key_file, read_secret, write_key_file

PASSWORD = Secret(b"correct horse battery")
KINDS = (
    (Cryptosuite.ECDSA_JCS_2019, Curve.P256),
    (Cryptosuite.ECDSA_JCS_2019, Curve.P384),
    (Cryptosuite.EDDSA_JCS_2022, Curve.ED25519),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "seal.pem"


@pytest.mark.parametrize(("suite", "curve"), KINDS)
def test_what_is_written_is_read(suite: Cryptosuite, curve: Curve, path: Path) -> None:
    key = SigningKey.generate(suite, curve=curve)
    write_key_file(path, key, PASSWORD)
    assert open_key_file(path, PASSWORD).public_multibase == key.public_multibase
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["seal.pem"]


@pytest.mark.parametrize(("suite", "curve"), KINDS)
def test_openssl_reads_it(suite: Cryptosuite, curve: Curve, path: Path) -> None:
    key = SigningKey.generate(suite, curve=curve)
    write_key_file(path, key, PASSWORD)
    clear = subprocess.run(
        ["openssl", "pkey", "-in", path, "-passin", "stdin"],
        input=PASSWORD.reveal(),
        capture_output=True,
        check=True,
    ).stdout
    assert SigningKey.from_pem(clear).public_multibase == key.public_multibase
    shape = subprocess.run(
        ["openssl", "asn1parse", "-in", path], capture_output=True, check=True, text=True
    ).stdout
    assert "PBES2" in shape
    assert "aes-256-cbc" in shape
    assert "scrypt" in shape.lower() or "1.3.6.1.4.1.11591.4.11" in shape


def test_what_openssl_writes_is_read(path: Path) -> None:
    key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    made = subprocess.run(
        ["openssl", "pkcs8", "-topk8", "-scrypt", "-passout", "pass:correct horse battery"],
        input=key.to_pem(None),
        capture_output=True,
        check=True,
    ).stdout
    path.write_bytes(made)
    path.chmod(0o600)
    assert open_key_file(path, PASSWORD).public_multibase == key.public_multibase


def test_files_that_others_could_read_or_change_are_refused(path: Path, tmp_path: Path) -> None:
    write_key_file(path, SigningKey.generate(Cryptosuite.ECDSA_JCS_2019), PASSWORD)
    for mode in (0o640, 0o604, 0o620, 0o602, 0o610, 0o644):
        path.chmod(mode)
        with pytest.raises(KeyUnusableError, match="chmod 600"):
            open_key_file(path, PASSWORD)
    path.chmod(0o600)
    link = tmp_path / "link.pem"
    link.symlink_to(path)
    os.mkfifo(tmp_path / "pipe", 0o600)
    for wrong in (link, tmp_path, tmp_path / "missing", tmp_path / "pipe", Path("a\0b")):
        with pytest.raises(KeyUnusableError):
            open_key_file(wrong, PASSWORD)


def test_a_key_is_never_overwritten(path: Path) -> None:
    key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    write_key_file(path, key, PASSWORD)
    with pytest.raises(FileUnusableError, match="never overwritten"):
        write_key_file(path, SigningKey.generate(Cryptosuite.ECDSA_JCS_2019), PASSWORD)
    assert open_key_file(path, PASSWORD).public_multibase == key.public_multibase
    with pytest.raises(FileUnusableError):
        write_key_file(path.parent / "no" / "such", key, PASSWORD)


def test_wrong_passwords_and_keys_in_the_clear(path: Path) -> None:
    key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    with pytest.raises(KeyUnusableError, match="fewer than 8"):
        write_key_file(path, key, Secret(b"1234567"))
    write_key_file(path, key, PASSWORD)
    with pytest.raises(KeyUnusableError) as caught:
        open_key_file(path, Secret(b"correct horse batterz"))
    assert "batterz" not in str(caught.value)
    clear = path.with_name("clear.pem")
    clear.write_bytes(key.to_pem(None))
    clear.chmod(0o600)
    with pytest.raises(KeyUnusableError, match="no encrypted key"):
        open_key_file(clear, PASSWORD)


def test_every_flipped_byte_is_one_error(path: Path) -> None:
    write_key_file(path, SigningKey.generate(Cryptosuite.EDDSA_JCS_2022), PASSWORD)
    whole = path.read_bytes()
    for place in range(0, len(whole), 17):
        flipped = bytearray(whole)
        flipped[place] ^= 4
        path.write_bytes(bytes(flipped))
        try:
            open_key_file(path, PASSWORD)
        except KeyUnusableError:
            continue


def test_secrets_show_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "horse" not in f"{PASSWORD} {PASSWORD!r} {[PASSWORD]}"
    with pytest.raises(TypeError):
        pickle.dumps(PASSWORD)
    file = tmp_path / "password"
    file.write_bytes(b"from a file\n")
    file.chmod(0o600)
    assert read_secret(f"file:{file}").reveal() == b"from a file"
    monkeypatch.setenv("SEAL_PIN", "1234")
    assert read_secret("env:SEAL_PIN").text() == "1234"
    read, write = os.pipe()
    os.write(write, b"from a pipe\r\n")
    os.close(write)
    assert read_secret(f"fd:{read}").reveal() == b"from a pipe"
    file.chmod(0o644)
    monkeypatch.setenv("EMPTY", "")
    for source in (
        f"file:{file}",
        "env:NO_SUCH_NAME",
        "env:EMPTY",
        "env:",
        "fd:x",
        "fd:255",
        "pass:hunter2222",
        "hunter2222",
    ):
        with pytest.raises(KeyUnusableError) as caught:
            read_secret(source)
        assert "hunter" not in str(caught.value)
