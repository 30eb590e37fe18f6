package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// platform is what a program is built for, in Go's words.
type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "/" + p.arch }

// build compiles certgen and returns where the program is. No path of this machine gets into it, no C, and
// no setting of the one who builds it; the commit does, and whether there was more than the commit.
func (p platform) build(ctx context.Context, root string) (path string, err error) {
	file, err := os.CreateTemp("", "certgen-release-*")
	if err != nil {
		return "", err
	}
	if err := file.Close(); err != nil {
		return "", err
	}
	_, err = p.goTool(ctx, root, "build", "-trimpath", "-buildvcs=auto", "-ldflags=-s -w", "-o", file.Name(), "./cmd/certgen")
	if err != nil {
		os.Remove(file.Name())
	}
	return file.Name(), err
}

// goTool runs the go command for the platform and returns what it printed.
func (p platform) goTool(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOENV=off", "GOWORK=off", "GOEXPERIMENT=", "GOOS="+p.os, "GOARCH="+p.arch, "CGO_ENABLED=0",
		"GOFLAGS=-mod=readonly", "GOAMD64=v1", "GOARM64=v8.0", "GOFIPS140=off")
	out, err := cmd.Output()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		return nil, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, exit.Stderr)
	}
	return out, err
}

// moduleRoot is the folder of certgen's go.mod.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	mod := string(bytes.TrimSpace(out))
	if err != nil || filepath.Base(mod) != "go.mod" {
		return "", errors.Join(errors.New("this is not a folder of certgen's sources"), err)
	}
	return filepath.Dir(mod), nil
}
