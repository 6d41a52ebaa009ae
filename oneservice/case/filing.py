"""What a department is told: only the fields and materials that its step declares.

Data minimisation is a rule of law, so the bodies of messages are composed here, in the core, from
the plan's declarations; the edges only send the bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from oneservice.canonical import canonical, digest_bytes, write_instant
from oneservice.case.actors import Actor, Role
from oneservice.case.consents import consents_body
from oneservice.case.counter_handed_in import received_at_window
from oneservice.case.form import Form
from oneservice.case.office_names import office_fields, office_materials, told_apart_in
from oneservice.case.people import Sharing
from oneservice.case.promising import promises_body
from oneservice.case.provenance import evidence_consents, material_body, without_provenance
from oneservice.case.state import Case, SubCase
from oneservice.catalog import MaterialSource
from oneservice.plan import Plan, PlannedMaterial, PlannedStep

__all__ = [
    "filed_as",
    "handed_on_papers",
    "planned_step",
    "submission_body",
    "supplement_body",
    "withdrawal_body",
]


def planned_step(plan: Plan, sub_case_id: str) -> PlannedStep:
    """Return the step of ``plan`` with that sub-case id; :class:`KeyError` where there is none."""
    for step in plan.steps:
        if step.id == sub_case_id:
            return step
    raise KeyError(sub_case_id)


def filed_as(plan: Plan, sub_case_id: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return what a filing of a step calls these of its fields: a whole group by its own name."""
    if planned_step(plan, sub_case_id).instance is not None:
        return tuple(sorted({*names}))
    groups = {one.id: one.group for one in plan.form if one.group is not None}
    return tuple(sorted({groups.get(name, name) for name in names}))


def submission_body(
    case: Case,
    plan: Plan,
    form: Form,
    sub_case_id: str,
    attempt: int,
    *,
    callback: str = "",
) -> bytes:
    """Return the canonical bytes of a filing (protocol section 4).

    Args:
        case: for the results of earlier steps that stand for materials.
        plan: the pinned plan; its steps declare who sees what.
        form: what the applicant handed in.
        sub_case_id: which step.
        attempt: 1 for the first filing.
        callback: the name under which the department knows our address for hints; empty: none.
    """
    step = planned_step(plan, sub_case_id)
    sub = case.sub_cases[sub_case_id]
    continues = _continued(sub)
    received = received_at_window(case, sub_case_id)
    is_apart = bool(told_apart_in(step))
    sharing = case.people.sharing(sub.id, sub.spec.department)
    consents = consents_body(plan, form.consents, case.people, (sub.id, sub.spec.department))
    consents += evidence_consents(
        form.materials[name]
        for name in step.materials
        if name in form.materials and (sharing is None or name in sharing.materials)
    )
    promised = promises_body(form.promises, step) if form.promises else []
    promises = office_materials(_shared(sharing, promised))
    fields = _shared_fields(sharing, _declared_fields(plan, form, step))
    materials = _shared(sharing, _declared_materials(case, plan, form, step))
    return canonical(
        ({"consents": consents} if consents else {})
        | ({"promises": promises} if promises else {})
        | ({"continues": continues} if continues else {})
        | ({"callback": callback} if callback else {})
        | ({"window_received_at": write_instant(received)} if received is not None else {})
        | {
            "case_id": case.id,
            "step_id": step.step_id,
            "attempt": attempt,
            "definition": plan.definition,
            "plan": plan.digest,
            "region": sub.spec.region or step.region,
            "accepting_region": plan.region,
            "language": "zh-CN",
            "applicant": {
                "kind": form.applicant.kind,
                "name": form.applicant.name,
                "code": form.applicant.code,
            },
            "fields": office_fields(fields) if is_apart else fields,
            "materials": office_materials(materials) if is_apart else materials,
        }
    )


def _continued(sub: SubCase) -> str | None:
    """Return the submission that this attempt goes on from, at the same department."""
    before = sub.course.earlier[-1] if sub.course.earlier else None
    if before is None or before.department != sub.spec.department:
        return None  # another department does not know it
    return before.submission_id


def supplement_body(
    correction_id: str | None,
    *,
    fields: Mapping[str, Any],
    materials: Mapping[str, Sequence[Mapping[str, Any]]],
) -> bytes:
    """Return the canonical bytes of an answer to a correction (protocol section 7).

    Without ``correction_id`` it delivers materials that were promised (容缺后补).
    """
    consents = evidence_consents(materials.values())
    return canonical(
        ({"correction_id": correction_id} if correction_id is not None else {})
        | ({"consents": consents} if consents else {})
        | {
            "fields": office_fields(fields),
            "materials": office_materials(
                [material_body(name, rows) for name, rows in sorted(materials.items())]
            ),
        }
    )


def withdrawal_body(*, requested_by: Actor, requested_at: datetime) -> bytes:
    """Return the canonical bytes of a request to withdraw (protocol section 7).

    A department is told in which role it was asked, and no id of our staff.
    """
    role = requested_by.role
    return canonical(
        {
            "reason": _WITHDRAWN_BY.get(role, _WITHDRAWN_BY[Role.APPLICANT]),
            "requested_by": str(role) if role in _WITHDRAWN_BY else str(Role.APPLICANT),
            "requested_at": write_instant(requested_at),
        }
    )


_WITHDRAWN_BY: Final = {
    Role.APPLICANT: {"zh": "申请人撤回", "en": "withdrawn by the applicant"},
    Role.AGENT: {"zh": "代理人撤回", "en": "withdrawn by the applicant's agent"},
    Role.WINDOW_CLERK: {"zh": "申请人在窗口撤回", "en": "withdrawn by the applicant at a window"},
    Role.OPERATOR: {"zh": "行政终止办理", "en": "withdrawn by the service centre, which closes it"},
}


def _declared_fields(plan: Plan, form: Form, step: PlannedStep) -> dict[str, Any]:
    declared = set(step.fields)
    values: dict[str, Any] = {}
    for field in plan.form:
        if field.id not in declared:
            continue
        if field.group is None:
            source: Mapping[str, Any] = form.fields
        elif step.instance is not None:
            source = form.groups[field.group][step.instance - 1]
        else:
            values[field.group] = [dict(row) for row in form.groups[field.group]]
            continue
        if field.id in source:
            values[field.id] = source[field.id]
    return values


def _shared_fields(sharing: Sharing | None, values: dict[str, Any]) -> dict[str, Any]:
    """Return what everybody's consent lets go to an office elsewhere; at home, all."""
    if sharing is None:
        return values
    return {name: value for name, value in values.items() if name in sharing.fields}


def _shared(sharing: Sharing | None, materials: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if sharing is None:
        return materials
    return [one for one in materials if one["material"] in sharing.materials]


def _declared_materials(
    case: Case, plan: Plan, form: Form, step: PlannedStep
) -> list[dict[str, Any]]:
    declared = set(step.materials)
    wanted = [material for material in plan.materials if material.id in declared]
    found = (_material(case, form, material) for material in wanted)
    return [one for one in found if one is not None]


def _material(case: Case, form: Form, material: PlannedMaterial) -> dict[str, Any] | None:
    handed_on = _handed_on(case, material.yielded_by)
    if handed_on is not None:
        held = _held(form, material)
        documents = [*held, *handed_on.get("documents", ())]
        beside = {"documents": documents} if held else {}
        return {"material": material.id, "source": "step"} | handed_on | beside
    if material.id in form.materials:
        return material_body(material.id, form.materials[material.id])
    if material.source is MaterialSource.GENERATED:
        # The department renders it from the fields of this very message.
        return {"material": material.id, "documents": [], "source": "generated"}
    if material.source is MaterialSource.LOOKUP:
        return {"material": material.id, "documents": [], "source": "lookup"}
    return None


def _held(form: Form, material: PlannedMaterial) -> list[dict[str, Any]]:
    """Return the certificates that stand for results of spared sub-cases of a material."""
    rows = form.materials.get(material.id, ()) if material.spared_by else ()
    body = material_body(material.id, [without_provenance(row) for row in rows])
    found: list[dict[str, Any]] = body["documents"]
    return found


_TOLD: Final = ("decision", "result_type", "number", "decided_on", "valid_from", "valid_until")
"""What the next department is told of a result that is no certificate: what it is, and until when;
conditions and duties are between the deciding department and the applicant."""


def _handed_on(case: Case, steps: Sequence[str]) -> dict[str, Any] | None:
    """Return what these steps hand on: certificates, else papers, and what was decided.

    Of several certificates the first stands in its place, the others are documents beside it.
    Many results are no certificates (a pension that is paid, a meter that is set): then the
    papers of the outcome stand for the material, and where there are none, the decision itself,
    with the submission under which the deciding department vouches for it. What was revoked hands
    nothing on.
    """
    certificates = _certificates(case, steps)
    if certificates:
        first, *others = certificates
        return {"certificate": first} | ({"documents": _as_documents(others)} if others else {})
    for sub in _standing(case, steps):
        if sub.outcome and sub.submission:
            told = {one: sub.outcome[one] for one in _TOLD if isinstance(sub.outcome.get(one), str)}
            result = {
                "department": sub.spec.department,
                "submission_id": sub.submission.submission_id,
            }
            documents = [dict(one) for one in sub.outcome.get("documents") or ()]
            return {"documents": documents, "result": result | told}
    return None


def handed_on_papers(case: Case, plan: Plan, sub_case_id: str) -> tuple[bytes, ...]:
    """Return the certificates that a filing names as documents: whoever sends it needs the bytes.

    Args:
        case: whose results they are.
        plan: the pinned plan.
        sub_case_id: the step that is filed.
    """
    declared = set(planned_step(plan, sub_case_id).materials)
    return tuple(
        canonical(one)
        for material in plan.materials
        if material.id in declared
        for one in _certificates(case, material.yielded_by)[1:]
    )


def _standing(case: Case, steps: Sequence[str]) -> list[SubCase]:
    some = (case.sub_cases[name] for name in steps)
    return [one for one in some if one.opens_the_next]


def _certificates(case: Case, steps: Sequence[str]) -> list[Mapping[str, Any]]:
    outcomes = (one.outcome or {} for one in _standing(case, steps))
    return [one["certificate"] for one in outcomes if one.get("certificate") is not None]


def _as_documents(certificates: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    contents = [canonical(one) for one in certificates]
    return [
        {"digest": digest_bytes(one), "media_type": _CERTIFICATE, "bytes": len(one)}
        for one in contents
    ]


_CERTIFICATE: Final = "application/vc+json"
