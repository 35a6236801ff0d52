"""Many runs in little time: requests follow each other on one connection without waiting for answers."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

from airbrick.emulator import Emulator

_BATCH = 50


def start_runs(workspace: Emulator, job_id: int, count: int) -> None:
    """Start runs of a job.

    :param count: how many, a multiple of 50
    """
    address = urlsplit(workspace.host)
    body = json.dumps({"job_id": job_id})
    request = (
        "POST /api/2.2/jobs/run-now HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {workspace.token}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )
    with socket.create_connection((address.hostname or "", address.port or 0)) as sock:
        for _ in range(count // _BATCH):
            sock.sendall(request.encode() * _BATCH)
            seen = b""
            while seen.count(b'"run_id"') < _BATCH or not seen.endswith(b"}"):
                chunk = sock.recv(1 << 16)
                assert chunk, "the server went away"
                seen += chunk
            assert seen.count(b"HTTP/1.1 200") == _BATCH
