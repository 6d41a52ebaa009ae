"""SM2 with SM3 by Tongsuo (extra ``sm2``): signing, and verifying faster than plain integers.

Tongsuo draws a signature's secret number from the system's own source. (Some Python packages for
SM2 do not; a seal's key must never be near them.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from oneservice.certificates import encode_sm2_key
from oneservice.errors import KeyUnusableError

if TYPE_CHECKING:
    from oneservice.seals.passwords import Secret

__all__ = ["TongsuoKey", "TongsuoSm2"]

_HALF: Final = 32
_IDENTITY: Final = b"1234567812345678"
"""Tongsuo's own default, and that of GM/T 0009; its Python layer lets nobody choose another."""


class TongsuoSm2:
    """A :class:`~oneservice.certificates.NationalBackend` for the default identity."""

    def verifies(
        self, public: tuple[int, int], signature: bytes, data: bytes, *, identity: bytes
    ) -> bool:
        """Say whether ``signature`` over ``data`` is by ``public``.

        Raises:
            KeyUnusableError: another identity than the default, or the extra is not installed.
        """
        if identity != _IDENTITY:
            msg = "Tongsuo's Python layer knows the default identity only; use PlainSm2"
            raise KeyUnusableError(msg)
        library = _library()
        r, s = (int.from_bytes(part, "big") for part in (signature[:_HALF], signature[_HALF:]))
        try:
            key = library.ec.EllipticCurvePublicNumbers(*public, library.ec.SM2()).public_key()
            key.verify(encode_dss_signature(r, s), data, library.ec.ECDSA(library.hashes.SM3()))
        except (library.InvalidSignature, ValueError):
            return False
        return True


class TongsuoKey:
    """A private SM2 key in memory; nothing but signatures and the public half leave it.

    Args:
        pem: PKCS #8, as ``openssl genpkey -algorithm SM2`` writes it.
        password: opens it, where it is encrypted.

    Raises:
        KeyUnusableError: no such key, another password, or the extra ``sm2`` is not installed.
    """

    def __init__(self, pem: bytes, password: Secret | None = None) -> None:
        library = _library()
        secret = None if password is None else password.reveal()
        try:
            key = library.serialization.load_pem_private_key(pem, secret)
            numbers = key.private_numbers().public_numbers
        except (ValueError, TypeError, AttributeError, library.UnsupportedAlgorithm):
            msg = "the key cannot be opened: no SM2 key in PEM, or locked by another password"
            raise KeyUnusableError(msg) from None
        self._key = key
        self.public_multibase = encode_sm2_key((numbers.x, numbers.y))

    def __repr__(self) -> str:
        return f"<TongsuoKey {self.public_multibase}>"

    def sign(self, data: bytes) -> bytes:
        """Return r and s, 32 bytes each, over ``data`` with SM3 and the default identity."""
        library = _library()
        signature = self._key.sign(data, library.ec.ECDSA(library.hashes.SM3()))
        r, s = decode_dss_signature(signature)
        return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")


class _Library:
    """The parts of ``tongsuopy`` that are used here."""

    def __init__(self) -> None:
        from tongsuopy.crypto import (  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra
            hashes,
            serialization,
        )
        from tongsuopy.crypto.asymciphers import (  # type: ignore[import-untyped]  # noqa: PLC0415
            ec,
        )
        from tongsuopy.crypto.exceptions import (  # type: ignore[import-untyped]  # noqa: PLC0415
            InvalidSignature,
            UnsupportedAlgorithm,
        )

        self.hashes: Any = hashes
        self.serialization: Any = serialization
        self.ec: Any = ec
        self.InvalidSignature: Any = InvalidSignature
        self.UnsupportedAlgorithm: Any = UnsupportedAlgorithm


def _library() -> _Library:
    try:
        return _Library()
    except ImportError:
        msg = "signing by SM2 needs more: pip install -e '.[sm2]'"
        raise KeyUnusableError(msg) from None
