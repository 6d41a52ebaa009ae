"""Steps that a held certificate spares (持证免办): what must hold at the opening, what is recorded.

The plan, to which the case is pinned, says which certificate spares which step, and by which rule.
The plan is older than the case, and certificates are taken back: so each is looked at once more at
the opening, and the first record of the journal says by which paper each step was spared at that
instant. An auditor finds the paper itself in the form, by its digest. Who holds it is not said: the
record has a salted digest of name and number, by which whoever has both can compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from oneservice.canonical import Digest, sealed_digest
from oneservice.case.later import LATER
from oneservice.errors import IllegalInputError
from oneservice.plan import Plan

__all__ = [
    "Spared",
    "holder_digest",
    "holder_salt",
    "refuse_absent_papers",
    "refuse_unspared",
    "sparing_papers",
]

_SALT_BYTES: Final = 16
_KEY_BYTES: Final = 64
"""The longest key that BLAKE2b takes (RFC 7693)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spared:
    """One sub-case that is not taken, because of a paper that counted when the case was opened.

    Attributes:
        sub_case_id: what it would have been called.
        type: of the certificate, as catalogs name it.
        reference: the ends of its number; never a person's number.
        paper: digest of its bytes, under which the form has it.
        level: ``sealed`` or ``collected``.
        issuer_region: where it was issued; empty: nobody knows.
        rule: digest of the rule of recognition that lets it count; ``None``: none was needed.
        holder: salted digest of the holder, with whom the form's entry was compared; ``None``: the
            record is older than this member.
        salt: of that digest.
    """

    sub_case_id: str
    type: str
    reference: str
    paper: Digest
    level: str
    issuer_region: str = ""
    rule: Digest | None = None
    holder: Digest | None = field(default=None, metadata=LATER)
    salt: str = field(default="", metadata=LATER)

    def is_of(self, *, name: str, code: str) -> bool:
        """Say whether it was this person's certificate; never where the record does not tell.

        Args:
            name: as the form, or the certificate, has it.
            code: the whole number, not a masked one.
        """
        return self.holder is not None and self.holder == holder_digest(self.salt, name, code)


def holder_digest(salt: str, name: str, code: str) -> Digest:
    """Return what the record of an opening has in the place of a holder."""
    return sealed_digest(salt, {"code": code, "name": name})


def holder_salt(secret: str, case_id: str, sub_case_id: str) -> str:
    """Return the salt of a holder's digest: it follows from the secret of the case, as all do."""
    place = f"holder:{case_id}:{sub_case_id}".encode()
    key = secret.encode()[:_KEY_BYTES]
    return blake2b(place, key=key, digest_size=_SALT_BYTES).hexdigest()


def sparing_papers(plan: Plan) -> dict[str, tuple[str, str]]:
    """Return, by the step that it spares, type and reference of each certificate in ``plan``."""
    return {
        one.id: (one.held.type, one.held.reference) for one in plan.skipped if one.held is not None
    }


def refuse_unspared(plan: Plan, spared: Iterable[Spared]) -> None:
    """Refuse an opening that does not say by which paper each spared step of ``plan`` is spared.

    Raises:
        IllegalInputError: a step too many or too few, another paper than the plan names, or one
            of which nobody compared whose it is.
    """
    told = tuple(spared)
    looked_at = {one.sub_case_id: (one.type, one.reference) for one in told}
    planned = sparing_papers(plan)
    wrong = {name for name in planned | looked_at if planned.get(name) != looked_at.get(name)}
    compared = {one.id for one in plan.skipped if one.whose is not None}
    wrong |= {one.sub_case_id for one in told if one.holder is None} & compared
    if wrong:
        msg = (
            f"the plan spares {', '.join(sorted(wrong))} by certificates that were not looked at "
            "when the case was opened; submit it with 'papers'"
        )
        raise IllegalInputError(msg, status="none")


def refuse_absent_papers(
    plan: Plan, rows: Mapping[str, Sequence[Mapping[str, Any]]], problems: dict[str, str]
) -> None:
    """Note materials without a certificate that stands for a result: offices would miss it.

    Args:
        plan: whose materials say which certificates stand for them.
        rows: by material how the form refers to its documents.
        problems: gains an entry for each material that lacks one.
    """
    for material in plan.materials:
        given = rows.get(material.id, ())
        digests = {row.get("digest") for row in given}
        known = [one.digest for one in material.spared_by if one.digest is not None]
        lacking = sum(one not in digests for one in known)
        lacking = max(lacking, len(material.spared_by) - len(given))
        if lacking > 0:
            problems[material.id] = (
                f"lacks {lacking} of the {len(material.spared_by)} certificates that spare a step; "
                "hand in what materials_of gives"
            )
