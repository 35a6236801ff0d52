"""The language server: what the client says, and what it is told."""

import asyncio
from importlib import metadata
from pathlib import Path
from typing import Final

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from airbrick.lint.editor.completion import completions_at
from airbrick.lint.editor.diagnostics import FIX_ALL, actions_of, diagnostics_of, finding_at, named_rule
from airbrick.lint.editor.documents import Checked, check
from airbrick.lint.editor.positions import Positions
from airbrick.lint.errors import LintError
from airbrick.lint.registry import find_rule
from airbrick.lint.report.pages import rule_page

PAUSE_S: Final = 0.2
"""Since the last letter that was typed, before a document is linted."""

_WATCHED: Final = ("**/airbrick.contract.*.json", "**/airbrick.baseline.json", "**/airbrick.toml", "**/pyproject.toml")


class LintServer(LanguageServer):
    """Keeps what was found in the open documents."""

    def __init__(self) -> None:
        super().__init__(
            "airbrick", metadata.version("airbrick"), text_document_sync_kind=types.TextDocumentSyncKind.Full
        )
        self._checked: dict[str, tuple[int | None, Checked]] = {}
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._told: set[str] = set()

    def checked(self, uri: str) -> Checked | None:
        """Give what is found in a document as it stands; ``None`` for one that is no file, or is not open."""
        document = self.workspace.text_documents.get(uri)
        path = to_fs_path(uri)
        if document is None or path is None:
            return None
        known = self._checked.get(uri)
        if known is None or known[0] != document.version:
            known = self._checked[uri] = (document.version, check(Path(path), document.source))
        return known[1]

    def positions(self, checked: Checked) -> Positions:
        """Give the places of a document in the units the client wants."""
        encoding = self.workspace.position_encoding or types.PositionEncodingKind.Utf16
        return Positions(checked.source, types.PositionEncodingKind(encoding))

    def publish(self, uri: str) -> None:
        """Lint a document and tell what is found."""
        self._waiting.pop(uri, None)
        document = self.workspace.text_documents.get(uri)
        diagnostics: list[types.Diagnostic] = []
        try:
            checked = self.checked(uri)
        except LintError as error:
            self._tell(str(error))
            checked = None
        if checked is not None:
            diagnostics = diagnostics_of(checked, self.positions(checked))
            for message in checked.errors:
                self._tell(message)
        version = document.version if document is not None else None
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version))

    def publish_soon(self, uri: str) -> None:
        """Lint a document once nothing is typed for a moment."""
        waiting = self._waiting.pop(uri, None)
        if waiting is not None:
            waiting.cancel()
        self._waiting[uri] = asyncio.get_running_loop().call_later(PAUSE_S, self.publish, uri)

    def forget(self, uri: str) -> None:
        """Close a document."""
        waiting = self._waiting.pop(uri, None)
        if waiting is not None:
            waiting.cancel()
        self._checked.pop(uri, None)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def publish_all(self) -> None:
        """Lint every open document, because something around them has changed."""
        self._checked.clear()
        self._told.clear()
        for uri in list(self.workspace.text_documents):
            self.publish(uri)

    def _tell(self, message: str) -> None:
        # Said at every letter, a broken configuration would keep anyone from mending it.
        if message not in self._told:
            self._told.add(message)
            self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"airbrick: {message}"))


def make_server() -> LintServer:
    """Make a server that is ready to start."""
    server = LintServer()
    _follow_documents(server)
    _answer_questions(server)
    return server


def _follow_documents(server: LintServer) -> None:
    @server.feature(types.INITIALIZED)
    async def initialized(_params: types.InitializedParams) -> None:
        workspace = server.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace is not None else None
        if watching is not None and watching.dynamic_registration:
            watchers = [types.FileSystemWatcher(glob_pattern=pattern) for pattern in _WATCHED]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            registration = types.Registration("watch", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            await server.client_register_capability_async(types.RegistrationParams([registration]))

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        server.publish(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        server.publish_soon(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(_params: types.DidSaveTextDocumentParams) -> None:
        # Other documents may import what was saved.
        server.publish_all()

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        server.forget(params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_watched_files(_params: types.DidChangeWatchedFilesParams) -> None:
        server.publish_all()


def _answer_questions(server: LintServer) -> None:
    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL]),
    )
    def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        uri = params.text_document.uri
        checked = _checked(server, uri)
        if checked is None:
            return []
        only = tuple(str(getattr(kind, "value", kind)) for kind in params.context.only or ())
        return list(actions_of(checked, server.positions(checked), params.range, uri, only))

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        checked = _checked(server, params.text_document.uri)
        return _hover(checked, server.positions(checked), params.position) if checked is not None else None

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=['"', "'"]))
    def completion(params: types.CompletionParams) -> list[types.CompletionItem]:
        checked = _checked(server, params.text_document.uri)
        if checked is None:
            return []
        positions = server.positions(checked)
        return completions_at(positions.offset(params.position), positions, checked.contracts)


def _checked(server: LintServer, uri: str) -> Checked | None:
    try:
        return server.checked(uri)
    except LintError:
        # It was told when the document was linted.
        return None


def _hover(checked: Checked, positions: Positions, at: types.Position) -> types.Hover | None:
    offset = positions.offset(at)
    finding = finding_at(checked, offset)
    line, column = checked.source.position(offset)
    code = finding.code if finding is not None else named_rule(checked.source.line_text(line), column - 1)
    rule = find_rule(code) if code else None
    if rule is None:
        return None
    place = positions.range(finding.span) if finding is not None else None
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, rule_page(rule)), place)
