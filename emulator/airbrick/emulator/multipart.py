"""Reads ``multipart/form-data`` bodies, as databricks-sdk's ``workspace.upload`` sends them."""

from __future__ import annotations

import re

from airbrick.emulator.errors import malformed_request

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?')
_NAME = re.compile(rb'name="([^"]*)"', re.IGNORECASE)


def read_multipart(content_type: str, body: bytes) -> dict[str, bytes]:
    """Return the parts of a form by name.

    :param content_type: the request's ``Content-Type``
    :raises ApiError: the body is not a complete form
    """
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise malformed_request("multipart/form-data without a boundary")
    mark = b"--" + boundary.group(1).encode()
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):  # noqa: PLR2004 - a preamble and an end
        raise malformed_request("multipart/form-data body is cut off")
    parts: dict[str, bytes] = {}
    for piece in pieces[1:-1]:
        head, separator, content = piece.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if not separator or name is None:
            raise malformed_request("multipart/form-data has a part without a name")
        parts[name.group(1).decode("utf-8", "replace")] = content
    return parts
