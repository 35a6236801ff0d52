"""The ``airbrick`` command."""

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from airbrick.cli import SUBCOMMANDS, Subcommand, main


def test_help_lists_every_command_without_importing_one() -> None:
    code = (
        "import sys; from airbrick.cli import main; main(['--help'], standalone_mode=False); "
        "bad = {'libcst', 'pulumi', 'airflow', 'starlette', 'rich'} & set(sys.modules); assert not bad, bad"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    for name in SUBCOMMANDS:
        assert name in result.stdout


@pytest.mark.parametrize("width", [80, 140])
def test_every_command_has_help_with_examples_that_fits_the_terminal(width: int) -> None:
    for path, command in commands(main, ()):
        result = CliRunner().invoke(main, [*path, "--help"], terminal_width=width)
        assert result.exit_code == 0, result.output
        assert "\\b" not in result.output
        assert max(map(len, result.output.splitlines())) <= width
        if not isinstance(command, click.Group):
            assert f"\n    airbrick {' '.join(path)}" in result.output, path


def commands(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        assert command.name == name
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def test_an_unknown_command_is_a_usage_error() -> None:
    result = CliRunner().invoke(main, ["lnit"])
    assert result.exit_code == 2
    assert "No such command" in result.output


def test_the_version_is_the_distributions() -> None:
    assert CliRunner().invoke(main, ["--version"]).output.startswith("airbrick 0.")


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = Subcommand("module_that_is_not_installed", "x", "", extra="emulator")
    monkeypatch.setattr("airbrick.cli.SUBCOMMANDS", {"emulator": missing})
    result = CliRunner().invoke(main, ["emulator"])
    assert result.exit_code == 1
    assert "pip install 'airbrick[emulator]'" in result.output


def test_an_extra_that_is_missed_only_when_the_command_works_is_named_too() -> None:
    code = "import sys; sys.modules['orjson'] = None; from airbrick.cli import main; main(['emulator', '--port', '0'])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr == "Error: orjson is not installed: this command needs `pip install 'airbrick[emulator]'`\n"
