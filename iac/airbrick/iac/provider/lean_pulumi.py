"""The Pulumi SDK without the half that programs use.

A provider needs the protocol's messages alone, and ``import pulumi`` loads the automation API, OpenTelemetry, dill and
YAML with them. The resource classes of this package stand beside their handlers: in this process nobody makes one, so
that whatever they take from ``pulumi`` may be an empty class.
"""

from importlib import import_module
from typing import Final

from airbrick.iac import bare_package

_PACKAGE: Final = "pulumi"
_NEEDED: Final = ("_grpc_settings", "proto.provider_pb2_grpc", "proto.engine_pb2_grpc", "proto.status_pb2")


class OfPrograms:
    """Stands for a class of the SDK that only programs use."""

    def __init__(self, *_: object, **__: object) -> None:
        raise TypeError(f"{type(self).__name__} is for programs; a provider makes no resources")

    def __class_getitem__(cls, _: object) -> type["OfPrograms"]:
        return cls


def load() -> None:
    """Import the SDK's messages alone; does nothing where the SDK is loaded already.

    Only for a process of our own: ``pulumi.export`` and its like are not there afterwards.
    """
    package = bare_package.enter(_PACKAGE)
    if package is None:
        return
    for inner in ("runtime", "runtime.proto"):
        bare_package.enter(f"{_PACKAGE}.{inner}")
    package.__dict__["__getattr__"] = _of_programs
    try:
        for needed in _NEEDED:
            import_module(f"{_PACKAGE}.runtime.{needed}")
    except ImportError:
        # A later SDK may lean on its __init__: then it is loaded in full, as in a program.
        bare_package.leave(_PACKAGE)


def _of_programs(name: str) -> object:
    if not name[:1].isupper():
        raise AttributeError(name)
    if name.endswith("Error"):
        return getattr(import_module(f"{_PACKAGE}.errors"), name)
    return type(name, (OfPrograms,), {})
