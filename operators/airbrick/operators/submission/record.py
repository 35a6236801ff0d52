"""What a task instance remembers about its run, across crashes, retries and clears."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_R = TypeVar("_R", bound="DataclassInstance")

STORE_KEY: Final = "airbrick_run"


@dataclass(frozen=True, slots=True)
class Record:
    """The intent to start a run, and the run once it is known.

    :param k: which run of the generation.
    :param token: the idempotency token; it names task instance, generation, workspace and job.
    :param run_id: ``None`` until Databricks answered.
    :param try_number: the attempt that asked for the run, or took it over.
    :param clear_number: how often the dag run had been cleared; ``None`` where Airflow does not tell.
    :param asked_at: when the intent was written, in seconds since the epoch.
    :param settled: the run's end is already accounted for: it must not be reported again.
    :param trigger_failures: how often the trigger failed while it watched this run.
    :param began_at: when that attempt began, in seconds since the epoch; 0 where it was not stored.
    """

    k: int
    token: str
    host: str
    job_id: int
    run_id: int | None
    try_number: int
    clear_number: int | None
    asked_at: float
    settled: bool = False
    trigger_failures: int = 0
    began_at: float = 0.0


class StateStore(Protocol):
    """Airflow's task state store: survives retries and clears, goes with the dag run."""

    def get(self, key: str) -> Any: ...  # noqa: ANN401, D102 -- Airflow's own signature

    def set(self, key: str, value: Any, **options: Any) -> None: ...  # noqa: ANN401, D102 -- as above


class Store(Generic[_R]):
    """Keeps one record where Airflow has a task state store (3.3 and later); else in memory only.

    :param store: ``context["task_state_store"]``, or ``None``.
    :param key: the record's key there.
    :param parse: reads what was stored.
    :param never_expire: the store's own marker for rows that live as long as their dag run.
    """

    def __init__(
        self,
        store: StateStore | None,
        *,
        key: str,
        parse: Callable[[Mapping[str, Any]], _R | None],
        never_expire: object = None,
    ) -> None:
        self._store = store
        self._key = key
        self._parse = parse
        self._options = {"retention": never_expire} if never_expire is not None else {}

    @property
    def durable(self) -> bool:
        """Tell whether records outlive this process."""
        return self._store is not None

    def read(self) -> _R | None:
        """Read the record; one that this version cannot read counts as none."""
        value = self._store.get(self._key) if self._store is not None else None
        return self._parse(value) if isinstance(value, Mapping) else None

    def write(self, record: _R) -> None:
        """Write the record; it is stored when this returns."""
        if self._store is not None:
            self._store.set(self._key, asdict(record), **self._options)


class RecordStore(Store[Record]):
    """Keeps the record of a run.

    :param store: as :class:`Store`'s, and so is ``never_expire``.
    """

    def __init__(self, store: StateStore | None, *, never_expire: object = None) -> None:
        super().__init__(store, key=STORE_KEY, parse=_parse, never_expire=never_expire)


def _parse(value: Mapping[str, Any]) -> Record | None:
    try:
        run_id, clear_number = value["run_id"], value["clear_number"]
        return Record(
            k=int(value["k"]),
            token=str(value["token"]),
            host=str(value["host"]),
            job_id=int(value["job_id"]),
            run_id=None if run_id is None else int(run_id),
            try_number=int(value["try_number"]),
            clear_number=None if clear_number is None else int(clear_number),
            asked_at=float(value["asked_at"]),
            settled=bool(value.get("settled", False)),
            trigger_failures=int(value.get("trigger_failures", 0)),
            began_at=float(value.get("began_at", 0.0)),
        )
    except (KeyError, TypeError, ValueError):
        return None
