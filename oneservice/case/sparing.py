"""Steps that a held certificate spares (持证免办): what must hold at the opening, what is recorded.

The plan, to which the case is pinned, says which certificate spares which step, and by which rule.
The plan is older than the case, and certificates are taken back: so each is looked at once more at
the opening, and the first record of the journal says by which paper each step was spared at that
instant. An auditor finds the paper itself in the form, by its digest. Who holds it is not said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oneservice.canonical import Digest
from oneservice.errors import IllegalInputError
from oneservice.plan import Plan

__all__ = ["Spared", "refuse_absent_papers", "refuse_unspared", "sparing_papers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spared:
    """One sub-case that is not taken, because of a paper that counted when the case was opened.

    Attributes:
        sub_case_id: what it would have been called.
        type: of the certificate, as catalogs name it.
        reference: by which its keeper finds it again; never a person's number.
        paper: digest of its bytes, under which the form has it.
        level: ``sealed`` or ``collected``.
        issuer_region: where it was issued; empty: nobody knows.
        rule: digest of the rule of recognition that lets it count; ``None``: none was needed.
    """

    sub_case_id: str
    type: str
    reference: str
    paper: Digest
    level: str
    issuer_region: str = ""
    rule: Digest | None = None


def sparing_papers(plan: Plan) -> dict[str, tuple[str, str]]:
    """Return, by the step that it spares, type and reference of each certificate in ``plan``."""
    return {
        one.id: (one.held.type, one.held.reference) for one in plan.skipped if one.held is not None
    }


def refuse_unspared(plan: Plan, spared: Iterable[Spared]) -> None:
    """Refuse an opening that does not say by which paper each spared step of ``plan`` is spared.

    Raises:
        IllegalInputError: a step too many or too few, or another paper than the plan names.
    """
    looked_at = {one.sub_case_id: (one.type, one.reference) for one in spared}
    planned = sparing_papers(plan)
    wrong = sorted(name for name in planned | looked_at if planned.get(name) != looked_at.get(name))
    if wrong:
        msg = (
            f"the plan spares {', '.join(wrong)} by certificates that were not looked at when the "
            "case was opened; submit it with 'papers'"
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
