from __future__ import annotations

from typing import Any

import pytest

from airbrick.iac.policies import code
from airbrick.iac.values import UNKNOWN


def test_a_branch_is_no_pin() -> None:
    source = {"git_url": "https://github.com/x/y", "git_provider": "gitHub", "git_branch": "main"}
    (found,) = code.git_source_pinned({"git_source": source}, {})
    assert found.path == ("git_source", "git_branch")
    for pin in ({"git_tag": "v1"}, {"git_commit": "abc"}, {"git_commit": UNKNOWN}):
        assert not list(code.git_source_pinned({"git_source": {**source, **pin}}, {}))
    assert not list(code.git_source_pinned({}, {}))


@pytest.mark.parametrize("path", ["/Users/bob@x.org/etl", "/Workspace/Users/bob/etl", "/Repos/bob@x.org/etl/load"])
def test_a_personal_folder_is_found(path: str) -> None:
    (found,) = code.no_personal_path({"tasks": [{"notebook_task": {"notebook_path": path}}]}, {})
    assert path in found.problem
    assert list(code.no_personal_path({"tasks": [{"spark_python_task": {"python_file": path}}]}, {}))


@pytest.mark.parametrize("path", ["/Workspace/Shared/etl", "/Repos/production/etl", "notebooks/etl", UNKNOWN])
def test_a_shared_folder_passes(path: object) -> None:
    assert not list(code.no_personal_path({"tasks": [{"notebook_task": {"notebook_path": path}}]}, {}))


@pytest.mark.parametrize(
    "library",
    [
        {"pypi": {"package": "requests"}},
        {"pypi": {"package": "requests>=2"}},
        {"pypi": {"package": "requests; python_version == '3.11'"}},
        {"pypi": {"package": "requests==2.*"}},
        {"maven": {"coordinates": "org.x:y"}},
        {"maven": {"coordinates": "org.x:y:LATEST"}},
        {"cran": {"package": "forecast"}},
    ],
)
def test_a_library_without_a_version_is_found(library: dict[str, Any]) -> None:
    assert len(list(code.libraries_pinned({"tasks": [{"libraries": [library]}]}, {}))) == 1


@pytest.mark.parametrize(
    "library",
    [
        {"pypi": {"package": "requests==2.32.5"}},
        {"pypi": {"package": "requests[socks] == 2.32.5 ; python_version < '3.13'"}},
        {"pypi": {"package": "orders@https://x.example/orders-1.0.whl"}},
        {"pypi": {"package": UNKNOWN}},
        {"maven": {"coordinates": "org.x:y:1.2.0"}},
        {"whl": "/Volumes/main/libs/orders-1.0-py3-none-any.whl"},
    ],
)
def test_a_library_with_a_version_passes(library: dict[str, Any]) -> None:
    assert not list(code.libraries_pinned({"tasks": [{"libraries": [library]}]}, {}))


def test_dependencies_of_an_environment_are_read_too() -> None:
    dependencies = ["pandas", "numpy==2.3.0", "./dist/orders.whl", "-r requirements.txt", UNKNOWN]
    job = {"environments": [{"environment_key": "main", "spec": {"dependencies": dependencies}}]}
    (found,) = code.libraries_pinned(job, {})
    assert found.path == ("environments", 0, "spec", "dependencies", 0)
