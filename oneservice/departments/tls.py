"""TLS on both sides: an engine's context with pinned anchors, a server's files, who is connected.

Servers tell the application about certificates by ASGI's TLS extension.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509

from oneservice.canonical import digest_bytes
from oneservice.errors import EndpointInvalidError

if TYPE_CHECKING:
    from pathlib import Path

    from oneservice.departments.exchange import Scope

__all__ = [
    "TLS_EXTENSION",
    "ServerTls",
    "certificate_names",
    "client_certificate",
    "tls_context",
]

TLS_EXTENSION: Final = "tls"


def tls_context(
    *,
    anchors: str | Path | None = None,
    certificate: str | Path | None = None,
    key: str | Path | None = None,
    password: str | None = None,
) -> ssl.SSLContext:
    """Return the TLS context of an engine, for one or many endpoints.

    Args:
        anchors: PEM file of the only certificate authorities that count (pinning); ``None`` for
            the system's.
        certificate: PEM file of our certificate and its chain, for mutual TLS.
        key: PEM file of its key; ``None`` where ``certificate`` holds it.
        password: opens the key.

    Raises:
        EndpointInvalidError: a file cannot be read, or key and certificate do not match.
    """
    try:
        context = ssl.create_default_context(cafile=None if anchors is None else str(anchors))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if certificate is not None:
            context.load_cert_chain(
                str(certificate),
                None if key is None else str(key),
                password=lambda: password or "",  # never asks at a terminal
            )
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise EndpointInvalidError(
            f"the TLS files cannot be used ({type(error).__name__}): they must be PEM, readable, "
            "and the key that of the certificate"
        ) from error
    return context


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTls:
    """Files by which :func:`~oneservice.departments.serve` speaks TLS.

    Attributes:
        certificate: PEM file of the server's certificate and chain.
        key: PEM file of its key.
        client_anchors: PEM file of the authorities whose client certificates count; ``None``
            asks for none.
        requires_client: whether a caller without a certificate is cut off in the handshake. If
            not, it is let through to the application, which may answer 401.
    """

    certificate: str | Path
    key: str | Path
    client_anchors: str | Path | None = None
    requires_client: bool = True

    def options(self) -> dict[str, Any]:
        """Return the settings for uvicorn."""
        found: dict[str, Any] = {
            "ssl_certfile": str(self.certificate),
            "ssl_keyfile": str(self.key),
        }
        if self.client_anchors is not None:
            found["ssl_ca_certs"] = str(self.client_anchors)
            found["ssl_cert_reqs"] = (
                ssl.CERT_REQUIRED if self.requires_client else ssl.CERT_OPTIONAL
            )
        return found


def client_certificate(scope: Scope) -> str | None:
    """Return the PEM of the certificate that the connected client proved to hold, if any."""
    extension = (scope.get("extensions") or {}).get(TLS_EXTENSION) or {}
    chain = extension.get("client_cert_chain") or ()
    return str(chain[0]) if chain and not extension.get("client_cert_error") else None


@lru_cache(maxsize=256)
def certificate_names(pem: str) -> tuple[str, ...]:
    """Return by what a certificate may be registered: its digest, its URIs, its DNS names.

    The subject's text counts for nothing: authorities check alternative names (RFC 9525).
    """
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode("ascii"))
        digest = digest_bytes(ssl.PEM_cert_to_DER_cert(pem))
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return (digest,)
    except ValueError:
        return ()
    return (
        digest,
        *found.get_values_for_type(x509.UniformResourceIdentifier),
        *found.get_values_for_type(x509.DNSName),
    )
