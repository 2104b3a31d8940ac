"""Options that commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class ShippedOrPath(click.ParamType[str]):
    """A shipped name or a path, completed by name."""

    def __init__(self, what: str) -> None:
        self.name = what

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Complete shipped names; the shell completes paths."""
        from click.shell_completion import CompletionItem

        if self.name == "instance":
            from fordela.instances.catalogue import shipped_instances as names
        else:
            from fordela.instances.policy_files import shipped_policies as names
        found = [CompletionItem(n) for n in names() if n.startswith(incomplete)]
        return found or [CompletionItem(incomplete, type="file")]


INSTANCE = ShippedOrPath("instance")
POLICY = ShippedOrPath("policy")


def lang_option(command: F) -> F:
    """Add ``--lang``; ``FORDELA_LANG`` sets its default."""
    return click.option(
        "--lang", type=click.Choice(["en", "sv"]), default="en", show_default=True,
        envvar="FORDELA_LANG", help="Language of tables.",
    )(command)  # fmt: skip


def format_option(command: F) -> F:
    """Add ``--format``."""
    return click.option(
        "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table",
        show_default=True, help="How to print.",
    )(command)  # fmt: skip


def quiet_option(command: F) -> F:
    """Add ``--quiet``."""
    return click.option("--quiet", "-q", is_flag=True, help="No progress, no notes.")(command)


def accept_option(command: F) -> F:
    """Add ``--accept``: names that error messages give, for what is unusual and right."""
    return click.option(
        "--accept", "accepted", multiple=True, metavar="NAME",
        help="Confirm what an error names so, such as missing:0117. May be repeated.",
    )(command)  # fmt: skip


def cases_option(command: F) -> F:
    """Add ``--with-cases``."""
    return click.option(
        "--with-cases", is_flag=True,
        help="Write every child into a workbook too; without it a workbook holds none.",
    )(command)  # fmt: skip


def source_option(command: F) -> F:
    """Add ``--instance``: what a result was made from."""
    return click.option(
        "--instance", "given", type=INSTANCE, metavar="INSTANCE",
        help="What the result was made from, where it does not hold it.",
    )(command)  # fmt: skip


def publish_option(command: F) -> F:
    """Add ``--publish``."""
    return click.option(
        "--publish", is_flag=True,
        help="For publication: hide counts from 1 to 4 and what would reveal them.",
    )(command)  # fmt: skip


def trust_option(command: F) -> F:
    """Add ``--trust``: code that a file names may be run, until the command ends."""
    return click.option(
        "--trust", is_flag=True, expose_value=False, is_eager=True, callback=_trust,
        help="Run rules and norms of one's own that a policy, a result or --norm names.",
    )(command)  # fmt: skip


def _trust(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    from fordela.models.extensions import is_trusted, trust

    if value:
        ctx.call_on_close(partial(trust, is_trusted()))
        trust()


def continue_option(command: F) -> F:
    """Add ``--continue``."""
    return click.option(
        "--continue", "earlier", type=click.Path(path_type=Path), metavar="DIR",
        help="A result of this year so far: its decisions and transfers stand.",
    )(command)  # fmt: skip


def backend_option(command: F) -> F:
    """Add ``--backend``."""
    return click.option(
        "--backend", type=click.Choice(["auto", "highs", "cp-sat", "cbc"]), default="auto",
        show_default=True, help="Engine of the integer programs.",
    )(command)  # fmt: skip


def processes_option(command: F) -> F:
    """Add ``--workers`` of a command that works on several processes."""
    return click.option(
        "--workers", type=click.IntRange(min=1), help="Local processes. Default: all cores."
    )(command)


def norm_option(command: F) -> F:
    """Add ``--norm``."""
    return click.option(
        "--norm", "own_norms", multiple=True, metavar="MODULE:NAME",
        help="A norm of your own to report too; may be given several times.",
    )(command)  # fmt: skip


def scheduler_option(command: F) -> F:
    """Add ``--scheduler``."""
    return click.option(
        "--scheduler", metavar="ADDRESS",
        help="Work on a Dask cluster, such as tcp://127.0.0.1:8786, instead of local processes.",
    )(command)  # fmt: skip


def county_option(command: F) -> F:
    """Add ``--county``."""
    return click.option(
        "--county", metavar="CODE", help="Show only this county: code or name, such as 08 or Kalmar."
    )(command)


def solving_options(command: F) -> F:
    """Add what every solving command takes."""
    for option in reversed(
        (
            backend_option,
            click.option(
                "--time-limit", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS",
                help="Stop after this time and say what is proven.",
            ),
            click.option(
                "--seed", type=click.IntRange(min=0), default=0, show_default=True,
                help="For lots and for the engine.",
            ),
            click.option("--workers", type=click.IntRange(min=1), help="Threads of the engine."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


def out_options(command: F) -> F:
    """Add ``--out`` and ``--force``."""
    command = click.option("--force", is_flag=True, help="Replace an earlier result in DIR.")(command)
    return click.option(
        "--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
        help="Write the result's files into this new folder.",
    )(command)  # fmt: skip


def deciding_options(command: F) -> F:
    """Add the instance, one policy, and everything that deciding a year under it takes."""
    for option in (
        quiet_option, lang_option, format_option, solving_options, county_option, out_options,
        click.option("--all", "everything", is_flag=True, help="Show all rows."),
        click.option(
            "--policy", "name", type=POLICY, metavar="NAME|FILE",
            help="Default: the instance's own policy.",
        ),
        click.argument("instance", type=INSTANCE),
    ):  # fmt: skip
        command = option(command)
    return command
