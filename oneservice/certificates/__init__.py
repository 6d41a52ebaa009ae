"""Certificates that strangers can verify: claims, proofs, trust lists, bundles, reports.

Rules that live only here: how a certificate is written and signed, who may issue what and when,
and what must be checked, in which order, before one is believed. Everything is a pure function of
its arguments: no network, no clock, no disk; chance only where a key is made. Whatever the bytes,
parsing and verifying raise a :class:`VerificationError` and nothing else.
"""

from oneservice.certificates.bundle import BUNDLE_FORMAT, Bundle
from oneservice.certificates.bundle_sealing import BUNDLE_TYPE, Component, bundle_claims
from oneservice.certificates.bundle_verification import (
    BundleReport,
    ComponentReport,
    examine_bundle,
)
from oneservice.certificates.certificate import MAX_CERTIFICATE_BYTES, Certificate, issue
from oneservice.certificates.chain import (
    JournalHead,
    read_journal,
    verify_chain,
)
from oneservice.certificates.claims import (
    CaseRecord,
    Claims,
    LocalText,
    claims_document,
    read_claims,
)
from oneservice.certificates.controllers import controller_document
from oneservice.certificates.departures import (
    Departure,
    departure_in,
    tells_of_move,
    told_as_moved,
)
from oneservice.certificates.directory import DIRECTORY_TYPE, RegionDirectory
from oneservice.certificates.directory_agreement import Disagreement, disagreements
from oneservice.certificates.directory_drafts import DIRECTORY_DRAFT_FORMAT, DirectoryDraft
from oneservice.certificates.directory_entries import (
    EndpointKind,
    ListedRegion,
    OfferKind,
    RegionEndpoint,
    RegionKey,
    RegionKeyUse,
    RegionOffer,
)
from oneservice.certificates.edition_head import PastEdition
from oneservice.certificates.enclosures import NOTHING, EnclosedList, EnclosedProof, Enclosures
from oneservice.certificates.evidence import EVIDENCE_FORMAT, Evidence
from oneservice.certificates.examination import Examinable, examine
from oneservice.certificates.held_moves import told_of_moves
from oneservice.certificates.held_papers import CollectedRecord, HeldPaper, Holder, Shown
from oneservice.certificates.issuer_metadata import (
    holds_integrity,
    integrity_of,
    issuer_metadata,
    issuer_metadata_path,
    jwk_set,
    type_metadata,
)
from oneservice.certificates.journal_verification import JournalSeal, examine_journal
from oneservice.certificates.jwk import jwk_of, key_of_jwk
from oneservice.certificates.keys import Cryptosuite, SigningKey, VerifyingKey
from oneservice.certificates.kinds import DocumentKind, document_kind
from oneservice.certificates.lifecycle import (
    TRANSITIONS,
    Act,
    CertificateRecord,
    LifeState,
    Operation,
    next_version,
    operate,
)
from oneservice.certificates.moving import (
    MOVE_STEPS,
    MOVED_FROM,
    TRANSFER_NOTICE,
    Move,
    MoveSide,
    MoveState,
    MoveWord,
    Notice,
    notice_claims,
    read_notice,
    step_of_move,
)
from oneservice.certificates.multibase import (
    Curve,
    decode_base58,
    decode_multikey,
    encode_base58,
    encode_multikey,
)
from oneservice.certificates.national import (
    DetachedSignature,
    NationalBackend,
    NationalFinding,
    NationalKey,
    check_detached,
    decode_sm2_key,
    encode_sm2_key,
    sign_detached,
    signed_words,
)
from oneservice.certificates.national_eseal import EsealFinding, check_eseal
from oneservice.certificates.national_eseal_making import SealPicture, make_eseal, sign_eseal
from oneservice.certificates.policy import POLICIES, Policy
from oneservice.certificates.policy_documents import (
    POLICY_FORMAT,
    policy_document,
    read_policy,
)
from oneservice.certificates.presentation import examine_presentation, verify_presentation
from oneservice.certificates.printable import is_printable
from oneservice.certificates.proofs import ProvingKey, add_proof, check_proof
from oneservice.certificates.recognising import Wanted, recognise_many, recognise_paper
from oneservice.certificates.recognition import (
    Recognition,
    RecognitionGap,
    RecognitionLevel,
    RecognitionRule,
    recognise,
)
from oneservice.certificates.recognition_lint import RuleFinding, lint_recognition
from oneservice.certificates.reliance import Trust
from oneservice.certificates.report import Check, CheckName, CheckResult, Report, Verdict
from oneservice.certificates.requirements import (
    AllOf,
    AnyOf,
    HeldBy,
    Leaf,
    Logged,
    Passes,
    RecognisedIn,
    Requirement,
    SealedUnder,
    StatusKnown,
    TimeProven,
    TimestampedBy,
    Witnessed,
)
from oneservice.certificates.sd_jwt import SdJwt
from oneservice.certificates.sd_jwt_claims import read_claims_payload
from oneservice.certificates.sd_jwt_issuing import DEFAULT_PROFILE, DisclosureProfile, issue_sd_jwt
from oneservice.certificates.seal_audit import (
    BookFinding,
    BookReport,
    SealLedger,
    examine_book,
)
from oneservice.certificates.seal_book import (
    BookHead,
    RecordKind,
    SealRecord,
    commitment,
    dump_book,
    read_book,
    verify_book,
)
from oneservice.certificates.seal_decisions import (
    Granted,
    Refused,
    UsesSoFar,
    decide_use,
    refusal_of_mandate,
)
from oneservice.certificates.seal_mandates import (
    Mandate,
)
from oneservice.certificates.seal_policy import (
    Approver,
    SealHours,
    SealPolicy,
)
from oneservice.certificates.seal_receipts import (
    ReceiptFinding,
    SealReceipt,
    check_receipt,
)
from oneservice.certificates.seal_refusals import (
    SealRefusal,
    words_of,
)
from oneservice.certificates.seal_requests import (
    Approval,
    SealRequest,
    approve,
    sealed_part,
)
from oneservice.certificates.status import (
    CertificateState,
    PlaceSource,
    StatusFinding,
    StatusSource,
    published_state,
)
from oneservice.certificates.status_array import StatusArray
from oneservice.certificates.status_entry import (
    Publication,
    StatusEntry,
    StatusReference,
    read_references,
)
from oneservice.certificates.status_lists import StatusList
from oneservice.certificates.status_logged import proven_lists
from oneservice.certificates.status_published import STATUS_LIST_ENTITLEMENT, PublishedStatus
from oneservice.certificates.status_writing import ListIssuer, write_status_lists
from oneservice.certificates.timestamps import (
    TimestampFinding,
    read_timestamp,
)
from oneservice.certificates.timestamps_coding import (
    TimestampRequest,
    open_answer,
)
from oneservice.certificates.trust import TrustStore
from oneservice.certificates.trust_book import LeftOut, TrustBook, combine, within_territory
from oneservice.certificates.trust_drafts import TrustDraft
from oneservice.certificates.trust_editions import EDITION_TYPE, SignedEdition
from oneservice.certificates.trust_entries import (
    Entitlement,
    EventAlgorithm,
    KeyUse,
    ListedKey,
    TrustedIssuer,
)
from oneservice.certificates.trust_jws import ListKey
from oneservice.certificates.trust_memory import SeenEdition, TrustMemory
from oneservice.certificates.trust_peers import TrustPeer
from oneservice.certificates.trust_roots import ListSigner, SignedRoot, TrustAnchor, TrustRoot
from oneservice.certificates.trust_services import (
    ListedAuthority,
    ListedLog,
    ListedSeal,
    ListedWitness,
)
from oneservice.certificates.trust_standing import KeyJudgement, KeyStanding, judge_key
from oneservice.certificates.trust_succession import (
    ChangeKind,
    TrustChange,
    check_successor,
    compare_editions,
    require_successor,
)
from oneservice.certificates.trust_territory import require_within
from oneservice.certificates.verification import VerifiedCertificate, verify
from oneservice.errors import VerificationError

__all__ = [
    "BUNDLE_FORMAT",
    "BUNDLE_TYPE",
    "DEFAULT_PROFILE",
    "DIRECTORY_DRAFT_FORMAT",
    "DIRECTORY_TYPE",
    "EDITION_TYPE",
    "EVIDENCE_FORMAT",
    "MAX_CERTIFICATE_BYTES",
    "MOVED_FROM",
    "MOVE_STEPS",
    "NOTHING",
    "POLICIES",
    "POLICY_FORMAT",
    "STATUS_LIST_ENTITLEMENT",
    "TRANSFER_NOTICE",
    "TRANSITIONS",
    "Act",
    "AllOf",
    "AnyOf",
    "Approval",
    "Approver",
    "BookFinding",
    "BookHead",
    "BookReport",
    "Bundle",
    "BundleReport",
    "CaseRecord",
    "Certificate",
    "CertificateRecord",
    "CertificateState",
    "ChangeKind",
    "Check",
    "CheckName",
    "CheckResult",
    "Claims",
    "CollectedRecord",
    "Component",
    "ComponentReport",
    "Cryptosuite",
    "Curve",
    "Departure",
    "DetachedSignature",
    "DirectoryDraft",
    "Disagreement",
    "DisclosureProfile",
    "DocumentKind",
    "EnclosedList",
    "EnclosedProof",
    "Enclosures",
    "EndpointKind",
    "Entitlement",
    "EsealFinding",
    "EventAlgorithm",
    "Evidence",
    "Examinable",
    "Granted",
    "HeldBy",
    "HeldPaper",
    "Holder",
    "JournalHead",
    "JournalSeal",
    "KeyJudgement",
    "KeyStanding",
    "KeyUse",
    "Leaf",
    "LeftOut",
    "LifeState",
    "ListIssuer",
    "ListKey",
    "ListSigner",
    "ListedAuthority",
    "ListedKey",
    "ListedLog",
    "ListedRegion",
    "ListedSeal",
    "ListedWitness",
    "LocalText",
    "Logged",
    "Mandate",
    "Move",
    "MoveSide",
    "MoveState",
    "MoveWord",
    "NationalBackend",
    "NationalFinding",
    "NationalKey",
    "Notice",
    "OfferKind",
    "Operation",
    "Passes",
    "PastEdition",
    "PlaceSource",
    "Policy",
    "ProvingKey",
    "Publication",
    "PublishedStatus",
    "ReceiptFinding",
    "RecognisedIn",
    "Recognition",
    "RecognitionGap",
    "RecognitionLevel",
    "RecognitionRule",
    "RecordKind",
    "Refused",
    "RegionDirectory",
    "RegionEndpoint",
    "RegionKey",
    "RegionKeyUse",
    "RegionOffer",
    "Report",
    "Requirement",
    "RuleFinding",
    "SdJwt",
    "SealHours",
    "SealLedger",
    "SealPicture",
    "SealPolicy",
    "SealReceipt",
    "SealRecord",
    "SealRefusal",
    "SealRequest",
    "SealedUnder",
    "SeenEdition",
    "Shown",
    "SignedEdition",
    "SignedRoot",
    "SigningKey",
    "StatusArray",
    "StatusEntry",
    "StatusFinding",
    "StatusKnown",
    "StatusList",
    "StatusReference",
    "StatusSource",
    "TimeProven",
    "TimestampFinding",
    "TimestampRequest",
    "TimestampedBy",
    "Trust",
    "TrustAnchor",
    "TrustBook",
    "TrustChange",
    "TrustDraft",
    "TrustMemory",
    "TrustPeer",
    "TrustRoot",
    "TrustStore",
    "TrustedIssuer",
    "UsesSoFar",
    "Verdict",
    "VerificationError",
    "VerifiedCertificate",
    "VerifyingKey",
    "Wanted",
    "Witnessed",
    "add_proof",
    "approve",
    "bundle_claims",
    "check_detached",
    "check_eseal",
    "check_proof",
    "check_receipt",
    "check_successor",
    "claims_document",
    "combine",
    "commitment",
    "compare_editions",
    "controller_document",
    "decide_use",
    "decode_base58",
    "decode_multikey",
    "decode_sm2_key",
    "departure_in",
    "disagreements",
    "document_kind",
    "dump_book",
    "encode_base58",
    "encode_multikey",
    "encode_sm2_key",
    "examine",
    "examine_book",
    "examine_bundle",
    "examine_journal",
    "examine_presentation",
    "holds_integrity",
    "integrity_of",
    "is_printable",
    "issue",
    "issue_sd_jwt",
    "issuer_metadata",
    "issuer_metadata_path",
    "judge_key",
    "jwk_of",
    "jwk_set",
    "key_of_jwk",
    "lint_recognition",
    "make_eseal",
    "next_version",
    "notice_claims",
    "open_answer",
    "operate",
    "policy_document",
    "proven_lists",
    "published_state",
    "read_book",
    "read_claims",
    "read_claims_payload",
    "read_journal",
    "read_notice",
    "read_policy",
    "read_references",
    "read_timestamp",
    "recognise",
    "recognise_many",
    "recognise_paper",
    "refusal_of_mandate",
    "require_successor",
    "require_within",
    "sealed_part",
    "sign_detached",
    "sign_eseal",
    "signed_words",
    "step_of_move",
    "tells_of_move",
    "told_as_moved",
    "told_of_moves",
    "type_metadata",
    "verify",
    "verify_book",
    "verify_chain",
    "verify_presentation",
    "within_territory",
    "words_of",
    "write_status_lists",
]
