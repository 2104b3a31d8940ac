"""Rules of one's own: the test that any rule can be run through."""

from __future__ import annotations

import sys

import click
from fordela.report.command_line import (
    load_policies,
    plain_errors,
    print_rows,
    progress_on_terminal,
    words_in,
)
from fordela.report.options import (
    POLICY,
    format_option,
    lang_option,
    quiet_option,
    trust_option,
)


@click.command("test-rule")
@click.argument("name", type=POLICY, metavar="NAME|FILE")
@format_option
@lang_option
@quiet_option
@trust_option
@plain_errors
def test_rule(name: str, form: str, lang: str, quiet: bool) -> None:
    """Run a policy's rule through the conformance test: does it keep to what a rule may do?

    Small years of every kind, with capacities, siblings, ties, transfers, a valve, under both
    mechanisms. Exit code 0 if every demand is met, 1 if not. How to write a rule: docs/own-rules.md.

    \b
    Example:
      fordela test-rule my-policy.toml
    """
    from dataclasses import asdict

    from fordela.solver.rules.conformance import conformance

    (policy,) = load_policies((name,), ())
    if policy.is_optimal:
        raise click.UsageError("an optimum over a whole year is no rule; name a policy with a rule")
    words = words_in(lang)
    with progress_on_terminal(quiet) as progress:
        findings = conformance(policy, progress)
    if form != "table":
        print_rows([asdict(f) for f in findings], form)
    else:
        for finding in findings:
            mark = words("no" if finding.problem else "yes")
            click.echo(f"{mark:<4} {words(f'demand_{finding.demand}')} ({finding.years})")
            if finding.problem:
                click.echo(f"     {finding.problem}")
    sys.exit(1 if any(f.problem for f in findings) else 0)
