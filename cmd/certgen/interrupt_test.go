package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestInterrupt presses Ctrl-C while a key is made that takes seconds.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs signals")
	}
	dir := t.TempDir()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(certgen(t), "create", "web", "--dns", "a.example", "--key-algorithm", "rsa", "--key-size", "8192", "--out", filepath.Join(dir, "web.yaml"))
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond) // the program starts in 5; the key takes 20 times as long on average
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	asked := time.Now()
	err := cmd.Wait()
	if cmd.ProcessState.Success() {
		t.Skip("the key was ready too soon")
	}
	if code := cmd.ProcessState.ExitCode(); code != 130 || stderr.String() != "error: interrupted; nothing was written\n" || stdout.Len() > 0 {
		t.Errorf("exit %d (%v)\n%s%s", code, err, &stdout, &stderr)
	}
	if took := time.Since(asked); took > time.Second {
		t.Errorf("it took %s to end", took)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestClosedPipe prints to a reader that has gone, as "| head -1" does: not a word about it.
func TestClosedPipe(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"create", "nginxsecret"}, {"help"}, {"version"}, {"completion", "bash"}} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		var stderr bytes.Buffer
		cmd := exec.Command(certgen(t), args...)
		cmd.Stdout, cmd.Stderr = w, &stderr
		err = cmd.Run()
		w.Close()
		if err == nil || strings.Contains(stderr.String(), "error") || strings.Contains(stderr.String(), "goroutine") {
			t.Errorf("%v: %v\n%s", args, err, &stderr)
		}
	}
}
