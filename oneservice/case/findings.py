"""What people should look at in a case although nothing stands still: derived, never recorded."""

from __future__ import annotations

from dataclasses import dataclass

from oneservice.case.state import Case
from oneservice.plan import Plan

__all__ = ["CaseFinding", "findings_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFinding:
    """One finding: ``problem`` is a stable code, ``text`` says it to an operator."""

    sub_case_id: str
    problem: str
    text: str


def findings_of(case: Case, plan: Plan) -> tuple[CaseFinding, ...]:
    """Return what does not stop ``case`` and is not as its plan says, in plan order.

    ``granted-without-certificate``: the plan says that the step yields a certificate, and the grant
    came without one. The decision stands, so the case goes on; but steps behind it cannot be shown
    the paper, and the bundle has none.
    """
    return tuple(
        CaseFinding(
            sub_case_id=step.id,
            problem="granted-without-certificate",
            text=f"{step.department} granted {step.id} and sent no certificate; ask for it",
        )
        for step in plan.steps
        if step.result is not None and step.result.is_certificate and _lacks_paper(case, step.id)
    )


def _lacks_paper(case: Case, name: str) -> bool:
    sub = case.sub_cases[name]
    is_ours = sub.spec.kind == "bundle"  # the engine's own seal makes that one
    return sub.is_granted and not is_ours and not (sub.outcome or {}).get("certificate")
