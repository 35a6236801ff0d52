"""``airbrick lint`` and ``airbrick rule``."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from airbrick.lint.errors import LintError

if TYPE_CHECKING:
    from airbrick.lint.run import Outcome, Request

EXIT_FINDINGS: Final = 1
EXIT_ERROR: Final = 2


def _split(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


@click.command(short_help="Check DAG files.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="PATH…")
@click.option(
    "--select",
    multiple=True,
    callback=_split,
    metavar="RULES",
    help="Check these rules only: codes, prefixes, names, recommended, strict, ALL.",
)
@click.option("--extend-select", multiple=True, callback=_split, metavar="RULES", help="Check these rules as well.")
@click.option("--ignore", multiple=True, callback=_split, metavar="RULES", help="Leave these rules out.")
@click.option(
    "--contract",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Contract file or folder; may be repeated, one for each stack.",
)
@click.option("--fix", is_flag=True, help="Apply safe fixes.")
@click.option(
    "--unsafe-fixes", is_flag=True, help="With --fix or --diff: also fixes that may change what the code does."
)
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--output-format", type=click.Choice(["full", "concise", "json"]), default="full", show_default=True)
@click.option(
    "--stdin-filename",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The name of the file that is read from standard input with '-'.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when something is found.")
@click.option("--statistics", is_flag=True, help="Count findings by rule instead of listing them.")
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="Use this pyproject.toml or airbrick.toml."
)
@click.option("--isolated", is_flag=True, help="Read no configuration file.")
@click.option("--force-exclude", is_flag=True, help="Apply `exclude` to files that are named, too.")
def lint(**options: object) -> None:
    """Check DAG files for mistakes that an expert for Databricks and Airflow would point out.

    Folders are searched for Python files; without a PATH the current folder is. Files that mention neither
    Airflow nor Databricks are passed over.

    \b
    Examples:
      airbrick lint dags/
      airbrick lint dags/ --contract airbrick.contract.prod.json
      airbrick lint dags/orders.py --fix --unsafe-fixes
      airbrick lint --output-format concise --select DBX8 .
      airbrick lint - --stdin-filename dags/orders.py < dags/orders.py

    \b
    Exit status:
      0  nothing found
      1  something found (or, with --diff, something to change)
      2  wrong options, configuration or contract, or the linter itself failed
    """
    from airbrick.lint.run import Request

    try:
        outcome = _run(Request(**options))  # type: ignore[arg-type]  # click checked the types
    except LintError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(EXIT_ERROR)
    for message in outcome.errors:
        click.echo(f"error: {message}", err=True)
    sys.exit(_exit_code(outcome, exit_zero=bool(options["exit_zero"])))


def _run(request: "Request") -> "Outcome":
    from airbrick.lint.report.colours import palette_for
    from airbrick.lint.run import execute

    stdin = sys.stdin.buffer.read() if request.reads_stdin else b""
    outcome = execute(request, stdin=stdin, environ=os.environ, palette=palette_for(sys.stdout, os.environ))
    if outcome.output:
        sys.stdout.flush()
        # Written as bytes: newlines and encodings of linted files must come through unchanged.
        sys.stdout.buffer.write(outcome.output.encode("utf-8", "surrogateescape"))
        sys.stdout.buffer.flush()
    return outcome


def _exit_code(outcome: "Outcome", *, exit_zero: bool) -> int:
    if outcome.errors or outcome.crashed:
        return EXIT_ERROR
    return EXIT_FINDINGS if outcome.findings and not exit_zero else 0


@click.command(short_help="Explain a rule of the linter.")
@click.argument("code", required=False)
@click.option("--all", "everything", is_flag=True, help="All rules.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def rule(code: str | None, output_format: str, *, everything: bool) -> None:
    """Explain a rule: what it reports, why, and how code looks that it does not report.

    \b
    Examples:
      airbrick rule DBX201
      airbrick rule missing-deferrable
      airbrick rule --all --output-format json
    """
    from airbrick.lint.registry import all_rules, find_rule, suggest_rule
    from airbrick.lint.report.rules import rules_as_json, rules_as_text

    if everything == (code is not None):
        click.echo("error: name a rule, such as DBX201, or give --all", err=True)
        sys.exit(EXIT_ERROR)
    chosen = all_rules()
    if code is not None:
        found = find_rule(code)
        if found is None:
            click.echo(f"error: no rule {code!r}: {suggest_rule(code)}", err=True)
            sys.exit(EXIT_ERROR)
        chosen = (found,)
    lines: Iterator[str] | list[str] = rules_as_text(chosen, listing=everything)
    click.echo(rules_as_json(chosen) if output_format == "json" else "\n".join(lines))
