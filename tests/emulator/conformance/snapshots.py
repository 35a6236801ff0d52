"""Answers of a real workspace, kept with the day on which they were given, and compared with the emulator's.

What differs from run to run is replaced: ids become numbered names (equal ids stay equal), moments and durations
become words, and the names of the workspace, the user and the test's own things become fixed ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_IDS = re.compile(r"(^|_)ids?$|^number_in_job$")
_MOMENTS = re.compile(r"_time$|_at$")
_DURATIONS = re.compile(r"_duration$")


@dataclass
class Transformer:
    """Replaces what differs from run to run.

    :param names: text to replace, and what to put in its place
    """

    names: Mapping[str, str]
    _ids: dict[str, str] = field(default_factory=dict)

    def apply(self, value: Any, key: str = "") -> Any:
        """Return a value with stable words in place of what differs."""
        if isinstance(value, dict):
            return {name: self.apply(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [self.apply(item, key) for item in value]
        if isinstance(value, str | int) and not isinstance(value, bool):
            if _IDS.search(key):
                return self._ids.setdefault(str(value), f"<id {len(self._ids) + 1}>")
            if _MOMENTS.search(key):
                return "<moment>" if value else value
            if _DURATIONS.search(key):
                return "<duration>"
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        for found, name in self.names.items():
            text = text.replace(found, name)
        for found, name in self._ids.items():
            text = re.sub(rf"(?<!\d){re.escape(found)}(?!\d)", name, text)
        return text


@dataclass
class Snapshot:
    """The answers of one test.

    :param path: where they are kept
    :param records: write them, in place of comparing with what is there
    """

    path: Path
    transformer: Transformer
    records: bool
    _seen: dict[str, Any] = field(default_factory=dict)

    def check(self, name: str, value: Any) -> None:
        """Keep an answer, or assert that it equals the one which a real workspace gave."""
        self._seen[name] = self.transformer.apply(value)
        if not self.records and self.path.exists():
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            assert self._seen[name] == kept["answers"][name], f"recorded on {kept['recorded']}"

    def save(self) -> None:
        """Write the answers with today's date."""
        if self.records and self._seen:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            kept = {"recorded": datetime.now(UTC).date().isoformat(), "answers": self._seen}
            self.path.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
