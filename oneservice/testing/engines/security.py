"""P-82 to P-84: nothing personal leaves but in bodies, certificates count, signatures verify."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from oneservice.testing.engines.by_hand import (
    recompute_vectors,
    refuse_badly_signed,
    ring,
    sign_callback,
)
from oneservice.testing.engines.certificates import Authority
from oneservice.testing.engines.stage import CANARY
from oneservice.testing.engines.table import engine_statement, holds

if TYPE_CHECKING:
    from oneservice.testing.engines.asked import Asked
    from oneservice.testing.engines.stage import EngineTrial, Stage

__all__: list[str] = []

_SHORTEST: Final = 5
"""Texts of fewer characters turn up by themselves."""


@engine_statement(
    "P-82",
    "no personal data in URLs, header fields, traceparent, logs",
    clause="1",
    cure="Put persons in bodies only; log ids, codes and digests, never what was received.",
)
async def p82(trial: EngineTrial) -> None:
    """File for a person, have the department quote them in every error, and look everywhere."""
    async with trial.stage(course=("accepted",)) as stage:
        answers = iter((400, 401, 403, 409, 422, 500, 503))

        async def quote(asked: Asked) -> bool:
            status = next(answers, 0) if asked.is_filing or asked.is_reading else 0
            if not status:
                return False
            fields = {"Retry-After": "1", "X-Person": CANARY.encode().decode("latin-1")}
            said = {"detail": f"{CANARY} is no applicant", "errors": [{"pointer": CANARY}]}
            await asked.problem(status, CANARY, fields, **said)
            return True

        stage.permits.intrusion = quote
        await stage.filed(document=b"%PDF-1.7 a sketch")
        await stage.hours(8)
        persons = set(_persons(stage.permits.filings[0].document))
        for one in trial.asked:
            places = unquote(one.target), *(value for _, value in one.headers)
            for person in persons:
                is_told = any(person in place for place in places)
                holds(not is_told, "a person is named in a URL or header field", one)
        logs = stage.run.logs()
        holds(
            not any(person in logs for person in persons),
            "a person is named in the engine's log",
            stage.permits.asked[-1],
        )


def _persons(body: dict[str, Any]) -> Iterator[str]:
    """Yield every text in a filing that is about the applicant."""
    yield CANARY
    for name in ("applicant", "agent", "fields"):
        yield from _texts(body.get(name))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            if name != "kind":
                yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str) and len(value) >= _SHORTEST:
        yield value


@engine_statement(
    "P-83",
    "a wrong host name, expired or foreign certificate stops the call",
    clause="12, 13",
    cure="Verify chain, dates and name against the anchors you were given; never switch it off.",
)
async def p83(trial: EngineTrial) -> None:
    """Listen with three certificates that must not count, then with one that does."""
    authority, foreign = Authority(), Authority()
    wrong = {
        "another name": authority.issue(address="127.0.0.2"),
        "expired": authority.issue(is_expired=True),
        "of a foreign authority": foreign.issue(),
    }
    for name, pem in wrong.items():
        async with trial.stage(tls=_serving(pem), anchors=authority.pem) as stage:
            case_id = await stage.filed()
            await stage.hours(2)
            found = await stage.step(case_id)
            sent = stage.permits.asked
            holds(not sent, f"{name}: requests were sent", sent[-1] if sent else None)
            holds(found.state in {"filing", "waiting"}, f"{name}: the step is {found.state}")
            holds(found.reports, f"{name}: nobody is told")
    right = authority.issue()
    async with trial.stage(
        course=("accepted",), tls=_serving(right), anchors=authority.pem
    ) as stage:
        case_id = await stage.filed()
        await stage.hours(2)
        found = await stage.step(case_id)
        holds(found.state == "accepted", "a certificate that is right is not let in")


def _serving(pem: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_text(pem, encoding="ascii")
        context.load_cert_chain(path)
    return context


@engine_statement(
    "P-84",
    "the signatures are those of the vectors: the engine's verify, and it verifies",
    clause="13, 17",
    cure="Rebuild the signature base of section 17 line by line; take @authority from the address.",
)
async def p84(trial: EngineTrial) -> None:
    """Verify every request by hand, and ring with parameters in another order."""
    recompute_vectors()
    async with trial.stage(course=("accepted",)) as stage:
        await stage.filed(document=b"%PDF-1.7 a sketch")
        await stage.hours(3)
        nonces = [
            refuse_badly_signed(one, stage.caller, department.base_url, one.at)
            for department in (stage.permits, stage.records)
            for one in department.asked
        ]
        again = len(nonces) - len(set(nonces))
        holds(not again, f"{again} nonces were used again", stage.permits.asked[-1])
        await _callbacks_verify(stage)


async def _callbacks_verify(stage: Stage) -> None:
    url = await stage.run.callback_url(stage.permits.department)
    if not url:
        return
    body = b'{"changes":[]}'
    right = sign_callback(url, body, stage.permits.key, stage.run.now())
    holds(await ring(url, body, right) == 204, "a callback that is rightly signed is refused")  # noqa: PLR2004 - noted
    flipped = right | {"Signature": right["Signature"].replace("ring=:", "ring=:AAAA", 1)}
    for name, fields, sent in (
        ("flipped", flipped, body),
        ("over another body", right, b'{"changes":[ ]}'),
        ("missing", {}, body),
    ):
        status = await ring(url, sent, fields)
        holds(400 <= status < 500, f"a callback whose signature is {name} got {status}")  # noqa: PLR2004 - HTTP's own classes
