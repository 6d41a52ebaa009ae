"""The face of the library: open an engine, plan, submit, follow, hand out.

    async with Engine.sandbox("cases.db") as engine:
        plan = engine.plan("restaurant", answers={...})
        case = await engine.submit(plan, applicant, fields={...}, materials={...})
        case = await engine.settled(case.id)

``sandbox`` runs everything in one process with simulated departments and worthless keys;
``embedded`` is the same engine with your catalog, departments, seal and clock. What happens at
kiosks and windows is behind ``engine.counter``, who may act and who agreed behind
``engine.people``, what operators order behind ``engine.operators``, who is told that cases moved
behind ``engine.notifications``, what other offices have already behind ``engine.evidence``,
what people show from their wallets behind ``engine.presentations``, what departments have from
here and an old backup does not know of behind ``engine.forgotten``; :func:`holdings_of` brings what
people hold already into the plan, where it takes the place of uploads and of whole steps.
"""

from oneservice.case import ConsentGiven
from oneservice.engine.access_log import AccessEntry
from oneservice.engine.bulks import BulkItem, BulkReport, CaseFilter
from oneservice.engine.checking import CheckReport, FieldProblem, Unasked
from oneservice.engine.counter import CounterDesk
from oneservice.engine.counter_codes import IssuedCode, RedeemedCode
from oneservice.engine.crossing_answers import ConsentDeclined
from oneservice.engine.crossings import Crossing, crossings_of
from oneservice.engine.evidence import EvidenceDesk
from oneservice.engine.evidence_asked import EvidenceReply, EvidenceRequest
from oneservice.engine.face import Engine
from oneservice.engine.forgetting import ForgottenDesk
from oneservice.engine.hints import CallbackAddress
from oneservice.engine.holding import (
    PaperLevel,
    answers_about,
    holdings_of,
    materials_of,
    paper_levels,
)
from oneservice.engine.judging import TrustAtHand
from oneservice.engine.look_ups import LookUp
from oneservice.engine.notifications import Notifications
from oneservice.engine.operators import Operators
from oneservice.engine.orders import (
    AdoptOrder,
    CloseOrder,
    MigrateOrder,
    Order,
    ReassignOrder,
    ResumeOrder,
    RetryOrder,
)
from oneservice.engine.people import Authority, PeopleDesk
from oneservice.engine.presentations import PresentationDesk, PresentationRequest
from oneservice.engine.previews import Preview
from oneservice.engine.seals import KeySigner
from oneservice.engine.sparing import PapersNow
from oneservice.engine.subscribers import FACT_KINDS, SubscriberStatus
from oneservice.engine.vouching import Vouchers

__all__ = [
    "FACT_KINDS",
    "AccessEntry",
    "AdoptOrder",
    "Authority",
    "BulkItem",
    "BulkReport",
    "CallbackAddress",
    "CaseFilter",
    "CheckReport",
    "CloseOrder",
    "ConsentDeclined",
    "ConsentGiven",
    "CounterDesk",
    "Crossing",
    "Engine",
    "EvidenceDesk",
    "EvidenceReply",
    "EvidenceRequest",
    "FieldProblem",
    "ForgottenDesk",
    "IssuedCode",
    "KeySigner",
    "LookUp",
    "MigrateOrder",
    "Notifications",
    "Operators",
    "Order",
    "PaperLevel",
    "PapersNow",
    "PeopleDesk",
    "PresentationDesk",
    "PresentationRequest",
    "Preview",
    "ReassignOrder",
    "RedeemedCode",
    "ResumeOrder",
    "RetryOrder",
    "SubscriberStatus",
    "TrustAtHand",
    "Unasked",
    "Vouchers",
    "answers_about",
    "crossings_of",
    "holdings_of",
    "materials_of",
    "paper_levels",
]
