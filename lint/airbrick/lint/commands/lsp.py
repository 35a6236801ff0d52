"""``airbrick lsp``."""

import click

from airbrick.lint.editor.server import make_server


@click.command(short_help="Serve editors: findings as you type.")
def lsp() -> None:
    """Serve an editor by the Language Server Protocol, over standard input and output.

    Findings as you type, quick fixes, the rule's page under the mouse, and jobs and their parameters offered from
    the contract. Editors start it; there is nothing to see at a terminal.

    \b
    Examples:
      airbrick lsp

    \b
    Exit status:
      0  the editor ended it
      1  the connection broke
    """
    make_server().start_io()
