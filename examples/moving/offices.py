"""The counters of both offices between which a certificate moves: steps of `certificate_transfer`.

The id of the move is that of the case, so both offices mean the same one without a word. A counter
fetches what the other office has to say whenever somebody looks at it; nothing here is remembered
that the book of moves does not know.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

import oneservice.departments as sdk
from oneservice.certificates import Claims, Move, MoveSide, MoveState
from oneservice.errors import CaseNotFoundError, EnvironmentalError, IllegalInputError
from oneservice.runtimes import ArrivalDesk, DepartureDesk, MoveRecord

Fetch = Callable[[str], Awaitable[bytes | None]]
"""Returns the letter of the other office about a move; ``None``: it has nothing to say yet."""
ENGINE = "local"
"""The engine as the gate of a counter names it; another one where callers are registered."""
LAW = "示例证照跨地区转移办法 第四条"


def _move(one: sdk.Submission, desk: DepartureDesk | ArrivalDesk, other: str) -> Move:
    mine = desk.office.holder.id
    giving, receiving = (mine, other) if isinstance(desk, DepartureDesk) else (other, mine)
    number, certificate = one.id.partition(".")[0], str(one.fields["certificate"])
    return Move(id=number, certificate=certificate, giving=giving, receiving=receiving)


async def _carry_on(desk: DepartureDesk | ArrivalDesk, fetch: Fetch, move_id: str) -> None:
    try:
        letter = await fetch(move_id)
        if letter is not None:
            await desk.hear(letter)
        await desk.go_on(move_id)
    except (EnvironmentalError, IllegalInputError):
        return  # the other office is away, or has not heard of it yet; the next look tells


async def _tell(
    app: sdk.AdapterApp, step: str, record: MoveRecord, outcome: sdk.Outcome | None
) -> None:
    """Record what became of a move, once."""
    try:
        one = await app.submission(f"{record.move.id}.{step}.1", caller=ENGINE)
    except CaseNotFoundError:
        return  # not filed yet
    if outcome is None or one.state in {"refused", "withdrawn"}:
        return
    is_granted = one.state == "granted"
    if is_granted != isinstance(outcome, sdk.ResultRevoked):
        return  # told already, or nothing to take back
    await app.record(one.id, outcome, caller=ENGINE)


def giving_office(
    desk: DepartureDesk, *, other: str, fetch: Fetch, **app: object
) -> sdk.AdapterApp:
    """Return the counter of the office that lets the certificate go."""
    counter = sdk.AdapterApp("certificates-giving", **app)  # type: ignore[arg-type]

    @counter.step("transfer_out", promised_working_days=3)
    async def transfer_out(one: sdk.Submission) -> tuple[sdk.Outcome, ...]:
        try:
            await desk.begin(_move(one, desk, other))
        except IllegalInputError as error:
            return sdk.Accepted(), sdk.Refused(reasons=(str(error),))
        return (sdk.Accepted(),)

    @counter.before_read
    async def look(_: datetime) -> None:
        for record in desk.book.moves(MoveSide.GIVING):
            await _carry_on(desk, fetch, record.move.id)
            await _tell(counter, "transfer_out", record, _of_departure(desk, record))

    return counter


def _of_departure(desk: DepartureDesk, record: MoveRecord) -> sdk.Outcome | None:
    found = desk.book.record(record.move.id) or record
    match found.state:
        case MoveState.RELEASED | MoveState.ARRIVED:
            return sdk.Granted(number=found.successor)
        case MoveState.RETURNED if desk.letter(record.move.id) and found.successor:
            return sdk.ResultRevoked(reason="It was refused there, and counts here.", by_law=LAW)
        case MoveState.RETURNED | MoveState.WITHDRAWN:
            return sdk.Refused(reasons=("It does not move.",))
        case _:
            return None


def receiving_office(
    desk: ArrivalDesk,
    *,
    other: str,
    fetch: Fetch,
    continues: Callable[[str], Claims | None],
    **app: object,
) -> sdk.AdapterApp:
    """Return the counter of the office that takes it in.

    `continues` says what the certificate becomes here; `None`: it cannot be taken in.
    """
    counter = sdk.AdapterApp("certificates-receiving", **app)  # type: ignore[arg-type]

    @counter.step("transfer_check", is_on_the_spot=True)
    async def transfer_check(one: sdk.Submission) -> tuple[sdk.Outcome, ...]:
        move = _move(one, desk, other)
        claims = continues(move.certificate)
        if claims is None:
            await desk.refuse(move, reason="no rule recognises it")
            return sdk.Accepted(), sdk.Refused(reasons=("No rule recognises it here.",))
        promised = await desk.promise(move, claims)
        return sdk.Accepted(), sdk.Granted(number=promised.successor)

    @counter.step("transfer_in", promised_working_days=2)
    async def transfer_in(one: sdk.Submission) -> sdk.Outcome:
        del one  # promised before; what is to come is fetched when somebody looks
        return sdk.Accepted()

    @counter.before_read
    async def look(_: datetime) -> None:
        for record in desk.book.moves(MoveSide.RECEIVING):
            await _carry_on(desk, fetch, record.move.id)
            found = desk.book.record(record.move.id) or record
            outcome: sdk.Outcome | None = None
            if found.state is MoveState.ARRIVED:
                outcome = sdk.Granted(number=found.successor)
            elif found.state is MoveState.REFUSED:
                outcome = sdk.Refused(reasons=("It is not taken in.",))
            await _tell(counter, "transfer_in", record, outcome)

    return counter
