"""What a team may ask of its jobs and connections, as pure functions of their settings.

A policy lives in the module of its subject. :func:`airbrick.iac.policies.catalog.policies` gives all of them,
:func:`airbrick.iac.policies.pack.serve` hands them to Pulumi as a policy pack. This package needs neither the
provider nor its clients: a policy pack has an environment of its own.
"""
