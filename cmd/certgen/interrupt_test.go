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
	for !interrupted(t) { // a key was ready before the signal came, which is rare
	}
}

// interrupted makes a key of 8192 bits, stops that half-way, and judges what is left. It reports false where the key was ready too soon.
func interrupted(t *testing.T) bool {
	dir := t.TempDir()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(certgen(t), "create", "web", "--dns", "a.example", "--key-algorithm", "rsa", "--key-size", "8192", "--out", filepath.Join(dir, "web.yaml"))
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(700 * time.Millisecond) // the program starts in 5 ms, or a hundred times that on a busy machine; the key takes many seconds
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if cmd.ProcessState.Success() {
		return false
	}
	if code := cmd.ProcessState.ExitCode(); code != 130 || stderr.String() != "error: interrupted; nothing was written\n" || stdout.Len() > 0 {
		t.Errorf("exit %d (%v)\n%s%s", code, err, &stdout, &stderr)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	return true
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
