"""Papers that people already hold, as they show them, and the answer about each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from oneservice.certificates.certificate import Certificate
from oneservice.certificates.claims import LocalText
from oneservice.certificates.recognising_words import INSTEAD, WHY
from oneservice.certificates.recognition import Recognition, RecognitionLevel
from oneservice.certificates.report import Report, Verdict
from oneservice.certificates.sd_jwt import SdJwt
from oneservice.identifiers import mask_citizen_number

__all__ = ["CollectedRecord", "HeldPaper", "Holder", "Paper", "Shown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose paper it must be: the applicant's name, and the code that tells them from others."""

    name: str = field(repr=False)
    code: str = field(repr=False)

    def answers(self, name: object, code: object) -> bool | None:
        """Say whether a paper that states ``name`` and ``code`` is theirs; ``None``: it hides it.

        A masked number fits several people, so the name must be the same as well.
        """
        if not code:
            return None if name in {None, self.name} else False
        if code == self.code:
            return True
        if code != mask_citizen_number(self.code):
            return False
        return None if name is None else name == self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedRecord:
    """A register's entry about a paper, without anybody's seal (归集数据).

    Args:
        type: of the paper, as rules name it.
        reference: how its keeper finds it again; never a person's number.
        region: whose register it is; whoever hands the record in vouches for that.
        holder_name: as the register has it.
        holder_code: the same.
        valid_from: first day; ``None``: it does not say.
        valid_until: last day; ``None``: no end is known.
        is_in_force: whether the register says that it was not taken back.
    """

    type: str
    reference: str
    region: str
    holder_name: str = field(repr=False)
    holder_code: str = field(repr=False)
    valid_from: date | None = None
    valid_until: date | None = None
    is_in_force: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return the record as it is handed in; it is about a person."""
        days = {"valid_from": self.valid_from, "valid_until": self.valid_until}
        return {
            "type": self.type,
            "reference": self.reference,
            "region": self.region,
            "holder_name": self.holder_name,
            "holder_code": self.holder_code,
            **{name: None if day is None else day.isoformat() for name, day in days.items()},
            "is_in_force": self.is_in_force,
        }


Paper: TypeAlias = bytes | Certificate | SdJwt | CollectedRecord
"""A certificate as a file, in either format, or read already; or a record of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A paper as somebody shows it.

    Args:
        paper: what is shown.
        holder: whose it must be; ``None``: that is not asked here.
        audience: of a wallet's presentation, how we named ourselves to it.
        nonce: the word that we chose for this one presentation; with ``audience``, holding the key
            must be proven.
    """

    paper: Paper
    holder: Holder | None = None
    audience: str | None = None
    nonce: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPaper:
    """The answer about one paper.

    Args:
        verdict: ``valid``: it counts here; ``invalid``: it does not; ``indeterminate``: that cannot
            be told now.
        code: ``home`` or ``recognised``; else why not, as reports name it, or ``other_type``,
            ``other_holder``, ``holder_unshown``.
        type: of the paper; empty where it could not be read.
        reference: its identifier, or its digest.
        level: sealed, or only collected.
        issuer_region: as the trust list, or the register, has it; ``None``: nobody knows.
        valid_until: last day; ``None``: without end, or not known.
        recognition: the rule that counts, or how near one came; ``None``: it was not asked.
        report: every check by name; ``None``: a record, or of another type than asked for.
        paper: what was read; ``None``: it could not be.
        holder: whose it is, found by comparing; ``None``: nobody asked whose it is, or it counts
            for nobody.
    """

    verdict: Verdict
    code: str
    type: str = ""
    reference: str = ""
    level: RecognitionLevel = RecognitionLevel.SEALED
    issuer_region: str | None = None
    valid_until: date | None = None
    recognition: Recognition | None = None
    report: Report | None = None
    paper: Certificate | SdJwt | CollectedRecord | None = field(default=None, repr=False)
    holder: Holder | None = field(default=None, repr=False)

    @property
    def counts(self) -> bool:
        """Whether it stands for what was asked for."""
        return self.verdict is Verdict.VALID

    @property
    def words(self) -> LocalText:
        """Why it counts or does not, in zh and en; a rule with its legal basis."""
        known = self.recognition
        if self.code == "not_recognised" and known is not None:
            return known.words
        why = WHY.get(self.code, WHY["indeterminate"])
        rule = None if known is None else known.rule
        if self.code != "recognised" or rule is None:
            return why
        basis = rule.legal_basis
        other = next(iter(basis.values()))
        marks = {"zh": "：", "en": ": "}
        return {name: f"{text}{marks[name]}{basis.get(name, other)}" for name, text in why.items()}

    @property
    def instead(self) -> LocalText | None:
        """What to do instead, in zh and en; ``None``: nothing, it counts."""
        if self.counts:
            return None
        known = self.recognition
        if self.code == "not_recognised" and known is not None and known.gap is not None:
            return INSTEAD[known.gap.value]
        return INSTEAD.get(self.code, INSTEAD["indeterminate"])

    def as_json(self) -> dict[str, Any]:
        """Return the answer for machines: nothing of the holder."""
        rule = None if self.recognition is None else self.recognition.rule
        return {
            "verdict": str(self.verdict),
            "code": self.code,
            "type": self.type,
            "reference": self.reference,
            "level": str(self.level),
            "issuer_region": self.issuer_region,
            "valid_until": None if self.valid_until is None else self.valid_until.isoformat(),
            "rule": None if rule is None else rule.as_json(),
            "words": dict(self.words),
            "instead": None if self.instead is None else dict(self.instead),
        }
