// Command pulumi-language-python runs Pulumi programs written in Python for an engine built from Go modules.
//
// Pulumi's own language host lives in a Go module without tags, which module proxies may refuse. This one serves the
// same protocol on the published sdk module: its python/toolchain package finds the interpreter (virtualenv, uv or
// poetry), and its pulumi-language-python-exec script, which must lie beside this binary, runs the program.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

const healthcheckInterval = 5 * time.Second

func main() {
	// The engine passes -logtostderr and -v, which the sdk's logging defines, and -tracing, which nothing here uses.
	flag.String("tracing", "", "accepted for the engine's sake")
	flag.Parse()

	host := &languageHost{engineAddress: flag.Arg(0)}
	exitAtOnceOnSignal()
	exitWithEngine(host.engineAddress)
	if err := serve(host); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-python:", err)
		os.Exit(1)
	}
}

func serve(host *languageHost) error {
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	host.executor = filepath.Join(filepath.Dir(binary), "pulumi-language-python-exec")
	if _, err := os.Stat(host.executor); err != nil {
		return fmt.Errorf("the program runner is missing beside the language host: %w", err)
	}
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
	})
	if err != nil {
		return err
	}
	// The engine reads the port from the first line of standard output.
	fmt.Println(handle.Port)
	return <-handle.Done
}

// exitWithEngine ends the process when the engine is gone, which a killed engine cannot say.
func exitWithEngine(address string) {
	if address == "" {
		return
	}
	ctx, gone := context.WithCancel(context.Background())
	if err := rpcutil.Healthcheck(ctx, address, healthcheckInterval, gone); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-python: cannot watch the engine:", err)
		os.Exit(1)
	}
	go func() {
		<-ctx.Done()
		os.Exit(0)
	}()
}

// exitAtOnceOnSignal ends the process on the engine's first signal: the engine waits several seconds for a language
// host that lingers. The program's process is in the same process group and gets the signal too.
func exitAtOnceOnSignal() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-signals
		os.Exit(0)
	}()
}
