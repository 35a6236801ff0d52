"""The policies of airbrick as a policy pack; their levels and options are in the JSON file of each environment."""

from airbrick.iac.policies.pack import serve

serve()
