"""``airbrick generate``."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from airbrick.iac.clients.databricks import Workspace
from airbrick.iac.clients.transport import Pause
from airbrick.iac.errors import IacError
from airbrick.iac.generate.errors import FileExistsAlreadyError, GenerateError
from airbrick.iac.generate.found import Found, Wanted, find
from airbrick.iac.generate.program import import_file, program
from airbrick.iac.provider.config import ProviderConfig
from airbrick.iac.resources.job_api import JobApi

_PROGRAM, _IMPORT = "__main__.py", "import.json"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--name", "names", metavar="GLOB", multiple=True, help="Only jobs whose name fits; may be repeated.")
@click.option("--tag", "tags", metavar="KEY[=VALUE]", multiple=True, help="Only jobs with this tag; may be repeated.")
@click.option("--id", "ids", metavar="ID", multiple=True, help="This job; may be repeated.")
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where to write the program and the import file; the current folder by default.",
)
def generate(names: Sequence[str], tags: Sequence[str], ids: Sequence[str], folder: Path) -> None:
    """Write a Pulumi program for the jobs of a workspace.

    Reads the workspace that DATABRICKS_HOST names, signing in as databricks-sdk does, and changes nothing there.
    Writes __main__.py and import.json; after `pulumi import --file import.json` a preview shows no change.
    Jobs that belong to a stack already are left out, unless --id names them.

    Exit codes: 0 written, 1 not written, 2 wrong usage.

    \b
    Examples:
      airbrick generate --tag team=orders -o orders
      airbrick generate --name 'nightly*' --name 'weekly*'
      airbrick generate --id 4604524946226198907
    """
    if ids and (names or tags):
        raise click.UsageError("--id names the jobs itself; give it without --name and --tag")
    wanted = Wanted(names, _parsed(tags), _checked(ids))
    try:
        _refuse_to_overwrite(folder)
        workspace = Workspace(ProviderConfig(), Pause())
        found = find(JobApi(workspace), wanted)
        _write(found, folder, workspace.host)
    except (IacError, GenerateError, OSError) as error:
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


def _write(found: Found, folder: Path, host: str) -> None:
    if not found.jobs:
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _PROGRAM).write_text(program(found.jobs, host), encoding="utf-8")
    (folder / _IMPORT).write_text(import_file(found.jobs), encoding="utf-8")


def _report(found: Found, folder: Path) -> None:
    for name in found.owned:
        click.echo(f"left out, it belongs to a stack already: {name}", err=True)
    if not found.jobs:
        raise click.ClickException("every job that fits belongs to a stack already; nothing is written")
    jobs = "1 job" if len(found.jobs) == 1 else f"{len(found.jobs)} jobs"
    click.echo(f"wrote {folder / _PROGRAM} and {folder / _IMPORT}: {jobs}")
    click.echo("next, in a Pulumi project with this program:")
    click.echo(f"  pulumi import --file {_IMPORT} --protect=false --generate-code=false --yes")
    click.echo("  pulumi preview")
