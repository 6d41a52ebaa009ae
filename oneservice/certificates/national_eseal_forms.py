"""The ASN.1 of electronic seals, version 4; imported only where ``asn1crypto`` is there.

The text of GB/T 38540-2020 was not at hand. The forms follow what open implementations agree on,
and a sample that one of them made; what only the text could settle is said in ``docs/seals.md``.
"""

from __future__ import annotations

from asn1crypto.core import (
    Any,
    Boolean,
    GeneralizedTime,
    IA5String,
    Integer,
    ObjectIdentifier,
    OctetBitString,
    OctetString,
    PrintableString,
    Sequence,
    SequenceOf,
    UTF8String,
)

__all__ = [
    "AnySequence",
    "CertDigests",
    "Certs",
    "SealForm",
    "SealInfo",
    "SignatureForm",
    "ToSign",
]


class Header(Sequence):  # type: ignore[misc]
    """Who made the seal, and of which version it is."""

    _fields = [("id", IA5String), ("version", Integer), ("vid", IA5String)]  # noqa: RUF012


class Certs(SequenceOf):  # type: ignore[misc]
    """Certificates that may use the seal."""

    _child_spec = OctetString


class CertDigest(Sequence):  # type: ignore[misc]
    """A certificate that may use the seal, by its digest."""

    _fields = [("type", PrintableString), ("value", OctetString)]  # noqa: RUF012


class CertDigests(SequenceOf):  # type: ignore[misc]
    """Digests of certificates that may use the seal."""

    _child_spec = CertDigest


class AnySequence(SequenceOf):  # type: ignore[misc]
    """One of the two above; ``certListType`` tells which.

    Its parts are named, though nobody looks at them: the library writes a value anew whose length
    ends in 0x80, which it takes for an indefinite one, and what has no parts becomes empty.
    """

    _child_spec = Any


class Property(Sequence):  # type: ignore[misc]
    """What the seal is called, for whom it is, and how long it is good."""

    _fields = [  # noqa: RUF012
        ("type", Integer),
        ("name", UTF8String),
        ("cert_list_type", Integer),
        ("cert_list", AnySequence),
        ("created", GeneralizedTime),
        ("valid_from", GeneralizedTime),
        ("valid_until", GeneralizedTime),
    ]


class Picture(Sequence):  # type: ignore[misc]
    """What the seal looks like; width and height in millimetres."""

    _fields = [  # noqa: RUF012
        ("type", IA5String),
        ("data", OctetString),
        ("width", Integer),
        ("height", Integer),
    ]


class Extension(Sequence):  # type: ignore[misc]
    """Something of the maker's own."""

    _fields = [  # noqa: RUF012
        ("id", ObjectIdentifier),
        ("critical", Boolean, {"default": False}),
        ("value", OctetString),
    ]


class Extensions(SequenceOf):  # type: ignore[misc]
    """Things of the maker's own."""

    _child_spec = Extension


class SealInfo(Sequence):  # type: ignore[misc]
    """What the maker of the seal signs."""

    _fields = [  # noqa: RUF012
        ("header", Header),
        ("es_id", IA5String),
        ("property", Property),
        ("picture", Picture),
        ("extensions", Extensions, {"explicit": 0, "optional": True}),
    ]


class SealForm(Sequence):  # type: ignore[misc]
    """An electronic seal."""

    _fields = [  # noqa: RUF012
        ("info", SealInfo),
        ("cert", OctetString),
        ("algorithm", ObjectIdentifier),
        ("signature", OctetBitString),
    ]


class ToSign(Sequence):  # type: ignore[misc]
    """What the holder of the seal signs."""

    _fields = [  # noqa: RUF012
        ("version", Integer),
        ("seal", SealForm),
        ("at", GeneralizedTime),
        ("data_hash", OctetBitString),
        ("property_info", IA5String),
        ("extensions", Extensions, {"explicit": 0, "optional": True}),
    ]


class SignatureForm(Sequence):  # type: ignore[misc]
    """A document's signature under an electronic seal."""

    _fields = [  # noqa: RUF012
        ("to_sign", ToSign),
        ("cert", OctetString),
        ("algorithm", ObjectIdentifier),
        ("signature", OctetBitString),
        ("timestamp", OctetBitString, {"explicit": 0, "optional": True}),
    ]
