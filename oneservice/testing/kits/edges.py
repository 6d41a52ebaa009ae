"""What the small edges must do: a clock, a source of ids, a seal, a keeper of keys."""

# ruff: noqa: S101 - a kit judges by assertions; they are shown as those of a test are

from __future__ import annotations

import asyncio
import copy
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from oneservice.case import CODE_ALPHABET
from oneservice.certificates import Certificate, Claims, claims_document
from oneservice.errors import JournalError
from oneservice.ports import Clock, Ids, KeyKeeper, Signer, WrappedKey

__all__ = ["ClockKit", "IdsKit", "KeyKeeperKit", "SignerKit"]

_CASE_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
_SECRET: Final = re.compile(r"[0-9a-f]{64}")
_MANY: Final = 500
_CREATED: Final = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
_SOON: Final = timedelta(milliseconds=30)


class ClockKit:
    """Every :class:`oneservice.ports.Clock` passes this; give :meth:`clock`."""

    def clock(self) -> Clock:
        """Return the clock."""
        raise NotImplementedError

    def test_it_tells_aware_instants_in_utc(self) -> None:
        """A naive one would be counted in whatever zone the machine has."""
        assert self.clock().now().utcoffset() == timedelta(0)

    def test_time_never_goes_back(self) -> None:
        """Limits are derived from intervals: a step back would pass a deadline twice."""
        clock = self.clock()
        told = [clock.now() for _ in range(_MANY)]
        assert told == sorted(told)

    def test_what_has_passed_is_not_waited_for(self) -> None:
        """A case that slept through a limit is woken at once."""
        clock = self.clock()
        asyncio.run(asyncio.wait_for(clock.wait_until(clock.now() - timedelta(days=1)), 5))

    def test_who_waits_is_woken_in_time_and_not_before(self) -> None:
        """The first late instant is late, the one before it is not."""
        clock = self.clock()
        goal = clock.now() + _SOON
        asyncio.run(asyncio.wait_for(clock.wait_until(goal), 30))
        assert clock.now() >= goal

    def test_several_may_wait(self) -> None:
        """Each is woken at an instant that has come."""
        clock = self.clock()
        goals = [clock.now() + _SOON * number for number in (3, 1, 2)]
        told: list[tuple[datetime, datetime]] = []

        async def wait(goal: datetime) -> None:
            await clock.wait_until(goal)
            told.append((goal, clock.now()))

        async def run() -> None:
            await asyncio.wait_for(asyncio.gather(*map(wait, goals)), 30)

        asyncio.run(run())
        assert sorted(goal for goal, _ in told) == sorted(goals)
        assert all(at >= goal for goal, at in told)


class IdsKit:
    """Every :class:`oneservice.ports.Ids` passes this; give :meth:`ids`."""

    def ids(self) -> Ids:
        """Return the source of ids."""
        raise NotImplementedError

    def test_case_ids_can_stand_in_every_url_and_never_come_twice(self) -> None:
        """They become part of each submission's id."""
        ids = self.ids()
        found = [ids.case_id() for _ in range(_MANY)]
        assert all(_CASE_ID.fullmatch(one) for one in found), found[0]
        assert len(set(found)) == len(found)

    def test_secrets_are_32_bytes_and_never_come_twice(self) -> None:
        """They are the root of a case's salts: who guesses one opens its digests."""
        ids = self.ids()
        found = [ids.secret() for _ in range(_MANY)]
        assert all(_SECRET.fullmatch(one) for one in found), "64 small hexadecimal digits are due"
        assert len(set(found)) == len(found)

    def test_codes_are_typed_by_people(self) -> None:
        """Eight characters that cannot be taken for one another."""
        ids = self.ids()
        found = [ids.code() for _ in range(_MANY)]
        assert all(len(one) == 8 and set(one) <= set(CODE_ALPHABET) for one in found)  # noqa: PLR2004
        assert len(set(found)) == len(found)


class SignerKit:
    """Every :class:`oneservice.ports.Signer` passes this; give :meth:`signer`."""

    def signer(self) -> Signer:
        """Return the seal."""
        raise NotImplementedError

    def document(self, signer: Signer) -> dict[str, Any]:
        """Return a certificate without a proof, issued by ``signer``."""
        issuer = signer.issuer
        return claims_document(
            Claims(
                id="urn:example:kit:1",
                type="case_bundle",
                title={"zh": "示例", "en": "Sample"},
                issuer_id=issuer.id,
                issuer_name=dict(issuer.name),
                issuer_region=issuer.region,
                holder_name="示例",
                holder_code="92990101MA99000523",
                valid_from=_CREATED.date(),
                is_sandbox=issuer.is_sandbox,
            )
        )

    def test_the_issuer_is_named_the_same_each_time(self) -> None:
        """Trust lists name it."""
        signer = self.signer()
        assert signer.issuer == signer.issuer
        assert signer.issuer.id
        assert {"zh", "en"} & set(signer.issuer.name)

    def test_what_is_sealed_is_a_certificate_of_the_issuer(self) -> None:
        """With all that was in the document, and a proof."""
        signer = self.signer()
        document = self.document(signer)
        before = copy.deepcopy(document)
        signed = asyncio.run(signer.sign(document, created=_CREATED))
        assert document == before, "the document that was handed over was changed"
        assert {key: signed[key] for key in document} == document
        certificate = Certificate.of(signed)
        assert certificate.claims.issuer_id == signer.issuer.id
        assert signed["proof"], "no proof"

    def test_the_same_input_gives_the_same_bytes(self) -> None:
        """After a crash the same certificate comes out, and only that one ever leaves."""
        signer = self.signer()
        document = self.document(signer)

        async def twice() -> tuple[dict[str, Any], dict[str, Any]]:
            first = await signer.sign(document, created=_CREATED)
            return first, await signer.sign(document, created=_CREATED)

        first, second = asyncio.run(twice())
        assert first == second, "not deterministic; a crash while sealing makes two certificates"


class KeyKeeperKit:
    """Every :class:`oneservice.ports.KeyKeeper` passes this; give :meth:`keeper`."""

    def keeper(self) -> KeyKeeper:
        """Return the keeper."""
        raise NotImplementedError

    def wrapped(self, keeper: KeyKeeper, key: bytes, context: str = "c1") -> WrappedKey:
        """Return ``key`` wrapped by ``keeper``."""
        return asyncio.run(keeper.wrap(key, context=context))

    @pytest.mark.parametrize("length", [1, 32, 64])
    def test_what_was_wrapped_is_unwrapped(self, length: int) -> None:
        """Keys of up to 64 bytes."""
        keeper, key = self.keeper(), bytes(range(length))
        wrapped = self.wrapped(keeper, key)
        assert wrapped.key_id == keeper.key_id
        assert 1 <= len(wrapped.key_id) <= 64  # noqa: PLR2004 - as the port says
        assert asyncio.run(keeper.unwrap(wrapped, context="c1")) == key

    def test_nothing_of_the_key_is_seen(self) -> None:
        """Whoever has the database, and not the keeper, has nothing."""
        keeper, key = self.keeper(), b"0123456789abcdef" * 2
        assert key not in self.wrapped(keeper, key).wrapped
        assert key not in repr(keeper).encode()

    def test_the_key_of_one_case_does_not_open_in_the_place_of_anothers(self) -> None:
        """The context is bound to the wrapping."""
        keeper = self.keeper()
        wrapped = self.wrapped(keeper, b"k" * 32)
        with pytest.raises(JournalError):
            asyncio.run(keeper.unwrap(wrapped, context="c2"))

    def test_what_was_altered_or_never_wrapped_is_refused(self) -> None:
        """With an error of ours: every bit counts."""
        keeper = self.keeper()
        whole = self.wrapped(keeper, b"k" * 32)
        flipped = bytes([whole.wrapped[0] ^ 1]) + whole.wrapped[1:]
        for bytes_ in (flipped, whole.wrapped[:-1], b"", b"x"):
            altered = WrappedKey(key_id=whole.key_id, wrapped=bytes_)
            with pytest.raises(JournalError):
                asyncio.run(keeper.unwrap(altered, context="c1"))

    def test_a_key_that_the_keeper_does_not_have_is_told(self) -> None:
        """Work waits then, and goes on when the key is back."""
        keeper = self.keeper()
        whole = self.wrapped(keeper, b"k" * 32)
        strange = WrappedKey(key_id="no-such-key", wrapped=whole.wrapped)
        with pytest.raises(JournalError):
            asyncio.run(keeper.unwrap(strange, context="c1"))
