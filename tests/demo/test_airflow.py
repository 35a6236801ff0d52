from pathlib import Path

from tools.demo.airflow import Airflow


def airflow(tmp_path: Path) -> Airflow:
    return Airflow(home=tmp_path / "home", dags=tmp_path / "dags", logs=tmp_path / "logs")


def test_settings_of_another_airflow_are_dropped(tmp_path: Path) -> None:
    inherited = {
        "AIRFLOW_HOME": "/other",
        "AIRFLOW__CORE__PLUGINS_FOLDER": "/other",
        "AIRFLOW_CONN_X": "x",
        "LANG": "C",
    }
    environ = airflow(tmp_path).environ(inherited)
    assert "/other" not in environ.values()
    assert "AIRFLOW_CONN_X" not in environ
    assert environ["LANG"] == "C"


def test_it_listens_on_the_loopback_address_only(tmp_path: Path) -> None:
    one = airflow(tmp_path)
    environ = one.environ({})
    assert environ["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environ["AIRFLOW__API__PORT"] == str(one.port)
    assert one.url == f"http://127.0.0.1:{one.port}"


def test_two_never_share_secrets_or_ports(tmp_path: Path) -> None:
    one, other = airflow(tmp_path), airflow(tmp_path)
    assert len({*one.secrets(), *other.secrets()}) == 8
    assert all(len(secret) >= 32 for secret in one.secrets())
    assert not any(secret in repr(one) for secret in one.secrets())
