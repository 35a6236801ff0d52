"""Where a contract is looked for."""

import fnmatch
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from airbrick.contract.errors import ContractAmbiguousError, ContractNotFoundError

ENVIRONMENT_VARIABLE: Final = "AIRBRICK_CONTRACT"
FILE_PATTERN: Final = "airbrick.contract.*.json"


def file_name(stack: str) -> str:
    """Give the name of a stack's contract file."""
    return f"airbrick.contract.{stack}.json"


def find(
    *,
    explicit: Sequence[Path] = (),
    environ: Mapping[str, str],
    configured: Sequence[Path] = (),
    beside: Path | None = None,
) -> tuple[Path, ...]:
    """Find contract files; the first way that names any wins.

    In order: an explicit path, the environment variable ``AIRBRICK_CONTRACT``, the configured path,
    ``airbrick.contract.*.json`` in the folder of ``beside`` or in the nearest folder above it.
    A folder stands for the contract files in it.

    :param explicit: paths the user named.
    :param environ: the environment to read ``AIRBRICK_CONTRACT`` from.
    :param configured: paths from configuration.
    :param beside: a DAG file or a folder.
    :returns: the files, sorted; empty when the search found nothing.
    :raises ContractNotFoundError: a path that was named does not exist or holds no contract.
    """
    named = environ.get(ENVIRONMENT_VARIABLE, "")
    for paths in (explicit, [Path(named).expanduser()] if named else [], configured):
        if paths:
            return tuple(_expand(paths))
    return _search_upwards(beside) if beside is not None else ()


def in_folder(folder: Path) -> tuple[Path, ...]:
    """Give the contract files of a folder, sorted."""
    try:
        # A glob would make a path of each of the many DAG files to compare its name.
        names = fnmatch.filter(os.listdir(folder), FILE_PATTERN)  # noqa: PTH208 - names only, no paths
    except OSError:
        return ()
    return tuple(folder / name for name in sorted(names))


def resolve_one(paths: Sequence[Path], *, stack: str | None) -> Path:
    """Choose the one contract to use.

    A single file is taken whatever its stack, unless ``stack`` names another.

    :param paths: what :func:`find` found.
    :param stack: the stack that is meant (``AIRBRICK_STACK``), if it is known.
    :raises ContractNotFoundError: there is none to choose from.
    :raises ContractAmbiguousError: none or several fit.
    """
    if not paths:
        raise ContractNotFoundError([f"no {FILE_PATTERN} beside the DAG file or above it"])
    candidates = [path for path in paths if path.name == file_name(stack)] if stack else list(paths)
    if len(candidates) == 1:
        return candidates[0]
    if len(paths) == 1 and not paths[0].match(FILE_PATTERN):
        return paths[0]
    raise ContractAmbiguousError(candidates or paths, stack=stack)


def suggest(name: str, candidates: Iterable[str]) -> str | None:
    """Give the candidate that ``name`` was probably meant to be, if one is near."""
    # Only errors and hints compare names; every DAG file pays for imports.
    from difflib import get_close_matches

    by_folded = {candidate.casefold(): candidate for candidate in sorted(candidates, reverse=True)}
    near = get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[near[0]] if near else None


def _expand(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            inside = sorted(path.glob(FILE_PATTERN))
            if not inside:
                raise ContractNotFoundError([f"no {FILE_PATTERN} in {path}"])
            yield from inside
        elif path.exists():
            yield path
        else:
            raise ContractNotFoundError([str(path)])


def _search_upwards(beside: Path) -> tuple[Path, ...]:
    start = beside if beside.is_dir() else beside.parent
    return next(filter(None, map(in_folder, _upwards(start))), ())


def _upwards(folder: Path) -> Iterator[Path]:
    """Give a folder and those above it; a relative one stays relative as long as it can, to be read by people."""
    if folder.is_absolute() or ".." in folder.parts:
        yield from (folder.absolute(), *folder.absolute().parents)
    else:
        yield from (folder, *folder.parents, *Path.cwd().parents)
