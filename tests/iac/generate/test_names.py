import keyword

from hypothesis import given
from hypothesis import strategies as st

from airbrick.iac.generate.names import logical_names


def test_names_are_what_a_person_would_write() -> None:
    jobs = [("1", "Nightly ETL (orders)"), ("2", "[dev] größe"), ("3", "2026 report"), ("4", "класс"), ("5", "iac")]
    assert list(logical_names(jobs).values()) == [
        "nightly_etl_orders",
        "dev_groe",
        "job_2026_report",
        "job",
        "job_iac",
    ]


def test_two_jobs_of_one_name_get_two_names_and_the_older_keeps_the_short_one() -> None:
    assert logical_names([("20", "load"), ("3", "Load!"), ("4", "load 2")]) == {
        "3": "load",
        "4": "load_2",
        "20": "load_3",
    }


@given(st.lists(st.tuples(st.integers(1, 2**63).map(str), st.text(max_size=12)), unique_by=lambda job: job[0]))
def test_any_jobs_get_names_of_their_own_that_python_takes(jobs: list[tuple[str, str]]) -> None:
    names = logical_names(jobs)
    assert set(names) == {job_id for job_id, _ in jobs}
    assert len(set(names.values())) == len(jobs)
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in names.values())
    assert names == logical_names(jobs[::-1])
