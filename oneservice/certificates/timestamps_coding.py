"""The bytes of RFC 3161: requests, answers and tokens, taken apart; nothing in them is believed.

``asn1crypto`` reads them (extra ``timestamps``). It was chosen over ``rfc3161-client``, whose
parser wants strict DER of a whole token and so refuses the tokens that OpenSSL makes when it
encloses more than one certificate (a SET that is not sorted); CMS asks for DER of the signed
attributes only. Both libraries, and OpenSSL itself, are strangers in our tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from oneservice.errors import (
    ForgedCertificateError,
    MalformedCertificateError,
    OneServiceError,
    StatusUnknownError,
    UnknownCryptosuiteError,
)

__all__ = [
    "IMPRINTS",
    "ReadToken",
    "TimestampRequest",
    "has_positive_serial",
    "open_answer",
    "read_token",
]

_TOKEN_BYTES: Final = 262_144
"""A token is some kilobytes: a signature and up to four certificates."""
IMPRINTS: Final = {32: "sha256", 48: "sha384", 64: "sha512"}
"""Length of a digest and its algorithm. SHA-1 and the like name no bytes for ten years."""
_GRANTED: Final = frozenset({"granted", "granted_with_mods"})
_ONE: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadToken:
    """A token, taken apart.

    Args:
        at: ``genTime``, in UTC.
        algorithm: name of the hash of ``imprint``.
        imprint: digest of what was stamped.
        policy: object identifier of the authority's rules.
        serial: number of the stamp.
        accuracy: how far the clock may be off.
        nonce: number of the request.
        info: bytes of the ``TSTInfo``, which ``message_digest`` must cover.
        digest_algorithm: hash of the signed attributes.
        signature_algorithm: ``ecdsa``, ``rsassa_pkcs1v15``, ``rsassa_pss`` or ``ed25519``.
        message_digest: from the signed attributes.
        signer_hash: digest of the signer's certificate (ESSCertID), and
        signer_hash_algorithm: its hash.
        signed_attributes: the bytes that the signature covers.
        signature: over them.
        signer: issuer (DER) and serial of the signer's certificate, or its key identifier.
        certificates: DER of the certificates that came along.
    """

    at: datetime
    algorithm: str
    imprint: bytes
    policy: str
    serial: int
    accuracy: timedelta | None
    nonce: int | None
    info: bytes
    digest_algorithm: str
    signature_algorithm: str
    message_digest: bytes
    signer_hash: bytes
    signer_hash_algorithm: str
    signed_attributes: bytes
    signature: bytes
    signer: tuple[bytes, int] | bytes
    certificates: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampRequest:
    """What is asked of an authority.

    Args:
        digest: of the bytes to be stamped; its length tells the algorithm (SHA-256, 384, 512).
        nonce: a number that nobody can foresee; ties the answer to this request.
        policy: object identifier of the rules that are wished for.
    """

    digest: bytes
    nonce: int
    policy: str | None = None

    def encode(self) -> bytes:
        """Return the ``TimeStampReq`` in DER; it asks for the authority's certificate, too.

        Raises:
            StatusUnknownError: the extra ``timestamps`` is not installed.
        """
        tsp, _ = _library()
        words: dict[str, Any] = {
            "version": "v1",
            "message_imprint": {
                "hash_algorithm": {"algorithm": IMPRINTS[len(self.digest)]},
                "hashed_message": self.digest,
            },
            "nonce": self.nonce,
            "cert_req": True,
        }
        if self.policy is not None:
            words["req_policy"] = self.policy
        encoded: bytes = tsp.TimeStampReq(words).dump()
        return encoded


def open_answer(answer: bytes, *, request: TimestampRequest) -> bytes:
    """Return the token in an authority's answer to ``request``; whether it holds, is not asked.

    Raises:
        MalformedCertificateError: it is no ``TimeStampResp``.
        ForgedCertificateError: it answers another request.
        StatusUnknownError: the authority refused; the message has its words.
    """
    with _reading("timestamp answer"):
        found = _answer_form().load(_bounded(answer), strict=True)
        status = found["status"]["status"].native
        if status not in _GRANTED:
            why = found["status"]["fail_info"].native or ()
            msg = f"the authority did not stamp: {status} ({', '.join(sorted(why)) or 'no reason'})"
            raise StatusUnknownError(msg)
        token: bytes = found["time_stamp_token"].dump()
    read = read_token(token)
    if read.nonce != request.nonce or read.imprint != request.digest:
        msg = "the authority's answer is to another request"
        raise ForgedCertificateError(msg)
    return token


def _answer_form() -> Any:
    """Return the form of an answer; the library's own knows none without a token: a refusal."""
    tsp, cms = _library()
    from asn1crypto import core  # noqa: PLC0415 - an extra, as _library says

    fields = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]
    return type("TimeStampResp", (core.Sequence,), {"_fields": fields})


def read_token(token: bytes) -> ReadToken:
    """Return ``token``, taken apart.

    Raises:
        MalformedCertificateError: it is none, or lacks what RFC 3161 asks for.
        UnknownCryptosuiteError: its hash is not one of SHA-256, SHA-384 and SHA-512.
        StatusUnknownError: the extra ``timestamps`` is not installed.
    """
    _, cms = _library()
    with _reading("timestamp"):
        content = cms.ContentInfo.load(_bounded(token), strict=True)
        signed = _due(content["content_type"].native == "signed_data", content["content"])
        inner = signed["encap_content_info"]
        _due(inner["content_type"].native == "tst_info", None)
        _due(len(signed["signer_infos"]) == _ONE, None)
        signer = signed["signer_infos"][0]
        return _token(inner["content"], signer, _certificates(signed))


def _token(content: Any, signer: Any, certificates: tuple[bytes, ...]) -> ReadToken:
    info, attributes = content.parsed, _attributes(signer)
    imprint = info["message_imprint"]
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    digest_algorithm = signer["digest_algorithm"]["algorithm"].native
    for name in (algorithm, digest_algorithm):
        if name not in IMPRINTS.values():
            msg = f"the timestamp uses {str(name)[:40]}; SHA-256, SHA-384 or SHA-512 is due"
            raise UnknownCryptosuiteError(msg)
    _due(info["version"].native == "v1", None)
    _due(attributes["content_type"].native == "tst_info", None)
    hash_name, hash_value = _signer_hash(attributes)
    return ReadToken(
        at=_moment(info["gen_time"].native),
        algorithm=algorithm,
        imprint=imprint["hashed_message"].native,
        policy=info["policy"].dotted,
        serial=info["serial_number"].native,
        accuracy=_accuracy(info["accuracy"]),
        nonce=info["nonce"].native,
        info=bytes(content),
        digest_algorithm=digest_algorithm,
        signature_algorithm=signer["signature_algorithm"].signature_algo,
        message_digest=attributes["message_digest"].native,
        signer_hash=hash_value,
        signer_hash_algorithm=hash_name,
        signed_attributes=signer["signed_attrs"].untag().dump(),
        signature=signer["signature"].native,
        signer=_signer(signer["sid"]),
        certificates=certificates,
    )


def _attributes(signer: Any) -> dict[str, Any]:
    """Return the signed attributes by name; each has one value, none stands there twice."""
    found: dict[str, Any] = {}
    for attribute in signer["signed_attrs"]:
        name = attribute["type"].native
        _due(name not in found and len(attribute["values"]) == _ONE, None)
        found[name] = attribute["values"][0]
    return found


def _signer_hash(attributes: dict[str, Any]) -> tuple[str, bytes]:
    """Return which certificate the signer says it used (ESSCertID), which RFC 3161 asks for."""
    if "signing_certificate_v2" in attributes:
        first = attributes["signing_certificate_v2"]["certs"][0]
        name = first["hash_algorithm"]["algorithm"].native
        return _due(name in IMPRINTS.values(), name), first["cert_hash"].native
    # ESSCertID is SHA-1 by definition (RFC 2634). It only points; the pin is the trust list's.
    return "sha1", attributes["signing_certificate"]["certs"][0]["cert_hash"].native


def _signer(sid: Any) -> tuple[bytes, int] | bytes:
    if sid.name == "issuer_and_serial_number":
        return sid.chosen["issuer"].dump(), sid.chosen["serial_number"].native
    found: bytes = sid.chosen.native
    return found


def _certificates(signed: Any) -> tuple[bytes, ...]:
    return tuple(
        one.chosen.dump() for one in signed["certificates"] or () if one.name == "certificate"
    )


def has_positive_serial(certificate: bytes) -> bool:
    """Say whether a certificate (DER) numbers itself as RFC 5280, 4.1.2.2 demands.

    Libraries differ about the others: some read them, some warn, some refuse them.
    """
    from asn1crypto import x509  # noqa: PLC0415 - an extra, as `_library` says

    try:
        read = x509.Certificate.load(certificate, strict=True)
        return bool(read["tbs_certificate"]["serial_number"].native > 0)
    except (ValueError, TypeError, KeyError, OverflowError):
        return False


def _accuracy(found: Any) -> timedelta | None:
    if found.native is None:
        return None
    seconds, millis, micros = (found[name].native or 0 for name in ("seconds", "millis", "micros"))
    _due(min(seconds, millis, micros) >= 0, None)  # else the clock would run ahead of itself
    return timedelta(seconds=seconds, milliseconds=millis, microseconds=micros)


def _moment(found: Any) -> datetime:
    _due(isinstance(found, datetime) and found.tzinfo is not None, None)
    moment: datetime = found.astimezone(UTC)
    return moment


def _due(is_so: bool, value: Any) -> Any:  # noqa: FBT001 - reads as an assertion
    if not is_so:
        raise MalformedCertificateError(_NO_TOKEN)
    return value


_NO_TOKEN: Final = "it is no token of RFC 3161"  # noqa: S105 - words, no secret


def _bounded(data: bytes) -> bytes:
    return _due(len(data) <= _TOKEN_BYTES, data)  # type: ignore[no-any-return]


@contextmanager
def _reading(what: str) -> Iterator[None]:
    """Turn whatever the parser says of foreign bytes into one error of ours."""
    try:
        yield
    except OneServiceError as error:
        if str(error) == _NO_TOKEN:
            msg = f"{what}: {_NO_TOKEN}"
            raise MalformedCertificateError(msg) from None
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        msg = f"{what}: {_NO_TOKEN} ({type(error).__name__})"
        raise MalformedCertificateError(msg) from None
    except RecursionError:
        msg = f"{what}: nested too deeply"
        raise MalformedCertificateError(msg) from None


def _library() -> tuple[Any, Any]:
    try:
        from asn1crypto import cms, tsp  # noqa: PLC0415 - an extra
    except ImportError:
        msg = "timestamps cannot be read here: pip install -e '.[timestamps]' brings what it needs"
        raise StatusUnknownError(msg) from None
    return tsp, cms
