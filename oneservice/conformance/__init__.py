"""The conformance kit: is this department's adapter what the protocol says, in any language?

What lives only here: the D statements of the protocol's section 16, one small function each, tried
over the wire against a live adapter; what breaks one, with the exchange that shows it and the
likely cure. The kit reads the wire with its own eyes (raw sockets, member by member), so that a
mistake of the SDK is not a blind spot here. It needs neither pytest nor hypothesis.
"""

from oneservice.conformance.exchanges import Answer, Exchange, Sent
from oneservice.conformance.identity import Identity
from oneservice.conformance.masking import masked_body, masked_header, masked_text
from oneservice.conformance.page import as_html
from oneservice.conformance.reports import as_json, as_junit, exchange_text
from oneservice.conformance.running import Report, conform, statements_of
from oneservice.conformance.statements import Statement
from oneservice.conformance.step import add_test_step
from oneservice.conformance.target import TEST_STEP, Patience, Target
from oneservice.conformance.verdicts import Result, Verdict

__all__ = [
    "TEST_STEP",
    "Answer",
    "Exchange",
    "Identity",
    "Patience",
    "Report",
    "Result",
    "Sent",
    "Statement",
    "Target",
    "Verdict",
    "add_test_step",
    "as_html",
    "as_json",
    "as_junit",
    "conform",
    "exchange_text",
    "masked_body",
    "masked_header",
    "masked_text",
    "statements_of",
]
