"""``airbrick contract``: what a stack provisions, shown, checked, fetched or foreseen."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import click

from airbrick.commands.pulumi_cli import coming_contract, deployed_contract
from airbrick.contract import (
    FILE_PATTERN,
    Change,
    Contract,
    ContractError,
    ContractNotFoundError,
    compare,
    dumps,
    file_name,
    find,
    load,
    to_document,
    write,
)

PREVIEW_FILE: Final = "airbrick.contract-preview.{stack}.json"
"""Not found by the linter and the operators on their own: it is named, or it is not used."""

_STDOUT: Final = "-"
_DIFFERENT: Final = 4

T = TypeVar("T")

_cwd = click.option(
    "-C",
    "--cwd",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="Work as if started in this folder: the Pulumi project's, for pull and preview.",
)
_stack = click.option("-s", "--stack", help="The stack; by default the selected one.")
_output = click.option(
    "-o", "--output", metavar="PATH", help="File or folder to write to, or - for standard output. [default: here]"
)


@click.group()
def contract() -> None:
    """Show, check, compare, pull or preview what a stack provisions.

    \b
    Examples:
      airbrick contract show
      airbrick contract pull --stack prod -o dags/
      airbrick contract preview --stack prod -o ci.json
      airbrick lint --contract ci.json dags/

    \b
    Exit codes:
      0  done
      1  a contract is missing or broken
      2  usage error
      3  the Pulumi engine is missing or failed
      4  two contracts differ
    """


@contract.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@_cwd
@click.option("--json", "as_json", is_flag=True, help="Write the contract's canonical JSON.")
def show(paths: tuple[Path, ...], cwd: Path, *, as_json: bool) -> None:
    """Show contracts as tables.

    PATHS are contract files or folders that hold some; by default those that a DAG here would find.

    \b
    Examples:
      airbrick contract show
      airbrick contract show dags/airbrick.contract.prod.json --json
    """
    found = [(path, _or_fail(partial(load, path))) for path in _find(paths, cwd)]
    if as_json:
        documents = [to_document(item) for _, item in found]
        text = dumps(found[0][1]) if len(found) == 1 else json.dumps(documents, ensure_ascii=False, indent=2) + "\n"
        click.echo(text, nl=False)
        return
    from airbrick.commands.contract_table import show as show_table

    for path, item in found:
        show_table(path, item)


@contract.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@_cwd
def check(paths: tuple[Path, ...], cwd: Path) -> None:
    """Say whether contract files can be used.

    \b
    Examples:
      airbrick contract check
      airbrick contract check dags/
    """
    broken = 0
    for path in _find(paths, cwd):
        try:
            item = load(path)
        except ContractError as error:
            broken += 1
            click.echo(f"Error: {error}", err=True)
            continue
        coming = [key for key, job in item.jobs.items() if job.job_id is None]
        said = f"; a preview: not made yet are {', '.join(sorted(coming))}" if coming else ""
        jobs, connections = _count(len(item.jobs), "job"), _count(len(item.connections), "connection")
        click.echo(f"{path}: ok: stack {item.stack}, {jobs}, {connections}{said}")
    if broken:
        sys.exit(1)


@contract.command(short_help="Write the contract file from the stack's outputs.")
@_cwd
@_stack
@_output
def pull(cwd: Path, stack: str | None, output: str | None) -> None:
    """Write the contract file from the stack's outputs, as `pulumi up` writes it.

    \b
    Examples:
      airbrick contract pull --stack prod -o dags/
      airbrick contract pull -C stacks --stack dev -o -
    """
    pulled = _or_fail(partial(deployed_contract, cwd, stack))
    _write(pulled, cwd, output, file_name(pulled.stack))


@contract.command(short_help="Write the coming contract, to check DAGs before `pulumi up`.")
@_cwd
@_stack
@_output
def preview(cwd: Path, stack: str | None, output: str | None) -> None:
    """Write the contract that the next `pulumi up` would make, to check DAGs before it.

    Jobs that do not exist yet have no job id. The file is for `airbrick lint --contract`; operators refuse it.

    \b
    Examples:
      airbrick contract preview --stack prod -o ci.json
      airbrick contract preview -C stacks --stack dev -o -
    """
    coming = _or_fail(partial(coming_contract, cwd, stack))
    _write(coming, cwd, output, PREVIEW_FILE.format(stack=coming.stack))


@contract.command(short_help="Say what differs, and what of it breaks DAGs.")
@click.argument("old", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("new", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Write the changes as JSON.")
def diff(old: Path, new: Path, *, as_json: bool) -> None:
    """Say what changes from one contract to another, and what of it breaks DAGs.

    \b
    Examples:
      airbrick contract diff airbrick.contract.prod.json ci.json
      airbrick contract diff dev.json prod.json --json

    \b
    Exit codes:
      0  nothing differs
      1  a contract is missing or broken
      4  something differs
    """
    changes = compare(_or_fail(partial(load, old)), _or_fail(partial(load, new)))
    if as_json:
        listed = [{**asdict(change), "breaks": change.breaks} for change in changes]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
    for change in () if as_json else changes:
        click.echo(_said(change))
    if changes:
        sys.exit(_DIFFERENT)


def _said(change: Change) -> str:
    place = ".".join(change.path)
    if change.kind == "changed":
        return (
            f"~ {place}: {json.dumps(change.old, ensure_ascii=False)} -> {json.dumps(change.new, ensure_ascii=False)}"
        )
    if change.kind == "added":
        return f"+ {place}"
    return f"- {place}{'  (breaks DAGs that name it)' if change.breaks else ''}"


def _find(paths: Sequence[Path], cwd: Path) -> Sequence[Path]:
    def search() -> Sequence[Path]:
        found = find(explicit=[cwd / path for path in paths], environ=os.environ, beside=cwd)
        found = found or tuple(sorted(cwd.glob(f"*/{FILE_PATTERN}")))
        if not found:
            raise ContractNotFoundError([f"no {FILE_PATTERN} in {cwd.absolute()}, above it or one folder below"])
        return found

    return _or_fail(search)


def _or_fail(action: Callable[[], T]) -> T:
    try:
        return action()
    except ContractError as error:
        raise click.ClickException(str(error)) from error


def _write(item: Contract, cwd: Path, output: str | None, name: str) -> None:
    if output == _STDOUT:
        click.echo(dumps(item), nl=False)
        return
    target = cwd / (output or ".")
    if output and output.endswith(os.sep) and not target.is_dir():
        raise click.ClickException(f"{target}: there is no such folder; make it, or give another place with -o")
    target = target / name if target.is_dir() else target
    try:
        write(target, item)
    except OSError as error:
        message = f"{target}: cannot be written: {error.strerror}; give another place with -o"
        raise click.ClickException(message) from error
    click.echo(f"wrote {target}", err=True)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
