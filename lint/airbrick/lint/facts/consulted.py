"""Which files the facts of a file rest on."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path


class Consulted:
    """Notes the files that are looked for or read while a file is followed.

    Answers are remembered from one file to the next, so what was noted while an answer was found is
    remembered with it, and counts again whenever the answer is used.
    """

    def __init__(self) -> None:
        self._direct: set[Path] = set()
        self._answers: set[Hashable] = set()
        self._open: list[tuple[set[Path], set[Hashable]]] = []
        self._of_answer: dict[Hashable, tuple[set[Path], set[Hashable]]] = {}

    def begin(self) -> None:
        """Start with another file."""
        self._direct = set()
        self._answers = set()

    def note(self, path: Path) -> None:
        """Note a file."""
        (self._open[-1][0] if self._open else self._direct).add(path)

    @contextmanager
    def memo(self, answer: Hashable, *, known: bool) -> Iterator[None]:
        """Note what is consulted within, under an answer that may be used again.

        :param known: whether the answer was found before, so that nothing new is consulted.
        """
        (self._open[-1][1] if self._open else self._answers).add(answer)
        if known:
            yield
            return
        noted: tuple[set[Path], set[Hashable]] = (set(), set())
        self._of_answer[answer] = noted
        self._open.append(noted)
        try:
            yield
        finally:
            self._open.pop()

    def all(self) -> frozenset[Path]:
        """Give every file that was noted, by way of answers too."""
        paths = set(self._direct)
        seen: set[Hashable] = set()
        stack = list(self._answers)
        while stack:
            answer = stack.pop()
            if answer not in seen:
                seen.add(answer)
                own, further = self._of_answer.get(answer, (set(), set()))
                paths |= own
                stack.extend(further)
        return frozenset(paths)
