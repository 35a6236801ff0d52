"""Where a job's code comes from, and whether tomorrow's run gets the same."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from airbrick.iac.policies.job_parts import dependencies, libraries, tasks
from airbrick.iac.policies.policy import JOB, Options, ResourcePolicy, Violation
from airbrick.iac.values import UNKNOWN, Path, Properties

_PERSONAL: Final = re.compile(r"^(/Workspace)?(/Users/[^/]+/|/Repos/[^/]*@[^/]*/)")
_FILE: Final = re.compile(r"^(/|\./|\.\./|dbfs:|s3:|abfss:|gs:|-r\b)|\.(whl|txt|toml)$")
_PATHS: Final = {
    "notebook_task": "notebook_path",
    "spark_python_task": "python_file",
    "dbt_task": "project_directory",
}
_MAVEN_PARTS: Final = 3
_EXACTLY: Final = re.compile(r"==\s*[^\s,*]+\s*(,|$)")


def git_source_pinned(job: Properties, options: Options) -> Iterator[Violation]:
    """Find jobs that run whatever stands on a branch."""
    del options
    source = job.get("git_source")
    if isinstance(source, Mapping) and not (source.get("git_tag") or source.get("git_commit")):
        problem = "follows a branch: a push changes what production runs; pin git_tag or git_commit"
        yield Violation(("git_source", "git_branch"), problem)


def no_personal_path(job: Properties, options: Options) -> Iterator[Violation]:
    """Find code in one person's folder."""
    del options
    for path, place in personal_paths(job):
        fix = "deploy the code with WorkspaceFile below /Workspace/Shared"
        yield Violation(path, f"{place!r} is one person's folder; {fix}")


def personal_paths(job: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Visit every path of code that lies in one person's folder, with its place."""
    for path, task in tasks(job):
        for kind, key in _PATHS.items():
            inner = task.get(kind)
            place = inner.get(key) if isinstance(inner, Mapping) else None
            if isinstance(place, str) and _PERSONAL.match(place):
                yield (*path, kind, key), place


def libraries_pinned(job: Properties, options: Options) -> Iterator[Violation]:
    """Find libraries whose version is decided when the run starts."""
    del options
    for path, library in libraries(job):
        yield from _check_library(path, library)
    for path, dependency in dependencies(job):
        if not _is_pinned(dependency) and not _FILE.search(dependency):
            yield Violation(path, f"{dependency!r} has no version; pin it with ==")


def _check_library(path: Path, library: Properties) -> Iterator[Violation]:
    pypi, maven, cran = (library.get(kind) for kind in ("pypi", "maven", "cran"))
    if isinstance(pypi, Mapping) and isinstance(package := pypi.get("package"), str) and not _is_pinned(package):
        yield Violation((*path, "pypi", "package"), f"{package!r} has no version; pin it with ==")
    if isinstance(maven, Mapping) and isinstance(coordinates := maven.get("coordinates"), str):
        parts = coordinates.split(":")
        if len(parts) < _MAVEN_PARTS or parts[-1] in ("LATEST", "RELEASE"):
            yield Violation((*path, "maven", "coordinates"), f"{coordinates!r} has no version: group:artifact:version")
    if cran is not None and cran is not UNKNOWN:
        yield Violation((*path, "cran"), "CRAN packages cannot be pinned; install it from a file")


def _is_pinned(requirement: str) -> bool:
    """Tell whether a requirement means one version, or one file: ``a==1.2`` or ``a @ URL``.

    Source: https://packaging.python.org/en/latest/specifications/dependency-specifiers/
    """
    wanted, _, _marker = requirement.partition(";")
    return "@" in wanted or _EXACTLY.search(wanted) is not None


POLICIES: Final = (
    ResourcePolicy(
        "git-source-pinned", "Code from Git is pinned to a tag or a commit", "advisory", (JOB,), git_source_pinned
    ),
    ResourcePolicy("no-personal-path", "Code lies in no person's own folder", "advisory", (JOB,), no_personal_path),
    ResourcePolicy("libraries-pinned", "Libraries have exact versions", "advisory", (JOB,), libraries_pinned),
)
