"""Changing a seal's key: the old one stays in the list with its last day, the new one begins there.

Nothing that was sealed is sealed again. Which order is safe: first the trust list with both keys is
published, then the seal's policy names the new key, then the old one is destroyed. In between both
are good, so a reader with the list of yesterday still knows the key of today.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from oneservice.certificates import ListedKey, ListedSeal, SealPolicy
from oneservice.errors import KeyUnusableError

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["TransitionOfKeys"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionOfKeys:
    """One change of key, as data for a trust list and for the book of the seal.

    Args:
        old: the key as it is listed now.
        policy: the rules in force, which name the old key.
        new: Multikey of the new one.
        begins: first instant at which the new key may sign.
        ends: first instant at which the old one may no longer; after ``begins``, or equal to it.

    Raises:
        KeyUnusableError: the old key would end before the new one begins, it is not the policy's,
            or both are one.
    """

    old: ListedKey
    policy: SealPolicy
    new: str
    begins: datetime
    ends: datetime

    def __post_init__(self) -> None:
        """Refuse a change that leaves a gap, or is none."""
        slips = (
            (self.ends < self.begins, "nobody could seal between the old key and the new"),
            (self.old.multibase == self.new, "the new key is the old one"),
            (self.policy.key_id != self.old.id, "the policy in force names another key"),
        )
        for is_slip, what in slips:
            if is_slip:
                msg = f"change of keys: {what}"
                raise KeyUnusableError(msg)

    @property
    def keys(self) -> tuple[ListedKey, ListedKey]:
        """Both keys for the next edition of the trust list."""
        issuer, _, _ = self.old.id.partition("#")
        return (
            replace(self.old, valid_until=self.ends),
            ListedKey.for_certificates(issuer, self.new, valid_from=self.begins),
        )

    @property
    def next_policy(self) -> SealPolicy:
        """The same rules for the new key; enact them in the book once the list is published."""
        return replace(self.policy, key_id=self.keys[1].id, valid_from=self.begins)

    def seals(self, listed_from: datetime) -> tuple[ListedSeal, ListedSeal]:
        """Return both entries of the seal for the trust list; the old one since ``listed_from``."""
        old, new = self.policy, self.next_policy
        return (
            ListedSeal(
                id=old.seal_id,
                key_id=old.key_id,
                policy_digest=old.digest,
                valid_from=listed_from,
                valid_until=self.ends,
            ),
            ListedSeal(
                id=new.seal_id,
                key_id=new.key_id,
                policy_digest=new.digest,
                valid_from=self.begins,
            ),
        )
