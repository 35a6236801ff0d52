"""What a contract offers where a job or a parameter is named."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from lsprotocol import types

from airbrick.contract import Job
from airbrick.lint.contracts import StackContract
from airbrick.lint.editor.positions import Positions
from airbrick.lint.editor.scanner import Bracket, Spot, spot_at

_CALLEE: Final = re.compile(r"(?:\w+\.)*\w*(?:RunNow|JobRun)\w*(?:Operator|Sensor)(?:\.partial)?")
_JOB: Final = re.compile(r"""\b(job|job_name)\s*=\s*(['"])(?P<key>[^'"\r\n]*)\2""")


def completions_at(offset: int, positions: Positions, contracts: Sequence[StackContract]) -> list[types.CompletionItem]:
    """Give the names that fit at an offset."""
    text = positions.source.text
    spot = spot_at(text, offset)
    if spot is None or not spot.brackets:
        return []
    place = positions.between(spot.start, offset)
    inner, call = spot.brackets[-1], _call(spot)
    if call is None:
        return []
    if inner is call and spot.keyword in {"job", "job_name"}:
        return list(_jobs(contracts, place, by_name=spot.keyword == "job_name"))
    if inner is not call and inner.keyword == "job_parameters" and spot.before in "{,":
        return list(_parameters(contracts, _named_job(text, call), place))
    return []


def _call(spot: Spot) -> Bracket | None:
    """Give the call of an operator the spot is directly in, or in a dict of."""
    for bracket in reversed(spot.brackets[-2:]):
        if bracket.kind == "(":
            return bracket if _CALLEE.fullmatch(bracket.callee) else None
    return None


def _named_job(text: str, call: Bracket) -> str | None:
    """Give the job that the call names, before or after the cursor."""
    match = _JOB.search(text, call.at, call.at + 4000)
    return match["key"] if match else None


def _jobs(contracts: Sequence[StackContract], place: types.Range, *, by_name: bool) -> Iterator[types.CompletionItem]:
    offered: dict[str, list[tuple[StackContract, Job]]] = {}
    for contract in contracts:
        for key, job in contract.contract.jobs.items():
            offered.setdefault(job.name if by_name else key, []).append((contract, job))
    for label, where in sorted(offered.items()):
        stacks = ", ".join(contract.stack for contract, _ in where)
        job = where[0][1]
        parameters = ", ".join(job.parameters) or "none"
        yield types.CompletionItem(
            label,
            kind=types.CompletionItemKind.Constant,
            detail=f"{job.name} ({stacks})",
            documentation=types.MarkupContent(types.MarkupKind.Markdown, f"Parameters: {parameters}\n\n{job.url}"),
            text_edit=types.TextEdit(place, label),
        )


def _parameters(
    contracts: Sequence[StackContract], job: str | None, place: types.Range
) -> Iterator[types.CompletionItem]:
    offered: dict[str, str] = {}
    for contract in contracts:
        for key, found in contract.contract.jobs.items():
            if job in {key, found.name}:
                for name, parameter in found.parameters.items():
                    offered.setdefault(name, f"default {parameter.default!r}, job {key} ({contract.stack})")
    for name, detail in sorted(offered.items()):
        yield types.CompletionItem(
            name, kind=types.CompletionItemKind.Property, detail=detail, text_edit=types.TextEdit(place, name)
        )
