"""Names that come from other files of the same project.

Such a file is parsed, never imported, and only when a rule's question leads into it.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from airbrick.lint.absolute import absolute
from airbrick.lint.config_finder import ROOT_MARKERS
from airbrick.lint.facts.consulted import Consulted
from airbrick.lint.facts.frames import Frame
from airbrick.lint.facts.stand_ins import StandIns
from airbrick.lint.facts.values import Fact, Known, Reference

MAX_SIZE_BYTES: Final = 512_000
"""Larger files are not followed into."""

MAX_LEVELS: Final = 6
"""Folders above a file in which the modules it imports are looked for."""

MAX_HOPS: Final = 8
"""Re-exports that are followed for one name."""

_FOREIGN: Final = frozenset({"airflow", "databricks", "airbrick", "pendulum", *sys.stdlib_module_names})

_CONSTRUCTS: Final = (b"atabricks", b"airbrick", b"DAG(", b"@dag", b"TaskGroup")
_WORK: Final = (b"pandas", b"polars", b"pyspark", b"duckdb", b"awswrangler", b"sklearn", b"_df(", b".to_sql(")

Loader = Callable[[Path], Frame | None]
"""Parses and follows a file; ``None`` when it cannot be read."""


class World:
    """The files of a project that facts may lead into.

    :param load: parses and follows a file.
    :param stand_ins: classes that stand for operators or DAGs.
    """

    def __init__(self, load: Loader, stand_ins: StandIns) -> None:
        self._load = load
        self.stand_ins = stand_ins
        self._frames: dict[Path, Frame | None] = {}
        self._modules: dict[tuple[Path, str], Path | None] = {}
        self._mentioned: dict[tuple[Path, tuple[bytes, ...]], bool] = {}
        self._targets: dict[tuple[Path, str], tuple[Path, str] | None] = {}
        self._consulted = Consulted()

    def begin(self) -> None:
        """Forget which files were consulted; called before a file is followed."""
        self._consulted.begin()

    @property
    def consulted(self) -> frozenset[Path]:
        """The files that were looked for or read since then, whether or not they exist.

        What was found depends on them: a change of one of them may change the findings.
        """
        return self._consulted.all()

    def follow(self, fact: Fact) -> Fact:
        """Follow a name into the file of the project that defines it; other facts stay as they are."""
        return self._follow(fact, ())

    def follow_callable(self, fact: Fact) -> Fact:
        """Follow what is called, if it may build DAGs or operators."""
        return self._follow(self.stand_ins.follow(fact), _CONSTRUCTS)

    def follow_work(self, fact: Fact) -> Fact:
        """Follow what a task runs, if it may work on data."""
        return self._follow(fact, _WORK)

    def _follow(self, fact: Fact, marks: tuple[bytes, ...]) -> Fact:
        for _ in range(MAX_HOPS):
            if not isinstance(fact, Known) or not isinstance(fact.value, Reference) or fact.value.home is None:
                return fact
            found = self._resolve(fact.value, marks)
            if found is None:
                return fact
            fact = found
        return fact

    def star(self, module: str, home: Path, name: str) -> Fact | None:
        """Find a name that ``from module import *`` brings."""
        path = self._find(module, home)
        frame = self._frame(path) if path is not None else None
        if frame is None or name.startswith("_"):
            return None
        return frame.local(name)

    def _resolve(self, reference: Reference, marks: tuple[bytes, ...]) -> Fact | None:
        """Find what a name stands for, in a file that mentions one of the marks if there are any."""
        if reference.home is None:
            return None
        for name in reference.names:
            key = (reference.home, name)
            with self._consulted.memo(key, known=key in self._targets):
                if key not in self._targets:
                    self._targets[key] = self._target(name, reference.home)
            target = self._targets[key]
            if target is not None:
                if marks and not self._mentions(target[0], marks):
                    return None
                return self._attribute(*target)
        return None

    def _target(self, name: str, home: Path) -> tuple[Path, str] | None:
        """Split a dotted name into the file it leads to and the attribute in it."""
        if name.partition(".")[0] in _FOREIGN:
            return None
        module, _, attribute = name.rpartition(".")
        while module.strip("."):
            path = self._find(module, home)
            if path is not None:
                return path, attribute
            module, _, last = module.rpartition(".")
            attribute = f"{last}.{attribute}"
        return None

    def _attribute(self, path: Path, dotted: str) -> Fact | None:
        frame = self._frame(path)
        if frame is None:
            return None
        first, *rest = dotted.split(".")
        fact = frame.local(first)
        for name in rest:
            value = fact.value if isinstance(fact, Known) else None
            if isinstance(value, Reference):
                fact = Known(value.attribute(name), fact.where if isinstance(fact, Known) else None)
            else:
                lookup = getattr(value, "lookup", None)
                fact = lookup(name) if callable(lookup) else None
        return fact

    def _mentions(self, path: Path, marks: tuple[bytes, ...]) -> bool:
        self._consulted.note(path)
        key = (path, marks)
        if key not in self._mentioned:
            self._mentioned[key] = _mentions(path, marks)
        return self._mentioned[key]

    def _frame(self, path: Path) -> Frame | None:
        self._consulted.note(path)
        with self._consulted.memo(path, known=path in self._frames):
            if path not in self._frames:
                # A file that imports itself in a circle sees nothing of itself.
                self._frames[path] = None
                self._frames[path] = self._load(path)
        return self._frames[path]

    def _find(self, module: str, home: Path) -> Path | None:
        key = (home, module)
        with self._consulted.memo(("module", *key), known=key in self._modules):
            if key not in self._modules:
                self._modules[key] = _search(module, home, self._consulted)
        return self._modules[key]


def _search(module: str, home: Path, consulted: Consulted) -> Path | None:
    name = module.lstrip(".")
    level = len(module) - len(name)
    parts = [part for part in name.split(".") if part]
    if any("(" in part for part in parts):
        return None
    if level:
        base = home
        for _ in range(level - 1):
            base = _above(base)
        return _module_file(base, parts, consulted)
    if not parts or parts[0] in _FOREIGN:
        return None
    base = home
    for _ in range(MAX_LEVELS):
        found = _module_file(base, parts, consulted)
        if found is not None:
            return found
        if _is_root(base, consulted) or base.parent == base:
            return None
        base = _above(base)
    return None


def _above(folder: Path) -> Path:
    """Give the folder above one; what is written relative stays so as long as it can."""
    return (absolute(folder) if ".." in folder.parts else folder).parent


def _is_root(base: Path, consulted: Consulted) -> bool:
    for marker in ROOT_MARKERS:
        consulted.note(base / marker)
        if (base / marker).exists():
            return True
    return False


def _module_file(base: Path, parts: list[str], consulted: Consulted) -> Path | None:
    target = base.joinpath(*parts)
    for path in (target.with_name(f"{target.name}.py") if parts else None, target / "__init__.py"):
        if path is not None:
            consulted.note(path)
            if path.is_file():
                return path
    return None


def _mentions(path: Path, marks: tuple[bytes, ...]) -> bool:
    try:
        if path.stat().st_size > MAX_SIZE_BYTES:
            return False
        data = path.read_bytes()
    except OSError:
        return False
    return any(mark in data for mark in marks)
