"""Draw a command's terminal output as an SVG: ``python tools/pictures OUT.svg WIDTH -- COMMAND…``."""

import os
import shlex
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text


def draw(output: Path, width: int, command: list[str]) -> int:
    """Run a command with colours on and save what it prints.

    :param output: the SVG file to write.
    :param width: columns of the terminal the command believes in.
    :returns: the command's exit code.
    """
    terminal = {"FORCE_COLOR": "1", "COLUMNS": str(width), "TERM": "xterm-256color", "TTY_INTERACTIVE": "0"}
    environment = {**os.environ, **terminal}
    environment.pop("NO_COLOR", None)
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    console = Console(record=True, width=width, file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi(done.stdout.rstrip()), soft_wrap=False)
    output.parent.mkdir(parents=True, exist_ok=True)
    console.save_svg(str(output), title=shlex.join(command), unique_id=output.stem)
    return done.returncode


def main(arguments: list[str]) -> int:
    """Read the command line; exit code 2 when it cannot be read."""
    match arguments:
        case [output, width, "--", *command] if command and width.isdecimal():
            return draw(Path(output), int(width), command)
        case _:
            print(__doc__, file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
