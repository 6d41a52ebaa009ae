"""P-54, P-55: downloads are hashed, and no address in a message is ever called."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from oneservice.canonical import digest_bytes
from oneservice.testing.engines.table import UntellableError, engine_statement, holds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from oneservice.testing.engines.asked import Asked
    from oneservice.testing.engines.stage import EngineTrial

__all__ = ["Trap"]

_PAPER: Final = b"%PDF-1.7 a permit"


@engine_statement(
    "P-54",
    "downloaded bytes are hashed before use",
    clause="8, 9",
    cure="Hash what you download, and throw away what is not the document that was named.",
)
async def p54(trial: EngineTrial) -> None:
    """Serve other bytes, fewer and more than the outcome names, and then the right ones."""
    digest = digest_bytes(_PAPER)
    served = [_PAPER + b" ", _PAPER[:-1], _PAPER.replace(b"permit", b"Permit"), b""]
    async with trial.stage(course=("accepted",)) as stage:

        async def serve(asked: Asked) -> bool:
            if asked.method != "GET" or asked.parts[0] != "documents":
                return False
            body = served[0] if served else _PAPER
            await asked.answer(200, body, {"Content-Type": "application/pdf"})
            return True

        stage.permits.intrusion = serve
        await stage.filed()
        outcome = stage.permits.book.outcome(stage.submission_id)
        outcome["documents"] = [{"digest": digest, "media_type": "application/pdf"}]
        stage.tell("granted", outcome=outcome)
        await stage.hours(3)
        while served:
            found = await stage.run.fetch(stage.permits.department, digest)
            at = stage.permits.asked[-1]
            holds(found is None, "bytes were used that the digest does not name", at)
            served.pop(0)
        if await stage.run.fetch(stage.permits.department, digest) != _PAPER:
            raise UntellableError("the engine fetches no documents")


class Trap:
    """Listens on loopback, answers nothing, and counts who comes."""

    def __init__(self) -> None:
        self.visits = self.port = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/trap"

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Trap]:
        """Listen while the block runs."""

        async def visit(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.visits += 1
            writer.close()

        server = await asyncio.start_server(visit, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self


@engine_statement(
    "P-55",
    "no URL in any message is ever fetched",
    clause="1, 8, 13",
    cure="Call configured addresses only; show addresses in messages to people at most.",
)
async def p55(trial: EngineTrial) -> None:
    """Put an address of ours wherever a message can hold one, and see who comes."""
    async with Trap().listening() as trap, trial.stage(course=("accepted",)) as stage:
        url = trap.url

        async def lure(asked: Asked) -> bool:
            if not asked.is_filing:
                return False
            stage.permits.take_in(asked.submission_id, asked.body)
            more = {"Location": url, "Content-Location": url, "Deprecation": "@1798761600"}
            more["Link"] = f'<{url}>; rel="successor-version", <{url}>; rel="next"'
            await asked.answer(201, stage.permits.book.status(asked.submission_id), more)
            return True

        stage.permits.intrusion = lure
        stage.permits.capabilities = {
            "base_url": url,
            "steps": [{"step_id": stage.permits.step_id, "fields_schema": {"$ref": url}}],
        }
        case_id = await stage.filed(document=b"%PDF-1.7 a sketch")
        stage.tell("progress", label={"en": url}, url=url)
        named = {"id": url, "credentialStatus": {"id": url}, "issuer": {"id": url}}
        papers = [{"digest": digest_bytes(b"x"), "media_type": "text/html", "url": url}]
        outcome = stage.permits.book.outcome(stage.submission_id)
        stage.tell("granted", outcome=outcome | {"documents": papers, "link": named})
        await stage.hours(30)
        found = await stage.step(case_id)
        at = stage.permits.asked[-1]
        holds(not trap.visits, f"an address in a message was called {trap.visits} times", at)
        holds(found.state == "granted", f"the step is {found.state}", at)
