"""All that one emulated workspace knows."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from airbrick.emulator.auth import Tokens
from airbrick.emulator.clock import HeldClock
from airbrick.emulator.directory import Directory
from airbrick.emulator.faults import FaultBook
from airbrick.emulator.files import FileTree
from airbrick.emulator.ids import IdSource
from airbrick.emulator.lifecycle import Condition
from airbrick.emulator.limits import BOUNDLESS, JobQuota, Limits
from airbrick.emulator.permissions import WAREHOUSES, creator_entries
from airbrick.emulator.rate_limits import RateLimits
from airbrick.emulator.request_log import RequestLog
from airbrick.emulator.run import JobVersion, Run, Surroundings
from airbrick.emulator.run_book import RunBook
from airbrick.emulator.secrets import SecretBook
from airbrick.emulator.statements import StatementBook
from airbrick.emulator.warehouses import FIRST_NAME, STOP, Warehouse, warehouse_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from airbrick.emulator.clock import Clock
    from airbrick.emulator.clusters import Cluster
    from airbrick.emulator.keeper import Keeper
    from airbrick.emulator.plans import Plans
    from airbrick.emulator.policies import ClusterPolicy
    from airbrick.emulator.pools import InstancePool
    from airbrick.emulator.timeline import Attempt, TaskRunKey

WORKSPACE_ID = "1009007199254741"


@dataclass(slots=True)
class Job:
    """A job.

    :param version: its present settings; replaced as a whole, never changed
    :param permissions: access control entries set on the job, without inherited ones
    """

    job_id: int
    version: JobVersion
    creator: str
    created_s: float
    permissions: list[dict[str, str]]

    @property
    def name(self) -> str:
        """The job's name."""
        return str(self.version.settings["name"])


class Engine(Protocol):
    """Executes the tasks of admitted runs."""

    def start(self, run: Run) -> None:
        """Begin to execute a run that was admitted."""

    def wait(self, timeout_s: float) -> bool:
        """Wait until no run is executed; tell whether that was reached."""

    def stop_all(self) -> None:
        """Kill what is executed."""


class Others(Protocol):
    """The workspaces behind one address."""

    def add(self) -> Store:
        """Make an empty workspace with credentials of its own."""

    def ids(self) -> list[str]:
        """Return the ids of the workspaces, the first one's first."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a workspace began with.

    :param credentials: by the names that :class:`~airbrick.emulator.auth.Tokens` takes; one that is missing is random
    :param at_s: the moment; None for the present one
    """

    credentials: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """The handling of one request, at one moment.

    :param ids: how many ids were handed out before it
    :param real: tasks without a plan are executed
    """

    at_s: float
    ids: int
    real: bool


@dataclass(slots=True)
class Store:
    """The state of a workspace; every use happens under ``lock``.

    :param around: ids and addresses
    :param begun_s: when it was made
    :param engine: executes runs; None when all runs follow plans
    :param enforces: permissions are enforced, not kept alone
    :param redoes: a request is handled that was handled before
    :param others: the workspaces behind the same address; None when there can be none
    :param executes: tasks without a plan are executed
    :param keeper: keeps the workspace on disk, or None
    :param admin: people and programs of this machine may steer the emulator
    """

    clock: HeldClock
    tokens: Tokens
    around: Surroundings
    files: FileTree
    begun_s: float
    runs: RunBook = field(init=False)
    jobs: dict[int, Job] = field(default_factory=dict)
    job_quota: JobQuota = field(default_factory=lambda: JobQuota(Limits()))
    clusters: dict[str, Cluster] = field(default_factory=dict)
    policies: dict[str, ClusterPolicy] = field(default_factory=dict)
    pools: dict[str, InstancePool] = field(default_factory=dict)
    secrets: SecretBook = field(default_factory=SecretBook)
    directory: Directory = field(init=False)
    warehouses: dict[str, Warehouse] = field(init=False)
    statements: StatementBook = field(init=False)
    plans: Plans = ()
    faults: FaultBook = field(default_factory=FaultBook)
    rate_limits: RateLimits = field(default_factory=RateLimits)
    requests: RequestLog = field(default_factory=RequestLog)
    engine: Engine | None = None
    executes: bool = False
    keeper: Keeper | None = None
    admin: bool = True
    enforces: bool = False
    redoes: bool = False
    others: Others | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.warehouses = self._first_warehouses()
        self.statements = StatementBook(self.ids)
        self.directory = Directory(self.ids, self.tokens.user, self.tokens.service_principal)
        self.runs = RunBook(self.around, self.version_of)

    @property
    def ids(self) -> IdSource:
        """Where ids come from."""
        return self.around.ids

    @property
    def host(self) -> str:
        """Address of the server, without a slash at the end."""
        return self.around.host

    @property
    def workspace_id(self) -> str:
        """The workspace's id."""
        return self.around.workspace_id

    def _first_warehouses(self) -> dict[str, Warehouse]:
        key, user = self.ids.next_hex(), self.tokens.user
        settings = warehouse_settings({"name": FIRST_NAME, "enable_serverless_compute": True, "auto_stop_mins": 10})
        condition = Condition(STOP, self.clock.now() - STOP.takes_s, user.name)
        return {key: Warehouse(key, settings, user.name, condition, creator_entries(WAREHOUSES, user))}

    def version_of(self, job_id: int) -> JobVersion | None:
        """Return the present settings of a job, or None."""
        job = self.jobs.get(job_id)
        return None if job is None else job.version

    @property
    def takes_changes(self) -> bool:
        """Whether changes can be kept, if they must be."""
        return self.keeper is None or self.keeper.broken is None

    def is_executing(self) -> bool:
        """Tell whether a run is executed; call :meth:`advance` first."""
        return self.engine is not None and self.runs.has_active()

    def clear(self) -> None:
        """Empty the workspace; its first credentials and the clock stay."""
        for book in (
            self.jobs,
            self.job_quota,
            self.clusters,
            self.policies,
            self.pools,
            self.secrets,
            self.directory,
            self.tokens,
        ):
            book.clear()
        self.statements.clear()
        self.warehouses = self._first_warehouses()
        self.plans = ()
        self.faults.clear()
        self.rate_limits.clear()
        self.requests.clear()
        self.files = FileTree(self.ids, self.clock, _home(self.tokens))
        self.runs = RunBook(self.around, self.version_of)

    @contextlib.contextmanager
    def believing(self) -> Iterator[None]:
        """Take requests as they were taken before: permissions and quotas are not judged a second time."""
        enforces, self.enforces = self.enforces, False
        limits, self.job_quota.limits = self.job_quota.limits, BOUNDLESS
        self.redoes = True
        try:
            yield
        finally:
            self.enforces, self.job_quota.limits = enforces, limits
            self.redoes = False

    def begin(self, at_s: float | None = None) -> Turn:
        """Let a request happen at one moment, the present one unless another is given; :meth:`end` ends it."""
        now = self.clock.hold(at_s)
        self.advance()
        return Turn(now, self.ids.count, self.executes)

    def end(self, turn: Turn, *, kept: bool = False) -> None:
        """Let time go on.

        :param kept: the turn is in the journal
        """
        self.clock.release()
        if self.keeper is not None and not kept and self.ids.count != turn.ids and self.takes_changes:
            self.keeper.write_moment(turn.at_s, self.ids.count)

    def record(self, run: Run, key: TaskRunKey, attempt: Attempt) -> None:
        """Record what an executed attempt did, so far or at last.

        :raises StateError: it is not on the disk; the workspace shows it all the same
        """
        turn, kept = self.begin(), False
        try:
            self.runs.record(run, key, attempt)
            if self.keeper is not None:
                self.keeper.write_attempt(run, key, attempt, turn)
                kept = True
        finally:
            self.end(turn, kept=kept)

    def advance(self) -> float:
        """Bring the runs up to the present and return the moment."""
        now = self.clock.now()
        admitted = self.runs.advance(now)
        if self.engine is not None:
            for run in admitted:
                if run.real:
                    self.engine.start(run)
        return now


def new_store(
    clock: Clock,
    *,
    workspace_id: str = WORKSPACE_ID,
    oauth_ttl_s: float = 3600.0,
    big_ids: bool = True,
    origin: Origin | None = None,
) -> Store:
    """Return an empty workspace.

    :param clock: tells the time of everything in it
    :param oauth_ttl_s: real seconds that an OAuth token lives
    :param big_ids: hand out ids that no double can hold
    :param origin: what it begins with; random credentials, now, unless given
    """
    ids, origin = IdSource(big=big_ids), origin or Origin()
    held = HeldClock(clock)
    begun_s = held.hold(origin.at_s)
    tokens = Tokens(held, oauth_ttl_s=oauth_ttl_s, **origin.credentials)
    around = Surroundings(ids, workspace_id=workspace_id)
    store = Store(held, tokens, around, FileTree(ids, held, _home(tokens)), begun_s)
    held.release()
    return store


def _home(tokens: Tokens) -> list[str]:
    return [f"/Users/{tokens.user.name}", f"/Users/{tokens.client_id}", "/Shared"]
