"""Notebook source files: which language, which header line."""

from __future__ import annotations

from airbrick.emulator.errors import invalid_parameter

# language -> (extension, header line)
LANGUAGES = {
    "PYTHON": (".py", "# Databricks notebook source"),
    "SQL": (".sql", "-- Databricks notebook source"),
    "SCALA": (".scala", "// Databricks notebook source"),
    "R": (".r", "# Databricks notebook source"),
}


def notebook_language(path: str, content: bytes) -> str | None:
    """Return the language when extension and header line say that a file is a notebook, else None."""
    first = content[:200].lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0].strip()
    for language, (extension, header) in LANGUAGES.items():
        if path.lower().endswith(extension) and first == header.encode():
            return language
    return None


def without_extension(path: str) -> str:
    """Return the path of the notebook that is made of a source file."""
    for extension, _ in LANGUAGES.values():
        if path.lower().endswith(extension):
            return path[: -len(extension)]
    return path


def as_source(language: str, content: bytes) -> bytes:
    """Return a notebook's source with its header line."""
    if language not in LANGUAGES:
        raise invalid_parameter(f"language must be one of {', '.join(LANGUAGES)}")
    header = LANGUAGES[language][1].encode()
    first = content.lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0].strip()
    return content if first == header else header + b"\n" + content
