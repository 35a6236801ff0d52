"""The notifications of the Jobs and Clusters APIs; written by tools/generate_iac_types.py."""

# ruff: noqa: PYI051 - editors offer the known values, and another is passed on with a warning

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Required, TypedDict

from pulumi import Input


class JobEmailNotifications(TypedDict, total=False):
    """The API's ``JobEmailNotifications``."""

    no_alert_for_skipped_runs: Input[bool]
    on_duration_warning_threshold_exceeded: Input[Sequence[Input[str]]]
    on_failure: Input[Sequence[Input[str]]]
    on_maintenance_complete: Input[Sequence[Input[str]]]
    on_maintenance_start: Input[Sequence[Input[str]]]
    on_start: Input[Sequence[Input[str]]]
    on_streaming_backlog_exceeded: Input[Sequence[Input[str]]]
    on_success: Input[Sequence[Input[str]]]


class JobsHealthRule(TypedDict, total=False):
    """The API's ``JobsHealthRule``."""

    metric: Required[
        Input[
            Literal[
                "RUN_DURATION_SECONDS",
                "STREAMING_BACKLOG_BYTES",
                "STREAMING_BACKLOG_FILES",
                "STREAMING_BACKLOG_RECORDS",
                "STREAMING_BACKLOG_SECONDS",
            ]
            | str
        ]
    ]
    op: Required[Input[Literal["GREATER_THAN"] | str]]
    value: Required[Input[int]]


class JobsHealthRules(TypedDict, total=False):
    """The API's ``JobsHealthRules``."""

    rules: Input[Sequence[Input[JobsHealthRule]]]


class TaskEmailNotifications(TypedDict, total=False):
    """The API's ``TaskEmailNotifications``."""

    no_alert_for_skipped_runs: Input[bool]
    on_duration_warning_threshold_exceeded: Input[Sequence[Input[str]]]
    on_failure: Input[Sequence[Input[str]]]
    on_maintenance_complete: Input[Sequence[Input[str]]]
    on_maintenance_start: Input[Sequence[Input[str]]]
    on_start: Input[Sequence[Input[str]]]
    on_streaming_backlog_exceeded: Input[Sequence[Input[str]]]
    on_success: Input[Sequence[Input[str]]]


class Webhook(TypedDict, total=False):
    """The API's ``Webhook``."""

    id: Required[Input[str]]


class WebhookNotifications(TypedDict, total=False):
    """The API's ``WebhookNotifications``."""

    on_duration_warning_threshold_exceeded: Input[Sequence[Input[Webhook]]]
    on_failure: Input[Sequence[Input[Webhook]]]
    on_maintenance_complete: Input[Sequence[Input[Webhook]]]
    on_maintenance_start: Input[Sequence[Input[Webhook]]]
    on_start: Input[Sequence[Input[Webhook]]]
    on_streaming_backlog_exceeded: Input[Sequence[Input[Webhook]]]
    on_success: Input[Sequence[Input[Webhook]]]
