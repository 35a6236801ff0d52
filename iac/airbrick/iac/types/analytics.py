"""The analytics of the Jobs and Clusters APIs; written by tools/generate_iac_types.py."""

# ruff: noqa: PYI051 - editors offer the known values, and another is passed on with a warning

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Required, TypedDict

from pulumi import Input


class AlertTask(TypedDict, total=False):
    """The API's ``AlertTask``."""

    alert_id: Input[str]
    parameters: Input[Mapping[str, Input[str]]]
    subscribers: Input[Sequence[Input[AlertTaskSubscriber]]]
    warehouse_id: Input[str]
    workspace_path: Input[str]


class AlertTaskSubscriber(TypedDict, total=False):
    """The API's ``AlertTaskSubscriber``."""

    destination_id: Input[str]
    user_name: Input[str]


class DashboardTask(TypedDict, total=False):
    """The API's ``DashboardTask``."""

    dashboard_id: Input[str]
    filters: Input[Mapping[str, Input[str]]]
    subscription: Input[Subscription]
    warehouse_id: Input[str]


class PowerBiModel(TypedDict, total=False):
    """The API's ``PowerBiModel``."""

    authentication_method: Input[Literal["OAUTH", "PAT"] | str]
    model_name: Input[str]
    overwrite_existing: Input[bool]
    storage_mode: Input[Literal["DIRECT_QUERY", "DUAL", "IMPORT"] | str]
    workspace_name: Input[str]


class PowerBiTable(TypedDict, total=False):
    """The API's ``PowerBiTable``."""

    catalog: Input[str]
    name: Input[str]
    schema: Input[str]
    storage_mode: Input[Literal["DIRECT_QUERY", "DUAL", "IMPORT"] | str]


class PowerBiTask(TypedDict, total=False):
    """The API's ``PowerBiTask``."""

    connection_resource_name: Input[str]
    power_bi_model: Input[PowerBiModel]
    refresh_after_update: Input[bool]
    tables: Input[Sequence[Input[PowerBiTable]]]
    warehouse_id: Input[str]


class SqlTask(TypedDict, total=False):
    """The API's ``SqlTask``."""

    alert: Input[SqlTaskAlert]
    dashboard: Input[SqlTaskDashboard]
    file: Input[SqlTaskFile]
    parameters: Input[Mapping[str, Input[str]]]
    query: Input[SqlTaskQuery]
    warehouse_id: Required[Input[str]]


class SqlTaskAlert(TypedDict, total=False):
    """The API's ``SqlTaskAlert``."""

    alert_id: Required[Input[str]]
    pause_subscriptions: Input[bool]
    subscriptions: Input[Sequence[Input[SqlTaskSubscription]]]


class SqlTaskDashboard(TypedDict, total=False):
    """The API's ``SqlTaskDashboard``."""

    custom_subject: Input[str]
    dashboard_id: Required[Input[str]]
    pause_subscriptions: Input[bool]
    subscriptions: Input[Sequence[Input[SqlTaskSubscription]]]


class SqlTaskFile(TypedDict, total=False):
    """The API's ``SqlTaskFile``."""

    path: Required[Input[str]]
    source: Input[Literal["GIT", "WORKSPACE"] | str]


class SqlTaskQuery(TypedDict, total=False):
    """The API's ``SqlTaskQuery``."""

    query_id: Required[Input[str]]


class SqlTaskSubscription(TypedDict, total=False):
    """The API's ``SqlTaskSubscription``."""

    destination_id: Input[str]
    user_name: Input[str]


class Subscription(TypedDict, total=False):
    """The API's ``Subscription``."""

    attachment: Input[SubscriptionAttachment]
    custom_subject: Input[str]
    paused: Input[bool]
    subscribers: Input[Sequence[Input[SubscriptionSubscriber]]]


class SubscriptionAttachment(TypedDict, total=False):
    """The API's ``SubscriptionAttachment``."""

    data_attachment: Input[SubscriptionAttachmentDataAttachment]
    page_attachment: Input[SubscriptionAttachmentPageAttachment]


class SubscriptionAttachmentDataAttachment(TypedDict, total=False):
    """The API's ``SubscriptionAttachmentDataAttachment``."""

    file_format: Required[Input[Literal["FILE_FORMAT_CSV", "FILE_FORMAT_EXCEL", "FILE_FORMAT_TSV"] | str]]
    include_applied_filters: Input[bool]
    widgets: Required[Input[Sequence[Input[SubscriptionAttachmentDataAttachmentWidget]]]]


class SubscriptionAttachmentDataAttachmentWidget(TypedDict, total=False):
    """The API's ``SubscriptionAttachmentDataAttachmentWidget``."""

    page_id: Required[Input[str]]
    widget_id: Required[Input[str]]


class SubscriptionAttachmentPageAttachment(TypedDict, total=False):
    """The API's ``SubscriptionAttachmentPageAttachment``."""

    page_ids: Input[Sequence[Input[str]]]
    page_selection: Input[Literal["PAGE_SELECTION_ALL", "PAGE_SELECTION_SUBSET"] | str]


class SubscriptionSubscriber(TypedDict, total=False):
    """The API's ``SubscriptionSubscriber``."""

    destination_id: Input[str]
    user_name: Input[str]
