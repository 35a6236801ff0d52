"""The rules' own documentation, at the terminal and for programs."""

import json
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from airbrick.lint.report.colours import DEFAULT_WIDTH
from airbrick.lint.rule import Example, Option, Preset, Rule


def rules_as_text(rules: Sequence[Rule], *, listing: bool) -> Iterator[str]:
    """Write rules for people.

    :param listing: whether one line each is enough.
    """
    if listing:
        width = max(len(rule.name) for rule in rules)
        yield from (f"{rule.code}  {rule.name:<{width}}  {_fixable(rule)}" for rule in rules)
        return
    for rule in rules:
        fix = f", fix: {rule.fix.value}" if rule.fix else ""
        preset = "" if rule.preset is Preset.RECOMMENDED else f", only in {rule.preset.value}"
        yield f"{rule.code} {rule.name} ({rule.severity.value}{fix}{preset})"
        yield ""
        yield from textwrap.wrap(f"{rule.summary}.", DEFAULT_WIDTH)
        yield ""
        yield from textwrap.wrap(rule.why, DEFAULT_WIDTH)
        for title, examples in (("Bad", rule.bad), ("Good", rule.good)):
            for example in examples:
                yield ""
                yield from textwrap.wrap(f"{title}{needs(example)}:", DEFAULT_WIDTH)
                yield ""
                yield from (f"    {line}".rstrip() for line in example.code.splitlines())
        if rule.options:
            yield ""
            yield f"Options, under [tool.airbrick.rules.{rule.code}]:"
            for option in rule.options:
                yield ""
                yield f"    {option.name} = {_toml(option.default)}"
                yield from textwrap.wrap(
                    explained(option), DEFAULT_WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 8
                )


def plain(default: object) -> object:
    """Give a default as it is written in a configuration."""
    if isinstance(default, tuple):
        versions = bool(default) and all(isinstance(part, int) for part in default)
        return ".".join(map(str, default)) if versions else list(default)
    return default


def _toml(default: object) -> str:
    return json.dumps(plain(default), ensure_ascii=False)


def explained(option: Option[Any]) -> str:
    """Say what an option means and what it takes."""
    limits = f" (at least {option.minimum:g})" if option.minimum is not None else ""
    limits += f" (one of {', '.join(option.choices)})" if option.choices else ""
    return f"{option.summary}{limits}"


def needs(example: Example) -> str:
    """Say in which contract and under which settings an example is what its title says."""
    jobs = " and ".join(f"{job}({', '.join(names)})" for job, names in example.contract.items())
    settings = ", ".join(f"{name} = {json.dumps(value)}" for name, value in example.config.items())
    more = "".join(f", {name} = {json.dumps(value)}" for name, value in example.job.items())
    more += "".join(f", whose task {key} runs {path}" for key, path in example.notebooks.items())
    holds = [f"the job{'s' if len(example.contract) > 1 else ''} {jobs}{more}"] if jobs else []
    if example.connections:
        holds.append(f"the connection{'s' if len(example.connections) > 1 else ''} {', '.join(example.connections)}")
    if example.files:
        holds.append(f"the deployed files {', '.join(example.files)}")
    contract = f", where the contract has {' and '.join(holds)}" if holds else ""
    return contract + (f", with {settings} under [tool.airbrick]" if settings else "")


def _fixable(rule: Rule) -> str:
    return {None: "", "safe": "fix", "unsafe": "unsafe fix"}[rule.fix.value if rule.fix else None]


def rules_as_json(rules: Sequence[Rule]) -> str:
    """Write rules for programs; pages of documentation are made from this."""
    return json.dumps([_rule(rule) for rule in rules], indent=2, ensure_ascii=False)


def _rule(rule: Rule) -> dict[str, object]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "summary": rule.summary,
        "why": rule.why,
        "fix": rule.fix.value if rule.fix else None,
        "preset": rule.preset.value,
        "needs_contract": rule.needs_contract,
        "bad": [_example(example) for example in rule.bad],
        "good": [_example(example) for example in rule.good],
        "options": {
            option.name: {
                "default": plain(option.default),
                "summary": option.summary,
                "schema": option.kind.schema(),
            }
            for option in rule.options
        },
    }


def _example(example: Example) -> dict[str, object]:
    return {
        "code": example.code,
        "contract": {job: list(names) for job, names in example.contract.items()},
        "job": dict(example.job),
        "notebooks": dict(example.notebooks),
        "connections": list(example.connections),
        "files": list(example.files),
        "config": dict(example.config),
    }
