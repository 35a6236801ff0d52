"""A rule's page: for the documentation, and for editors that show it."""

import json
from collections.abc import Iterator

from airbrick.lint.report.rules import explained, needs, plain
from airbrick.lint.rule import Preset, Rule

_FIXES = {
    None: "none",
    "safe": "safe: `--fix` applies it",
    "unsafe": "unsafe, because it may change what the code does: `--fix --unsafe-fixes` applies it",
}
_PRESETS = {
    Preset.RECOMMENDED: "on by default",
    Preset.STRICT: "on with `strict`",
    Preset.ALL: "on only when selected, or with `ALL`",
}


def rule_page(rule: Rule, *, level: int = 1) -> str:
    """Write a rule as Markdown.

    :param level: that of its heading.
    """
    return "\n\n".join(_sections(rule, level)) + "\n"


def _sections(rule: Rule, level: int) -> Iterator[str]:
    yield f"{'#' * level} {rule.code} {rule.name}"
    yield f"{rule.summary}."
    fix = _FIXES[rule.fix.value if rule.fix else None]
    row = f"| {rule.severity.value} | {_PRESETS[rule.preset]} | {fix} |"
    yield f"| severity | preset | fix |\n| --- | --- | --- |\n{row}"
    yield rule.why
    if rule.needs_contract:
        yield "It compares the code with what a stack provisioned, and is silent where no contract is found."
    for title, examples in (("Reported", rule.bad), ("Not reported", rule.good)):
        for example in examples:
            yield f"**{title}**{needs(example)}:"
            yield f"```python\n{example.code}```"
    if rule.options:
        yield f"**Options**, under `[tool.airbrick.rules.{rule.code}]`:"
        yield "\n".join(
            f"- `{option.name} = {json.dumps(plain(option.default), ensure_ascii=False)}`: {explained(option)}"
            for option in rule.options
        )
