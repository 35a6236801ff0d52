"""Configuration: where it is found and what is refused."""

from pathlib import Path

import pytest

from airbrick.lint.config import inline, override, read
from airbrick.lint.config_finder import ConfigFinder
from airbrick.lint.errors import ConfigError
from airbrick.lint.finding import Severity
from airbrick.lint.settings import Settings


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_every_key_is_read(tmp_path: Path) -> None:
    path = write(
        tmp_path / "pyproject.toml",
        """
[tool.airbrick]
select = ["DBX1", "missing-deferrable"]
ignore = ["DBX101"]
contract = "contracts"
extend-select = ["strict"]
target-airflow = "2.10.3"
target-provider = "7.4"
defer-to-ruff = false
default-deferrable = true
exclude = ["old/"]
extend-exclude = ["older/"]
extend-per-file-ignores = {"x.py" = ["DBX2"]}
baseline = "known.json"
severity = {DBX1 = "info", missing-deferrable = "error"}
min-severity = "warning"
fail-on = "error"
require-suppression-reason = true
per-file-ignores = {"tests/*" = ["ALL"]}
[tool.airbrick.rules.DBX301]
max-active-runs = 4
""",
    )
    settings = read(path)
    assert settings is not None
    assert settings.select == ("DBX1", "missing-deferrable")
    assert settings.ignore == ("DBX101",)
    assert settings.contract == (tmp_path / "contracts",)
    assert settings.extend_select == ("strict",)
    assert settings.target_airflow == (2, 10)
    assert settings.target_provider == (7, 4)
    assert settings.defer_to_ruff is False
    assert settings.default_deferrable is True
    assert settings.exclude == ("old/", "older/")
    assert settings.per_file_ignores == (("tests/*", ("ALL",)), ("x.py", ("DBX2",)))
    assert settings.baseline == tmp_path / "known.json"
    assert settings.severity == (("DBX1", Severity.INFO), ("missing-deferrable", Severity.ERROR))
    assert settings.min_severity is Severity.WARNING
    assert settings.fail_on is Severity.ERROR
    assert settings.require_suppression_reason is True
    assert settings.options == {"DBX301": {"max-active-runs": 4}}
    assert settings.root == tmp_path


def test_rules_can_be_configured_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "airbrick.toml", "[rules.unbounded-active-runs]\nmax-active-runs = 4\n")
    settings = read(path)
    assert settings is not None
    assert settings.options == {"DBX301": {"max-active-runs": 4}}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("selct = []", ["selct", "did you mean select?"]),
        ("zzz = 1", ["zzz", "known keys:"]),
        ("select = 'DBX1'", ["select", "expected a list of texts, found text"]),
        ("ignore = [1]", ["ignore", "expected a list of texts, found a number"]),
        ("contract = 1", ["contract", "expected a list of texts"]),
        ("target-airflow = 3", ["target-airflow", 'a version such as "3.1", found a number']),
        ("target-airflow = 'three'", ["target-airflow", "a version"]),
        ("default-deferrable = 'yes'", ["default-deferrable", "true or false, found text"]),
        ("per-file-ignores = ['a']", ["per-file-ignores", "a table of patterns"]),
        ("per-file-ignores = {a = 'DBX1'}", ["per-file-ignores.'a'", "a list of texts"]),
        ("[rules]\nDBX31 = {}", ["rules.DBX31", "did you mean DBX301?"]),
        ("[rules]\nDBX301 = 1", ["rules.DBX301", "a table of options"]),
        ("[rules.DBX301]\nmax-runs = 1", ["rules.DBX301.max-runs", "did you mean max-active-runs?"]),
        ("[rules.DBX301]\nzzzzz = 1", ["unknown option", "the options max-active-runs"]),
        ("[rules.DBX101]\nzzzzz = 1", ["DBX101 has no options"]),
        ("[rules.DBX301]\nmax-active-runs = 0", ["max-active-runs", "expected a whole number from 1, found a number"]),
        ("[rules]\nDBX301 = {}\nunbounded-active-runs = {}", ["set its options in one table"]),
        ("[rules.DBX301]\nmax-active-runs = '4'", ["max-active-runs", "expected a whole number from 1, found text"]),
        ("[rules.DBX301]\nmax-active-runs = true", ["expected a whole number from 1, found a boolean"]),
        ("rules = 1", ["rules", "a table of rules"]),
        ("select = [", ["is not TOML"]),
        ("x = " + "[" * 10000, ["is not TOML"]),
        ("fail-on = 'fatal'", ["fail-on", "expected one of error, warning, info, found text"]),
        ("extend = 'nope.toml'", ["nope.toml", "cannot be read"]),
        ("extend = 1", ["extend", "expected text"]),
        ("extend = 'airbrick.toml'", ["extends itself"]),
    ],
)
def test_mistakes_are_told_with_place_and_fix(tmp_path: Path, text: str, parts: list[str]) -> None:
    path = write(tmp_path / "airbrick.toml", text)
    with pytest.raises(ConfigError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(str(path.parent))
    assert all(part in message for part in parts), message
    assert "\n" not in message


def test_keys_of_pyproject_are_named_in_full(tmp_path: Path) -> None:
    path = write(tmp_path / "pyproject.toml", "[tool.airbrick]\nselct = []")
    with pytest.raises(ConfigError, match=r"tool\.airbrick\.selct"):
        read(path)


def test_a_file_that_is_no_text_or_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "airbrick.toml").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read(tmp_path / "airbrick.toml")
    with pytest.raises(ConfigError, match="No such file"):
        read(tmp_path / "other.toml")


def test_the_nearest_configuration_wins(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[tool.airbrick]\nselect = ['DBX1']")
    write(tmp_path / "a" / "airbrick.toml", "select = ['DBX2']")
    write(tmp_path / "b" / "pyproject.toml", "[tool.other]\nx = 'airbrick'")
    write(tmp_path / "c" / "pyproject.toml", "[tool.airbrick]\n")
    finder = ConfigFinder()
    assert finder.settings_for(tmp_path / "a" / "deep").select == ("DBX2",)
    assert finder.settings_for(tmp_path / "b").select == ("DBX1",)
    assert finder.settings_for(tmp_path / "c").select == ("recommended",)
    assert finder.settings_for(tmp_path).select == ("DBX1",)


def test_without_any_configuration_the_defaults_hold(tmp_path: Path) -> None:
    settings = ConfigFinder().settings_for(tmp_path)
    assert settings.select == ("recommended",)
    assert settings.source is None


def test_a_configuration_extends_another(tmp_path: Path) -> None:
    write(
        tmp_path / "shared" / "airbrick.toml",
        """
select = ["DBX1"]
extend-select = ["DBX2"]
contract = "contracts"
exclude = ["old/"]
[rules.DBX301]
max-active-runs = 4
""",
    )
    path = write(
        tmp_path / "airbrick.toml",
        """
extend = "shared/airbrick.toml"
extend-select = ["DBX3"]
exclude = ["new/"]
""",
    )
    settings = read(path)
    assert settings is not None
    assert settings.select == ("DBX1",)
    assert settings.extend_select == ("DBX2", "DBX3")
    assert settings.contract == (tmp_path / "shared" / "contracts",)
    assert settings.exclude == ("new/",)
    assert settings.options == {"DBX301": {"max-active-runs": 4}}
    assert (settings.root, settings.source) == (tmp_path, path)


def test_configurations_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.toml", "extend = 'b.toml'")
    write(tmp_path / "b.toml", "extend = 'a.toml'")
    with pytest.raises(ConfigError, match="extends itself"):
        read(tmp_path / "a.toml")


def test_the_command_line_wins_key_by_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    document = inline(["select = ['DBX2']", "rules.DBX301.max-active-runs=2", "fail-on=error", 'contract = "c"'])
    settings = override(Settings(select=("DBX1",), ignore=("DBX9",), root=Path("/x")), document)
    assert settings.select == ("DBX2",)
    assert settings.ignore == ("DBX9",)
    assert settings.options == {"DBX301": {"max-active-runs": 2}}
    assert settings.fail_on is Severity.ERROR
    assert settings.contract == (tmp_path / "c",)
    assert settings.root == Path("/x")


@pytest.mark.parametrize("text", ["target-airflow=3.10", "target-airflow = 3.10", 'target-airflow="3.10"'])
def test_a_version_of_the_command_line_needs_no_quotes(text: str) -> None:
    assert override(Settings(), inline([text])).target_airflow == (3, 10)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("target-airflow=3", 'target-airflow: expected a version such as "3.1", found a number'),
        ("selct = []", "--config: selct: unknown key: did you mean select?"),
        ("a b = 1", "neither a file nor key = value"),
    ],
)
def test_mistakes_on_the_command_line_are_told(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        override(Settings(), inline([text]))
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["tool = 'airbrick'", "[tool]\nx = 'airbrick'"])
def test_a_pyproject_that_only_mentions_the_name_is_no_configuration(tmp_path: Path, text: str) -> None:
    write(tmp_path / "pyproject.toml", text)
    assert ConfigFinder().settings_for(tmp_path).source is None
