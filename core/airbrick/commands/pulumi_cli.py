"""Asking the Pulumi engine, through its command line."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from airbrick.contract import VERSION, Contract, from_document

OUTPUT: Final = "contract"
CONTRACT_TYPE: Final = "airbrick:index:Contract"
TIMEOUT_S: Final = 1800.0

# What the engine writes in place of a value that a preview cannot know.
# Source: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/rpc.go
_UNKNOWN: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
_KNOWN_LATER: Final = frozenset({"job_id", "url", "fingerprint"})
_GONE: Final = frozenset({"delete", "delete-replaced", "refresh", "read-discard", "discard-replaced"})


class PulumiError(click.ClickException):
    """The engine is missing or could not answer.

    :param message: what happened and what to do.
    """

    exit_code = 3


def deployed_contract(folder: Path, stack: str | None) -> Contract:
    """Read the contract from a stack's outputs.

    :param folder: the Pulumi project's folder.
    :param stack: the stack; ``None`` for the selected one.
    :raises PulumiError: there is no engine, no stack, or no such output.
    :raises ContractError: the output is no contract.
    """
    done = _run(folder, "stack", "output", OUTPUT, "--json", stack=stack)
    if done.returncode != 0:
        raise PulumiError(_explain(done.stderr or done.stdout, folder, stack))
    return from_document(_json(done.stdout), source=f"output {OUTPUT!r} of stack {stack or 'selected'}")


def coming_contract(folder: Path, stack: str | None) -> Contract:
    """Build the contract that the next ``pulumi up`` would make.

    Ids, pages and fingerprints that nothing can know yet are ``None``.

    :raises PulumiError: there is no engine, the preview fails, or more than those values is unknown.
    :raises ContractError: what the preview has is no contract.
    """
    done = _run(folder, "preview", "--json", "--show-sames", stack=stack)
    if done.returncode != 0:
        raise PulumiError(_explain(_errors(done.stdout) or done.stderr or done.stdout, folder, stack))
    steps = [step for step in _json(done.stdout).get("steps", ()) if step.get("op") not in _GONE]
    states = [step["newState"] for step in steps if step.get("newState", {}).get("type") == CONTRACT_TYPE]
    if not states:
        raise PulumiError(f"the program in {folder} has no contract: add `iac.Contract(jobs=[...])` to it")
    inputs = states[-1]["inputs"]
    workspace = {"workspace_id": None, **inputs.get("workspace", {})}
    document = _known({"contract": VERSION, **inputs, "workspace": workspace}, ())
    return from_document(document, source=f"preview of stack {stack or 'selected'}")


def _run(folder: Path, *arguments: str, stack: str | None) -> subprocess.CompletedProcess[str]:
    program = shutil.which("pulumi")
    if program is None:
        raise PulumiError(
            "the Pulumi engine is not on PATH: install it (https://www.pulumi.com/docs/install/), "
            "or run `make engine` in a checkout of airbrick; `airbrick doctor` says more"
        )
    command = [program, *arguments, "--non-interactive", "--color=never", *(["--stack", stack] if stack else [])]
    environ = {"PULUMI_SKIP_UPDATE_CHECK": "true", **os.environ}
    try:
        return subprocess.run(
            command, cwd=folder, env=environ, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except OSError as error:
        raise PulumiError(f"{program} does not start: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise PulumiError(f"`pulumi {arguments[0]}` took more than {TIMEOUT_S:.0f} s and was ended") from error


def _json(text: str) -> Any:  # noqa: ANN401 -- JSON
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise PulumiError("pulumi did not answer in JSON; it must be version 3.259.0 or newer") from error


def _errors(text: str) -> str:
    try:
        diagnostics = json.loads(text).get("diagnostics", ())
    except (json.JSONDecodeError, AttributeError):
        return ""
    return "\n".join(str(item.get("message", "")).strip() for item in diagnostics if item.get("severity") == "error")


def _explain(text: str, folder: Path, stack: str | None) -> str:
    """Say what went wrong in one line, where the engine's own words need a fix beside them."""
    said = " ".join(line.strip().removeprefix("error: ") for line in text.splitlines() if line.strip())
    named = f" {stack!r}" if stack else ""
    if raised := _raised(text, folder):
        return f"stack{named} in {folder}: {raised}"
    known: Sequence[tuple[str, str]] = (
        (r"does not have output property", "it has not been deployed with an `iac.Contract`: run `pulumi up` first"),
        (r"no stack named|not found", "`pulumi stack ls` lists the stacks"),
        (r"no stack (is )?(currently )?selected", "name it with --stack"),
        (r"no Pulumi.yaml|no project file", "name the project's folder with -C"),
        (r"passphrase", "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE"),
    )
    for pattern, fix in known:
        if re.search(pattern, said, re.IGNORECASE):
            return f"stack{named} in {folder}: {said}; {fix}"
    return f"stack{named} in {folder}: pulumi failed: {said or 'no reason given'}"


def _raised(text: str, folder: Path) -> str:
    """Say where a program raised what; the last line of it that is the user's own is the place."""
    if "Traceback (most recent call last):" not in text:
        return ""
    frames = re.findall(r'File "(.+?)", line (\d+)', text)
    own = [frame for frame in frames if _is_own(Path(frame[0]), folder.absolute())] or frames
    *_, reason = (line.strip() for line in text.splitlines() if line.strip())
    return f"the program fails at {':'.join(own[-1])}: {reason}; `pulumi preview` shows the whole traceback"


def _is_own(path: Path, folder: Path) -> bool:
    return path.is_relative_to(folder) and "site-packages" not in path.parts


def _known(value: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401 -- JSON
    if isinstance(value, Mapping):
        return {key: _known(item, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_known(item, (*path, str(index))) for index, item in enumerate(value)]
    if value in _UNKNOWN:
        if path[-1] in _KNOWN_LATER:
            return None
        raise PulumiError(
            f"/{'/'.join(path)} cannot be known before `pulumi up`; "
            "give the job's names, parameters and tasks values that do not depend on what is not made yet"
        )
    return value
