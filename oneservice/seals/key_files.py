"""Keys in files: PKCS #8, encrypted by AES-256 under a key that scrypt makes of a password.

``cryptography`` reads this form and does not write it (it writes PBKDF2), so the few bytes around
the ciphertext are put together here. ``openssl pkey`` reads the files; those of ``openssl pkcs8
-topk8 -scrypt`` are read here.

References:
    RFC 5958 (EncryptedPrivateKeyInfo), RFC 8018 section 6.2 (PBES2), RFC 7914 section 7 (scrypt).
"""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from oneservice.certificates import SigningKey
from oneservice.errors import KeyUnusableError
from oneservice.seals.secret_files import read_secret_file, write_secret_file

if TYPE_CHECKING:
    from oneservice.seals.passwords import Secret

__all__ = ["open_key_file", "write_key_file"]

_MAX_BYTES: Final = 16_384
_COST: Final = 2**14
_BLOCKS: Final = 8
"""16 MiB of memory and some 50 ms for each guess; OpenSSL reads no file that takes 32 MiB."""
_SALT_BYTES: Final = 16
_LEAST_PASSWORD: Final = 8
_MARK: Final = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"
_PBES2: Final = bytes.fromhex("06092a864886f70d01050d")
_SCRYPT: Final = bytes.fromhex("06092b06010401da47040b")
_AES_256_CBC: Final = bytes.fromhex("060960864801650304012a")


def open_key_file(path: Path, password: Secret) -> SigningKey:
    """Return the key in an encrypted file.

    Args:
        path: PKCS #8 in PEM, encrypted; readable by its owner alone.
        password: opens it.

    Raises:
        KeyUnusableError: others can read the file, it is not encrypted, or the password is another.
    """
    data = read_secret_file(path, max_bytes=_MAX_BYTES)
    if _MARK not in data:
        msg = f"{path}: no encrypted key; encrypt it with 'oneservice keys encrypt'"
        raise KeyUnusableError(msg)
    return SigningKey.from_pem(data, password.reveal())


def write_key_file(path: Path, key: SigningKey, password: Secret) -> None:
    """Write ``key``, encrypted, into a new file that only its owner can read.

    Raises:
        KeyUnusableError: the password has fewer than 8 bytes.
        FileUnusableError: there is something of that name already, or it cannot be written.
    """
    write_secret_file(path, _encrypted(key, password.reveal()))


def _encrypted(key: SigningKey, password: bytes) -> bytes:
    if len(password) < _LEAST_PASSWORD:
        msg = f"a password of fewer than {_LEAST_PASSWORD} bytes protects no seal"
        raise KeyUnusableError(msg)
    clear = base64.b64decode(b"".join(key.to_pem(None).splitlines()[1:-1]))
    salt, start = os.urandom(_SALT_BYTES), os.urandom(16)
    derived = Scrypt(salt=salt, length=32, n=_COST, r=_BLOCKS, p=1).derive(password)
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(derived), modes.CBC(start)).encryptor()
    secret = encryptor.update(padder.update(clear) + padder.finalize()) + encryptor.finalize()
    kdf = _sequence(
        _SCRYPT,
        _sequence(_octets(salt), _integer(_COST), _integer(_BLOCKS), _integer(1), _integer(32)),
    )
    scheme = _sequence(_PBES2, _sequence(kdf, _sequence(_AES_256_CBC, _octets(start))))
    text = base64.b64encode(_sequence(scheme, _octets(secret)))
    lines = [text[place : place + 64] for place in range(0, len(text), 64)]
    return b"\n".join((_MARK, *lines, _MARK.replace(b"BEGIN", b"END"), b""))


def _sequence(*parts: bytes) -> bytes:
    return _tagged(0x30, b"".join(parts))


def _octets(data: bytes) -> bytes:
    return _tagged(0x04, data)


def _integer(value: int) -> bytes:
    return _tagged(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _tagged(tag: int, content: bytes) -> bytes:
    """Return a DER element (X.690 section 8.1)."""
    size = len(content)
    if size < 0x80:  # noqa: PLR2004 - the short form
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content
