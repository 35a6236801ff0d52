"""The ``airbrick`` command.

Sub-commands are imported only when they are named: the hook that pre-commit runs on every commit
must not pay for a web server or a cloud SDK.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import click


@dataclass(frozen=True, slots=True)
class Subcommand:
    """A sub-command that is not imported yet.

    :param module: where it lives.
    :param attribute: the click command in that module.
    :param summary: its line in ``airbrick --help``.
    :param extra: the extra of the distribution that brings its dependencies; empty for the base install.
    """

    module: str
    attribute: str
    summary: str
    extra: str = ""

    def load(self) -> click.Command:
        """Import the command.

        :raises click.ClickException: its extra is not installed.
        """
        try:
            command = getattr(importlib.import_module(self.module), self.attribute)
        except ModuleNotFoundError as error:
            if lacking := self.lacks(error):
                raise lacking from error
            raise
        if not isinstance(command, click.Command):
            raise TypeError(f"{self.module}:{self.attribute} is not a command")
        return command

    def lacks(self, error: ModuleNotFoundError) -> click.ClickException | None:
        """Say which extra brings a module that is missing; ``None`` where no extra does."""
        if not self.extra or (error.name or "").startswith("airbrick"):
            return None
        return click.ClickException(
            f"{error.name} is not installed: this command needs `pip install 'airbrick[{self.extra}]'`"
        )


SUBCOMMANDS: Final[Mapping[str, Subcommand]] = {
    "baseline": Subcommand(
        "airbrick.lint.commands.baseline", "baseline", "Accept what the linter finds today, check what comes."
    ),
    "contract": Subcommand(
        "airbrick.commands.contract", "contract", "Show, check, pull or preview what a stack provisions."
    ),
    "doctor": Subcommand(
        "airbrick.commands.doctor", "doctor", "Say what works here, what does not, and how to mend it."
    ),
    "emulator": Subcommand("airbrick.emulator.cli", "emulator", "Run a local Databricks workspace.", extra="emulator"),
    "generate": Subcommand(
        "airbrick.commands.generate", "generate", "Write a Pulumi program for jobs that exist.", extra="iac"
    ),
    "lint": Subcommand("airbrick.lint.commands.lint", "lint", "Check DAG files."),
    "lsp": Subcommand("airbrick.lint.commands.lsp", "lsp", "Serve editors: findings as you type.", extra="lsp"),
    "rule": Subcommand("airbrick.lint.commands.rule", "rule", "Explain a rule of the linter."),
}


class LazyGroup(click.Group):
    """A group that imports a sub-command when it is named, and not to list it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names of the sub-commands, sorted."""
        del ctx
        return sorted(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a sub-command; ``None`` when there is none of that name."""
        del ctx
        found = SUBCOMMANDS.get(cmd_name)
        return found.load() if found else None

    def invoke(self, ctx: click.Context) -> object:
        """Run a sub-command; some import what they need only when they work."""
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            found = SUBCOMMANDS.get(ctx.invoked_subcommand or "")
            if found and (lacking := found.lacks(error)):
                raise lacking from error
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of sub-commands from their one-line summaries."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUBCOMMANDS[name].summary) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="airbrick", message="airbrick %(version)s")
def main() -> None:
    """Run Databricks jobs from Airflow, checked against what Pulumi provisioned.

    \b
    Examples:
      airbrick lint dags/
      airbrick contract show dags/airbrick.contract.prod.json
      airbrick emulator --execute
    """


if __name__ == "__main__":
    main()
