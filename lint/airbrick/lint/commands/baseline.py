"""``airbrick baseline``."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from airbrick.lint.commands.lint import EXIT_ERROR, EXIT_FINDINGS, fail
from airbrick.lint.commands.options import PATH, read_configs, shared
from airbrick.lint.errors import LintError

if TYPE_CHECKING:
    from airbrick.lint.baseline import Baseline, Entry
    from airbrick.lint.outcome import Outcome

_FILE = click.option(
    "--file",
    type=PATH,
    metavar="FILE",
    help="The baseline, instead of the configured or nearest one.",
)


@click.group(short_help="Accept what is found today, and check only what comes.")
def baseline() -> None:
    """Accept what is found today, and check only what comes.

    `airbrick lint` leaves out what the nearest airbrick.baseline.json holds. A finding is known by its rule, its DAG,
    its task and its code, not by its line, so it stays known when code moves.

    \b
    Examples:
      airbrick baseline create dags/
      airbrick baseline check dags/
      airbrick baseline prune dags/
    """


@baseline.command()
@click.argument("paths", nargs=-1, type=PATH, metavar="PATH…")
@shared
@_FILE
def create(file: Path | None, **options: Any) -> None:  # noqa: ANN401 - click checked the types
    """Write everything that is found into the baseline.

    What stood there of files and rules that were not looked for stays.

    \b
    Examples:
      airbrick baseline create dags/
      airbrick baseline create dags/ --select DBX1,DBX2 --file old.json

    \b
    Exit status:
      0  written
      2  wrong options, configuration or contract, or the linter itself failed
    """
    from airbrick.lint.baseline import Baseline, load
    from airbrick.lint.baseline_finder import FILE_NAME
    from airbrick.lint.report.report import shown_path

    try:
        outcome = _lint(options, None)
        # One of a folder above speaks for other files as well; a new one is for this folder.
        target = file or _configured(options) or Path(FILE_NAME)
        old = load(target) if target.exists() else Baseline(target)
        kept = old.without(old.stale(outcome.asked.codes))
        made = Baseline(target, (*kept.entries, *Baseline.of(target, outcome.findings).entries))
        _stop_at_errors(outcome)
        made.write()
    except LintError as error:
        fail(error)
    click.echo(f"{shown_path(target)}: {_counted(made.entries)}.")


@baseline.command()
@click.argument("paths", nargs=-1, type=PATH, metavar="PATH…")
@shared
@_FILE
def check(file: Path | None, **options: Any) -> None:  # noqa: ANN401 - click checked the types
    """Say whether the baseline is what is found: nothing new, and nothing that is gone.

    \b
    Examples:
      airbrick baseline check dags/

    \b
    Exit status:
      0  it is
      1  something is new, or something is gone
      2  wrong options, configuration, contract or baseline; or the linter failed
    """
    from airbrick.lint.report.report import shown_path

    try:
        outcome, used, stale = _compare(options, file)
        _stop_at_errors(outcome)
    except LintError as error:
        fail(error)
    for finding in outcome.findings:
        click.echo(f"new:  {finding.path}:{finding.span.line}: {finding.code} {finding.message}")
    for entry in stale:
        click.echo(f"gone: {entry.path}: {entry.code} {entry.name}{_of(entry)}")
    new, gone = len(outcome.findings), sum(entry.count for entry in stale)
    hint = " `airbrick baseline prune` removes what is gone." if gone else ""
    click.echo(f"{shown_path(used.file)}: {_counted(used.entries)}, {new} new, {gone} gone.{hint}")
    sys.exit(EXIT_FINDINGS if new or gone else 0)


@baseline.command()
@click.argument("paths", nargs=-1, type=PATH, metavar="PATH…")
@shared
@_FILE
def prune(file: Path | None, **options: Any) -> None:  # noqa: ANN401 - click checked the types
    """Remove from the baseline what is found no more; nothing new is added.

    What was not looked for stays: other files, rules that are not selected, rules that compare with a contract where
    there is none, and whatever stands in a file that cannot be parsed.

    \b
    Examples:
      airbrick baseline prune dags/

    \b
    Exit status:
      0  done
      2  wrong options, configuration, contract or baseline; or the linter failed
    """
    from airbrick.lint.report.report import shown_path

    try:
        outcome, used, stale = _compare(options, file)
        _stop_at_errors(outcome)
        left = used.without(stale)
        if stale:
            left.write()
    except LintError as error:
        fail(error)
    click.echo(
        f"{shown_path(used.file)}: {sum(entry.count for entry in stale)} removed, {_counted(left.entries)} left."
    )


def _lint(options: dict[str, Any], file: Path | None) -> "Outcome":
    from airbrick.lint.request import Request
    from airbrick.lint.run import execute

    given = read_configs(dict(options))
    return execute(Request(**given, baseline=file, no_baseline=file is None), environ=os.environ)


def _configured(options: dict[str, Any]) -> Path | None:
    from airbrick.lint.config_finder import settings_source

    given = read_configs(dict(options))
    settings_for = settings_source(given["config"], isolated=given["isolated"], overrides=given["overrides"])
    return settings_for(Path()).baseline


def _compare(options: dict[str, Any], file: Path | None) -> "tuple[Outcome, Baseline, Sequence[Entry]]":
    from airbrick.lint.baseline import load
    from airbrick.lint.baseline_finder import FILE_NAME, nearest

    path = (options["paths"] or (Path(),))[0]
    beside = path / FILE_NAME if path.is_dir() else path
    target = file or _configured(options) or nearest(beside)
    if target is None:
        raise LintError(f"no {FILE_NAME} here or in a folder above: write one with `airbrick baseline create`")
    outcome = _lint(options, target)
    # A baseline nothing was found for was not read.
    used = next((one for one in outcome.baselines if one.file == target), None) or load(target)
    return outcome, used, used.stale(outcome.asked.codes)


def _stop_at_errors(outcome: "Outcome") -> None:
    """End when the linter could not do its work: what it did not see is not gone."""
    for message in outcome.errors:
        click.echo(f"error: {message}", err=True)
    crashes = [finding for finding in outcome.findings if finding.code == "DBX900"]
    for finding in crashes:
        click.echo(f"error: {finding.path}: {finding.message}", err=True)
    if outcome.errors or crashes:
        sys.exit(EXIT_ERROR)


def _counted(entries: "Sequence[Entry]") -> str:
    count = sum(entry.count for entry in entries)
    return f"{count} finding{'' if count == 1 else 's'}"


def _of(entry: "Entry") -> str:
    names = [f"DAG {entry.dag_id}"] if entry.dag_id else []
    names += [f"task {entry.task_id}"] if entry.task_id else []
    return f" ({', '.join(names)})" if names else ""
