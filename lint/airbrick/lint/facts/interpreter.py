"""From a file's text to the model the rules look at."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import libcst as cst

from airbrick.lint import gate
from airbrick.lint.facts import expressions
from airbrick.lint.facts.calls import evaluate_call
from airbrick.lint.facts.frames import Frame
from airbrick.lint.facts.functions import follow_uncalled
from airbrick.lint.facts.run import Handlers, Run
from airbrick.lint.facts.siblings import MAX_SIZE_BYTES, World
from airbrick.lint.facts.stand_ins import StandIns
from airbrick.lint.facts.statements import STATEMENTS
from airbrick.lint.model.elements import ModuleModel
from airbrick.lint.parsed import ParsedFile, parse
from airbrick.lint.source import DecodeError, SourceFile

_STEPS: Final[Mapping[type[Any], Any]] = {**expressions.STEPS, cst.Call: evaluate_call}
HANDLERS: Final = Handlers(expressions.SPINE, expressions.LEAVES, _STEPS, STATEMENTS)


def analyse(file: ParsedFile, world: World) -> ModuleModel:
    """Follow a file from its first statement to its last, then the functions nobody called."""
    run = Run(file, HANDLERS, world)
    run.execute(file.module.body)
    follow_uncalled(run)
    run.model.scopes.extend(function.closure for function in run.functions)
    run.model.scopes.extend(value.namespace for value in run.classes)
    return run.model


def new_world(stand_ins: StandIns | None = None) -> World:
    """Make an empty set of project files, to be shared by the files of one run.

    :param stand_ins: classes that stand for operators or DAGs.
    """
    world = World(lambda path: _load(path, world), stand_ins or StandIns())
    return world


def _load(path: Path, world: World) -> Frame | None:
    try:
        if path.stat().st_size > MAX_SIZE_BYTES:
            return None
        source = SourceFile.from_bytes(path.read_bytes(), path)
        tree = gate.parse(source)
        if isinstance(tree, gate.Refusal):
            return None
        file = parse(source, tree)
    except (OSError, DecodeError, cst.ParserSyntaxError):
        return None
    run = Run(file, HANDLERS, world)
    run.execute(file.module.body)
    return run.frame
