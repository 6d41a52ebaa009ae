"""What comes with a grant: the outcome, and the certificate of a step that yields one.

Certificates are placeholders by default: well-formed, marked as of a sandbox, proven by nobody. A
run that wants real (worthless) seals hands in a function that makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

import orjson

from oneservice.canonical import Digest
from oneservice.certificates import CaseRecord, Claims, claims_document
from oneservice.simulation.offices_files import File
from oneservice.simulation.offices_folders import Folder
from oneservice.simulation.offices_steps import Paper
from oneservice.workdays import LEGAL_ZONE

__all__ = ["CertificateMaker", "Results"]

CertificateMaker = Callable[[str, str, Mapping[str, Any], datetime], Mapping[str, Any] | None]
"""Department, submission id, the application's body and the instant of the grant make a
certificate, as ``SandboxSeals.certificate`` does; ``None``: this step yields none."""

_PROOF: Final = {
    "type": "DataIntegrityProof",
    "cryptosuite": "none-simulated",
    "proofPurpose": "assertionMethod",
}


class Results:
    """Makes outcomes.

    Args:
        region: of the offices.
        certificate: makes certificates; ``None``: placeholders.
    """

    def __init__(self, region: str, certificate: CertificateMaker | None) -> None:
        self._region = region
        self._certificate = certificate
        self._blanks: dict[str, Mapping[str, Any]] = {}

    def outcome(self, file: File, folder: Folder, at: int) -> Mapping[str, Any]:
        """Return the outcome of a grant (protocol section 9).

        Args:
            file: the application.
            folder: its papers.
            at: when it was granted, in seconds since 1970.
        """
        paper, name = file.step.result, file.id
        moment = datetime.fromtimestamp(at, LEGAL_ZONE)
        outcome: dict[str, Any] = {
            "decision": "granted",
            "decided_on": moment.date().isoformat(),
            "result_type": paper.type if paper else file.request.step_id,
            "number": f"SIM-{name}",
        }
        certificate: Mapping[str, Any] | None = None
        if self._certificate is not None:
            body = orjson.loads(folder.body)
            certificate = self._certificate(file.department, name, body, moment)
        elif paper is not None and paper.is_certificate:
            blank = self._blanks.get(paper.type)
            if blank is None:
                blank = _placeholder(file.department, self._region, paper)
                self._blanks[paper.type] = blank
            certificate = _filled(blank, file, moment, folder.messages[name])
        return outcome if certificate is None else outcome | {"certificate": certificate}


def _placeholder(department: str, region: str, paper: Paper) -> Mapping[str, Any]:
    """Return the certificate of ``paper`` without the holder, the number and the day.

    It states of itself that it is of a sandbox, and its proof proves nothing.
    """
    issuer = f"https://{department}.simulation.invalid/issuer"
    claims = Claims(
        id="urn:oneservice:simulation:-",
        type=paper.type,
        title=paper.title,
        issuer_id=issuer,
        issuer_name={"en": department},
        issuer_region=region,
        holder_name="-",
        valid_from=date(2020, 1, 1),
        evidence=CaseRecord(case_id="-"),
        is_sandbox=True,
    )
    method = f"{issuer}#simulated"
    return claims_document(claims) | {"proof": {**_PROOF, "verificationMethod": method}}


def _filled(
    blank: Mapping[str, Any], file: File, moment: datetime, request_digest: Digest
) -> Mapping[str, Any]:
    """Return a placeholder with the number, the day and the record of one application.

    Args:
        blank: of the step.
        file: the application.
        moment: of the grant, in the office's zone.
        request_digest: of the application as it came in.
    """
    record = {
        "type": ["CaseRecord"],
        "caseId": file.request.case_id,
        "submissionId": file.id,
        "requestDigest": request_digest,
    }
    return {
        **blank,
        "id": f"urn:oneservice:simulation:{file.id}",
        "validFrom": f"{moment.date().isoformat()}T00:00:00+08:00",
        "credentialSubject": {**blank["credentialSubject"], "number": f"SIM-{file.id}"},
        "evidence": [record],
    }
