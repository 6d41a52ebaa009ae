"""A train of 587 people whose papers are asked for at once: which of them count here?

The facts of the story: health certificates of one province are recognised in another. Most are
good; the rest is what a train brings along: taken back, run out, changed, somebody else's kind, or
from a region with which there is no agreement.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from benchmarks.certificates import bare_check
from benchmarks.measuring import Pair, compared
from oneservice.certificates import (
    CertificateState,
    Claims,
    Cryptosuite,
    Entitlement,
    Holder,
    ListedKey,
    ListIssuer,
    Publication,
    PublishedStatus,
    RecognitionLevel,
    RecognitionRule,
    Shown,
    SigningKey,
    StatusArray,
    StatusEntry,
    StatusList,
    TrustBook,
    TrustedIssuer,
    TrustStore,
    Wanted,
    combine,
    issue,
    recognise_many,
    write_status_lists,
)
from oneservice.identifiers import citizen_number_check_digit

__all__ = ["PEOPLE", "Train", "make_train", "measure", "resident_code", "traveller_code"]

PEOPLE: Final = 587
NOW: Final = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
_OPENED: Final = datetime(2026, 1, 1, tzinfo=UTC)
_KIND: Final = "health-certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """What a kind of paper, its office and the rule by which it counts are called."""

    title: dict[str, str]
    office: dict[str, str]
    rule: dict[str, str]


_HEALTH: Final = _Words(
    title={"zh": "健康证明", "en": "Health certificate"},
    office={"zh": "卫生健康局", "en": "Health office"},
    rule={"zh": "健康证明跨省互认协议", "en": "Agreement on health certificates"},
)
_WORDS: Final = {
    "property_certificate": _Words(
        title={"zh": "不动产权证书", "en": "Property certificate"},
        office={"zh": "不动产登记中心", "en": "Land registry"},
        rule={"zh": "不动产权证书跨省互认协议", "en": "Agreement on property certificates"},
    )
}
"""By kind; every other one is a kind of health certificate."""
_EVERY: Final[dict[int, str]] = {
    3: "revoked",
    5: "expired",
    7: "forged",
    11: "other_type",
    13: "not_recognised",
    17: "other_holder",
}
"""The truth about paper number n: that of the first of these numbers that leaves no rest of n mod
20; the others count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    """Papers as they are shown, the truth about each, and by whose lights they are judged."""

    shown: tuple[Shown, ...]
    truths: tuple[str, ...]
    trust: TrustBook
    status: PublishedStatus
    kind: str = _KIND

    @property
    def wanted(self) -> Wanted:
        """What the region of arrival asks."""
        return Wanted(
            region="990101",
            trust=self.trust,
            at=NOW,
            types=frozenset({self.kind}),
            status=self.status,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Office:
    id: str
    region: str
    key: SigningKey
    list_key: SigningKey
    """Status lists are JWTs, which Ed25519 does not sign here."""

    @classmethod
    def of(cls, region: str, suite: Cryptosuite) -> _Office:
        return cls(
            id=f"https://{region}.example/health",
            region=region,
            key=SigningKey.generate(suite),
            list_key=SigningKey.generate(Cryptosuite.ECDSA_JCS_2019),
        )

    @property
    def method(self) -> str:
        return f"{self.id}#{self.key.public_multibase}"

    @property
    def list_method(self) -> str:
        return f"{self.id}#{self.list_key.public_multibase}"

    def trust_list(self, kind: str, *rules: RecognitionRule) -> TrustStore:
        keys = tuple(
            ListedKey.for_certificates(self.id, one.public_multibase, valid_from=_OPENED)
            for one in (self.key, self.list_key)
        )
        rights = tuple(
            Entitlement(type=one, region=self.region, valid_from=_OPENED)
            for one in (kind, "driving-licence")
        )
        issuer = TrustedIssuer(
            id=self.id, name={"zh": "局"}, region=self.region, keys=keys, entitlements=rights
        )
        return TrustStore(
            territory=self.region,
            version=1,
            issued_at=_OPENED,
            expires_at=datetime(2027, 1, 1, tzinfo=UTC),
            issuers=(issuer,),
            recognition=rules,
        )


def traveller_code(number: int) -> str:
    """Return a number that is nobody's, and of no form."""
    return f"P{number:06}"


def resident_code(number: int) -> str:
    """Return a citizen number of a region that does not exist, as forms take it."""
    body = f"9801011990{number // 1000 % 12 + 1:02}01{number % 1000:03}"
    return body + citizen_number_check_digit(body)


def make_train(
    suite: Cryptosuite,
    *,
    people: int = PEOPLE,
    kind: str = _KIND,
    code: Callable[[int], str] = traveller_code,
) -> Train:
    """Return a train whose papers are of ``kind`` and signed with ``suite``.

    ``code`` numbers the people; :func:`resident_code` as forms take it.
    """
    home, far, here = (_Office.of(region, suite) for region in ("980000", "970000", "990000"))
    rule = RecognitionRule(
        issuer_region="980000",
        type=kind,
        accepted_in="990000",
        valid_from=_OPENED,
        minimum_level=RecognitionLevel.SEALED,
        legal_basis=_WORDS.get(kind, _HEALTH).rule,
    )
    trust = combine([home.trust_list(kind), far.trust_list(kind), here.trust_list(kind, rule)])
    truths = tuple(_truth(number) for number in range(people))
    shown = tuple(
        _shown(
            Holder(name=f"旅客{number}", code=code(number)),
            (number, truth),
            far if truth == "not_recognised" else home,
            kind,
        )
        for number, truth in enumerate(truths)
    )
    lists = (_list_of(home, truths), _list_of(far, ()))
    status = PublishedStatus(lists=lists, trust=trust)
    return Train(shown=shown, truths=truths, trust=trust, status=status, kind=kind)


def _truth(number: int) -> str:
    return _EVERY.get(number % 20, "recognised")


def _shown(holder: Holder, paper: tuple[int, str], office: _Office, kind: str) -> Shown:
    number, truth = paper
    words = _WORDS.get(kind, _HEALTH)
    claims = Claims(
        id=f"urn:example:health:{office.region}:{number}",
        type="driving-licence" if truth == "other_type" else kind,
        title=words.title,
        issuer_id=office.id,
        issuer_name=words.office,
        issuer_region=office.region,
        holder_name=holder.name,
        holder_code=holder.code,
        number=f"H{number:06}",
        valid_from=date(2026, 2, 1),
        valid_until=date(2026, 8, 31) if truth == "expired" else date(2027, 1, 31),
        result={"examined_on": "2026-01-30"},
        status=StatusEntry(uri=f"https://{office.region}.example/status/1", index=number),
    )
    data = issue(claims, key=office.key, verification_method=office.method, created=NOW).dump()
    if truth == "forged":
        document = json.loads(data)
        document["validUntil"] = document["validUntil"].replace("2027", "2028")
        data = json.dumps(document, ensure_ascii=False).encode()
    if truth == "other_holder":
        holder = replace(holder, code="P999999")
    return Shown(paper=data, holder=holder)


def _list_of(office: _Office, truths: tuple[str, ...]) -> StatusList:
    array = StatusArray(131_072)
    for number, truth in enumerate(truths):
        if truth == "revoked":
            array.put(number, CertificateState.REVOKED)
    made = write_status_lists(
        array.values(),
        uri=f"https://{office.region}.example/status/1",
        issuer=ListIssuer(id=office.id, key=office.list_key, key_id=office.list_method),
        issued_at=NOW - timedelta(hours=1),
        expires_at=NOW + timedelta(days=1),
        ttl_s=3600,
    )
    return StatusList.parse(made[Publication.TOKEN])


def measure() -> Iterator[Pair]:
    """Yield one call over the whole train against as many bare signature checks, on one core."""
    for suite in (Cryptosuite.ECDSA_JCS_2019, Cryptosuite.EDDSA_JCS_2022):
        yield _measured(suite)


def _measured(suite: Cryptosuite) -> Pair:
    train, check = make_train(suite), bare_check(suite)
    counts = sum(one.counts for one in recognise_many(train.shown, wanted=train.wanted))
    pair = compared(
        f"recognise {PEOPLE} papers in one call, {suite}",
        lambda: recognise_many(train.shown, wanted=train.wanted),
        lambda: [check() for _ in range(PEOPLE)],
        floor_name=f"{PEOPLE} bare verifications",
        calls=1,
    )
    return replace(pair, facts={"papers": PEOPLE, "count_here": counts})
