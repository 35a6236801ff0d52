"""The REST APIs the provider speaks to."""
