"""``airbrick lint``."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from airbrick.lint.commands.options import PATH, read_configs, shared
from airbrick.lint.errors import LintError

if TYPE_CHECKING:
    from airbrick.lint.outcome import Outcome
    from airbrick.lint.request import Request

EXIT_FINDINGS: Final = 1
EXIT_ERROR: Final = 2

_FORMATS: Final = (
    "concise", "full", "github", "gitlab", "grouped", "json", "json-lines", "junit", "rdjson", "sarif",
)  # fmt: skip
_SEVERITIES: Final = click.Choice(["error", "warning", "info"])


class _Command(click.Command):
    """Lets a reason follow ``--add-ignore`` by an equals sign only, so that it swallows no path."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments."""
        end = args.index("--") if "--" in args else len(args)
        given = [f"{argument}=" if argument == "--add-ignore" else argument for argument in args[:end]]
        return super().parse_args(ctx, given + args[end:])


@click.command(short_help="Check DAG files.", cls=_Command)
@click.argument("paths", nargs=-1, type=PATH, metavar="PATH…")
@shared
@click.option("--fix", is_flag=True, help="Apply safe fixes.")
@click.option("--fix-only", is_flag=True, help="Apply safe fixes, and report nothing else.")
@click.option("--unsafe-fixes", is_flag=True, help="With these or --diff: also fixes that may change what code does.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--show-fixes", is_flag=True, help="List what was fixed.")
@click.option(
    "--add-ignore",
    metavar="[=REASON]",
    help="Add a comment that suppresses it to everything that is found.",
)
@click.option("--baseline", type=PATH, metavar="FILE", help="Known findings, instead of the nearest baseline.")
@click.option("--no-baseline", is_flag=True, help="Report known findings, too.")
@click.option("--diff-base", metavar="REVISION", help="Report only what this revision in git did not have.")
@click.option(
    "--output-format",
    type=click.Choice(_FORMATS),
    default="full",
    metavar="FORMAT",
    help=f"One of {', '.join(_FORMATS)}.",
    show_default=True,
)
@click.option("--output-file", "-o", type=PATH, metavar="FILE", help="Write the report there.")
@click.option("--statistics", is_flag=True, help="Count findings by rule instead of listing them.")
@click.option("--min-severity", type=_SEVERITIES, help="Report nothing below it.")
@click.option("--fail-on", type=_SEVERITIES, help="Exit with 1 only for this severity or a worse one.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when something is found.")
@click.option("--exit-non-zero-on-fix", is_flag=True, help="Exit with 1 when something was fixed.")
@click.option("--stdin-filename", type=PATH, metavar="PATH", help="The name of the text that '-' reads.")
@click.option("--show-files", is_flag=True, help="List the files that would be checked.")
@click.option("--show-settings", is_flag=True, help="Show the settings of the first of these files.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes.")
def lint(**options: Any) -> None:  # noqa: ANN401 - click checked the types
    """Check DAG files for mistakes that an expert for Databricks and Airflow would point out.

    Folders are searched for Python files; without a PATH the current folder is. Files that mention neither
    Airflow nor Databricks are passed over.

    \b
    Examples:
      airbrick lint dags/
      airbrick lint dags/ --contract airbrick.contract.prod.json
      airbrick lint dags/orders.py --fix --unsafe-fixes
      airbrick lint --output-format concise --select DBX8 .
      airbrick lint --diff-base origin/main --output-format github
      airbrick lint - --stdin-filename dags/orders.py < dags/orders.py

    \b
    Exit status:
      0  nothing found
      1  something found (or, with --diff, something to change)
      2  wrong options, configuration or contract, or the linter itself failed
    """
    from airbrick.lint.request import Request

    file, watch = options.pop("output_file"), options.pop("watch")
    shows = [options.pop("show_files"), options.pop("show_settings")]
    try:
        request = Request(**read_configs(options))
        if any(shows):
            _show(request, files=shows[0])
            return
        if watch:
            _watch(request, file)
            return
        sys.exit(run_once(request, file))
    except LintError as error:
        fail(error)


def fail(error: LintError) -> NoReturn:
    """Tell an error and end with its exit code."""
    click.echo(f"error: {error}", err=True)
    sys.exit(EXIT_ERROR)


def run_once(request: "Request", file: Path | None) -> int:
    """Lint, write the report, and give the exit code.

    :param file: where the report goes; ``None`` for standard output.
    """
    from airbrick.lint.collection import paused

    with paused(lasting=True):
        from airbrick.lint.output import complaints, written
        from airbrick.lint.report.colours import Palette, palette_for
        from airbrick.lint.run import execute

    stdin = sys.stdin.buffer.read() if request.reads_stdin else b""
    outcome = execute(request, stdin=stdin, environ=os.environ, progress=_progress)
    palette = palette_for(sys.stdout, os.environ) if file is None else Palette()
    output = written(outcome, request, stdin=stdin, palette=palette, width=width())
    if file is not None:
        _save(file, output)
    else:
        sys.stdout.flush()
        # Written as bytes: newlines and encodings of linted files must come through unchanged.
        sys.stdout.buffer.write(output)
        sys.stdout.buffer.flush()
    for message in complaints(outcome, request):
        click.echo(f"error: {message}", err=True)
    return _exit_code(outcome, request)


def width() -> int:
    """Give the columns that lines may take: the terminal's, and 80 where there is none."""
    if not sys.stdout.isatty():
        return 80
    import shutil

    return min(max(shutil.get_terminal_size((80, 24)).columns, 40), 140)


def _exit_code(outcome: "Outcome", request: "Request") -> int:
    if outcome.errors or outcome.crashed:
        return EXIT_ERROR
    if request.diff:
        failed = bool(outcome.fixes)
    else:
        failed = outcome.failing and not request.fix_only
        failed = failed or (request.exit_non_zero_on_fix and bool(outcome.fixes))
    return EXIT_FINDINGS if failed and not request.exit_zero else 0


def _save(file: Path, output: bytes) -> None:
    from airbrick.lint.errors import WriteError

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(output)
    except OSError as error:
        raise WriteError(file, reason=error.strerror or str(error)) from error


def _progress(count: int) -> Callable[[int], None]:
    """Show a bar at a terminal when there is something to wait for."""
    from airbrick.lint.parallel import WORTHWHILE

    if count <= WORTHWHILE or not sys.stderr.isatty():
        return lambda _done: None
    bar = click.progressbar(length=count, label="Checking", file=sys.stderr, show_pos=True)
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        done += more
        bar.update(more)
        if done >= count:
            bar.render_finish()

    return advance


def _show(request: "Request", *, files: bool) -> None:
    from airbrick.lint.report.settings import settings_as_lines
    from airbrick.lint.run import Session

    works = Session(request, b"", os.environ).works()
    if files:
        click.echo("".join(f"{work.path}\n" for work in works), nl=False)
    elif works:
        click.echo("\n".join(settings_as_lines(works[0].path, works[0].settings)))


def _watch(request: "Request", file: Path | None) -> None:
    from airbrick.lint.collection import thaw
    from airbrick.lint.watching import watch

    def once() -> set[Path]:
        click.clear()
        further = {*request.contract, *(path for path in (request.config, request.baseline) if path is not None)}
        try:
            further |= _configured(request)
            run_once(request, file)
        except LintError as error:
            click.echo(f"error: {error}", err=True)
            source = getattr(error, "source", None)
            further |= {source} if isinstance(source, Path) else set()
        finally:
            thaw()
        return further

    if request.reads_stdin:
        raise LintError("--watch looks at files: it does not go with '-'")
    watch(request.places, once)


def _configured(request: "Request") -> set[Path]:
    """Give what the configurations of the files name, and the environment."""
    from airbrick.contract import ENVIRONMENT_VARIABLE
    from airbrick.lint.run import Session

    settings = {id(work.settings): work.settings for work in Session(request, b"", os.environ).works()}.values()
    named = {path for one in settings for path in (*one.contract, *one.extended, one.source, one.baseline) if path}
    told = os.environ.get(ENVIRONMENT_VARIABLE)
    return named | {Path(told).expanduser()} if told else named
