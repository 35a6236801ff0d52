"""``airbrick generate``: a Pulumi program for the jobs of a workspace, or for those that a DAG spells out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import click

from airbrick.commands import generate_from_dag
from airbrick.iac.clients.databricks import Workspace
from airbrick.iac.clients.transport import Pause
from airbrick.iac.errors import IacError
from airbrick.iac.generate.errors import FileExistsAlreadyError, GenerateError
from airbrick.iac.generate.found import Found, Wanted, find
from airbrick.iac.generate.program import Written, import_file, named, program
from airbrick.iac.provider.config import ProviderConfig
from airbrick.iac.resources.job_api import JobApi
from airbrick.lint.errors import LintError

_PROGRAM: Final = "__main__.py"
_IMPORT: Final = "import.json"
_SOME_LEFT: Final = 3


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--name", "names", metavar="GLOB", multiple=True, help="Only jobs whose name fits; may be repeated.")
@click.option("--tag", "tags", metavar="KEY[=VALUE]", multiple=True, help="Only jobs with this tag; may be repeated.")
@click.option("--id", "ids", metavar="ID", multiple=True, help="This job; may be repeated.")
@click.option(
    "--from-dag",
    "dag",
    metavar="FILE",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="The jobs that this DAG file submits, creates, or runs by their ids.",
)
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where to write the program and the import file; the current folder by default.",
)
@click.pass_context
def generate(
    ctx: click.Context, *, names: Sequence[str], tags: Sequence[str], ids: Sequence[str], dag: Path | None, folder: Path
) -> None:
    """Write a Pulumi program for jobs that exist.

    Reads the workspace that DATABRICKS_HOST names, signing in as databricks-sdk does, and changes nothing there.
    Writes __main__.py and import.json; after `pulumi import --file import.json` a preview changes no job: it has
    the contract to make.
    Jobs that belong to a stack already are left out, unless --id names them.

    With --from-dag the jobs are those that a DAG file spells out. Shows on standard output, as a patch, the file
    with RunNowOperator in their place, and changes nothing in it. What is decided while the DAG runs becomes a job
    parameter, or is refused with its place. The workspace is read for jobs that the file names by their ids.

    \b
    Exit codes:
      0  written
      1  not written
      2  wrong usage
      3  written, but tasks of the DAG were left as they are

    \b
    Examples:
      airbrick generate --tag team=orders -o orders
      airbrick generate --name 'nightly*' --name 'weekly*'
      airbrick generate --id 4604524946226198907
      airbrick generate --from-dag dags/orders.py -o orders > orders.patch
    """
    if ids and (names or tags):
        raise click.UsageError("--id names the jobs itself; give it without --name and --tag")
    if dag is not None and (ids or names or tags):
        raise click.UsageError("--from-dag names the jobs itself; give it without --name, --tag and --id")
    wanted = Wanted(names, _parsed(tags), _checked(ids))
    try:
        _refuse_to_overwrite(folder)
        if dag is not None:
            brought = generate_from_dag.bring(dag)
            _write(brought.jobs, folder, f"The jobs of {dag.name}.")
            click.echo(brought.patch, nl=False)
            _report_dag(brought, folder)
            ctx.exit(_SOME_LEFT if brought.left else 0)
        workspace = Workspace(ProviderConfig(), Pause())
        found = find(JobApi(workspace), wanted)
        _write(named(found.jobs), folder, f"The jobs of a workspace, as they were found in {workspace.host}.")
    except (IacError, GenerateError, LintError, OSError) as error:
        raise click.ClickException(str(error)) from error
    _report(found, folder)


def _parsed(tags: Sequence[str]) -> Mapping[str, str | None]:
    parted = (tag.partition("=") for tag in tags)
    return {key: value if equals else None for key, equals, value in parted}


def _checked(ids: Sequence[str]) -> Sequence[str]:
    for given in ids:
        if not given.isdecimal():
            raise click.BadParameter(f"{given!r} is no job id: an id is a number", param_hint="--id")
    return tuple(dict.fromkeys(ids))


def _refuse_to_overwrite(folder: Path) -> None:
    there = [str(path) for path in (folder / _PROGRAM, folder / _IMPORT) if path.exists()]
    if there:
        raise FileExistsAlreadyError(there)


def _write(jobs: Sequence[Written], folder: Path, origin: str) -> None:
    if not jobs:
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _PROGRAM).write_text(program(jobs, origin), encoding="utf-8")
    if any(job.job_id for job in jobs):
        (folder / _IMPORT).write_text(import_file(jobs), encoding="utf-8")


def _report(found: Found, folder: Path) -> None:
    for name in found.owned:
        click.echo(f"left out, it belongs to a stack already: {name}", err=True)
    if not found.jobs:
        raise click.ClickException("every job that fits belongs to a stack already; nothing is written")
    click.echo(f"wrote {folder / _PROGRAM} and {folder / _IMPORT}: {_counted(len(found.jobs))}")
    click.echo("next, in a Pulumi project with this program:")
    click.echo(f"  pulumi import --file {_IMPORT} --protect=false --generate-code=false --yes")
    click.echo("  pulumi preview")


def _report_dag(brought: generate_from_dag.Brought, folder: Path) -> None:
    for reason in brought.left:
        click.echo(f"left as it is: {reason}", err=True)
    if not brought.jobs:
        raise click.ClickException("no job can be brought; nothing is written")
    for note in brought.notes:
        click.echo(f"note: {note}", err=True)
    exists = any(job.job_id for job in brought.jobs)
    written = f"{folder / _PROGRAM} and {folder / _IMPORT}" if exists else f"{folder / _PROGRAM}"
    click.echo(f"wrote {written}: {_counted(len(brought.jobs))}", err=True)
    click.echo("next, in a Pulumi project with this program:", err=True)
    if exists:
        click.echo(f"  pulumi import --file {_IMPORT} --protect=false --generate-code=false --yes", err=True)
    click.echo("  pulumi up, with the folder of the DAGs as the path of iac.Contract", err=True)
    click.echo("  patch -p0 < FILE, once the jobs are there", err=True)


def _counted(jobs: int) -> str:
    return "1 job" if jobs == 1 else f"{jobs} jobs"
