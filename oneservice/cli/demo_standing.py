"""The end of a story: what the applicant has got, what not and why, and what can be done now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from oneservice.case import CaseFinding, Option, Standing, SubCaseStatus
from oneservice.cli.demo_lessons import LESSONS
from oneservice.cli.demo_scripts import StoryName
from oneservice.cli.demo_told import Scene, Told
from oneservice.cli.pages import Page

__all__ = ["Ending"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a story ended, for people and for machines."""

    story: StoryName
    scene: Scene
    standing: Standing
    findings: tuple[CaseFinding, ...]
    told: tuple[Told, ...]

    def as_json(self) -> dict[str, Any]:
        """Return all of it, with everything that was told."""
        return {
            "story": str(self.story),
            "told": [one.as_json() for one in self.told],
            "standing": _standing_json(self.standing),
            "findings": [
                {"step": one.sub_case_id, "problem": one.problem} for one in self.findings
            ],
        }

    def write(self) -> None:
        """Write what stands, what is missing and why, what can be done, and what staff are told."""
        page, scene = Page(), self.scene
        page.head(scene.say("standing", self.standing.on))
        for one in self.standing.stands:
            number = scene.say("number", one.number) if one.number else ""
            title, since = scene.title(one.sub_case_id), scene.day(one.since)
            page.point(scene.say("stands", title, since, number), mark="+")
        for missing in self.standing.missing:
            title, why = scene.title(missing.sub_case_id), scene.text(missing.why)
            if missing.status is SubCaseStatus.NOT_APPLICABLE:
                why = _named(scene, why, [step.id for step in scene.plan.steps])
            page.point(scene.say("missing_because", title, why))
            for reason in missing.reasons:
                page.line(scene.say("reason", scene.text(reason)), indent=6)
        page.head(scene.say("options"))
        for option in self.standing.options:
            page.point(_option(scene, option))
        if not self.standing.options:
            page.line(scene.say("nothing"), indent=2)
        if self.findings:
            page.head(scene.say("findings"))
        for finding in self.findings:
            text = finding.zh if scene.language == "zh" else finding.text
            names = [finding.sub_case_id] if finding.sub_case_id else []
            page.point(_named(scene, text, names))
        page.head(scene.say("otherwise"))
        page.line(scene.text(LESSONS[self.story]), indent=2)


def _option(scene: Scene, option: Option) -> str:
    title = scene.title(option.sub_case_id) if option.sub_case_id else scene.say("applicant")
    text = scene.text(option.text)
    if option.until is None:
        return scene.say("option", title, text)
    return scene.say("option_until", title, text, option.until)


def _named(scene: Scene, text: str, names: list[str]) -> str:
    """Put a title in the place of a step's id: who reads this knows no ids."""
    for name in sorted(names, key=len, reverse=True):
        if name in text:
            return text.replace(name, scene.title(name), 1)
    return text


def _standing_json(standing: Standing) -> dict[str, Any]:
    """Return a standing for machines."""
    return {
        "on": standing.on.isoformat(),
        "stands": [
            {
                "step": one.sub_case_id,
                "since": one.since.isoformat() if one.since else None,
                "number": one.number,
            }
            for one in standing.stands
        ],
        "missing": [
            {
                "step": one.sub_case_id,
                "status": str(one.status),
                "why": {"zh": one.why.zh, "en": one.why.en},
                "reasons": [{"zh": each.zh, "en": each.en} for each in one.reasons],
            }
            for one in standing.missing
        ],
        "options": [
            {
                "step": one.sub_case_id,
                "kind": str(one.kind),
                "until": one.until.isoformat() if one.until else None,
            }
            for one in standing.options
        ],
    }
