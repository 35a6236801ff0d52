import json
import os
import sys
from pathlib import Path

import pytest
from tools.demo.errors import CommandError
from tools.demo.processes import Processes
from tools.demo.pulumi import Pulumi

JOB = "urn:pulumi:dev::orders::airbrick:databricks:Job::nightly_orders"


def engine(folder: Path, *events: object, said: str = "", code: int = 0) -> Pulumi:
    """An engine that answers with these events, and keeps what it was given."""
    (folder / "events").write_text("\n".join(json.dumps(event) for event in events), encoding="utf-8")
    program = folder / "pulumi"
    program.write_text(
        f"#!{sys.executable}\n"
        "import os, pathlib, sys\n"
        f"folder = pathlib.Path({str(folder)!r})\n"
        "(folder / 'arguments').write_text(' '.join(sys.argv[1:]))\n"
        "(folder / 'input').write_text(sys.stdin.read())\n"
        f"sys.stderr.write({said!r})\n"
        "print((folder / 'events').read_text())\n"
        f"sys.exit({code})\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    return Pulumi(Processes("test", folder), folder, folder, folder / "work", {"PATH": os.environ["PATH"]})


def resource(operation: str) -> dict[str, object]:
    return {"resourcePreEvent": {"metadata": {"op": operation, "type": "airbrick:databricks:Job", "urn": JOB}}}


def message(severity: str, text: str) -> dict[str, object]:
    return {"diagnosticEvent": {"severity": severity, "message": text}}


def summary(**changes: int) -> dict[str, object]:
    return {"summaryEvent": {"resourceChanges": changes}}


def test_an_update_names_what_it_did(tmp_path: Path) -> None:
    update = engine(tmp_path, resource("create"), summary(create=2, same=1)).up()
    assert update.changes == {"create": 2, "same": 1}
    assert update.resources == (("create", "airbrick:databricks:Job", "nightly_orders"),)
    assert not update.unchanged
    assert str(update) == "2 create, 1 same"


@pytest.mark.parametrize(
    ("changes", "unchanged"),
    [
        ({"same": 7}, True),
        ({}, True),
        ({"same": 6, "update": 1}, False),
        ({"replace": 1}, False),
        ({"delete": 1}, False),
    ],
)
def test_unchanged_means_nothing_was_touched(tmp_path: Path, changes: dict[str, int], unchanged: bool) -> None:
    assert engine(tmp_path, summary(**changes)).up().unchanged is unchanged


def test_the_engine_s_own_explanation_is_the_error(tmp_path: Path) -> None:
    failing = engine(tmp_path, message("error", "no such\n"), message("debug", "noise"), summary(), code=255)
    with pytest.raises(CommandError, match=r"pulumi up failed .*: no such \(log: .*pulumi-up\.log\)"):
        failing.up()
    assert "noise" not in (tmp_path / "pulumi-up.log").read_text(encoding="utf-8")


def test_an_engine_that_dies_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"error: no Pulumi\.yaml project file found"):
        engine(tmp_path, said="error: no Pulumi.yaml project file found\n", code=255).preview()


def test_a_secret_is_not_among_the_arguments(tmp_path: Path) -> None:
    engine(tmp_path).set_config("client_secret", "s3cr3t", secret=True)
    assert (tmp_path / "arguments").read_text(encoding="utf-8") == "config set client_secret --secret --non-interactive"
    assert (tmp_path / "input").read_text(encoding="utf-8") == "s3cr3t"


def test_its_description_holds_no_environment(tmp_path: Path) -> None:
    assert "environ" not in repr(engine(tmp_path))
