"""``airbrick doctor``: what works on this machine, what does not, and how to mend it."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from airbrick.commands import probes
from airbrick.commands.probes import Finding, Status

MARKS = {Status.OK: ("✓", "green"), Status.SKIPPED: ("-", "bright_black"), Status.FAILED: ("✗", "red")}


@click.command()
@click.option("-C", "--cwd", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Look from here.")
@click.option(
    "--airflow-url",
    metavar="URL",
    envvar="AIRBRICK_AIRFLOW_ENDPOINT",
    show_envvar=True,
    help="Airflow's address, such as http://localhost:8080.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_context
def doctor(ctx: click.Context, cwd: Path, airflow_url: str | None, *, as_json: bool) -> None:
    """Say what works here, what does not, and how to mend it.

    Looks at the Pulumi engine, airbrick's provider plugin, the workspace that DATABRICKS_HOST (or the profile
    DATABRICKS_CONFIG_PROFILE) names, Airflow, and the contract found from here.

    \b
    Examples:
      airbrick doctor
      airbrick doctor --airflow-url http://localhost:8080 --json

    \b
    Exit codes:
      0  everything that is set up works
      1  something that is set up does not work
      2  usage error
    """
    checks: Sequence[Callable[[], Finding]] = (
        probes.parts,
        lambda: probes.engine(os.environ),
        lambda: probes.plugin(os.environ),
        lambda: probes.workspace(os.environ),
        lambda: probes.airflow(airflow_url),
        lambda: probes.contract(cwd, os.environ),
    )
    findings = [check() for check in checks]
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            _print(finding)
    ctx.exit(1 if any(finding.status is Status.FAILED for finding in findings) else 0)


def _print(finding: Finding) -> None:
    mark, colour = MARKS[finding.status]
    click.echo(f"{click.style(mark, fg=colour)} {click.style(finding.subject, bold=True)}: {finding.detail}")
    if finding.fix:
        click.echo(f"    {finding.fix}")
