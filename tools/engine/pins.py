"""What is fetched and built, and the oldest versions that are good enough."""

from pathlib import Path

from tools.engine.version import Version

PULUMI_VERSION = Version(3, 259, 0)
"""The engine that is installed or built when none is found."""

MINIMUM_PULUMI_VERSION = Version(3, 259, 0)
"""The oldest engine on PATH that is used as it is."""

MINIMUM_GO_VERSION = Version(1, 26, 0)
"""What ``go.mod`` asks for."""

BINARIES = ("pulumi", "pulumi-language-python")
"""Both must lie in one folder: the engine then treats the language host as its own."""

RELEASES_URL = "https://get.pulumi.com/releases/sdk"
"""Where Pulumi's official installer downloads from. Source: https://get.pulumi.com (install.sh)."""

GO_FOLDER = Path(__file__).parent / "go"
"""The Go modules to build, with their checksums, and the hash-pinned Go for machines without one."""
