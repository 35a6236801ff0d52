"""One poller for all deferred runs of a workspace."""
