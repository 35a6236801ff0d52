"""Run the benchmarks: ``python -m bench [NAME …]``."""

import importlib
import sys

BENCHMARKS = (
    "emulator",
    "lint_files",
    "lint_growth",
    "lint_project",
    "import_operators",
    "provisioning",
    "watch_beside",
    "watch_runs",
)


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; exit code 2 for an unknown name."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"unknown benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    for name in names or BENCHMARKS:
        importlib.import_module(f"bench.{name}").run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
