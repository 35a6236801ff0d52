"""The rules' own documentation, at the terminal and for programs."""

import json
import textwrap
from collections.abc import Iterator, Sequence

from airbrick.lint.report.frames import WIDTH
from airbrick.lint.rule import Example, Rule


def rules_as_text(rules: Sequence[Rule], *, listing: bool) -> Iterator[str]:
    """Write rules for people.

    :param listing: whether one line each is enough.
    """
    if listing:
        width = max(len(rule.name) for rule in rules)
        yield from (f"{rule.code}  {rule.name:<{width}}  {_fixable(rule)}" for rule in rules)
        return
    for rule in rules:
        yield f"{rule.code} {rule.name} ({rule.severity.value}{', fix: ' + rule.fix.value if rule.fix else ''})"
        yield ""
        yield from textwrap.wrap(f"{rule.summary}.", WIDTH)
        yield ""
        yield from textwrap.wrap(rule.why, WIDTH)
        for title, examples in (("Bad", rule.bad), ("Good", rule.good)):
            for example in examples:
                yield ""
                yield f"{title}{_needs(example)}:"
                yield ""
                yield from (f"    {line}".rstrip() for line in example.code.splitlines())
        if rule.options:
            yield ""
            yield f"Options, under [tool.airbrick.rules.{rule.code}]:"
            yield from (f"    {name} = {option.default}: {option.summary}" for name, option in rule.options.items())


def _needs(example: Example) -> str:
    """Say in which contract and under which settings an example is what its title says."""
    jobs = " and ".join(f"{job}({', '.join(names)})" for job, names in example.contract.items())
    settings = ", ".join(f"{name} = {json.dumps(value)}" for name, value in example.config.items())
    contract = f", where the contract has the job{'s' if len(example.contract) > 1 else ''} {jobs}" if jobs else ""
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
        "recommended": rule.recommended,
        "needs_contract": rule.needs_contract,
        "bad": [_example(example) for example in rule.bad],
        "good": [_example(example) for example in rule.good],
        "options": {
            name: {"default": option.default, "summary": option.summary} for name, option in rule.options.items()
        },
    }


def _example(example: Example) -> dict[str, object]:
    return {
        "code": example.code,
        "contract": {job: list(names) for job, names in example.contract.items()},
        "config": dict(example.config),
    }
