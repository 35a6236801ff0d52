"""``airbrick lsp``, driven by pygls' client over a real pipe."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from lsprotocol import types
from pygls.lsp.client import LanguageClient
from tests.lint.workbench import contract_of, dag_file

from airbrick.cli import main
from airbrick.contract import write
from airbrick.lint.baseline_finder import FILE_NAME as BASELINE

BAD = dag_file('with DAG("d"):\n    DatabricksRunNowOperator(task_id="t", job_id=1)\n')
LINE = dag_file("").count("\n") + 1
PATIENCE_S = 60.0


class Editor:
    """A client with a document or two."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.folder = Path()
        self.opened: list[str] = []
        self.told: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.messages: asyncio.Queue[str] = asyncio.Queue()
        self.version = 0

        @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]
        def told(params: types.PublishDiagnosticsParams) -> None:
            self.told.put_nowait(params)

        @client.feature(types.WINDOW_SHOW_MESSAGE)  # type: ignore[untyped-decorator]
        def message(params: types.ShowMessageParams) -> None:
            self.messages.put_nowait(params.message)

    def uri(self, name: str = "dag.py") -> str:
        return (self.folder / name).as_uri()

    def open(self, text: str, name: str = "dag.py") -> None:
        item = types.TextDocumentItem(self.uri(name), "python", self.version, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        self.opened.append(name)

    async def close_all(self) -> None:
        for name in self.opened:
            document = types.TextDocumentIdentifier(self.uri(name))
            self.client.text_document_did_close(types.DidCloseTextDocumentParams(document))
            while (told := await asyncio.wait_for(self.told.get(), PATIENCE_S)).version is not None:
                assert told.uri
            assert list(told.diagnostics) == []
        self.opened.clear()

    def change(self, text: str, name: str = "dag.py") -> None:
        self.version += 1
        document = types.VersionedTextDocumentIdentifier(version=self.version, uri=self.uri(name))
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [whole]))

    async def findings(self, name: str = "dag.py") -> list[types.Diagnostic]:
        """Wait for what is told of a document as it stands."""
        while True:
            told = await asyncio.wait_for(self.told.get(), PATIENCE_S)
            # Pauses in the typing are told, too, on a slow machine.
            if (told.uri, told.version) == (self.uri(name), self.version):
                return list(told.diagnostics)

    async def actions(self, where: types.Range, *only: str) -> list[types.CodeAction]:
        context = types.CodeActionContext(
            [], only=[types.CodeActionKind(k) if k == "quickfix" else k for k in only] or None
        )
        params = types.CodeActionParams(types.TextDocumentIdentifier(self.uri()), where, context)
        found = await self.client.text_document_code_action_async(params)
        return [action for action in found or [] if isinstance(action, types.CodeAction)]

    async def complete(self, text: str) -> list[str]:
        """Complete at the bar in a text."""
        at = text.index("|")
        self.change(text.replace("|", "", 1))
        before = text[:at]
        position = types.Position(before.count("\n"), at - before.rfind("\n") - 1)
        params = types.CompletionParams(types.TextDocumentIdentifier(self.uri()), position)
        found = await self.client.text_document_completion_async(params)
        items = found if isinstance(found, list) else []
        return [item.label for item in items]

    async def hover(self, line: int, character: int) -> str:
        params = types.HoverParams(types.TextDocumentIdentifier(self.uri()), types.Position(line, character))
        found = await self.client.text_document_hover_async(params)
        return found.contents.value if found and isinstance(found.contents, types.MarkupContent) else ""


Play = Callable[[Editor], Coroutine[Any, Any, None]]


@pytest.fixture(scope="module")
def session() -> Iterator[tuple[asyncio.Runner, Editor]]:
    """An editor whose server is a process of its own."""

    async def start() -> Editor:
        client = LanguageClient("test", "1")
        editor = Editor(client)
        await client.start_io(sys.executable, "-m", "airbrick.cli", "lsp")
        await client.initialize_async(types.InitializeParams(types.ClientCapabilities()))
        client.initialized(types.InitializedParams())
        return editor

    async def stop(client: LanguageClient) -> None:
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()  # type: ignore[no-untyped-call]

    with asyncio.Runner() as runner:
        editor = runner.run(start())
        yield runner, editor
        runner.run(stop(editor.client))


@pytest.fixture
def play(session: tuple[asyncio.Runner, Editor], tmp_path: Path) -> Callable[[Play], None]:
    """Run a scene with the editor in a project of its own."""
    (tmp_path / "airbrick.toml").write_text('select = ["DBX201", "DBX801", "DBX9"]\n')
    runner, editor = session
    editor.folder = tmp_path

    async def perform(scene: Play) -> None:
        await scene(editor)
        await editor.close_all()

    return lambda scene: runner.run(perform(scene))


def test_findings_come_as_you_type(play: Callable[[Play], None]) -> None:
    async def scene(editor: Editor) -> None:
        editor.open(BAD)
        (found,) = await editor.findings()
        assert (found.code, found.source, found.severity) == ("DBX201", "airbrick", types.DiagnosticSeverity.Warning)
        assert found.range == types.Range(types.Position(LINE, 4), types.Position(LINE, 28))
        assert "add deferrable=True" in found.message
        editor.change(BAD.replace("job_id=1", "job_id=1, deferrable=True"))
        assert await editor.findings() == []
        editor.change(BAD + "x = (\n")
        assert [found.code for found in await editor.findings()] == ["DBX901"]
        await editor.close_all()

    play(scene)


def test_columns_are_counted_as_the_client_counts(play: Callable[[Play], None]) -> None:
    async def scene(editor: Editor) -> None:
        editor.open(dag_file('with DAG("d"):\n    x = "𝄞é", DatabricksRunNowOperator(task_id="t", job_id=1)\n'))
        (found,) = await editor.findings()
        # The clef takes two units of UTF-16.
        assert found.range.start.character == len('    x = "__é", ')

    play(scene)


def test_quick_fixes_mend_and_suppress(play: Callable[[Play], None]) -> None:
    async def scene(editor: Editor) -> None:
        editor.open(BAD)
        (found,) = await editor.findings()
        fix, suppress = await editor.actions(found.range)
        assert fix.title == "Add deferrable=True (unsafe)"
        assert fix.edit is not None
        assert fix.edit.changes is not None
        (edit,) = fix.edit.changes[editor.uri()]
        assert edit.new_text == ", deferrable=True"
        assert (
            edit.range.start
            == edit.range.end
            == types.Position(LINE, len('    DatabricksRunNowOperator(task_id="t", job_id=1'))
        )
        assert suppress.title == "Suppress DBX201 missing-deferrable here"
        assert suppress.edit is not None
        assert suppress.edit.changes is not None
        (edit,) = suppress.edit.changes[editor.uri()]
        assert edit.new_text == BAD.replace("job_id=1)", "job_id=1)  # airbrick: ignore[DBX201]")
        elsewhere = types.Range(types.Position(0, 0), types.Position(0, 1))
        assert await editor.actions(elsewhere) == []
        assert await editor.actions(found.range, "refactor") == []

    play(scene)


def test_all_safe_fixes_at_once(play: Callable[[Play], None]) -> None:
    async def scene(editor: Editor) -> None:
        text = BAD.replace("job_id=1", "job_id=1, deferrable=True")
        editor.open(text.replace("True)", "True)  # airbrick: ignore[DBX201]"))
        (found,) = await editor.findings()
        assert found.code == "DBX902"
        (action,) = await editor.actions(found.range, "source.fixAll")
        assert action.edit is not None
        assert action.edit.changes is not None
        (edit,) = action.edit.changes[editor.uri()]
        assert edit.new_text == text

    play(scene)


def test_what_a_baseline_holds_is_not_mended_with_the_rest(play: Callable[[Play], None], tmp_path: Path) -> None:
    known = "x = 1  # airbrick: ignore[DBX201]\n"
    (tmp_path / "airbrick.toml").write_text('select = ["DBX201", "DBX202", "DBX9"]\n')
    (tmp_path / "dag.py").write_text(dag_file(known))
    created = CliRunner().invoke(main, ["baseline", "create", str(tmp_path), "--file", str(tmp_path / BASELINE)])
    assert created.exit_code == 0

    async def scene(editor: Editor) -> None:
        editor.open(dag_file(known + "y = 2  # airbrick: ignore[DBX202]\n"))
        (found,) = await editor.findings()
        (action,) = await editor.actions(found.range, "source.fixAll")
        assert action.edit is not None
        assert action.edit.changes is not None
        (edit,) = action.edit.changes[editor.uri()]
        assert edit.new_text == dag_file(known + "y = 2\n")

    play(scene)


def test_the_rules_page_is_shown(play: Callable[[Play], None]) -> None:
    async def scene(editor: Editor) -> None:
        editor.open(BAD + "# airbrick: file-ignore[DBX301]\n")
        await editor.findings()
        page = await editor.hover(LINE, 10)
        assert page.startswith("# DBX201 missing-deferrable\n")
        assert "```python" in page
        assert (await editor.hover(LINE + 1, 26)).startswith("# DBX301 unbounded-active-runs\n")
        assert await editor.hover(0, 3) == ""

    play(scene)


def test_jobs_and_parameters_come_from_the_contract(play: Callable[[Play], None], tmp_path: Path) -> None:
    write(tmp_path / "airbrick.contract.dev.json", contract_of({"nightly": ("run_date", "region"), "weekly": ()}))

    async def scene(editor: Editor) -> None:
        editor.open("")
        await editor.findings()
        start = 'with DAG("d"):\n    '
        for text, labels in {
            'RunNowOperator(task_id="t", job="|")': ["nightly", "weekly"],
            'RunNowOperator(task_id="t", job="|': ["nightly", "weekly"],
            "RunNowOperator(job='ni|')": ["nightly", "weekly"],
            'RunNowOperator(task_id="|", job="nightly")': [],
            'print(job="|")': [],
            'DatabricksRunNowOperator(job_name="|")': ["nightly job", "weekly job"],
            'RunNowOperator(job="nightly", job_parameters={"|"})': ["region", "run_date"],
            'RunNowOperator(job_parameters={"run_date": "{{ ds }}", "|"}, job="nightly")': ["region", "run_date"],
            'RunNowOperator(job="nightly", job_parameters={"run_date": "|"})': [],
            'RunNowOperator(job="weekly", job_parameters={"|"})': [],
        }.items():
            assert await editor.complete(dag_file(start + text)) == labels, text

    play(scene)


def test_a_contract_that_changes_changes_what_is_found(play: Callable[[Play], None], tmp_path: Path) -> None:
    contract = tmp_path / "airbrick.contract.dev.json"
    write(contract, contract_of({}))

    async def scene(editor: Editor) -> None:
        editor.open(dag_file('with DAG("d"):\n    RunNowOperator(task_id="t", job="nightly")\n'))
        (found,) = await editor.findings()
        assert found.code == "DBX801"
        write(contract, contract_of({"nightly": ()}))
        event = types.FileEvent(contract.as_uri(), types.FileChangeType.Changed)
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
        assert await editor.findings() == []

    play(scene)


def test_a_broken_configuration_is_told_once_and_mended(play: Callable[[Play], None], tmp_path: Path) -> None:
    config = tmp_path / "airbrick.toml"
    good = config.read_text()
    config.write_text("selct = []")

    async def scene(editor: Editor) -> None:
        editor.open(BAD)
        assert await editor.findings() == []
        assert "did you mean select?" in await asyncio.wait_for(editor.messages.get(), PATIENCE_S)
        editor.change(BAD + "\n")
        assert await editor.findings() == []
        assert editor.messages.empty()
        config.write_text(good)
        saved = types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(editor.uri()))
        editor.client.text_document_did_save(saved)
        assert [found.code for found in await editor.findings()] == ["DBX201"]

    play(scene)


def test_known_and_excluded_files_are_silent(play: Callable[[Play], None], tmp_path: Path) -> None:
    config = tmp_path / "airbrick.toml"
    config.write_text(config.read_text() + 'exclude = ["old.py"]\n')
    (tmp_path / "old.py").write_text(BAD)

    async def scene(editor: Editor) -> None:
        editor.open(BAD, "old.py")
        assert await editor.findings("old.py") == []
        editor.open(BAD, "new.py")
        assert len(await editor.findings("new.py")) == 1

    play(scene)
