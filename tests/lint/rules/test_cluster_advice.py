"""DBX105, DBX106 and DBX107: what a platform team asks of clusters."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODES = ("DBX105", "DBX106", "DBX107")
SPEC = '{"spark_version": "16.4.x-scala2.12", "num_workers": 50}'


def codes(bench: Workbench, body: str, **options: object) -> list[str]:
    return bench.codes(dag_file(body), {"select": list(CODES), "rules": {"DBX107": options}})


def submit(spec: str, head: str = "", arguments: str = "") -> str:
    return f'{head}with DAG("d"{arguments}):\n    DatabricksSubmitRunOperator(task_id="t", new_cluster={spec})\n'


def test_they_are_not_recommended(bench: Workbench) -> None:
    assert not set(CODES) & set(bench.codes(dag_file(submit(SPEC))))


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (SPEC, CODES),
        ('{"num_workers": 10}', ("DBX105", "DBX106")),
        ('{"num_workers": 11, "policy_id": "{{ x }}"}', ("DBX107",)),
        ('{"num_workers": 11, "custom_tags": {"team": "a"}}', ("DBX105", "DBX107")),
        ('{"num_workers": 11, "custom_tags": {}}', CODES),
        ('{"num_workers": 11, "custom_tags": company.TAGS, "policy_id": None}', ("DBX105", "DBX107")),
        ('{"num_workers": 50, "autoscale": {"min_workers": 1}}', ("DBX105", "DBX106")),
        ('{"num_workers": int(Variable.get("n")), "spark_version": "16.4"}', ("DBX105", "DBX106")),
        ('{"num_workers": 50 if company.X else 2}', ("DBX105", "DBX106")),
        ('{"num_workers": 50 if company.X else 20}', CODES),
        ('{"num_workers": 50, **company.BASE}', ()),
        ("company.CLUSTER", ()),
        ('"{{ var.json.cluster }}"', ()),
    ],
)
def test_each_speaks_of_what_is_proved(bench: Workbench, spec: str, expected: tuple[str, ...]) -> None:
    assert codes(bench, submit(spec, "import company\n")) == list(expected)


def test_the_limit_is_an_option(bench: Workbench) -> None:
    assert "DBX107" in codes(bench, submit('{"num_workers": 5}'), **{"max-fixed-workers": 4})
    assert "DBX107" not in codes(bench, submit(SPEC), **{"max-fixed-workers": 50})


def test_named_dicts_default_args_groups_and_splats(bench: Workbench) -> None:
    head = f'ARGS = {{"new_cluster": {SPEC}}}\n'
    call = 'DatabricksSubmitRunOperator(task_id="t"'
    group = 'DatabricksWorkflowTaskGroup(group_id="g", databricks_conn_id="c", job_clusters=[ARGS])'
    for line in (f"{call}, **ARGS)", f"{call}, json=ARGS)", group):
        assert codes(bench, f'{head}with DAG("d"):\n    {line}\n') == list(CODES)
    assert codes(bench, f'{head}with DAG("d", default_args=ARGS):\n    {call})\n') == list(CODES)
    assert codes(bench, f'from company import ARGS\nwith DAG("d"):\n    {call}, **ARGS)\n') == []


def test_suppressed(bench: Workbench) -> None:
    body = submit("CLUSTER)  # airbrick: ignore[DBX105, DBX106, DBX107]", f"CLUSTER = {SPEC}\n").replace("])", "]")
    assert codes(bench, body) == []
