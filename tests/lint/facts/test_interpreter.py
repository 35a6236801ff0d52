"""Facts: what the engine knows, and what it admits not to know."""

import ast
from pathlib import Path

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airbrick.lint.facts.interpreter import HANDLERS, new_world
from airbrick.lint.facts.run import Run
from airbrick.lint.facts.values import (
    Absent,
    CallValue,
    DictValue,
    Fact,
    Known,
    ListValue,
    OneOf,
    Pattern,
    Reference,
    Unknown,
)
from airbrick.lint.parsed import ParsedFile
from airbrick.lint.source import SourceFile

CLASSES = """\
class C:
    def __init__(self):
        self.a = 1
class D(C):
    def __init__(self):
        super().__init__()
"""
CHAIN = "\n".join(f"def f{i}(): return f{i + 1}()" for i in range(8)) + "\ndef f8(): return 1\nx = f0()"
NESTED = "".join(f"{' ' * i}for i{i} in range(20):\n" for i in range(5)) + "     x = i0"


def run(text: str, path: Path = Path("/nowhere/dag.py")) -> Run:
    file = ParsedFile(SourceFile(path, text), ast.parse(text), cst.parse_module(text))
    state = Run(file, HANDLERS, new_world())
    state.execute(file.module.body)
    return state


def fact_of(text: str, name: str = "x", path: Path = Path("/nowhere/dag.py")) -> Fact:
    state = run(text, path)
    found = state.frame.lookup(name)
    assert found is not None, f"{name} is not bound"
    return state.world.follow(found)


def plain(fact: Fact) -> object:  # noqa: PLR0911 - one return for each kind of value
    """Turn a fact into plain Python: unknown things into ..., absent ones into the text "absent"."""
    if isinstance(fact, Absent):
        return "absent"
    if not isinstance(fact, Known):
        return ...
    value = fact.value
    if isinstance(value, DictValue):
        made: dict[object, object] = {key: plain(inner) for key, inner in value.items()}
        return made | ({...: ...} if value.open else {})
    if isinstance(value, ListValue):
        items = [plain(item) for item in value.items] + ([...] if value.open else [])
        return tuple(items) if value.kind == "tuple" else items
    if isinstance(value, Pattern):
        return "".join("*" if part is None else part for part in value.parts)
    if isinstance(value, OneOf):
        return {repr(plain(alternative)) for alternative in value.alternatives}
    if isinstance(value, Reference):
        return f"<{'|'.join(value.names)}>"
    return f"<{value.callee.names[0]}()>" if isinstance(value, CallValue) else value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1", 1),
        ("x = -1.5", -1.5),
        ("x = 1_000", 1000),
        ("x = 0x10", 16),
        ("x = 60 * 60 + 1", 3601),
        ("x = 7 // 2", 3),
        ("x = 1 / 0", ...),
        ("x = not 0", True),
        ("x = 'a'", "a"),
        ("x = 'a' 'b' \"c\"", "abc"),
        (r"x = 'a\tb'", "a\tb"),
        (r"x = r'a\tb'", r"a\tb"),
        ("x = b'a' b'b'", b"ab"),
        ("x = 'a' + 'b'", "ab"),
        ("y = 'b'\nx = f'a{y}c'", "abc"),
        ("x = f'a{y}c'", "a*c"),
        ("x = f'{{{{ ds }}}}'", "{{ ds }}"),
        ("x = f'{1:>5}'", "*"),
        ("x = '%s' % y", "*"),
        ("x = 'a/%s/b' % 'c'", "a/c/b"),
        ("x = 'a/%s/%d' % (1, y)", "a/*"),
        ("import os\nx = os.path.join('a', 'b/', y, 'c')", "a/b/*/c"),
        ("import os\nx = os.path.join('a', '/b')", ...),
        ("x = '{}-{b}-{0}'.format('a', b='c')", "a-c-a"),
        ("x = '{:>9}'.format('a')", "*"),
        ("x = '{'.format()", ...),
        ("x = ' A '.strip().lower()", "a"),
        ("x = 'a'.replace('a', 'b')", "b"),
        ("x = 'a,b'.split(',')", ...),
        ("x = [1, *[2, 3]]", [1, 2, 3]),
        ("x = [1, *y]", [1, ...]),
        ("x = (1, 'a')", (1, "a")),
        ("x = [1] + [2]", [1, 2]),
        ("x = [i for i in [1, 2]]", [1, 2]),
        ("x = [i for i in range(3) if i]", [1, 2]),
        ("x = [i for i in y]", [...]),
        ("x = {k: v for k, v in {'a': 1}.items()}", {"a": 1}),
        ("x = [a + b for a in ['x', 'y'] for b in ['1', '2']]", ["x1", "x2", "y1", "y2"]),
        ("x = list(enumerate(['a'], start=1))", [(1, "a")]),
        ("x = list(zip([1, 2], ['a', 'b']))", [(1, "a"), (2, "b")]),
        ("x = sorted(['b', 'a'])", ["a", "b"]),
        ("x = sorted(['b', y])", [...]),
        ("x = range(1000)", [...]),
        ("x = list({'a': 1})", ["a"]),
        ("x = []\nx.append(1)\nx.extend([2])\nx += [3]", [1, 2, 3]),
        ("x = [1, 2]\nx[0] = 5", [5, 2]),
        ("x = [1]\nx.insert(0, 2)", [1, ...]),
        ("a, b = 1, 2\nx = [a, b]", [1, 2]),
        ("a, *b = y\nx = [a, b]", [..., ...]),
        ("x = int('5')", 5),
        ("x = str(5)", "5"),
        ("x = int('no')", ...),
        ("x = 1 if y else 1", 1),
        ("x = 1 if y else 2", {"1", "2"}),
        ("x = 1 if True else 2", 1),
        ("x = y or 1", ...),
        ("x = None or 1", 1),
        ("x = 1 and 2", 2),
        ("x = (z := 3)\nx = z", 3),
        ("x = lambda: 1\nx = x()", 1),
        ("x = 1\nx = x + 1", 2),
        ("x = 1\ndel x", ...),
        ("import os\nx = os.getenv('A', 'b')", "<os.getenv()>"),
        ("import os\nx = os.environ['A']", ...),
        ("import a.b as c\nx = c.d", "<a.b.d>"),
        ("import a.b\nx = a.b.c", "<a.b.c>"),
        ("from a import b as c\nx = c", "<a.b>"),
        ("try:\n    from a import b\nexcept ImportError:\n    from c import b\nx = b", "<a.b|c.b>"),
        ("try:\n    from a import b\nexcept ImportError:\n    b = None\nx = b", "<a.b>"),
        ("if y:\n    x = 1\nelse:\n    x = 1", 1),
        ("x = 1\nif y:\n    x = 2", {"1", "2"}),
        ("if y:\n    x = 1\nelse:\n    raise ValueError", 1),
        ("if False:\n    x = 2\nelse:\n    x = 1", 1),
        ("x = 1\nif __name__ == '__main__':\n    x = 2", 1),
        ("x = 1\nfor i in [1, 2, 3]:\n    x = i", 3),
        ("x = 1\nfor i in y:\n    x = i", ...),
        ("x = 0\nfor i in [1, 2, 3]:\n    if i == 2:\n        continue\n    x = i", 3),
        ("x = 0\nfor i in [1, 2, 3]:\n    x = i\n    break", 1),
        ("x = 1\nwhile y:\n    x = 2", {"1", "2"}),
        ("with open('f') as f:\n    x = 1", 1),
        ("x = 1\ntry:\n    x = 2\nexcept Exception:\n    pass", {"1", "2"}),
        ("try:\n    x = 1\nfinally:\n    x = 2", 2),
        ("match y:\n    case 1:\n        x = 1\n    case _:\n        x = 1", 1),
        ("x = 1\ndef f():\n    global x\n    x = 2\nf()", {"1", "2"}),
        ("def f(a, b=2, *args, c, d=4, **kw):\n    return [a, b, args, c, d, kw]\nx = f(1, c=3, e=5)",
         [1, 2, (), 3, 4, {"e": 5}]),
        ("def f(a):\n    return a\nx = f(*[1])", 1),
        ("def f(a):\n    return a\nx = f(**{'a': 1})", 1),
        ("def f(a):\n    return a\nx = f(*y)", ...),
        ("def f(n):\n    return f(n)\nx = f(1)", ...),
        ("def f():\n    pass\nx = f()", None),
        ("def f(y):\n    if y:\n        return 1\n    return 1\nx = f(z)", 1),
        ("@decorated\ndef f():\n    return 1\nx = f()", ...),
        ("import functools\n@functools.cache\ndef f():\n    return 1\nx = f()", 1),
        ("from functools import partial\ndef f(a, b):\n    return [a, b]\nx = partial(f, 1)(b=2)", [1, 2]),
        ("class C:\n    A = 1\nx = C.A", 1),
        ("class C:\n    A = 1\nclass D(C):\n    pass\nx = D.A", 1),
        ("class C:\n    A = 1\n    def f(self):\n        return A\nA = 2\nx = C().f()", 2),
        ("class C:\n    def __init__(self, a):\n        self.a = a\nx = C(5).a", 5),
        ("class C:\n    @property\n    def a(self):\n        return 5\nx = C().a", 5),
        ("class C:\n    @staticmethod\n    def f(a):\n        return a\nx = C().f(5)", 5),
        (CLASSES + "x = D().a", 1),
        ("def f():\n    def g():\n        return y\n    y = 1\n    return g()\nx = f()", 1),
        ("def f():\n    n = 1\n    def g():\n        nonlocal n\n        n = 1\n    g()\n    return n\nx = f()", 1),
    ],
)  # fmt: skip
def test_evaluates(text: str, expected: object) -> None:
    assert plain(fact_of(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = {'a': 1, **{'b': 2}, 'a': 3}", {"a": 3, "b": 2}),
        ("x = {**y, 'a': 1}", {"a": 1, ...: ...}),
        ("x = {'a': 1, **y}", {"a": ..., ...: ...}),
        ("x = {'a': 1, y: 2}", {"a": 1, ...: ...}),
        ("x = dict(a=1, **{'b': 2})", {"a": 1, "b": 2}),
        ("x = dict([('a', 1)], b=2)", {"a": 1, "b": 2}),
        ("x = dict(y, b=2)", {"b": 2, ...: ...}),
        ("x = {'a': 1} | {'a': 2}", {"a": 2}),
        ("x = {}\nx |= {'a': 2}", {"a": 2}),
        ("x = {}\nx['a'] = 1\nx.update(b=2)\nx.update({'c': 3})", {"a": 1, "b": 2, "c": 3}),
        ("x = {'a': 1}\nx.update(y)", {"a": ..., ...: ...}),
        ("x = {'a': 1}\nz = x\nz['a'] = 2", {"a": 2}),
        ("x = {'a': 1}\nz = x.copy()\nz['a'] = 2", {"a": 1}),
        ("x = {'a': {'b': 1}}\nx['a']['b'] = 2", {"a": {"b": 2}}),
        ("x = {'a': 1, 'b': 2}\nx.pop('a')", {"b": 2}),
        ("x = {'a': 1, 'b': 2}\ndel x['a']", {"b": 2}),
        ("x = {'a': 1}\nx.setdefault('a', 2)\nx.setdefault('b', 3)", {"a": 1, "b": 3}),
        ("x = {'a': 1}\nx.clear()", {}),
        ("x = {'a': 1}\nif y:\n    x['a'] = 2", {"a": {"1", "2"}}),
        ("x = {'a': 1}\nif y:\n    x['b'] = 2", {"a": 1, "b": ...}),
        ("x = {'a': 1}\nif y:\n    del x['a']", {"a": ...}),
        ("x = {'a': 1}\nfor i in y:\n    x[i] = 2", {"a": 1, ...: ...}),
        ("x = {'a': 1}\nfor i in ['b', 'c']:\n    x[i] = 2", {"a": 1, "b": 2, "c": 2}),
        ("def f(d):\n    d['b'] = 2\nx = {'a': 1}\nf(x)", {"a": 1, "b": 2}),
        ("from z import f\nx = {'a': 1}\nf(x)", {"a": ..., ...: ...}),
        ("x = {'a': 1}\nprint(x)", {"a": 1}),
        ("x = {'a': 1}.get('b', 5)", 5),
        ("x = {'a': 1}['a']", 1),
        ("x = {'a': 1}['b']", ...),
        ("x = {'a': {'b': [1, 2]}}['a']['b'][-1]", 2),
        ("import copy\ny = {'a': {'b': 1}}\nx = copy.deepcopy(y)\nx['a']['b'] = 2\nx = y", {"a": {"b": 1}}),
        ("x = {'a': 1}\nx[y] = 2\nx.pop(y)", {"a": ..., ...: ...}),
        ("x = {'a': 1}\nx.popitem()", {"a": ..., ...: ...}),
        ("x = {'a': 1}\nif y:\n    x.clear()", {"a": ..., ...: ...}),
        ("x = dict([('a', 1), y])", {"a": ..., ...: ...}),
        ("x = {'a': 1}.pop('b', 5)", 5),
        ("x = {'a': 1}.pop('b')", ...),
        ("x = {'a': 1}.get(y)", {"1", "None"}),
        ("x = list({'a': 1}.values())", [1]),
        ("x = {**{'a': 1}.copy(), **dict()}", {"a": 1}),
        ("x = dict(*y)", {...: ...}),
        ("def f(**kw):\n    return kw\nx = f(**y)", {...: ...}),
        ("x = [1]\nif y:\n    x.append(2)", [1, ...]),
        ("x = [1]\nif y:\n    x.extend([2])", [1, ...]),
        ("if y:\n    x = [1]\nelse:\n    x = [1, 2]", [1, ...]),
        ("x = [1].copy()\nx += y", [1, ...]),
        ("x = [1, 2]\nx[y] = 3", [1, 2, ...]),
        ("from collections import OrderedDict\nx = OrderedDict(a=1)", {"a": 1}),
    ],
)
def test_follows_the_algebra_of_dicts(text: str, expected: object) -> None:
    assert plain(fact_of(text)) == expected


LITERALS = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(LITERALS)
def test_literals_are_what_python_makes_of_them(value: object) -> None:
    assert plain(fact_of(f"x = {value!r}")) == value


KEYS = st.sampled_from(["a", "b", "c"])
DICTS = st.dictionaries(KEYS, st.integers(0, 9), max_size=3)
STEPS = st.one_of(
    st.tuples(st.just("x[{0!r}] = {1!r}"), KEYS, st.integers(0, 9)),
    st.tuples(st.just("x.update({0!r})"), DICTS, st.none()),
    st.tuples(st.just("x |= {0!r}"), DICTS, st.none()),
    st.tuples(st.just("x = {{**x, **{0!r}}}"), DICTS, st.none()),
    st.tuples(st.just("x = {{**{0!r}, **x}}"), DICTS, st.none()),
    st.tuples(st.just("x = dict(x, **{0!r})"), DICTS, st.none()),
    st.tuples(st.just("x = x | {0!r}"), DICTS, st.none()),
    st.tuples(st.just("x.pop({0!r}, None)"), KEYS, st.none()),
    st.tuples(st.just("x.setdefault({0!r}, {1!r})"), KEYS, st.integers(0, 9)),
    st.tuples(st.just("y = x.copy(); y[{0!r}] = {1!r}"), KEYS, st.integers(0, 9)),
    st.tuples(st.just("y = x; y[{0!r}] = {1!r}"), KEYS, st.integers(0, 9)),
    st.tuples(st.just("for k in {0!r}: x[k] = 1"), DICTS, st.none()),
    st.tuples(st.just("x = {{k: v for k, v in x.items()}}"), st.none(), st.none()),
)


@settings(max_examples=150)
@given(st.lists(STEPS, max_size=8))
def test_a_chain_of_changes_ends_where_python_ends(steps: list[tuple[str, object, object]]) -> None:
    text = "x = {}\n" + "".join(template.format(*values) + "\n" for template, *values in steps)
    namespace: dict[str, object] = {}
    exec(text, namespace)
    assert plain(fact_of(text)) == namespace["x"]


@settings(max_examples=100)
@given(st.lists(st.tuples(STEPS, st.booleans()), max_size=6), st.lists(st.booleans(), min_size=6, max_size=6))
def test_what_is_known_holds_on_every_way_through_branches(
    steps: list[tuple[tuple[str, object, object], bool]], taken: list[bool]
) -> None:
    """Whatever way the program takes, no known value is wrong and no key proved absent exists."""
    lines = ["x = {'a': 0}"]
    for index, ((template, *values), branch) in enumerate(steps):
        line = template.format(*values)
        lines.append(f"if flags[{index}]:\n    {line}" if branch and not line.startswith("for") else line)
    text = "\n".join(lines)
    namespace: dict[str, object] = {"flags": taken}
    exec(text, namespace)
    real = namespace["x"]
    assert isinstance(real, dict)
    fact = fact_of(f"from world import flags\n{text}")
    if isinstance(fact, Known) and isinstance(fact.value, DictValue):
        for key in ("a", "b", "c"):
            told = fact.value.get(key)
            if isinstance(told, Absent):
                assert key not in real
            elif isinstance(told, Known) and not isinstance(told.value, OneOf):
                assert real[key] == told.value


def test_unknown_facts_say_why() -> None:
    fact = fact_of("x = undefined")
    assert isinstance(fact, Unknown)
    assert fact.why == "undefined is not defined in this file"


def test_facts_point_to_where_the_value_was_written() -> None:
    fact = fact_of("y = {\n  'a': 1}\nx = y")
    assert isinstance(fact, Known)
    assert fact.where is not None
    assert fact.where.span.line == 1
    assert repr(fact.where).endswith("dag.py:1:5)")


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "+".join(["1"] * 900),
        "x = a" + ".b" * 900,
        "x = a" + ".f()" * 300,
        "x = " + " and ".join(["True"] * 900),
        "x = " + " ".join(["'a'"] * 900),
        "x = " + "[" * 90 + "]" * 90,
        "x = " + "-" * 300 + "1",
        "x = " + "a if b else " * 200 + "c",
        "if a:\n  x = 1\n" + "elif a:\n  x = 1\n" * 300,
        "\n".join(f"{' ' * i}if a:" for i in range(60)) + "\n" + " " * 60 + "x = 1",
        "def f(n):\n    return f(n - 1) + f(n - 2)\nx = f(30)",
        CHAIN,
        f"x = 1\n{NESTED}",
        "x = 'a' * 10**12",
        "x = 10**10 * 10**25 * 10**25",
    ],
)
def test_unusual_code_is_followed_or_given_up_but_ends(text: str) -> None:
    assert fact_of(text) is not None


def test_imports_from_files_beside_are_followed(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text(
        "from settings.base import *\nARGS = {'retries': RETRIES}\nclass C:\n    D = 7\n"
    )
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "base.py").write_text("from ..other import RETRIES\n_HIDDEN = 1\n")
    (tmp_path / "other.py").write_text("RETRIES = 3\n")
    path = tmp_path / "dag.py"
    for text in (
        "from config import ARGS\nx = ARGS['retries']",
        "import config\nx = {**config.ARGS}['retries']",
        "import config as c\nx = c.ARGS['retries']",
        "from config import *\nx = ARGS['retries']",
        "from . import config\nx = dict(config.ARGS)['retries']",
        "from config import C as D\nx = D.D - 4",
        "from settings.base import RETRIES\nx = RETRIES",
    ):
        assert plain(fact_of(text, path=path)) == 3, text
    assert plain(fact_of("from config import _HIDDEN\nx = _HIDDEN + 1", path=path)) is ...


def test_files_that_import_each_other_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("from b import X\n")
    (tmp_path / "b.py").write_text("from a import X\n")
    assert plain(fact_of("from a import X\nx = {**X}", path=tmp_path / "dag.py")) == {...: ...}


@pytest.mark.parametrize("content", [b"x = (", b"\xff\xfe", b"x = 1\0", b""])
def test_files_beside_that_cannot_be_read_are_not_known(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.py").write_bytes(content)
    assert plain(fact_of("from broken import *\nx = {**y}", path=tmp_path / "dag.py")) == {...: ...}
