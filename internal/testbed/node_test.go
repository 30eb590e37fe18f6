//go:build linux

package testbed

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// state is what a node must leave as it is: the machine's interfaces, mounts, rules and settings.
func state(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, command := range [][]string{
		{"ip", "-o", "link"}, {"ip", "-o", "addr"}, {"nft", "list", "tables"},
		{"cat", "/proc/self/mountinfo", "/proc/sys/vm/overcommit_memory", "/proc/sys/kernel/panic", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/kernel/hostname"},
	} {
		out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v\n%s", command, err, out)
		}
		all.Write(out)
	}
	return all.String()
}

// nodeProgramsOf returns where the programs of a node are.
func nodeProgramsOf(t *testing.T) map[string]string {
	t.Helper()
	programs, err := buildNode(t)
	if err != nil {
		Missing(t, "needs a Kubernetes node: %v", err)
	}
	return programs
}

func TestNodePrograms(t *testing.T) {
	t.Parallel()
	for _, path := range nodeProgramsOf(t) {
		t.Log(path)
	}
}

// TestNodeEnds starts a node and ends it, after which nothing is left of it.
func TestNodeEnds(t *testing.T) {
	programs := nodeProgramsOf(t)
	before := state(t)
	began := time.Now()
	n, err := startNode(programs)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("started in %v", time.Since(began))
	if during, _ := filepath.Glob(filepath.Join(hierarchies, "*", string(n.cgroup))); len(during) == 0 {
		t.Errorf("no control group %s", n.cgroup)
	}
	began = time.Now()
	n.stop()
	t.Logf("ended in %v", time.Since(began))
	if after := state(t); after != before {
		t.Errorf("the machine was\n%s\nand is\n%s", before, after)
	}
	left, err := filepath.Glob(filepath.Join(hierarchies, "*", string(n.cgroup)))
	if err != nil || len(left) > 0 {
		t.Errorf("left %q, %v", left, err)
	}
	if _, err := os.Stat(n.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", n.dir, err)
	}
}
