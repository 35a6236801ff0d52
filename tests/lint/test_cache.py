"""The cache: it saves time and never changes what is found."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.lint.workbench import contract_of, dag_file

from airbrick.contract import write
from airbrick.lint import cache as cache_module
from airbrick.lint.cache import Cache
from airbrick.lint.engine import Linter
from airbrick.lint.errors import SelectorError
from airbrick.lint.outcome import Outcome
from airbrick.lint.packs import read
from airbrick.lint.registry import listed
from airbrick.lint.request import Request
from airbrick.lint.run import execute

BAD = dag_file('with DAG("d"):\n    DatabricksRunNowOperator(task_id="t", job_id=1)\n')
SIBLING = dag_file(
    'from common import ARGS\nwith DAG("d", default_args=ARGS):\n    DatabricksRunNowOperator(task_id="t")\n'
)
FOLDER = ".airbrick_cache"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "airbrick.toml").write_text('select = ["DBX201", "DBX801", "DBX9"]\n')
    (tmp_path / "a.py").write_text(BAD)
    return tmp_path


@pytest.fixture
def linted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were not taken from the cache."""
    names: list[str] = []
    original = Linter.lint_bytes

    def spy(self: Linter, data: bytes, path: Path, settings: Any) -> Any:
        names.append(path.name)
        return original(self, data, path, settings)

    monkeypatch.setattr(Linter, "lint_bytes", spy)
    return names


def run(**options: Any) -> Outcome:
    return execute(Request(**options), environ={})


def codes(outcome: Outcome) -> list[str]:
    return [finding.code for finding in outcome.findings]


def test_what_has_not_changed_is_not_linted_again_and_found_all_the_same(project: Path, linted: list[str]) -> None:
    first = run()
    second = run()
    assert linted == ["a.py"]
    assert second.findings == first.findings
    assert [file.result.source for file in second.files] == [file.result.source for file in first.files]
    assert codes(first) == ["DBX201"]
    assert codes(run(cache=False)) == ["DBX201"]
    assert linted == ["a.py", "a.py"]


def test_a_change_of_the_file_the_settings_or_the_selection_counts(project: Path, linted: list[str]) -> None:
    run()
    (project / "a.py").write_text(BAD + "\n")
    assert codes(run()) == ["DBX201"]
    assert codes(run(select=("DBX801",))) == []
    (project / "airbrick.toml").write_text('select = ["DBX201"]\ndefault-deferrable = true\n')
    assert codes(run()) == []
    assert len(linted) == 4


def test_a_change_of_a_file_that_is_imported_counts(project: Path, linted: list[str]) -> None:
    (project / "a.py").write_text(SIBLING)
    assert codes(run()) == []
    (project / "common.py").write_text("ARGS = {}\n")
    assert codes(run()) == ["DBX201"]
    (project / "common.py").write_text("from base import ARGS\n")
    assert codes(run()) == []
    (project / "base.py").write_text("ARGS = {}\n")
    assert codes(run()) == ["DBX201"]
    (project / "base.py").write_text("ARGS = {'deferrable': True}\n")
    assert codes(run()) == []
    before = len(linted)
    assert codes(run()) == []
    assert len(linted) == before


def test_a_new_root_above_which_no_module_is_looked_for_counts(project: Path, linted: list[str]) -> None:
    (project / "a.py").unlink()
    (project / "common.py").write_text("ARGS = {}\n")
    (project / "dags").mkdir()
    (project / "dags" / "a.py").write_text(SIBLING)
    assert codes(run()) == ["DBX201"]
    marker = project / "dags" / "pyproject.toml"
    marker.write_text("")
    assert codes(run()) == []
    before = len(linted)
    marker.write_text("[project]\n")
    assert codes(run()) == []
    assert len(linted) == before
    marker.unlink()
    assert codes(run()) == ["DBX201"]


def test_files_that_share_an_imported_file_all_depend_on_it(project: Path) -> None:
    (project / "common.py").write_text("from base import ARGS\n")
    (project / "base.py").write_text("ARGS = {}\n")
    for name in "abc":
        (project / f"{name}.py").write_text(SIBLING)
    assert codes(run()) == ["DBX201"] * 3
    (project / "base.py").write_text("ARGS = {'deferrable': True}\n")
    assert codes(run()) == []


def test_a_change_of_the_contract_counts(project: Path) -> None:
    (project / "a.py").write_text(dag_file('with DAG("d"):\n    RunNowOperator(task_id="t", job="nightly")\n'))
    write(project / "airbrick.contract.dev.json", contract_of({}))
    assert codes(run()) == ["DBX801"]
    write(project / "airbrick.contract.dev.json", contract_of({"nightly": ()}))
    assert codes(run()) == []


def test_a_contract_that_a_task_names_counts_and_is_told_each_time_it_is_broken(project: Path) -> None:
    body = 'with DAG("d"):\n    RunNowOperator(task_id="t", job="nightly", contract="mine.json")\n'
    (project / "a.py").write_text(dag_file(body))
    (project / "mine.json").write_text("{")
    for _ in range(2):
        assert any("mine.json" in error for error in run().errors)
    write(project / "mine.json", contract_of({}))
    assert codes(run()) == ["DBX801"]
    write(project / "mine.json", contract_of({"nightly": ()}))
    assert codes(run()) == []


def test_a_folder_that_a_task_names_counts_with_every_contract_in_it(project: Path, linted: list[str]) -> None:
    body = 'with DAG("d"):\n    RunNowOperator(task_id="t", job="nightly", contract="stacks")\n'
    (project / "a.py").write_text(dag_file(body))
    folder = project / "stacks"
    folder.mkdir()
    write(folder / "airbrick.contract.dev.json", contract_of({}))
    assert codes(run()) == ["DBX801"]
    write(folder / "airbrick.contract.dev.json", contract_of({"nightly": ()}))
    assert codes(run()) == []
    write(folder / "airbrick.contract.prod.json", contract_of({}, "prod"))
    assert codes(run()) == ["DBX801"]
    (folder / "airbrick.contract.prod.json").unlink()
    assert codes(run()) == []
    assert run().errors == []
    assert linted == ["a.py"] * 4


def test_another_linter_trusts_nothing(project: Path, linted: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    monkeypatch.setattr(cache_module, "_tool_digest", lambda: b"newer")
    run()
    assert linted == ["a.py", "a.py"]


def test_the_rules_code_is_part_of_the_linter() -> None:
    package = Path(cache_module.__file__).parent
    told = cache_module._tool_digest().decode()
    for file in (
        package / "cache.py",
        package / "rules" / "dbx201_missing_deferrable.py",
        package / "facts" / "run.py",
    ):
        assert f"{file}:{file.stat().st_size}:{file.stat().st_mtime_ns}" in told


def pack_of(project: Path) -> Path:
    (pack,) = (path for path in (project / FOLDER).glob("*.pack") if path.name != "rules.pack")
    return pack


def kept(project: Path) -> list[str]:
    return list(read(pack_of(project)))


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"cache": 1, "files": {}}', b"airbrick cache 2 0\n{}", b"[" * 50_000],
)
def test_a_broken_or_foreign_cache_counts_as_absent(project: Path, content: bytes) -> None:
    run()
    pack_of(project).write_bytes(content)
    assert codes(run()) == ["DBX201"]
    assert kept(project) == ["a.py"]


def test_every_torn_end_of_a_cache_counts_as_absent(project: Path, linted: list[str]) -> None:
    run()
    pack = pack_of(project)
    whole = pack.read_bytes()
    ends = range(0, len(whole), 37)
    for end in ends:
        pack.write_bytes(whole[:end])
        assert codes(run()) == ["DBX201"]
    assert len(linted) == 1 + len(ends)


def test_a_changed_byte_of_a_cache_is_seen_wherever_it_is(project: Path, linted: list[str]) -> None:
    run()
    pack = pack_of(project)
    whole = pack.read_bytes()
    places = range(0, len(whole), 41)
    for place in places:
        pack.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert codes(run()) == ["DBX201"]
    assert len(linted) == 1 + len(places)


def test_a_cache_that_cannot_be_written_stops_nobody(project: Path) -> None:
    (project / FOLDER).write_text("a file, no folder")
    assert codes(run()) == ["DBX201"]
    assert codes(run(cache_dir=project / "a.py" / "x")) == ["DBX201"]


def test_a_crash_is_not_kept(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from airbrick.lint.registry import find_rule

    def crash(*_args: object) -> None:
        raise KeyError

    with monkeypatch.context() as patched:
        patched.setattr(type(find_rule("DBX201")), "check_operator", crash)
        assert codes(run()) == ["DBX900"]
    assert codes(run()) == ["DBX201"]


def test_the_cache_is_beside_the_configuration_and_keeps_itself_out_of_git(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "sub").mkdir()
    (project / "sub" / "b.py").write_text(BAD)
    monkeypatch.chdir(project / "sub")
    run()
    assert (project / FOLDER / ".gitignore").read_text() == "*\n"
    assert (project / FOLDER / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
    assert not list((project / FOLDER).glob("*.tmp"))
    run(cache_dir=project / "other")
    assert list((project / "other").glob("*.pack"))


def test_deleted_files_leave_the_cache(project: Path) -> None:
    (project / "b.py").write_text(BAD)
    run()
    (project / "b.py").unlink()
    (project / "a.py").write_text(BAD + "\n")
    run()
    assert kept(project) == ["a.py"]


def test_two_processes_at_once_lose_nothing_that_is_found(project: Path) -> None:
    for number in range(8):
        (project / f"d{number}.py").write_text(BAD)
    command = [sys.executable, "-m", "airbrick.cli", "lint", "--output-format", "json"]
    environment = {key: value for key, value in os.environ.items() if key != "AIRBRICK_CONTRACT"}
    for _ in range(2):
        both = [subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.PIPE) for _ in range(2)]
        outputs = [json.loads(process.communicate()[0]) for process in both]
        assert [len(output) for output in outputs] == [9, 9]
    assert len(kept(project)) == 9


def test_a_process_killed_while_it_writes_leaves_the_cache_whole(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    pack = pack_of(project)
    before = pack.read_bytes()

    def killed(*_args: object) -> None:
        raise KeyboardInterrupt

    (project / "a.py").write_text(BAD + "\n")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert pack.read_bytes() == before
    assert codes(run()) == ["DBX201"]


def imported(project: Path, *arguments: str) -> list[str]:
    """Give which of the costly modules a run imports."""
    rule = "airbrick.lint.rules.dbx201_missing_deferrable"
    heavy = ("libcst", "pathspec", "rich", "airbrick.lint.judging", rule)
    command = ["lint", "--output-format", "json", "--exit-zero", *arguments]
    code = (
        "import sys\n"
        "from airbrick.cli import main\n"
        f"try:\n    main({command!r})\nexcept SystemExit:\n    pass\n"
        f"print('IMPORTED', *(name for name in {heavy!r} if name in sys.modules))"
    )
    environment = {key: value for key, value in os.environ.items() if key != "AIRBRICK_CONTRACT"}
    process = [sys.executable, "-c", code]
    done = subprocess.run(process, cwd=project, env=environment, capture_output=True, text=True, check=True)
    assert "DBX201" in done.stdout
    return done.stdout.rpartition("IMPORTED")[2].split()


def test_a_run_that_finds_all_in_the_cache_imports_no_rule(project: Path) -> None:
    assert "libcst" in imported(project)
    assert imported(project) == []
    assert imported(project, "--extend-select", "DBX3", "--ignore", "DBX301") != []
    assert imported(project, "--extend-select", "DBX3", "--ignore", "DBX301") == []
    (project / "a.py").write_text(BAD + "\n")
    assert "libcst" in imported(project)


RULE_OF_OTHERS = """\
from airbrick.lint.finding import Severity
from airbrick.lint.rule import Rule
class Own(Rule):
    severity = Severity.WARNING
    summary = why = "x"
    def __init__(self, message):
        self.code, self.name, self.message = "ACME101", "own", message
    def check_operator(self, operator, context):
        yield context.finding(self, operator.place, self.message)
"""


@pytest.mark.parametrize("installed", [False, True])
def test_a_change_of_a_rule_of_others_or_of_what_helps_it_counts(project: Path, *, installed: bool) -> None:
    folder = project / "site" / "acme"
    folder.mkdir(parents=True)
    (folder / "_base.py").write_text(RULE_OF_OTHERS)
    (folder / "_words.py").write_text('WORDS = "one"\n')
    package = "acme." if installed else ""
    path = "" if installed else f"import sys\nsys.path.insert(0, {str(folder)!r})\n"
    rule = f"{path}from {package}_base import Own\nfrom {package}_words import WORDS\nRULE = Own(WORDS)\n"
    (folder / "rule.py").write_text(rule)
    (project / "airbrick.toml").write_text('select = ["ALL"]\n' + ("" if installed else 'rule-paths = ["site/acme"]\n'))
    if installed:
        (folder.parent / "acme-1.dist-info").mkdir()
        (folder.parent / "acme-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1\n")
        (folder.parent / "acme-1.dist-info" / "entry_points.txt").write_text("[airbrick.rules]\nacme = acme.rule\n")

    def messages() -> list[str]:
        environment = {**os.environ, "PYTHONPATH": str(folder.parent), "AIRBRICK_CONTRACT": ""}
        command = [sys.executable, "-m", "airbrick.cli", "lint", "a.py", "--output-format", "json"]
        done = subprocess.run(command, cwd=project, env=environment, capture_output=True, check=False)
        return [finding["message"] for finding in json.loads(done.stdout) if finding["code"] == "ACME101"]

    assert messages() == ["one"]
    (folder / "_words.py").write_text('WORDS = "other"\n')
    assert messages() == ["other"]
    (folder / "rule.py").write_text(rule.replace("Own(WORDS)", "Own('mine')"))
    assert messages() == ["mine"]


def test_rules_that_are_listed_in_the_cache_are_those_of_the_linter(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    assert Cache(project / FOLDER).rules() == list(listed())
    (project / FOLDER / "rules.pack").write_bytes(b"torn")
    assert codes(run()) == ["DBX201"]
    assert Cache(project / FOLDER).rules() == list(listed())
    with monkeypatch.context() as patched:
        patched.setattr(cache_module, "_tool_digest", lambda: b"newer")
        patched.setattr(cache_module, "listed", lambda: listed()[:1])
        assert Cache(project / FOLDER).rules() == listed()[:1]
    with pytest.raises(SelectorError):
        run(select=("DBX999",))


def test_keys_tell_parts_from_each_other(project: Path) -> None:
    assert cache_module.digest(b"ab", b"c") != cache_module.digest(b"a", b"bc")
    assert Cache(project / "x").find(project / "a.py", b"", "key") is None
