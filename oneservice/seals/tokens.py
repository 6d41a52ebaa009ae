"""Keys in devices, through PKCS #11: the key never leaves, and its PIN is asked for once.

Theory of operation. A module (a shared library of the device's maker) is loaded once per process;
one session is opened when a key first signs, and all threads take turns on it, because sessions
are not made to be shared. A session may end at any time: somebody pulls the card, the device
restarts. Then it is opened once more and the call repeated, which is safe, since signing changes
nothing. A PIN that was refused is *never* tried again: devices lock after three. A device that
already counts failed attempts is not tried at all until its keeper has looked.

Signatures of EC keys are random in most devices: the same words give another one each time. The
lock's book keeps the one that counts.

References:
    PKCS #11 v3.1, sections 5.6 (sessions), 6.3 (elliptic curves; ``CKM_ECDSA`` signs a digest).
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from oneservice.certificates import Cryptosuite, Curve, encode_multikey
from oneservice.errors import KeyTokenError, KeyUnusableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oneservice.seals.passwords import Secret

__all__ = ["TokenKey", "TokenPlace"]

_PARAMETERS: Final = {
    bytes.fromhex("06082a8648ce3d030107"): Curve.P256,
    bytes.fromhex("06052b81040022"): Curve.P384,
    bytes.fromhex("06032b6570"): Curve.ED25519,
    b"\x13\x0cedwards25519": Curve.ED25519,  # PKCS #11 v3.0 writes the curve's name
}
_HALF: Final = {Curve.P256: 32, Curve.P384: 48}
_SESSION_ENDED: Final = (
    "SessionClosed",
    "SessionHandleInvalid",
    "KeyHandleInvalid",
    "ObjectHandleInvalid",
    "OperationNotInitialized",
    "UserNotLoggedIn",
    "DeviceRemoved",
    "DeviceError",
    "TokenNotPresent",
    "GeneralError",
)
_PIN_REFUSED: Final = ("PinIncorrect", "PinLocked", "PinExpired", "PinInvalid", "PinLenRange")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPlace:
    """Where a key is: which module, which device, which key in it.

    Args:
        module: the maker's shared library.
        token: label of the device.
        label: label of the key.
    """

    module: Path
    token: str
    label: str


class TokenKey:
    """A :class:`~oneservice.seals.SealKey` in a device.

    Args:
        place: where it is.
        pin: opens the device; shown nowhere.

    Raises:
        KeyTokenError: the device is not there, is locked or refuses the PIN; ``sign`` raises it,
            too.
        KeyUnusableError: the extra ``pkcs11`` is missing, or the key is of a kind that we do not
            sign with.
    """

    def __init__(self, place: TokenPlace, pin: Secret) -> None:
        self.place = place
        self._pin = pin
        self._turn = threading.Lock()
        self._library = _loaded(place.module)
        self._session: Any = None
        self._key: Any = None
        self._is_refused = False
        with self._turn:
            self.curve, self.public_multibase = self._opened()

    def __repr__(self) -> str:
        return f"<TokenKey {self.place.token}/{self.place.label} {self.public_multibase}>"

    @property
    def suite(self) -> Cryptosuite:
        """The suite that proofs by this key name."""
        is_ed = self.curve is Curve.ED25519
        return Cryptosuite.EDDSA_JCS_2022 if is_ed else Cryptosuite.ECDSA_JCS_2019

    def sign(self, data: bytes) -> bytes:
        """Return the raw signature over ``data``; blocks until the device has answered.

        Raises:
            KeyTokenError: the device does not sign now, also not in a session of its own.
        """
        with self._turn:
            if self._session is None:
                self._opened()
            try:
                return self._signed(data)
            except _pkcs11().PKCS11Error as error:
                if type(error).__name__ not in _SESSION_ENDED:
                    raise self._problem("does not sign", error) from None
            self._forget()
            self._opened()
            try:
                return self._signed(data)
            except _pkcs11().PKCS11Error as error:
                self._forget()
                raise self._problem("does not sign, also not in a new session", error) from None

    def close(self) -> None:
        """End the session; the key can be used again, and opens another."""
        with self._turn:
            self._forget()

    def _signed(self, data: bytes) -> bytes:
        mechanism = _pkcs11().Mechanism
        if self.curve is Curve.ED25519:
            return bytes(self._key.sign(data, mechanism=mechanism.EDDSA))
        hashed = (hashlib.sha384 if self.curve is Curve.P384 else hashlib.sha256)(data).digest()
        return bytes(self._key.sign(hashed, mechanism=mechanism.ECDSA))

    def _forget(self) -> None:
        session, self._session, self._key = self._session, None, None
        if session is not None:
            with contextlib.suppress(_pkcs11().PKCS11Error):
                session.close()

    def _opened(self) -> tuple[Curve, str]:
        """Open a session and find the key; the PIN is given once and not again if refused."""
        pkcs11 = _pkcs11()
        if self._is_refused:
            msg = "the device refused this PIN before; it is not tried again, so as not to lock it"
            raise KeyTokenError(msg)
        with self._telling("cannot be opened"):
            token = self._token()
            self._check_attempts(token)
            try:
                self._session = token.open(user_pin=self._pin.text())
            except pkcs11.UserAlreadyLoggedIn:
                # Logging in counts for the whole process: another key of this device did it.
                self._session = token.open()
            except pkcs11.PKCS11Error as error:
                self._is_refused = type(error).__name__ in _PIN_REFUSED
                raise
        with self._telling("was not found in the device; check its label"):
            classes = pkcs11.ObjectClass
            self._key = self._session.get_key(classes.PRIVATE_KEY, label=self.place.label)
            public = self._session.get_key(classes.PUBLIC_KEY, label=self.place.label)
            curve, point = _curve_and_point(public, pkcs11.Attribute)
        found = curve, encode_multikey(curve, point)
        known = getattr(self, "public_multibase", found[1])
        if known != found[1]:
            self._forget()
            msg = "another key has taken the place of this one in the device; open it anew"
            raise KeyTokenError(msg)
        return found

    def _token(self) -> Any:
        """Find the device; a module that was loaded long ago may have to look again."""
        pkcs11 = _pkcs11()
        try:
            return self._library.get_token(token_label=self.place.token)
        except pkcs11.PKCS11Error:
            self._library.reinitialize()
            return self._library.get_token(token_label=self.place.token)

    def _check_attempts(self, token: Any) -> None:
        flags = _pkcs11().TokenFlag
        risky = flags.USER_PIN_COUNT_LOW | flags.USER_PIN_FINAL_TRY | flags.USER_PIN_LOCKED
        if token.flags & risky:
            self._is_refused = True
            msg = (
                "the device counts wrong PINs already, or is locked; its keeper must log in by "
                "hand first, so that nothing here uses up the last attempt"
            )
            raise KeyTokenError(msg)

    @contextlib.contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        """Turn what the module says into an error of ours; its text is not repeated."""
        try:
            yield
        except _pkcs11().PKCS11Error as error:
            self._forget()
            raise self._problem(what, error) from None

    def _problem(self, what: str, error: Exception) -> KeyTokenError:
        place = f"{self.place.token}/{self.place.label}"
        return KeyTokenError(f"the key {place!r} {what} ({type(error).__name__})")


def _curve_and_point(public: Any, attribute: Any) -> tuple[Curve, bytes]:
    curve = _PARAMETERS.get(bytes(public[attribute.EC_PARAMS]))
    point = bytes(public[attribute.EC_POINT])
    if point[:1] == b"\x04" and len(point) == point[1] + 2:  # an OCTET STRING around the point
        point = point[2:]
    if curve is None:
        msg = "the key in the device is on a curve that we do not use; P-256, P-384 or Ed25519"
        raise KeyUnusableError(msg)
    half = _HALF.get(curve)
    if half is None:
        return curve, point
    if len(point) != 2 * half + 1 or point[0] != 4:  # noqa: PLR2004 - uncompressed
        msg = "the device states the public key in a form that is not read here"
        raise KeyUnusableError(msg)
    return curve, bytes((2 + point[-1] % 2,)) + point[1 : half + 1]


def _loaded(module: Path) -> Any:
    try:
        return _pkcs11().lib(str(module))
    except (RuntimeError, OSError) as error:  # PKCS11Error is a RuntimeError
        msg = f"{module}: cannot be used as a PKCS #11 module ({type(error).__name__})"
        raise KeyUnusableError(msg) from None


def _pkcs11() -> Any:
    try:
        import pkcs11  # noqa: PLC0415 - an extra
    except ImportError:
        msg = "keys in devices need more: pip install -e '.[pkcs11]'"
        raise KeyUnusableError(msg) from None
    return pkcs11
