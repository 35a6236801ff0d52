"""Workers that die at a chosen step."""

from collections.abc import Callable
from typing import Any

import pytest


class Died(SystemExit):
    """The worker's process ends here."""


def die_before(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, *, call: int = 1) -> None:
    """Let the worker die when it is about to call a method for the n-th time; once."""
    original: Callable[..., Any] = getattr(owner, name)
    calls = 0

    def dying(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise Died(1)
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, name, dying)
