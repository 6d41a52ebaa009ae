"""Certificates with everything that a face may have to show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from oneservice.certificates import Certificate, Claims, Cryptosuite, SigningKey, issue

_ID = "1.2.156.3005.2.11990000MB9900013U001.11990101MB9900021A.JY29901010000018.001.3"
_KEY = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)


@pytest.fixture
def permit() -> Callable[..., Certificate]:
    def make(**changed: Any) -> Certificate:
        claims = Claims(
            **{
                "id": _ID,
                "type": "food_permit",
                "title": {"zh": "食品经营许可证", "en": "Food business permit"},
                "issuer_id": "https://market.990101.example/issuer",
                "issuer_name": {"zh": "示例市市场监督管理局", "en": "Market Regulation Bureau"},
                "issuer_region": "990101",
                "holder_name": "李记面馆",
                "holder_code": "92990101MA99000523",
                "number": "JY29901010000018",
                "valid_from": date(2026, 10, 14),
                "valid_until": date(2031, 10, 13),
                "result": {"main_format": "catering", "projects": ["hot"], "area_m2": "82.5"},
                **changed,
            }
        )
        return issue(
            claims,
            key=_KEY,
            verification_method=f"{claims.issuer_id}#{_KEY.public_multibase}",
            created=datetime(2026, 10, 14, 3, tzinfo=UTC),
        )

    return make


@pytest.fixture(scope="session")
def golden() -> Path:
    return Path(__file__).resolve().parents[2] / "golden"
