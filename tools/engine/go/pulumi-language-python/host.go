package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// The program runner exits with this code when it has already shown the user what went wrong.
const exitedAfterShowingError = 32

// languageHost serves what `pulumi preview`, `up`, `refresh`, `destroy`, `import --generate-code=false`, `about` and
// policy packs need. Every other call is refused as unimplemented, by name.
type languageHost struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	engineAddress string
	executor      string
}

func (host *languageHost) Handshake(
	_ context.Context, request *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	host.engineAddress = request.GetEngineAddress()
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (host *languageHost) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version.Version}, nil
}

// GetRequiredPackages names no package: providers are found through the project's `plugins` section.
func (host *languageHost) GetRequiredPackages(
	context.Context, *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

func (host *languageHost) About(
	ctx context.Context, request *pulumirpc.AboutRequest,
) (*pulumirpc.AboutResponse, error) {
	python, err := interpreter(request.GetInfo())
	if err != nil {
		return nil, err
	}
	var found struct{ Executable, Version string }
	if err := askPython(ctx, python, aboutScript, &found); err != nil {
		return nil, err
	}
	return &pulumirpc.AboutResponse{Executable: found.Executable, Version: found.Version}, nil
}

func (host *languageHost) GetProgramDependencies(
	ctx context.Context, request *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	python, err := interpreter(request.GetInfo())
	if err != nil {
		return nil, err
	}
	var found []struct {
		Name, Version string
		Required      bool
	}
	if err := askPython(ctx, python, dependenciesScript, &found); err != nil {
		return nil, err
	}
	response := &pulumirpc.GetProgramDependenciesResponse{}
	for _, item := range found {
		if request.GetTransitiveDependencies() || !item.Required {
			dependency := &pulumirpc.DependencyInfo{Name: item.Name, Version: item.Version}
			response.Dependencies = append(response.Dependencies, dependency)
		}
	}
	return response, nil
}

// Run executes the program and reports how it ended; its output goes to the engine through this process's own.
func (host *languageHost) Run(ctx context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	if request.GetAttachDebugger() {
		return nil, status.Error(codes.Unimplemented, "this language host cannot attach a debugger: "+
			"install Pulumi's own release for --attach-debugger")
	}
	python, err := interpreter(request.GetInfo())
	if err != nil {
		return nil, err
	}
	if err := python.ValidateVenv(ctx); err != nil {
		return nil, err
	}
	configuration, err := configEnvironment(request)
	if err != nil {
		return nil, err
	}
	command, err := python.Command(ctx, append([]string{"-u", host.executor}, host.runArguments(request)...)...)
	if err != nil {
		return nil, err
	}
	command.Env = append(commandEnvironment(command), configuration...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	return runResponse(command.Run()), nil
}

func (host *languageHost) runArguments(request *pulumirpc.RunRequest) []string {
	info := request.GetInfo()
	arguments := []string{
		"--monitor", request.GetMonitorAddress(),
		"--engine", host.engineAddress,
		"--project", request.GetProject(),
		"--root_directory", info.GetRootDirectory(),
		"--stack", request.GetStack(),
		"--pwd", request.GetPwd(),
		"--parallel", strconv.Itoa(int(request.GetParallel())),
		"--organization", request.GetOrganization(),
	}
	if request.GetDryRun() {
		arguments = append(arguments, "--dry_run", "true")
	}
	program := filepath.Join(info.GetProgramDirectory(), info.GetEntryPoint())
	return append(append(arguments, program), request.GetArgs()...)
}

func runResponse(err error) *pulumirpc.RunResponse {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}
	case !errors.As(err, &exit):
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the Python interpreter did not start: %v", err)}
	case exit.ExitCode() == exitedAfterShowingError:
		return &pulumirpc.RunResponse{Bail: true}
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("Program ended with %v", exit.ProcessState)}
	}
}

// RunPlugin runs a policy pack or a provider written in Python, streaming its output.
func (host *languageHost) RunPlugin(
	request *pulumirpc.RunPluginRequest, stream pulumirpc.LanguageRuntime_RunPluginServer,
) error {
	python, err := interpreter(request.GetInfo())
	if err != nil {
		return err
	}
	arguments := append([]string{"-u", request.GetInfo().GetProgramDirectory()}, request.GetArgs()...)
	if request.GetKind() == "analyzer" {
		// The policy SDK is started as a module. The engine gives its own address, the host adds the pack's directory.
		arguments = append([]string{"-u", "-m", "pulumi.policy"}, request.GetArgs()...)
		arguments = append(arguments, request.GetInfo().GetProgramDirectory())
	}
	command, err := python.Command(stream.Context(), arguments...)
	if err != nil {
		return err
	}
	closer, stdout, stderr, err := rpcutil.MakeRunPluginStreams(stream, false)
	if err != nil {
		return err
	}
	defer closer.Close()
	command.Dir = request.GetPwd()
	command.Env = append(commandEnvironment(command), request.GetEnv()...)
	command.Stdout, command.Stderr = stdout, stderr
	return reportExit(command.Run(), stream)
}

func reportExit(err error, stream pulumirpc.LanguageRuntime_RunPluginServer) error {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("the Python interpreter did not start: %w", err)
	}
	code := 0
	if exit != nil {
		code = exit.ExitCode()
	}
	return stream.Send(&pulumirpc.RunPluginResponse{
		Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(code)},
	})
}

func (host *languageHost) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// configEnvironment passes the stack's configuration the way the Python SDK reads it, which knows no null.
func configEnvironment(request *pulumirpc.RunRequest) ([]string, error) {
	config := request.GetConfig()
	if config == nil {
		config = map[string]string{}
	}
	values, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	secretKeys, err := json.Marshal(append([]string{}, request.GetConfigSecretKeys()...))
	if err != nil {
		return nil, err
	}
	return []string{"PULUMI_CONFIG=" + string(values), "PULUMI_CONFIG_SECRET_KEYS=" + string(secretKeys)}, nil
}
