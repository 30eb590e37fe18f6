//go:build linux

package testbed

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// settings are those of the machine that a node would change, were they not its own.
func settings(t *testing.T) string {
	t.Helper()
	return printed(t, "cat", "/proc/sys/vm/overcommit_memory", "/proc/sys/kernel/panic", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/kernel/hostname")
}

// traces are the lines about interfaces, rules and mounts that name what a node makes. Others on the machine may make theirs
// meanwhile. The prefix is of the commands that show them.
func (n *Node) traces(t *testing.T, prefix ...string) (lines []string, found map[string]bool) {
	t.Helper()
	found = map[string]bool{}
	for _, command := range [][]string{{"ip", "-o", "link"}, {"ip", "-o", "addr"}, {"nft", "list", "tables"}, {"cat", "/proc/self/mountinfo"}} {
		for line := range strings.Lines(printed(t, slices.Concat(prefix, command)...)) {
			for _, name := range []string{"cni0", NodeIP, "kube-proxy", nodeFolder, filepath.Base(n.dir)} {
				if strings.Contains(line, name) {
					lines, found[name] = append(lines, line), true
				}
			}
		}
	}
	return lines, found
}

func printed(t *testing.T, command ...string) string {
	t.Helper()
	out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%q: %v\n%s", command, err, out)
	}
	return string(out)
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
	before := settings(t)
	began := time.Now()
	n, err := startNode(programs)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("started in %v", time.Since(began))
	if during, _ := filepath.Glob(filepath.Join(hierarchies, "*", string(n.cgroup))); len(during) == 0 {
		t.Errorf("no control group %s", n.cgroup)
	}
	if lines, found := n.traces(t, n.namespaces.inside()...); len(found) != 5 {
		t.Errorf("in the node only %v are seen:\n%q", found, lines)
	}
	began = time.Now()
	n.stop()
	t.Logf("ended in %v", time.Since(began))
	if after := settings(t); after != before {
		t.Errorf("the machine's settings were\n%s\nand are\n%s", before, after)
	}
	if lines, _ := n.traces(t); len(lines) > 0 {
		t.Errorf("the machine still has\n%q", lines)
	}
	left, err := filepath.Glob(filepath.Join(hierarchies, "*", string(n.cgroup)))
	if err != nil || len(left) > 0 {
		t.Errorf("left %q, %v", left, err)
	}
	if _, err := os.Stat(n.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", n.dir, err)
	}
}
