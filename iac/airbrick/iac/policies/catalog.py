"""All policies, in the order of their subjects."""

from typing import Final

from airbrick.iac.policies import code, compute, identity, running, stack
from airbrick.iac.policies.policy import Policy

POLICIES: Final[tuple[Policy, ...]] = (
    *running.POLICIES,
    *compute.POLICIES,
    *code.POLICIES,
    *identity.POLICIES,
    *stack.POLICIES,
)
