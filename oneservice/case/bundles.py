"""Handing out all results together (一并出件): once, and again when results have changed."""

from __future__ import annotations

from oneservice.case.commands import results_are_in
from oneservice.case.draft import Draft
from oneservice.case.events import BundleIssued
from oneservice.case.inputs import AskFreshBundle, BundleSigned
from oneservice.case.law_events import FreshBundleAsked
from oneservice.errors import IllegalInputError

__all__ = ["bundle_signed", "fresh_bundle_asked"]


def bundle_signed(draft: Draft, given: BundleSigned) -> None:
    """Record a sealed bundle, the first one or one that was asked for anew."""
    case = draft.case
    if case.bundle is not None and not case.course.wants_bundle:
        return
    if case.outcome is not None or not results_are_in(case):
        msg = f"case {case.id}: there are no results to be handed out together"
        raise IllegalInputError(msg, status=str(case.status))
    draft.add(
        BundleIssued(
            at=given.at,
            certificate_id=given.certificate_id,
            certificate=given.certificate,
            over_seq=given.over_seq,
            over_head=given.over_head,
            version=case.bundle.version + 1 if case.bundle else 1,
        )
    )


def fresh_bundle_asked(draft: Draft, given: AskFreshBundle) -> None:
    """Ask for a bundle that tells the results as they are now; the case is open until it is out.

    Nobody does so for the applicant: the old bundle stays true of its day, and says which.
    """
    case = draft.case
    if case.course.wants_bundle:
        return
    if not case.is_bundle_outdated:
        msg = f"case {case.id}: no result changed since the bundle; ask for that one"
        raise IllegalInputError(msg, status=str(case.status))
    if not case.granted:
        msg = f"case {case.id}: no result stands any more that could be handed out"
        raise IllegalInputError(msg, status=str(case.status))
    draft.add(FreshBundleAsked(at=given.at, by=given.by, why=given.why))
