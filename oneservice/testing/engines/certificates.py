"""Certificates for the kit's own servers on loopback, right ones and wrong ones."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from oneservice.clocks import SystemClock

__all__ = ["Authority"]

_DAY: Final = timedelta(days=1)


class Authority:
    """A certificate authority that lives as long as a trial; ``pem`` is its own certificate."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Trial authority")])
        self._now = SystemClock().now()  # TLS goes by the machine's clock, not by the engine's
        basic = x509.BasicConstraints(ca=True, path_length=0)
        found = self._builder(self._name, self._key.public_key(), until=self._now + 30 * _DAY)
        found = found.add_extension(basic, critical=True).add_extension(_usage(), critical=True)
        signed = found.sign(self._key, hashes.SHA256())
        self.pem = signed.public_bytes(Encoding.PEM).decode()

    def issue(self, *, address: str = "127.0.0.1", is_expired: bool = False) -> str:
        """Return certificate and key of a server at ``address``, in PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
        until = self._now + (-_DAY if is_expired else _DAY)
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        found = self._builder(name, key.public_key(), until=until)
        signed = found.add_extension(names, critical=False).sign(self._key, hashes.SHA256())
        held = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return held.decode() + signed.public_bytes(Encoding.PEM).decode()

    def _builder(
        self, name: x509.Name, key: ec.EllipticCurvePublicKey, *, until: object
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - 10 * _DAY)
            .not_valid_after(until)  # type: ignore[arg-type]
        )


def _usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
