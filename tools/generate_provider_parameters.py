"""Write what the official Databricks provider's operators take, for the test of the linter's knowledge.

Run it with the folder a wheel of ``apache-airflow-providers-databricks`` was unpacked to, or the site-packages it is
installed in; nothing is imported. The file is compared with the linter's knowledge by a test.
"""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "tests/lint/provider_parameters.json"
FOLDERS = ("operators", "sensors", "utils")


def main() -> None:
    """Write the file."""
    root = Path(sys.argv[1]) / "airflow/providers/databricks"
    classes: dict[str, ast.ClassDef] = {}
    public: set[str] = set()
    for folder in FOLDERS:
        for path in sorted((root / folder).glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    classes.setdefault(node.name, node)
                    if folder != "utils" and node.name.startswith("Databricks"):
                        public.add(node.name)
    taking = {name: _parameters(name, classes) for name in sorted(public)}
    document = {
        "version": _version(root / "__init__.py"),
        "classes": {name: parameters for name, parameters in taking.items() if parameters},
    }
    TARGET.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(document['classes'])} classes of provider {document['version']}")


def _parameters(name: str, classes: dict[str, ast.ClassDef]) -> dict[str, str | None]:
    """Give the parameters of a constructor and of those it hands its ``**kwargs`` to, with their defaults as code."""
    node = classes.get(name)
    if node is None:
        return {}
    init = next((n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"), None)
    own: dict[str, str | None] = {}
    if init is not None:
        arguments = init.args
        padding = [None] * (len(arguments.args) - len(arguments.defaults))
        pairs = [*zip(arguments.args, [*padding, *arguments.defaults], strict=True)]
        pairs += zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        own = {a.arg: None if default is None else ast.unparse(default) for a, default in pairs if a.arg != "self"}
        if arguments.kwarg is None:
            return own
    for base in node.bases:
        inherited = _parameters(ast.unparse(base).rpartition(".")[2], classes)
        own = {**inherited, **own}
    return dict(sorted(own.items()))


def _version(path: Path) -> str:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__version__":
            return str(ast.literal_eval(node.value))
    raise LookupError(path)


if __name__ == "__main__":
    main()
