"""The policies as a Pulumi policy pack.

Source: https://www.pulumi.com/docs/insights/policy/policy-packs/authoring/
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi_policy
from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from airbrick.iac.policies.catalog import POLICIES
from airbrick.iac.policies.policy import Policy, Resource, ResourcePolicy, StackPolicy, with_defaults
from airbrick.iac.values import UNKNOWN, Value

_LEVELS: Final = {"advisory": EnforcementLevel.ADVISORY, "mandatory": EnforcementLevel.MANDATORY}


def serve(name: str = "airbrick", policies: Sequence[Policy] = POLICIES) -> None:
    """Serve a policy pack to the Pulumi engine until the engine ends it.

    Levels and options come from the file that ``--policy-pack-config`` names.

    :param name: the pack's name, shown with each violation.
    :param policies: the policies it holds; add your own to :data:`airbrick.iac.policies.catalog.POLICIES`.
    """
    PolicyPack(name, [_bridged(policy) for policy in policies])


def plain(value: Any) -> Value:  # noqa: ANN401 - any property value, wrapped as pulumi-policy wraps it
    """Take a value out of pulumi-policy's wrappers; what a preview cannot know yet becomes ``UNKNOWN``."""
    if isinstance(value, Mapping):
        return {key: _element(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_element(value, index) for index in range(len(value))]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _element(holder: Any, key: Any) -> Value:  # noqa: ANN401 - as in `plain`
    try:
        return plain(holder[key])
    except UnknownValueError:
        return UNKNOWN


def _bridged(policy: Policy) -> pulumi_policy.Policy:
    schema = PolicyConfigSchema({option.name: dict(option.schema) for option in policy.options})
    described = {
        "name": policy.name,
        "description": f"{policy.summary}.",
        "enforcement_level": _LEVELS[policy.level],
        "config_schema": schema if policy.options else None,
    }
    if isinstance(policy, StackPolicy):
        return StackValidationPolicy(**described, validate=_stack_check(policy))
    remedy = _remedy(policy) if policy.remedy else None
    return ResourceValidationPolicy(**described, validate=_resource_check(policy), remediate=remedy)


def _resource_check(policy: ResourcePolicy) -> Any:  # noqa: ANN401 - pulumi-policy reads the signature
    def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        if args.resource_type in policy.tokens:
            for violation in policy.check(plain(args.props), with_defaults(policy, plain(args.get_config()))):
                report_violation(str(violation))

    return validate


def _remedy(policy: ResourcePolicy) -> Any:  # noqa: ANN401 - as above
    def remediate(args: ResourceValidationArgs) -> Mapping[str, Any] | None:
        if args.resource_type not in policy.tokens or policy.remedy is None:
            return None
        options, before = with_defaults(policy, plain(args.get_config())), plain(args.props)
        if not any(policy.check(before, options)):
            return None
        props: Any = args.props
        # Written key by key into what was given, so that secrets elsewhere stay marked.
        for key, value in policy.remedy(before, options).items():
            if value != before.get(key):
                props[key] = value
        mended: Mapping[str, Any] = props
        return mended

    return remediate


def _stack_check(policy: StackPolicy) -> Any:  # noqa: ANN401 - as above
    def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
        resources = [Resource(item.urn, item.resource_type, item.name, plain(item.props)) for item in args.resources]
        for urn, violation in policy.check(resources, with_defaults(policy, plain(args.get_config()))):
            report_violation(str(violation), urn)

    return validate
