"""Pulumi's resource provider protocol.

Source: https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
"""

import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, Literal, NoReturn

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from airbrick.iac.errors import BugError, IacError, PropertyError, UnauthenticatedError
from airbrick.iac.lookups import LOOKUPS
from airbrick.iac.provider import status
from airbrick.iac.provider.codec import decode, decode_one, encode, encode_over, same
from airbrick.iac.provider.config import ProviderConfig, check_config
from airbrick.iac.provider.handler import Difference, Handler, Heritable, Identity, Made, Naming
from airbrick.iac.provider.home import HOME, Home, Marked
from airbrick.iac.provider.schema import package_version, schema
from airbrick.iac.provider.session import Session
from airbrick.iac.provider.stack_config import with_credentials_of_now
from airbrick.iac.settings.difference import ChangeKind, difference
from airbrick.iac.settings.shape import ANYTHING
from airbrick.iac.settings.validation import Finding
from airbrick.iac.values import Properties, render_path, reveal, secret_texts

_KINDS: Final = {
    ChangeKind.ADD: (provider_pb2.PropertyDiff.ADD, provider_pb2.PropertyDiff.ADD_REPLACE),
    ChangeKind.DELETE: (provider_pb2.PropertyDiff.DELETE, provider_pb2.PropertyDiff.DELETE_REPLACE),
    ChangeKind.UPDATE: (provider_pb2.PropertyDiff.UPDATE, provider_pb2.PropertyDiff.UPDATE_REPLACE),
}
_MODES: Final[Mapping[int, Literal["propose", "enforce", "disable"]]] = {
    provider_pb2.CheckRequest.AutonamingOptions.PROPOSE: "propose",
    provider_pb2.CheckRequest.AutonamingOptions.ENFORCE: "enforce",
    provider_pb2.CheckRequest.AutonamingOptions.DISABLE: "disable",
}
_ROTATED: Final = (
    "if they were rotated after the last `pulumi up`, run `pulumi up --refresh --run-program`, for a plain one begins "
    "with the old ones; next time revoke those after an `up` with the new ones"
)


class ProviderServicer(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine; what a resource does is in its handler.

    :param handlers: gives the handlers by type token.
    :param session: the running provider.
    """

    def __init__(self, handlers: Callable[[], Mapping[str, Handler]], session: Session) -> None:
        self._handlers = handlers
        self._session = session

    # The protocol's own life

    def Handshake(  # noqa: N802 - the protocol's name
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Agree on what both sides understand."""
        del context
        self._session.attach(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True,
            accept_resources=False,
            accept_outputs=False,
            supports_autonaming_configuration=True,
        )

    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> Empty:  # noqa: N802
        """Take the address of an engine that found us running."""
        del context
        self._session.attach(request.address)
        return Empty()

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:  # noqa: N802
        """Tell our version."""
        del request, context
        return plugin_pb2.PluginInfo(version=package_version())

    def GetSchema(  # noqa: N802
        self, request: provider_pb2.GetSchemaRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetSchemaResponse:
        """Describe the package."""
        if request.version != 0:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"schema version {request.version} is not known; ask for 0")
        return provider_pb2.GetSchemaResponse(schema=schema(self._handlers()))

    def GetMapping(  # noqa: N802
        self, request: provider_pb2.GetMappingRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetMappingResponse:
        """Say that no other tool's names map to ours."""
        del request, context
        return provider_pb2.GetMappingResponse()

    def GetMappings(  # noqa: N802
        self, request: provider_pb2.GetMappingsRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetMappingsResponse:
        """Say that no other tool's names map to ours."""
        del request, context
        return provider_pb2.GetMappingsResponse()

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:  # noqa: N802
        """End all waiting; what is under way ends by itself."""
        del request, context
        self._session.cancel()
        return Empty()

    # Configuration

    def CheckConfig(  # noqa: N802
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Validate the configuration."""
        with self._errors_of(context):
            checked, findings = check_config(decode(request.news))
            return self._checked(request.urn, encode(checked), checked, findings)

    def DiffConfig(  # noqa: N802
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        """Compare configurations. Nothing here ever replaces the objects: a new token is no new workspace."""
        with self._errors_of(context):
            old = decode(request.old_inputs if request.HasField("old_inputs") else request.olds)
            return _difference(Difference(difference(old, decode(request.news), ANYTHING)))

    def Configure(  # noqa: N802
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Take the configuration."""
        with self._errors_of(context):
            sent = ProviderConfig.from_properties(decode(request.args))
            config, of_now = with_credentials_of_now(sent, request.name, self._session.stack_config, os.environ)
            self._session.configure(config, request.name, request.id, has_credentials_of_now=of_now)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True,
            supportsPreview=True,
            acceptResources=False,
            acceptOutputs=False,
            supports_autonaming_configuration=True,
        )

    # Resources

    def Check(  # noqa: N802
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Validate a resource's inputs and fill in defaults."""
        handler, identity = self._handler(request.urn, context)
        try:
            inputs, old = decode(request.news), decode(request.olds)
        except PropertyError as error:
            failure = provider_pb2.CheckFailure(reason=str(error))
            return provider_pb2.CheckResponse(inputs=request.news, failures=[failure])
        if request.olds.fields:
            self._session.saw_in_state(request.urn)
        with self._errors_of(context, inputs):
            naming = Naming(request.autonaming.proposed_name, _MODES[request.autonaming.mode])
            checked = handler.check(self._session, identity, inputs, old, naming)
            written = encode_over(request.news, inputs, checked.inputs)
            return self._checked(request.urn, written, checked.inputs, checked.findings)

    def Diff(  # noqa: N802
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        """Compare a resource's inputs."""
        handler, identity = self._handler(request.urn, context)
        self._session.saw_in_state(request.urn, request.id)
        with self._errors_of(context):
            made = Made(request.id, {HOME: decode_one(request.olds, HOME)})
            with Home(self._session, handler, identity, made):
                found = Difference()
                if not same(request.old_inputs, request.news):
                    found = handler.diff(identity, decode(request.old_inputs), decode(request.news))
                if isinstance(handler, Heritable) and not found.replaces:
                    self._session.saw_standing(request.urn, handler.stands_for(request.id, decode(request.news)))
                return _difference(found)

    def Create(  # noqa: N802
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        """Make an object."""
        handler, identity = self._handler(request.urn, context)
        inputs = self._decode(request.properties, context)
        home = Home(self._session, handler, identity)
        with self._errors_of(context, inputs), self._session.within(request.timeout), home:
            if not request.preview:
                self._session.saw_standing(request.urn, ())
            made = handler.create(home, identity, inputs, preview=request.preview)
            if not request.preview:
                self._session.saw_in_state(request.urn, made.resource_id)
            return provider_pb2.CreateResponse(
                id=made.resource_id,
                properties=encode(home.noted(made.outputs)),
                refresh_before_update=self._refreshes(handler),
            )

    def Read(  # noqa: N802
        self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        """Read an object: for a refresh, or for an import, which has no inputs."""
        handler, identity = self._handler(request.urn, context)
        outputs, inputs = self._decode(request.properties, context), self._decode(request.inputs, context)
        if inputs or outputs:
            self._session.saw_in_state(request.urn, request.id)
        home = Home(self._session, handler, identity, Made(request.id, outputs))
        with self._errors_of(context, inputs), self._of_the_last_up(), home:
            found = handler.read(home, identity, request.id, inputs or None, outputs)
            if found is None:
                self._session.saw_gone(request.urn, request.id)
                return provider_pb2.ReadResponse()
            return provider_pb2.ReadResponse(
                id=found.resource_id,
                properties=encode_over(request.properties, outputs, home.noted(found.outputs)),
                inputs=encode_over(request.inputs, inputs, found.inputs),
                refresh_before_update=self._refreshes(handler),
            )

    def Update(  # noqa: N802
        self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        """Change an object in place."""
        handler, identity = self._handler(request.urn, context)
        made = Made(request.id, self._decode(request.olds, context))
        old, new = self._decode(request.old_inputs, context), self._decode(request.news, context)
        home = Home(self._session, handler, identity, made)
        with self._errors_of(context, {"old": old, "new": new}), self._session.within(request.timeout), home:
            outputs = handler.update(home, identity, made, old, new, preview=request.preview)
            return provider_pb2.UpdateResponse(
                properties=encode(home.noted(outputs)), refresh_before_update=self._refreshes(handler)
            )

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> Empty:  # noqa: N802
        """Delete an object."""
        handler, identity = self._handler(request.urn, context)
        made = Made(request.id, self._decode(request.properties, context))
        inputs = self._decode(request.old_inputs, context)
        home = Home(self._session, handler, identity, made)
        with self._errors_of(context, inputs), self._of_the_last_up(), self._session.within(request.timeout), home:
            handler.delete(home, identity, made, inputs)
            if isinstance(handler, Marked):
                # What has our mark under this key from now on was made by a request whose answer is lost.
                self._session.saw_gone(request.urn, request.id)
        return Empty()

    # Functions

    def Invoke(  # noqa: N802
        self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.InvokeResponse:
        """Look something up by name."""
        if request.tok not in LOOKUPS:
            known = ", ".join(sorted(LOOKUPS))
            context.abort(
                grpc.StatusCode.UNIMPLEMENTED, f"the function {request.tok!r} is not offered: airbrick has {known}"
            )
        with self._errors_of(context):
            found = LOOKUPS[request.tok].call(self._session.workspace, reveal(decode(request.args)))
            response = provider_pb2.InvokeResponse()
            getattr(response, "return").CopyFrom(encode(found))
            return response

    # Refused by name

    def Call(self, request: provider_pb2.CallRequest, context: grpc.ServicerContext) -> NoReturn:  # noqa: N802
        """Refuse: there are no methods."""
        _refuse(context, f"the method {request.tok!r}", "airbrick's resources have no methods")

    def Construct(  # noqa: N802
        self, request: provider_pb2.ConstructRequest, context: grpc.ServicerContext
    ) -> NoReturn:
        """Refuse: there are no components."""
        _refuse(context, f"the component {request.type!r}", "airbrick has no remote components")

    def Parameterize(  # noqa: N802
        self, request: provider_pb2.ParameterizeRequest, context: grpc.ServicerContext
    ) -> NoReturn:
        """Refuse: the package takes no parameters."""
        del request
        _refuse(context, "a parameter", "add the package without parameters")

    # Shared

    def _handler(self, urn: str, context: grpc.ServicerContext) -> tuple[Handler, Identity]:
        token = urn.split("::")[2].rsplit("$", maxsplit=1)[-1] if urn.count("::") >= 2 else urn  # noqa: PLR2004 - a URN's parts
        handlers = self._handlers()
        if token not in handlers:
            context.abort(
                grpc.StatusCode.INVALID_ARGUMENT,
                f"airbrick has no resource {token!r}; it has {', '.join(sorted(handlers))}",
            )
        return handlers[token], Identity.from_urn(urn, self._session.provider_id)

    def _decode(self, struct: Struct, context: grpc.ServicerContext) -> Properties:
        with self._errors_of(context):
            return decode(struct)

    def _refreshes(self, handler: Handler) -> bool:
        return handler.refresh_before_update and self._session.config.detect_drift == "always"

    def _checked(
        self, urn: str, written: Struct, inputs: Properties, findings: Sequence[Finding]
    ) -> provider_pb2.CheckResponse:
        """Answer a check: mistakes as failures, the rest as warnings."""
        secrets = self._session.config.secrets() | secret_texts(inputs) if findings else frozenset[str]()
        failures = []
        for finding in findings:
            if finding.fatal:
                # Not as the failure's property: the engine would print that property's value, secret or not.
                failures.append(provider_pb2.CheckFailure(reason=status.redact(str(finding), secrets)))
            else:
                self._session.log.warning(urn, status.redact(str(finding), secrets))
        return provider_pb2.CheckResponse(inputs=written, failures=failures)

    @contextmanager
    def _of_the_last_up(self) -> Iterator[None]:
        """Say what to do about credentials that the engine may have taken from the state."""
        try:
            yield
        except UnauthenticatedError as error:
            if self._session.has_credentials_of_now:
                raise
            raise error.with_fix(f"{error.fix}; {_ROTATED}") from error

    @contextmanager
    def _errors_of(self, context: grpc.ServicerContext, inputs: object = None) -> Iterator[None]:
        try:
            yield
        except IacError as error:
            status.abort(context, error, secrets=self._session.config.secrets() | secret_texts(inputs))
        except Exception as error:  # noqa: BLE001 - gRPC would answer UNKNOWN, for which the engine doubts its state
            # Without the error's own text, which may hold values.
            trace = "".join(traceback.format_tb(error.__traceback__))
            sys.stderr.write(f"Traceback (most recent call last):\n{trace}{type(error).__name__}\n")
            status.abort(context, BugError(error), secrets=self._session.config.secrets() | secret_texts(inputs))


def _difference(found: Difference) -> provider_pb2.DiffResponse:
    response = provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if found.changes else provider_pb2.DiffResponse.DIFF_NONE,
        replaces=sorted(found.replaces),
        deleteBeforeReplace=found.delete_before_replace,
        diffs=sorted({str(change.path[0]) for change in found.changes}),
        hasDetailedDiff=True,
    )
    for change in found.changes:
        in_place, replacing = _KINDS[change.kind]
        entry = response.detailedDiff[render_path(change.path)]
        entry.kind = replacing if change.path[0] in found.replaces else in_place
        entry.inputDiff = True
    return response


def _refuse(context: grpc.ServicerContext, what: str, why: str) -> NoReturn:
    context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{what} is not offered: {why}")
