"""Pulumi's official release, from where its installer gets it.

The installer script itself needs curl or wget and edits the user's shell profile; the archive behind it does not.
"""

from __future__ import annotations

import shutil
import tarfile
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Protocol

from tools.engine import pins
from tools.engine.errors import OriginError
from tools.engine.probe import is_complete, version_of

if TYPE_CHECKING:
    from pathlib import Path

    from tools.engine.machine import Machine
    from tools.engine.progress import Progress

ORIGIN = "official release"
_SILENCE_TIMEOUT_S = 10.0
_TOTAL_TIMEOUT_S = 300.0
_CHUNK_BYTES = 1 << 20


class Response(Protocol):
    """The part of an HTTP response that is used."""

    def read(self, amount: int, /) -> bytes:
        """Read at most this many bytes; none at the end."""

    def close(self) -> None:
        """Free the connection."""


class Opener(Protocol):
    """What opens a URL: `urllib.request.urlopen`, or a test's own."""

    def __call__(self, url: str, *, timeout: float) -> Response:
        """Open a URL.

        :param url: address
        :param timeout: seconds without an answer before giving up
        """


def open_https(url: str, *, timeout: float) -> Response:
    """Open an HTTPS address; a certificate that does not verify is an error.

    :param url: address
    :param timeout: seconds without an answer before giving up
    """
    response: Response = urllib.request.urlopen(url, timeout=timeout)  # noqa: S310 - the address is a pinned https one
    return response


def install(workshop: Path, machine: Machine, progress: Progress, opener: Opener) -> Path:
    """Download and unpack the release, and check that it runs and is the version asked for.

    :param workshop: empty folder to work in
    :param machine: whose platform it is for
    :param progress: told how far it is
    :param opener: opens the release's URL
    :return: folder that holds every one of :data:`pins.BINARIES`
    :raises OriginError: when it cannot be had, or is not what it should be
    """
    if not hasattr(tarfile, "data_filter"):
        raise OriginError(ORIGIN, "unpacking safely needs Python 3.11.4 or newer")
    url = f"{pins.RELEASES_URL}/pulumi-v{pins.PULUMI_VERSION}-{machine.platform}.tar.gz"
    archive = workshop / "release.tar.gz"
    progress.say(f"downloading Pulumi {pins.PULUMI_VERSION} from {url}")
    try:
        _download(url, archive, progress, opener)
        with tarfile.open(archive) as packed:
            packed.extractall(workshop / "release", filter="data")
    except (OSError, tarfile.TarError, EOFError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise OriginError(ORIGIN, f"{url}: {reason}") from error
    return _checked(workshop / "release" / "pulumi", machine)


def _download(url: str, archive: Path, progress: Progress, opener: Opener) -> None:
    deadline_s = progress.clock() + _TOTAL_TIMEOUT_S
    response = opener(url, timeout=_SILENCE_TIMEOUT_S)
    try:
        with archive.open("wb") as file:
            while chunk := response.read(_CHUNK_BYTES):
                file.write(chunk)
                progress.still(f"downloaded {file.tell() >> 20} MB")
                if progress.clock() > deadline_s:
                    raise TimeoutError(f"not finished after {_TOTAL_TIMEOUT_S:.0f} s")
    finally:
        response.close()


def _checked(unpacked: Path, machine: Machine) -> Path:
    # Some releases keep the binaries in a bin folder.
    folder = unpacked / "bin" if (unpacked / "bin").is_dir() else unpacked
    if not is_complete(folder):
        raise OriginError(ORIGIN, "the archive does not hold pulumi and pulumi-language-python")
    version = version_of(folder / "pulumi", "version", machine=machine)
    if version != pins.PULUMI_VERSION:
        shutil.rmtree(unpacked)
        raise OriginError(ORIGIN, f"the archive holds version {version}, not {pins.PULUMI_VERSION}")
    return folder
