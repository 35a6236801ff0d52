"""``airbrick rule``."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from airbrick.lint.commands.lint import EXIT_ERROR, fail
from airbrick.lint.errors import LintError


@click.command(short_help="Explain a rule of the linter.")
@click.argument("code", required=False)
@click.option("--all", "everything", is_flag=True, help="All rules.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def rule(code: str | None, output_format: str, *, everything: bool) -> None:
    """Explain a rule: what it reports, why, and how code looks that it does not report.

    Rules of your own, named by `rule-paths` in the configuration of the current folder, are explained as well.

    \b
    Examples:
      airbrick rule DBX201
      airbrick rule missing-deferrable
      airbrick rule --all --output-format json
    """
    from airbrick.lint.config_finder import ConfigFinder
    from airbrick.lint.registry import all_rules, find_rule, suggest_rule
    from airbrick.lint.report.rules import rules_as_json, rules_as_text

    if everything == (code is not None):
        click.echo("error: name a rule, such as DBX201, or give --all", err=True)
        sys.exit(EXIT_ERROR)
    try:
        ConfigFinder().settings_for(Path())
        chosen = all_rules()
        if code is not None:
            found = find_rule(code)
            if found is None:
                click.echo(f"error: no rule {code!r}: {suggest_rule(code)}", err=True)
                sys.exit(EXIT_ERROR)
            chosen = (found,)
    except LintError as error:
        fail(error)
    lines: Iterator[str] = rules_as_text(chosen, listing=everything)
    click.echo(rules_as_json(chosen) if output_format == "json" else "\n".join(lines))
