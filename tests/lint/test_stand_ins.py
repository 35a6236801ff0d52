"""Classes of a project's own that stand for operators and DAGs."""

from pathlib import Path

import pytest
from tests.lint.workbench import Workbench

from airbrick.lint.engine import is_relevant
from airbrick.lint.errors import ConfigError

CONFIG: dict[str, object] = {
    "select": ["DBX101", "DBX201", "DBX301", "DBX601", "DBX802"],
    "operator-aliases": {
        "acme.ops.SubmitJob": "DatabricksSubmitRunOperator",
        "acme.ops.RunJob": "DatabricksRunNowOperator",
    },
    "dag-classes": ["acme.dags.AcmeDag"],
}
CALL = 'SubmitJob(task_id="t", new_cluster={"spark_version": "15.4.x-scala2.12", "num_workers": 2})'
OWN = CALL.replace("SubmitJob", "Own")


def codes(bench: Workbench, text: str) -> list[str]:
    return sorted(finding.code for finding in bench.findings(text, config=CONFIG))


@pytest.mark.parametrize(
    "text",
    [
        f"from acme.ops import SubmitJob\nwith AcmeDag('d'):\n    {CALL}\n",
        f"from acme.ops import SubmitJob as S\nwith AcmeDag('d'):\n    {CALL.replace('SubmitJob', 'S')}\n",
        f"import acme.ops\nwith AcmeDag('d'):\n    acme.ops.{CALL}\n",
        f"import acme.ops as o\nwith AcmeDag('d'):\n    o.{CALL}\n",
        f"import acme.ops\nclass Own(acme.ops.SubmitJob): pass\nwith AcmeDag('d'):\n    {OWN}\n",
    ],
)
def test_an_alias_is_the_operator_it_stands_for_however_it_is_imported(bench: Workbench, text: str) -> None:
    head = "from acme.dags import AcmeDag\n"
    assert {"DBX101", "DBX201"} <= set(codes(bench, head + text))
    bare = {"select": CONFIG["select"]}
    assert bench.findings(head + text, config=bare) == []


def test_messages_name_the_class_that_is_called(bench: Workbench) -> None:
    text = f"from acme.ops import SubmitJob\nfrom airflow.sdk import DAG\nwith DAG('d'):\n    {CALL}\n"
    (found,) = bench.findings(text, "DBX201", CONFIG)
    assert "SubmitJob" in found.message
    assert "DatabricksSubmitRunOperator" not in found.message


def test_a_mapped_alias_is_seen(bench: Workbench) -> None:
    text = 'from acme.ops import RunJob\nRunJob.partial(task_id="t").expand(job_id=[1, 2])\n'
    assert "DBX802" in codes(bench, text)


def test_a_dag_class_has_default_args_and_settings_like_a_dag(bench: Workbench) -> None:
    text = (
        "from acme.dags import AcmeDag\nfrom acme.ops import RunJob\n"
        'with AcmeDag("d", schedule="@daily"{}):\n    RunJob(task_id="t", job_name="x")\n'
    )
    assert {"DBX201", "DBX301"} <= set(codes(bench, text.format("")))
    assert not {"DBX201", "DBX301"} & set(
        codes(bench, text.format(', max_active_runs=1, default_args={"deferrable": True}'))
    )
    (found,) = bench.findings(text.format(""), "DBX201", CONFIG)
    assert found.dag_id == "d"


def test_calls_of_stand_ins_are_not_edited(bench: Workbench) -> None:
    bench.add_contract({"orders": ()}, job_ids={"orders": "7"})
    text = (
        "from acme.dags import AcmeDag\nfrom acme.ops import RunJob\n"
        'with AcmeDag("d", schedule="@daily"):\n    RunJob(task_id="t", job_id=7)\n'
    )
    assert codes(bench, text) != []
    assert not bench.fix(text, config=CONFIG).changed


def test_a_class_of_the_project_itself_can_be_named(bench: Workbench) -> None:
    bench.add_file("common.py", "from acme.base import Base\nclass Job(Base):\n    pass\n")
    text = 'from common import Job\nJob(task_id="t", job_id=1)\n'
    config = {**CONFIG, "operator-aliases": {"common.Job": "DatabricksRunNowOperator"}}
    assert [f.code for f in bench.findings(text, "DBX802", config)] == ["DBX802"]
    assert bench.findings(text, "DBX802") == []


def test_files_that_name_nothing_but_a_stand_in_are_looked_at(bench: Workbench) -> None:
    data = b"from acme.ops import RunJob\nRunJob(task_id='t', job_id=1)\n"
    assert not is_relevant(data)
    settings = bench.settings(CONFIG)
    assert [f.code for f in bench.linter.lint_bytes(data, Path("x.py"), settings).findings if f.code == "DBX802"]


def test_an_operator_that_does_not_exist_is_refused(bench: Workbench) -> None:
    with pytest.raises(ConfigError, match=r"operator-aliases\.'a\.B': expected one of .*DatabricksRunNowOperator"):
        bench.settings({"operator-aliases": {"a.B": "RunNow"}})
