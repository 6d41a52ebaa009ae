"""The way to the ASN.1 of electronic seals, whose library is an extra; its errors in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from oneservice.errors import MalformedCertificateError, OneServiceError, StatusUnknownError

__all__ = ["SEAL_HEADER", "SEAL_VERSION", "SM2_SM3_OID", "bounded", "forms", "reading"]

SEAL_HEADER: Final = "ES"
SEAL_VERSION: Final = 4
SM2_SM3_OID: Final = "1.2.156.10197.1.501"
_BYTES: Final = 4_194_304
"""A picture of some hundred kilobytes and four certificates."""


def bounded(data: bytes) -> bytes:
    """Return ``data`` unless there is more of it than a seal could have."""
    if len(data) > _BYTES:
        msg = f"an electronic seal of more than {_BYTES} bytes"
        raise MalformedCertificateError(msg)
    return data


@contextmanager
def reading() -> Iterator[None]:
    """Turn whatever the parser says of foreign bytes into one error of ours."""
    try:
        yield
    except OneServiceError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        msg = f"no electronic seal of version 4 ({type(error).__name__})"
        raise MalformedCertificateError(msg) from None
    except RecursionError:
        msg = "an electronic seal that is nested too deeply"
        raise MalformedCertificateError(msg) from None


def forms() -> Any:
    """Return the ASN.1 forms.

    Raises:
        StatusUnknownError: the extra ``sm2`` is not installed.
    """
    try:
        from oneservice.certificates import national_eseal_forms  # noqa: PLC0415 - an extra
    except ImportError:
        msg = "electronic seals cannot be read here: pip install -e '.[sm2]' brings what it needs"
        raise StatusUnknownError(msg) from None
    return national_eseal_forms
