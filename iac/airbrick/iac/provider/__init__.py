"""The provider plugin: Pulumi's resource provider protocol, spoken directly."""
