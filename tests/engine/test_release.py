import io
import tarfile
import urllib.error
from pathlib import Path

import pytest
from tests.engine.helpers import Clock, write_engine
from tools.engine import release
from tools.engine.errors import OriginError
from tools.engine.machine import Machine
from tools.engine.progress import Progress


class Served:
    """Serves one body, and remembers what it was asked."""

    def __init__(self, body: bytes, *, clock: Clock | None = None, seconds_each: float = 0.0) -> None:
        self.body, self.clock, self.seconds_each = io.BytesIO(body), clock, seconds_each
        self.asked: list[tuple[str, float]] = []

    def __call__(self, url: str, *, timeout: float) -> "Served":
        self.asked.append((url, timeout))
        return self

    def read(self, amount: int, /) -> bytes:
        if self.clock is not None:
            self.clock.now_s += self.seconds_each
        return self.body.read(amount)

    def close(self) -> None:
        self.body.close()


def archive(folder: Path, inside: str = "pulumi") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as file:
        file.add(folder, arcname=inside)
    return packed.getvalue()


@pytest.mark.parametrize("inside", ["pulumi", "pulumi/bin"])
def test_unpacks_a_release_that_runs(machine: Machine, progress: Progress, tmp_path: Path, inside: str) -> None:
    served = Served(archive(write_engine(tmp_path / "made"), inside))
    folder = release.install(tmp_path, machine, progress, served)
    assert folder == tmp_path / "release" / inside
    [(url, timeout)] = served.asked
    assert url == "https://get.pulumi.com/releases/sdk/pulumi-v3.259.0-linux-x64.tar.gz"
    assert timeout <= 10
    assert served.body.closed


def test_a_release_of_another_version_is_refused(machine: Machine, progress: Progress, tmp_path: Path) -> None:
    served = Served(archive(write_engine(tmp_path / "made", "3.1.0")))
    with pytest.raises(OriginError, match=r"holds version 3\.1\.0, not 3\.259\.0"):
        release.install(tmp_path, machine, progress, served)


def test_a_release_without_language_host_is_refused(machine: Machine, progress: Progress, tmp_path: Path) -> None:
    served = Served(archive(write_engine(tmp_path / "made", host=False)))
    with pytest.raises(OriginError, match="does not hold pulumi and pulumi-language-python"):
        release.install(tmp_path, machine, progress, served)


@pytest.mark.parametrize("body", [b"", b"<html>a proxy's sign-in page</html>"])
def test_something_else_than_an_archive_is_refused(
    machine: Machine, progress: Progress, tmp_path: Path, body: bytes
) -> None:
    with pytest.raises(OriginError, match="official release"):
        release.install(tmp_path, machine, progress, Served(body))


def test_half_an_archive_is_refused(machine: Machine, progress: Progress, tmp_path: Path) -> None:
    whole = archive(write_engine(tmp_path / "made"))
    with pytest.raises(OriginError, match="official release"):
        release.install(tmp_path, machine, progress, Served(whole[: len(whole) // 2]))


def test_a_file_outside_the_archive_folder_is_refused(machine: Machine, progress: Progress, tmp_path: Path) -> None:
    evil = archive(write_engine(tmp_path / "made"), "../../escaped")
    with pytest.raises(OriginError, match="official release"):
        release.install(tmp_path, machine, progress, Served(evil))
    assert not (tmp_path.parent / "escaped").exists()


def test_an_unreachable_site_says_so(machine: Machine, progress: Progress, tmp_path: Path) -> None:
    def unreachable(url: str, *, timeout: float) -> Served:
        raise urllib.error.URLError(f"no route within {timeout} s")

    with pytest.raises(OriginError, match=r"get\.pulumi\.com.*no route within"):
        release.install(tmp_path, machine, progress, unreachable)


def test_a_trickling_download_is_given_up(
    machine: Machine, progress: Progress, tmp_path: Path, clock: Clock, said: io.StringIO
) -> None:
    served = Served(b"x" * (3 << 20), clock=clock, seconds_each=200.0)
    with pytest.raises(OriginError, match="not finished after 300 s"):
        release.install(tmp_path, machine, progress, served)
    assert "downloaded 1 MB" in said.getvalue()
