"""Formats for programs, against the shapes their readers document."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft202012Validator
from tests.lint.report.official_schemas import SARIF, validator
from tests.lint.workbench import Workbench, dag_file

from airbrick.lint.finding import Edit, Finding, Fix, Note, Safety, Severity
from airbrick.lint.registry import all_rules
from airbrick.lint.report.report import Report, format_names, render
from airbrick.lint.result import FileResult
from airbrick.lint.source import SourceFile, Span

TEXT = "é = f(x)\nsecond line\n"
PATH = Path("dags/an odd, näme: 100%.py")


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _list(of: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": of, **more}


STRING = {"type": "string"}
POSITIVE = {"type": "integer", "minimum": 1}
# "Code Quality report format" of GitLab's documentation.
GITLAB = _list(
    _object(
        {
            "description": STRING,
            "check_name": STRING,
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": _object(
                {
                    "path": {"type": "string", "pattern": "^(?!\\./|/)"},
                    "lines": _object({"begin": POSITIVE}, {"end": POSITIVE}),
                }
            ),
        }
    )
)

_POSITION = _object({"line": POSITIVE}, {"column": POSITIVE})
_RANGE = _object({"start": _POSITION}, {"end": _POSITION})
# reviewdog.rdf.DiagnosticResult of proto/rdf/reviewdog.proto.
RDJSON = _object(
    {
        "source": _object({"name": STRING}, {"url": STRING}),
        "diagnostics": _list(
            _object(
                {"message": STRING, "location": _object({"path": STRING}, {"range": _RANGE})},
                {
                    "severity": {"enum": ["UNKNOWN_SEVERITY", "ERROR", "WARNING", "INFO"]},
                    "code": _object({"value": STRING}, {"url": STRING}),
                    "suggestions": _list(_object({"range": _RANGE, "text": STRING})),
                },
            )
        ),
    }
)

# junit-10.xsd of Jenkins: for each element its children and its attributes, the required ones first.
JUNIT = {
    "testsuites": ({"testsuite"}, set(), {"name", "time", "tests", "failures", "errors"}),
    "testsuite": ({"testcase"}, {"name", "tests", "failures", "errors"}, {"time", "skipped"}),
    "testcase": ({"failure"}, {"name"}, {"time", "classname", "group"}),
    "failure": (set(), set(), {"type", "message"}),
}


def finding(**more: Any) -> Finding:
    given: dict[str, Any] = {
        "code": "DBX201",
        "name": "missing-deferrable",
        "severity": Severity.WARNING,
        "path": PATH,
        "span": Span(1, 5, 1, 6),
        "message": 'it is 100% wrong:\nreally, <b>wrong</b> & "odd"',
        "help": "mend it",
        "fingerprint": "abc",
    }
    return Finding(**{**given, **more})


FINDINGS = [
    finding(),
    finding(severity=Severity.ERROR, code="DBX101", name="hardcoded-cluster-spec", span=Span(1, 1, 2, 3), help=""),
    finding(
        severity=Severity.INFO,
        notes=(Note("here", Path("x.json"), Span(3, 1, 3, 1)), Note("there", Path("/else/where.json"))),
        fix=Fix("Mend it", Safety.SAFE, (Edit(6, 7, "ü"), Edit(9, 9, "\n"))),
        stacks=("dev",),
    ),
    finding(code="ACME999", name="of-a-plug-in", message="a \x1b[31m and a \ud800"),
]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def report(findings: list[Finding] | None = None, **more: Any) -> Report:
    found = FINDINGS[:3] if findings is None else findings
    checked = FileResult(PATH, tuple(found), SourceFile(PATH, TEXT))
    return Report([checked, FileResult(Path("clean.py"))], **more)


def written(name: str, findings: list[Finding] | None = None, **more: Any) -> Any:
    return json.loads(render(report(findings, **more), name))


def test_every_format_has_a_module_and_writes_something_that_ends_with_a_newline() -> None:
    assert format_names() == (
        "concise", "full", "github", "gitlab", "grouped", "json", "json-lines", "junit", "rdjson", "sarif",
    )  # fmt: skip
    for name in format_names():
        text = render(report(), name)
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
        assert isinstance(render(report([]), name), str)


@pytest.mark.parametrize("name", ["json", "gitlab", "rdjson", "sarif"])
def test_whatever_a_finding_says_is_valid_json(name: str) -> None:
    text = render(report(FINDINGS), name)
    json.loads(text.encode("utf-8", "surrogateescape") if "\ud800" not in text else text)


@pytest.mark.parametrize(("name", "schema"), [("gitlab", GITLAB), ("rdjson", RDJSON)])
def test_documents_have_the_documented_shape(name: str, schema: dict[str, Any]) -> None:
    for findings in (FINDINGS[:3], FINDINGS, []):
        Draft202012Validator(schema).validate(written(name, findings))


def test_sarif_follows_the_schema_of_the_standard() -> None:
    for findings in (FINDINGS[:3], FINDINGS, []):
        validator(SARIF).validate(written("sarif", findings))
    every = [finding(code=rule.code, name=rule.name) for rule in all_rules()]
    document = written("sarif", every, errors=["a.json: broken"])
    validator(SARIF).validate(document)
    # The schema would notice.
    document["runs"][0]["results"][0]["level"] = "bad"
    assert not validator(SARIF).is_valid(document)


def test_sarif_names_files_from_the_root_and_escapes_them() -> None:
    document = written("sarif", errors=["a.json: broken"])
    (run,) = document["runs"]
    location = run["results"][0]["locations"][0]["physicalLocation"]
    uri = location["artifactLocation"]["uri"]
    assert re.fullmatch(r"[^ \\%]*(%[0-9A-F]{2}[^ \\%]*)*", uri)
    assert unquote(uri) == PATH.as_posix()
    assert unquote(run["originalUriBaseIds"]["SRCROOT"]["uri"]) == f"{Path.cwd().as_uri()}/"
    assert location["region"] == {"startLine": 1, "startColumn": 5, "endLine": 1, "endColumn": 6}
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["invocations"] == [
        {
            "executionSuccessful": False,
            "toolExecutionNotifications": [{"level": "error", "message": {"text": "a.json: broken"}}],
        }
    ]


def test_sarif_results_lead_to_their_rules_and_have_fingerprints_of_their_own() -> None:
    (run,) = written("sarif")["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == ["DBX201", "DBX101", "DBX201"]
    fingerprints = [result["partialFingerprints"]["airbrickFingerprint/v1"] for result in run["results"]]
    assert len(set(fingerprints)) == 3
    assert "```python" in rules[1]["help"]["markdown"]


def test_sarif_fixes_say_what_to_replace() -> None:
    (change,) = written("sarif")["runs"][0]["results"][2]["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 1, "startColumn": 7, "endLine": 1, "endColumn": 8},
            "insertedContent": {"text": "ü"},
        },
        {
            "deletedRegion": {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 1},
            "insertedContent": {"text": "\n"},
        },
    ]


def test_gitlab_fingerprints_are_unique_and_survive_moved_lines() -> None:
    first = [issue["fingerprint"] for issue in written("gitlab", [finding(), finding()])]
    moved = [finding(span=Span(9, 1, 9, 2)), finding(span=Span(12, 1, 12, 2))]
    assert [issue["fingerprint"] for issue in written("gitlab", moved)] == first
    assert len(set(first)) == 2


def test_rdjson_counts_columns_in_bytes() -> None:
    (first, _, third) = written("rdjson")["diagnostics"]
    # The line starts with a letter of two bytes.
    assert first["location"]["range"]["start"] == {"line": 1, "column": 6}
    assert third["suggestions"][0]["range"]["start"] == {"line": 1, "column": 8}


def test_github_commands_are_one_line_each_and_escaped() -> None:
    lines = render(report(), "github").splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::warning", "::error", "::notice"]
    pattern = re.compile(r"::(?:error|warning|notice) ((?:\w+=[^,:\r\n]*,?)+)::([^\r\n]*)")
    for line in lines:
        match = pattern.fullmatch(line)
        assert match is not None
        properties = dict(part.split("=", 1) for part in match[1].split(","))
        assert properties["file"] == "dags/an odd%2C näme%3A 100%25.py"
        assert properties["line"] == "1"
    assert "it is 100%25 wrong:%0Areally" in lines[0]
    # Over several lines GitHub takes no columns.
    assert "col=" in lines[0]
    assert "col=" not in lines[1]


@pytest.mark.parametrize("findings", [FINDINGS, FINDINGS[:1], []])
def test_junit_follows_its_schema(findings: list[Finding]) -> None:
    root = ET.fromstring(render(report(findings), "junit").encode("utf-8", "replace"))
    assert root.tag == "testsuites"
    for element in root.iter():
        children, required, optional = JUNIT[element.tag]
        assert {child.tag for child in element} <= children
        assert required <= set(element.attrib) <= required | optional
    failures = list(root.iter("failure"))
    assert len(failures) == len(findings) == int(root.attrib["failures"])
    assert int(root.attrib["tests"]) == len(list(root.iter("testcase")))
    for suite in root.iter("testsuite"):
        assert int(suite.attrib["tests"]) == len(list(suite.iter("testcase")))
        assert int(suite.attrib["failures"]) == len(list(suite.iter("failure")))


def test_grouped_output_has_a_heading_for_each_file() -> None:
    found = [
        finding(path=Path(name), span=Span(line, 1, line, 2), message="no")
        for name, line in (("a.py", 3), ("a.py", 12), ("b.py", 1))
    ]
    assert render(report(found), "grouped").splitlines() == [
        "a.py:",
        "  3:1   DBX201 no",
        "  12:1  DBX201 no",
        "",
        "b.py:",
        "  1:1  DBX201 no",
        "",
        "3 findings (2 files checked).",
    ]


def test_json_lines_are_the_objects_of_json() -> None:
    lines = render(report(), "json-lines").splitlines()
    assert [json.loads(line) for line in lines] == written("json")
    assert render(report([]), "json-lines") == ""


def test_full_output_takes_the_width_of_the_terminal(bench: Workbench) -> None:
    name = "d" * 90
    result = bench.lint(
        dag_file(f'with DAG("{name}", schedule="@daily"):\n    DatabricksRunNowOperator(task_id="t", job_id=1)\n')
    )
    assert result.source is not None
    wide, narrow = (render(Report([result], width=width), "full").splitlines() for width in (140, 60))
    code = [line for line in wide if name in line]
    assert code
    assert len(narrow) > len(wide)
    assert [line for line in narrow if len(line) > 60 and str(bench.folder) not in line] == []
