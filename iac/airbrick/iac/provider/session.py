"""The running provider: its configuration, its clients, and what it has seen of the state."""

import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from airbrick.iac.clients.databricks import Workspace
from airbrick.iac.clients.transport import Pause
from airbrick.iac.provider.config import ProviderConfig
from airbrick.iac.provider.engine import EngineLog
from airbrick.iac.provider.handler import Identity
from airbrick.iac.provider.stack_config import is_default

if TYPE_CHECKING:
    from airbrick.iac.clients.airflow import Airflow


class Session:
    """Everything the handlers share between calls; safe to use from many threads.

    Clients are made on first use: a stack without connections needs no Airflow.

    :param pause: how to wait between attempts.
    :param load: loads what requests about resources need; done in the background from the first configuration on,
        since the engine starts providers that it only asks about their configuration.
    :param stack_config: the stack's configuration in our namespace; ``None`` where the engine handed none over.
    """

    def __init__(
        self,
        pause: Pause | None = None,
        *,
        load: Callable[[], object] | None = None,
        stack_config: Mapping[str, str] | None = None,
    ) -> None:
        self.stack_config = stack_config
        self.config = ProviderConfig()
        self.provider_id = self._provider = ""
        self.has_credentials_of_now = False
        self.log = EngineLog("")
        # The engine starts a plugin in the program's folder.
        self.program_directory = str(Path.cwd())
        self._pause = pause or Pause()
        self._load = load
        self._loading: threading.Thread | None = None
        self._lock = threading.Lock()
        self._workspace: Workspace | None = None
        self._airflow: Airflow | None = None
        self._in_state: dict[str, set[str]] = {}
        self._kept: set[tuple[str, str]] = set()
        self._standing: dict[str, frozenset[tuple[str, str]]] = {}

    def configure(
        self, config: ProviderConfig, provider: str, provider_id: str, *, has_credentials_of_now: bool
    ) -> None:
        """Take a configuration, with which an ``up`` starts; what an earlier one has kept is forgotten.

        :param provider: the logical name of the provider's resource; empty where the engine does not tell it.
        :param provider_id: the provider's id in the state; empty where the engine does not tell it.
        :param has_credentials_of_now: its credentials are no older than the stack's configuration.
        """
        with self._lock:
            self._kept.clear()
            self._standing.clear()
            self.config, self.has_credentials_of_now = config, has_credentials_of_now
            self._provider, self.provider_id = provider, provider_id
            self._workspace = self._airflow = None
            if self._load is not None and self._loading is None:
                self._loading = threading.Thread(target=self._load, daemon=True)
                self._loading.start()

    def attach(self, address: str) -> None:
        """Take the engine's address."""
        self.log.close()
        self.log = EngineLog(address)

    def cancel(self) -> None:
        """End all waiting."""
        self._pause.cancel()

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """Give this thread so much time for its waiting; 0 is no limit."""
        return self._pause.within(seconds)

    def setting(self, key: str) -> str:
        """Name a key of the configuration with the place where it is set: in the stack, or in the program."""
        of_stack = not self._provider or is_default(self._provider)
        return f"airbrick:{key}" if of_stack else f"{key} of iac.Provider({self._provider!r})"

    def now_s(self) -> float:
        """Give a time that only grows."""
        return self._pause.now_s()

    def wait(self, seconds: float) -> bool:
        """Wait, and tell whether the work should go on."""
        return self._pause.wait(seconds)

    @property
    def workspace(self) -> Workspace:
        """The Databricks workspace."""
        with self._lock:
            if self._workspace is None:
                if self._loading is not None:
                    self._loading.join()
                self._workspace = Workspace(self.config, self._pause)
            return self._workspace

    @property
    def airflow(self) -> "Airflow":
        """The Airflow deployment."""
        from airbrick.iac.clients.airflow import Airflow

        with self._lock:
            if self._airflow is None:
                self._airflow = Airflow(self.config, self._pause)
            return self._airflow

    def saw_in_state(self, urn: str, resource_id: str = "") -> None:
        """Remember that the state holds an id: a replacement must not take it for an orphan.

        :param resource_id: the id; empty where only that there is one is known.
        """
        with self._lock:
            self._in_state.setdefault(urn, set()).add(resource_id)

    def saw_gone(self, urn: str, resource_id: str) -> None:
        """Forget an id that the state holds: the engine drops what a read does not find."""
        with self._lock:
            self._in_state.get(urn, set()).discard(resource_id)

    def is_in_state(self, identity: Identity, resource_id: str) -> bool:
        """Tell whether the state holds an id; while none of this resource is known, any may be the one it holds.

        What else carries the resource's mark was made by a replacement that was interrupted.
        """
        with self._lock:
            seen = self._in_state.get(identity.urn, set())
            return resource_id in seen or seen == {""}

    def keep(self, kind: str, key: str) -> None:
        """Remember what a create of this ``up`` stands for: what stood for it before must not delete it."""
        with self._lock:
            self._kept.add((kind, key))

    def is_kept(self, kind: str, key: str) -> bool:
        """Tell whether a create of this ``up`` stands for an object."""
        with self._lock:
            return (kind, key) in self._kept

    def saw_standing(self, urn: str, objects: Iterable[tuple[str, str]]) -> None:
        """Remember the objects that a resource of the state goes on to stand for, by kind and key."""
        with self._lock:
            self._standing[urn] = frozenset(objects)

    def heir(self, identity: Identity, kind: str, key: str) -> str:
        """Name another resource that goes on to stand for an object; empty where there is none."""
        with self._lock:
            others = (urn for urn, objects in self._standing.items() if (kind, key) in objects and urn != identity.urn)
            return next((Identity.from_urn(urn).name for urn in others), "")

    def warn(self, identity: Identity, message: str) -> None:
        """Show a warning to the user."""
        self.log.warning(identity.urn, message)

    def tell(self, identity: Identity, message: str) -> None:
        """Show a message to the user."""
        self.log.info(identity.urn, message)
