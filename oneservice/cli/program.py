"""The group of commands: which there are, where they live, and the one edge for their errors."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from oneservice.cli.refusals import (
    BROKEN_PIPE,
    refusal_of,
    refusal_of_defect,
    refusal_of_usage,
    tell,
)
from oneservice.errors import OneServiceError
from oneservice.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COMMANDS", "program"]


class Entry(NamedTuple):
    """Where a command lives, and its line in ``--help``: listing must not import it."""

    module: str
    summary: str


COMMANDS: Final[Mapping[str, Entry]] = {
    "demo": Entry(
        "oneservice.cli.demo",
        "Watch one restaurant case, from a form to verified certificates.",
    ),
    "lint": Entry("oneservice.cli.lint", "Check catalog files, naming place and remedy."),
    "plan": Entry("oneservice.cli.plan", "Show what follows from answers: steps, form, dates."),
    "graph": Entry("oneservice.cli.graph", "Draw the plan as mermaid text or SVG."),
    "guide": Entry("oneservice.cli.guide", "Write the service guide of a plan, to print."),
    "cross-region": Entry(
        "oneservice.cli.cross_region", "List what can be handed in from other regions."
    ),
    "consents": Entry(
        "oneservice.cli.consents", "Show what people must agree to, before data cross a border."
    ),
    "diff": Entry("oneservice.cli.diff", "Compare a one-thing in two regions, or on two days."),
    "schema": Entry("oneservice.cli.schema", "Print the schemas of catalogs and of the protocol."),
    "export": Entry("oneservice.cli.export", "Write a one-thing for other systems."),
    "what-if": Entry("oneservice.cli.whatif", "Ask what a change in the offices would do."),
    "simulate": Entry("oneservice.cli.simulate", "Try a province out under every fault."),
    "sandbox": Entry("oneservice.cli.sandbox", "Run reference offices as real servers."),
    "conform": Entry("oneservice.cli.conform", "Try an adapter against the protocol."),
    "face": Entry("oneservice.cli.face", "Draw certificates, to look at and to print."),
    "keys": Entry("oneservice.cli.keys", "Keep seals: keys, rules, mandates, uses, books."),
    "trust": Entry("oneservice.cli.trust", "Make, sign, compare lists of who may issue what."),
    "regions": Entry("oneservice.cli.regions", "Make and read the directory of regions."),
    "forgotten": Entry(
        "oneservice.cli.forgotten", "List what an engine's old backup has forgotten."
    ),
    "audit": Entry("oneservice.cli.audit", "Replay the history of a case under its plan."),
    "verify": Entry("oneservice.cli.verify", "Check certificates, bundles, journals; offline."),
    "relying": Entry("oneservice.cli.relying", "Answer relying parties over HTTP, on record."),
    "log": Entry("oneservice.cli.log", "Keep, witness, check and watch transparency logs."),
}
"""In the order in which a stranger meets them. Each module names its command ``command``."""


class _LazyGroup(click.Group):
    """Imports a command when it is called, and tells every error of this library in one place."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        found: click.Command = import_module(entry.module).command
        return found

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # Looked at before any parsing: a machine wants JSON for a mistyped option, too.
        ctx.meta["oneservice.json"] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        as_json = bool(ctx.meta["oneservice.json"])
        try:
            return super().invoke(ctx)
        except OneServiceError as error:
            told = refusal_of(error)
        except click.UsageError as error:
            if not as_json:
                raise
            told = refusal_of_usage(error)
        except BrokenPipeError:
            # Who reads has seen enough (`| head`): neither a finding nor an answer.
            _leave_quietly()
            return ctx.exit(BROKEN_PIPE)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if os.environ.get("ONESERVICE_DEBUG"):
                raise
            told = refusal_of_defect(error)
        tell(told, as_json=as_json)
        return ctx.exit(told.exit_code)


def _leave_quietly() -> None:
    """Give the interpreter somewhere to write what is left when it flushes at its end."""
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - no file of ours
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 fine, 1 a finding, 2 wrong use, 70 a defect of this program. "
    "'oneservice COMMAND --help' shows examples.",
)
@click.version_option(__version__, prog_name="oneservice")
def program() -> None:
    """One visit, one form: composed government services (一件事)."""
