"""What an office tells the world about itself, out of band: the card that trust lists are made of.

The card is a public file, ``office.json``. It is never fetched by an engine: a person reads it,
satisfies themselves that it is the office's, and puts the keys on a trust list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from oneservice.canonical import parse_object
from oneservice.certificates import Entitlement, KeyUse, ListedKey, TrustedIssuer
from oneservice.errors import FileUnusableError, OneServiceError
from oneservice_adapters.procedure import Story

__all__ = ["CARD_NAME", "OfficeCard", "read_office_card", "read_stories"]

CARD_NAME: Final = "office.json"
_FORMAT: Final = "oneservice-office/1"
_MAX_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeCard:
    """An office and its public keys.

    Args:
        department: its id in catalogs and on the wire.
        region: that it serves.
        name: for people, by language.
        code: its credit code; certificate ids name it.
        issuer_id: URL under which it issues certificates.
        event_keyid: name of the key that signs events.
        event_alg: ``ed25519`` or ``ecdsa-p256-sha256``.
        event_multibase: that key's public half as a Multikey.
        seal_method: verification method (URL) of the key that signs certificates.
        seal_suite: the cryptosuite of its proofs.
        seal_multibase: its public half as a Multikey.
        list_method: verification method of the key that signs status lists and the forms for
            wallets, which need P-256; empty on a card of an older release.
        list_multibase: its public half as a Multikey.
        certificate_types: what the office may issue.
        stories: how demonstrations want steps to end (step id to :class:`Story`); an operator may
            edit them in the file, applicants cannot reach them.
    """

    department: str
    region: str
    name: Mapping[str, str]
    code: str
    issuer_id: str
    event_keyid: str
    event_alg: str
    event_multibase: str
    seal_method: str
    seal_suite: str
    seal_multibase: str
    certificate_types: tuple[str, ...]
    stories: Mapping[str, Story] = field(default_factory=dict)
    list_method: str = ""
    list_multibase: str = ""

    @property
    def register_uri(self) -> str:
        """URL of the office's register of certificates; its lists stand there."""
        return f"{self.issuer_id.removesuffix('/issuer')}/status/1"

    def trusted_issuer(self, *, since: datetime) -> TrustedIssuer:
        """Return the entry for a trust list: both keys and all types, from the instant ``since``.

        Raises:
            TrustListError: a key on the card is malformed.
        """
        lists = (
            (ListedKey.for_certificates(self.issuer_id, self.list_multibase, valid_from=since),)
            if self.list_multibase
            else ()
        )
        return TrustedIssuer(
            id=self.issuer_id,
            name=self.name,
            region=self.region,
            department=self.department,
            keys=(
                ListedKey(
                    id=self.seal_method,
                    use=KeyUse.CERTIFICATE,
                    suite=self.seal_suite,
                    multibase=self.seal_multibase,
                    valid_from=since,
                ),
                ListedKey(
                    id=self.event_keyid,
                    use=KeyUse.EVENT,
                    suite=self.event_alg,
                    multibase=self.event_multibase,
                    valid_from=since,
                ),
                *lists,
            ),
            entitlements=tuple(
                Entitlement(type=one, region=self.region, valid_from=since)
                for one in self.certificate_types
            ),
        )

    def as_json(self) -> dict[str, Any]:
        """Return the card as it stands in ``office.json``."""
        return {
            "format": _FORMAT,
            "department": self.department,
            "region": self.region,
            "name": dict(self.name),
            "code": self.code,
            "issuer_id": self.issuer_id,
            "event_key": {
                "keyid": self.event_keyid,
                "alg": self.event_alg,
                "public_key_multibase": self.event_multibase,
            },
            "seal": {
                "verification_method": self.seal_method,
                "suite": self.seal_suite,
                "public_key_multibase": self.seal_multibase,
            },
            "lists": {
                "verification_method": self.list_method,
                "public_key_multibase": self.list_multibase,
            },
            "certificate_types": list(self.certificate_types),
            "stories": {step: str(story) for step, story in self.stories.items()},
        }


def read_office_card(folder: Path) -> OfficeCard:
    """Return the card in an office's folder.

    Raises:
        FileUnusableError: there is none, or it is no card.
    """
    path = Path(folder) / CARD_NAME
    try:
        found = parse_object(path.read_bytes(), max_bytes=_MAX_BYTES)
        if found["format"] != _FORMAT:
            msg = f"its format is not {_FORMAT}"
            raise ValueError(msg)  # noqa: TRY301 - one place says what to do
        event, seal, lists = found["event_key"], found["seal"], found.get("lists", {})
        return OfficeCard(
            department=found["department"],
            region=found["region"],
            name=found["name"],
            code=found["code"],
            issuer_id=found["issuer_id"],
            event_keyid=event["keyid"],
            event_alg=event["alg"],
            event_multibase=event["public_key_multibase"],
            seal_method=seal["verification_method"],
            seal_suite=seal["suite"],
            seal_multibase=seal["public_key_multibase"],
            certificate_types=tuple(found["certificate_types"]),
            stories=read_stories(found.get("stories", {})),
            list_method=lists.get("verification_method", ""),
            list_multibase=lists.get("public_key_multibase", ""),
        )
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}): name the folder of an office"
        raise FileUnusableError(msg) from error
    except (OneServiceError, KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        msg = f"{path} is no office card ({what}): restore it, or set the office up anew"
        raise FileUnusableError(msg) from error


def read_stories(words: Mapping[str, str]) -> dict[str, Story]:
    """Return stories by step id.

    Raises:
        ValueError: a word that is no story.
    """
    try:
        return {step: Story(word) for step, word in words.items()}
    except ValueError:
        msg = f"a story is one of {', '.join(Story)}"
        raise ValueError(msg) from None
