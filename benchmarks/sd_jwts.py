"""SD-JWTs against the bare primitive of ``cryptography``, and plain JWS against joserfc."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.certificates import ISSUER, NOW, sample_claims, sample_trust
from benchmarks.measuring import Pair, compared
from oneservice.certificates import (
    Cryptosuite,
    SdJwt,
    SigningKey,
    issue_sd_jwt,
    jwk_of,
    verify_presentation,
)
from oneservice.certificates.jose import check_jws, read_jws, sign_jws

__all__ = ["measure"]

_ASKED = {"audience": "https://landlord.example", "nonce": "n-0S6_WzA2Mj"}


def measure() -> Iterator[Pair]:
    """Yield issuing, verifying with and without holder, and JWS alone."""
    key, holder = (SigningKey.generate(Cryptosuite.ECDSA_JCS_2019) for _ in range(2))
    trust, claims, numbers = sample_trust(key), sample_claims(), count()
    key_id = f"{ISSUER}#{key.public_multibase}"

    def issue() -> SdJwt:
        return issue_sd_jwt(
            claims,
            key=key,
            key_id=key_id,
            issued_at=NOW,
            salts=(f"benchmark-salt-{number:010}" for number in numbers),
            holder_key=holder.public_key,
        )

    curve = ec.generate_private_key(ec.SECP256R1())
    algorithm = ec.ECDSA(hashes.SHA256())
    deterministic = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    point, message = curve.public_key(), b"m" * 1500
    proof = curve.sign(message, algorithm)
    data = issue().dump()
    bound = (
        issue().disclosing(("holder_name",), ("conditions",)).bound(key=holder, at=NOW, **_ASKED)
    )
    shown = bound.dump()
    yield compared(
        f"issue SD-JWT, {len(issue().disclosures)} hidden ({len(data) / 1024:.1f} KiB)",
        issue,
        lambda: curve.sign(message, deterministic),
        floor_name="bare signature",
        calls=100,
    )
    yield compared(
        "parse and verify SD-JWT, all shown",
        lambda: verify_presentation(data, trust=trust, at=NOW),
        lambda: point.verify(proof, message, algorithm),
        floor_name="bare verification",
        calls=100,
    )
    yield compared(
        f"parse and verify presentation with holder ({len(shown) / 1024:.1f} KiB)",
        lambda: verify_presentation(shown, trust=trust, at=NOW, **_ASKED),
        lambda: (point.verify(proof, message, algorithm), point.verify(proof, message, algorithm)),
        floor_name="two bare verifications",
        calls=100,
    )
    yield from _against_joserfc(key, issue().token.text)


def _against_joserfc(key: SigningKey, text: str) -> Iterator[Pair]:
    try:
        from joserfc import jws  # noqa: PLC0415 - a stranger, where it is installed
        from joserfc.jwk import ECKey  # noqa: PLC0415
    except ImportError:
        return
    payload = read_jws(text, typ="dc+sd-jwt", what="it", max_bytes=65_536).payload
    public = ECKey.import_key(dict(jwk_of(key.public_key)))
    private = ECKey.generate_key("P-256")
    body = b"p" * len(text.split(".")[1])
    yield compared(
        "JWS: read and check",
        lambda: check_jws(
            read_jws(text, typ="dc+sd-jwt", what="it", max_bytes=65_536), key.public_key, what="it"
        ),
        lambda: jws.deserialize_compact(text, public, algorithms=["ES256"]),
        floor_name="joserfc ES256",
        calls=100,
    )
    yield compared(
        "JWS: write",
        lambda: sign_jws(payload, key=key, typ="dc+sd-jwt"),
        lambda: jws.serialize_compact({"alg": "ES256"}, body, private),
        floor_name="joserfc ES256",
        calls=100,
    )
