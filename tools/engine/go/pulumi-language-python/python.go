package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const aboutScript = `
import json, platform, sys
print(json.dumps({"Executable": sys.executable, "Version": platform.python_version()}))
`

const dependenciesScript = `
import json, re
from importlib.metadata import distributions
plain = lambda name: re.sub(r"[-_.]+", "-", name).lower()
found = {plain(d.metadata["Name"]): d for d in distributions()}
needed = {plain(re.match(r"[\w.-]+", r)[0]) for d in found.values() for r in d.requires or () if "extra ==" not in r}
print(json.dumps([{"Name": n, "Version": d.version, "Required": n in needed} for n, d in sorted(found.items())]))
`

var toolchains = map[string]toolchain.PythonOptions{
	"":       {Toolchain: toolchain.Auto},
	"pip":    {Toolchain: toolchain.Pip},
	"poetry": {Toolchain: toolchain.Poetry},
	"uv":     {Toolchain: toolchain.Uv},
}

// interpreter resolves the project's runtime options (`virtualenv`, `toolchain`) to a Python.
func interpreter(info *pulumirpc.ProgramInfo) (toolchain.Toolchain, error) {
	options := info.GetOptions().AsMap()
	name, err := textOption(options, "toolchain")
	if err != nil {
		return nil, err
	}
	python, known := toolchains[name]
	if !known {
		return nil, status.Errorf(codes.InvalidArgument,
			"Pulumi.yaml: runtime.options.toolchain is %q; use pip, poetry or uv", name)
	}
	if python.Virtualenv, err = textOption(options, "virtualenv"); err != nil {
		return nil, err
	}
	if _, given := options["typechecker"]; given {
		return nil, status.Error(codes.Unimplemented, "Pulumi.yaml: runtime.options.typechecker needs Pulumi's own "+
			"release: remove the option, or put that release on PATH")
	}
	python.Root, python.ProgramDir = info.GetRootDirectory(), info.GetProgramDirectory()
	return toolchain.ResolveToolchain(python)
}

func textOption(options map[string]any, key string) (string, error) {
	value, given := options[key]
	if !given {
		return "", nil
	}
	text, isText := value.(string)
	if !isText {
		return "", status.Errorf(codes.InvalidArgument, "Pulumi.yaml: runtime.options.%s must be a text", key)
	}
	return text, nil
}

// commandEnvironment is what the command would inherit; a virtual environment's command brings its own.
func commandEnvironment(command *exec.Cmd) []string {
	if command.Env != nil {
		return command.Env
	}
	return os.Environ()
}

func askPython(ctx context.Context, python toolchain.Toolchain, script string, answer any) error {
	command, err := python.Command(ctx, "-c", script)
	if err != nil {
		return err
	}
	output, err := command.Output()
	if err != nil {
		return fmt.Errorf("%s could not be asked about itself: %w", command.Path, err)
	}
	return json.Unmarshal(output, answer)
}
