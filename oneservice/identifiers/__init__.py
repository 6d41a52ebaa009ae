"""Typed ids; national codes: parse, check digit, mask.

Rules that live only here: what each code is made of, how its check digit is computed, which part
of it may be shown, and how a submission's id follows from its case. Texts become types once, at
the edge; errors never repeat the value, because it may be a person's number.
"""

from oneservice.identifiers.certificate_ids import (
    CertificateId,
    CertificateIdParts,
    certificate_id_check_digit,
    format_certificate_id,
    parse_certificate_id,
)
from oneservice.identifiers.citizens import (
    CitizenNumber,
    citizen_birth_date,
    citizen_number_check_digit,
    mask_citizen_number,
    mask_name,
    mask_phone,
    parse_citizen_number,
)
from oneservice.identifiers.items import ImplementationCode, parse_implementation_code
from oneservice.identifiers.names import (
    CaseId,
    DepartmentId,
    StepId,
    SubCaseId,
    SubmissionId,
    parse_submission_id,
    submission_id,
)
from oneservice.identifiers.organisations import (
    CreditCode,
    OrganisationCode,
    credit_code_check_digit,
    organisation_code_check_digit,
    organisation_code_of,
    parse_credit_code,
    parse_organisation_code,
)
from oneservice.identifiers.regions import (
    NATIONAL,
    RegionCode,
    parse_region,
    region_chain,
    region_contains,
    region_prefix,
)

__all__ = [
    "NATIONAL",
    "CaseId",
    "CertificateId",
    "CertificateIdParts",
    "CitizenNumber",
    "CreditCode",
    "DepartmentId",
    "ImplementationCode",
    "OrganisationCode",
    "RegionCode",
    "StepId",
    "SubCaseId",
    "SubmissionId",
    "certificate_id_check_digit",
    "citizen_birth_date",
    "citizen_number_check_digit",
    "credit_code_check_digit",
    "format_certificate_id",
    "mask_citizen_number",
    "mask_name",
    "mask_phone",
    "organisation_code_check_digit",
    "organisation_code_of",
    "parse_certificate_id",
    "parse_citizen_number",
    "parse_credit_code",
    "parse_implementation_code",
    "parse_organisation_code",
    "parse_region",
    "parse_submission_id",
    "region_chain",
    "region_contains",
    "region_prefix",
    "submission_id",
]
