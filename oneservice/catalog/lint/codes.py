"""Every code that a finding may carry: stable, for editors, pipelines and manuals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from oneservice.catalog.findings import Severity

__all__ = ["CODES", "Code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A kind of finding: its stable name, how bad it is, what it means."""

    code: str
    severity: Severity
    meaning: str


_ERRORS = {
    # what cannot be read
    "catalog_syntax": "the file is not YAML, or uses more of YAML than catalogs do",
    "catalog_limit": "a file is too large, too deep, or has too many values",
    "duplicate_key": "a key stands twice in one mapping",
    "alias": "anchors and aliases are not part of catalogs",
    "tag": "tags are not part of catalogs",
    "null_value": "a key has no value",
    "key_not_text": "a key is not text",
    "unknown_key": "the key is not known here",
    "missing_key": "a required key is missing",
    "missing_translation": "a text lacks 'zh' or 'en'",
    "wrong_value": "a value is of the wrong type, badly written or out of range",
    # names
    "duplicate_id": "an id is declared twice, or stands twice in a list",
    "unknown_reference": "a name refers to nothing that is declared",
    "wrong_kind": "a name refers to the wrong kind of thing, or two ends do not fit",
    "identifier_invalid": "a national code has a wrong form or check digit",
    "period_reversed": "a period ends before it begins",
    # overlays
    "overlay_illegal": "an overlay does what a region may not do",
    "overlay_conflict": "two overlays of one region and day set the same thing differently",
    # rules and questions
    "rule_syntax": "a rule cannot be read",
    "rule_type": "a rule does not fit the questions that it reads",
    "later_question": "a question hangs on one that is not asked before it",
    "hidden_required": "an answer is needed where its question is hidden and has no default",
    "no_way_through": "every combination of answers is a contradiction: nobody can apply",
    # steps and inputs
    "dependency_cycle": "steps wait for one another in a circle, for some answers",
    "material_source": "a material's source and the step that yields it do not fit",
    "source_missing": "a step needs a material that no active step yields, for some answers",
    "source_not_awaited": "a step uses a result that it does not wait for, for some answers",
    # limits and trust
    "promise_over_statutory": "a promise is longer than the law allows",
    "tolerance_main": "a main material may not follow later",
    "tolerance_too_long": "materials may follow after the item should almost be decided",
    "commitment_sensitive": "a commitment may not replace a check in this area",
    "silence_sensitive": "silence may not grant in this area",
    "escalation_unused": "a ladder of offices that nobody climbs",
    "cross_region_shape": "a way across regions lacks what its mode needs, or has what it does not",
    "batch_reversed": "a batch closes before it opens, or is decided before it closes",
    # dispatch
    "duty_gap": "a report finds no unit that must act",
    "duty_overlap": "a report finds two units that must act",
}
_WARNINGS = {
    "same_translation": "'zh' and 'en' are the same text",
    "duplicate_title": "two things that a person must tell apart have one title",
    "period_overlap": "a period says that it ends after its successor has begun",
    "unused_item": "no one-thing places the item",
    "unused_question": "nothing hangs on the answer",
    "no_legal_basis": "an item names no law",
    "law_not_in_force": "a law is cited before its first day",
    "law_repealed": "a law is cited after its last day",
    "unlisted_law": "a law is cited that no list of laws has",
    "no_such_article": "an article is cited that its law does not have",
    "unlisted_result_type": "a type of result is on no list of types",
    "office_outside_region": "an office sits outside the region of its file",
    "overlay_empty": "an overlay changes nothing",
    "overlay_without_base": "an overlay never finds what it changes",
    "rule_never_true": "a condition holds for no answers",
    "rule_always_true": "a condition holds for all answers",
    "contradiction_never": "a contradiction that no answers can make",
    "unreachable_step": "a step is active for no answers",
    "never_needed": "a field or material is asked for by no answers",
    "limit_unreachable": "another limit, or way in, always comes first",
    "spared_never": "no certificate is ever valid for so long that it could spare the step",
    "spared_uncompared": "nobody can tell by the form whose the certificate is that spares a step",
    "routed_other_meaning": "an id of a routed step's field or material means something else there",
    "routed_unasked": "a rule about a step that is routed here reads what others do not ask",
    "cross_region_covered": "a way across regions that is nobody's first: an earlier one is open",
    "cross_region_inside": "a way across regions for applicants who are in the region itself",
    "no_channel": "for some answers there is no way to hand the item in",
    "requires_never_together": "a step waits for one that is never active with it",
    "joint_never_together": "a joint inspection of steps that are never active together",
    "cycle_never_active": "steps wait for one another in a circle, but never all at once",
    "asked_twice": "a material is asked for that a step of the same case yields",
    "bundle_incomplete": "the bundle does not wait for a step that decides",
    "joint_cap_over_law": "the joint limit is longer than the law allows",
    "on_the_spot_promise": "an item done on the spot takes days",
    "batch_overlap": "two batches are open at once for the same answers",
    "batch_outside_period": "a batch lies outside the period of its file",
}
_NOTES = {
    "not_proven": "too many combinations to try all; a sample showed nothing",
}


def _table() -> Mapping[str, Code]:
    kinds = ((Severity.ERROR, _ERRORS), (Severity.WARNING, _WARNINGS), (Severity.NOTE, _NOTES))
    return MappingProxyType(
        {
            code: Code(code=code, severity=severity, meaning=meaning)
            for severity, meanings in kinds
            for code, meaning in meanings.items()
        }
    )


CODES: Mapping[str, Code] = _table()
"""By name: errors, warnings, notes."""
