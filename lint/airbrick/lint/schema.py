"""The JSON Schema of the configuration, for editors: ``python -m airbrick.lint.schema`` writes it.

Which options a rule has is not part of it, because rules come from elsewhere, too; the linter itself refuses
options that do not exist.
"""

import json
import sys
from pathlib import Path
from typing import Final

from airbrick.lint.config import EXTEND, RULES
from airbrick.lint.keys import KEYS
from airbrick.lint.kinds import Schema, Text

FILE: Final = Path(__file__).with_name("airbrick.schema.json")


def config_schema() -> Schema:
    """Give the schema of airbrick.toml, and of ``[tool.airbrick]``."""
    options: Schema = {"type": "object", "additionalProperties": {"type": ["boolean", "number", "string", "array"]}}
    tables: Schema = {"type": "object", "additionalProperties": options}
    keys = {name: {"description": key.summary, **key.kind.schema()} for name, key in KEYS.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "airbrick lint",
        "description": "The keys of airbrick.toml, and of [tool.airbrick] in pyproject.toml.",
        "type": "object",
        "properties": {
            EXTEND: {"description": "a configuration this one starts from", **Text().schema()},
            **keys,
            RULES: {"description": "options of rules, by code or name", **tables},
        },
        "additionalProperties": False,
    }


def dumps() -> str:
    """Write the schema as it is shipped."""
    return json.dumps(config_schema(), indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(dumps())
