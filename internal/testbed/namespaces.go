//go:build linux

package testbed

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// namespaces are a node's own mounts, networks, processes, host name and System V objects. They are those of
// its first process, and everything in them ends with it.
type namespaces struct{ first *process }

// newNamespaces starts the first process, which does nothing. The logs go to dir.
func newNamespaces(dir string) (namespaces, error) {
	// It has to see off the processes whose parents ended, which the kernel does where SIGCHLD is ignored.
	cmd := exec.Command("env", "--ignore-signal=CHLD", "sleep", "infinity")
	cmd.SysProcAttr = dieWithParent()
	cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC
	first, err := launch(dir, "first", cmd)
	return namespaces{first}, err
}

// inside returns the command that runs another in the namespaces.
func (n namespaces) inside() []string {
	return []string{"nsenter", fmt.Sprintf("--target=%d", n.first.cmd.Process.Pid), "--mount", "--net", "--pid", "--uts", "--ipc", "--"}
}

// outside is the network beside the node's own, which setup.sh makes.
const outside = "outside"

// network returns the file that stands for a network: the node's own, "", or another.
func (n namespaces) network(name string) string {
	pid := n.first.cmd.Process.Pid
	if name == "" {
		return fmt.Sprintf("/proc/%d/ns/net", pid)
	}
	return fmt.Sprintf("/proc/%d/root/run/netns/%s", pid, name)
}

// on returns the command that runs another on a network, and everything else as it is.
func on(network string) []string { return []string{"nsenter", "--net=" + network, "--"} }

// dialer returns a function that opens connections from a network.
func dialer(network string) func(ctx context.Context, protocol, address string) (net.Conn, error) {
	return func(ctx context.Context, protocol, address string) (conn net.Conn, err error) {
		err = enter(network, func() error {
			var dialer net.Dialer
			conn, err = dialer.DialContext(ctx, protocol, address)
			return err
		})
		return conn, err
	}
}

// enter does something on another network. The address that it opens must be numeric: Go looks names up
// elsewhere.
func enter(network string, do func() error) error {
	// The thread comes back: with one that ends, the kernel ends the servers that were started from it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	own, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	defer own.Close()
	other, err := os.Open(network)
	if err != nil {
		return err
	}
	defer other.Close()
	if err := unix.Setns(int(other.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("entering the network %s: %w", network, err)
	}
	defer func() {
		if err := unix.Setns(int(own.Fd()), unix.CLONE_NEWNET); err != nil {
			panic(fmt.Sprintf("coming back from the network %s: %v", network, err))
		}
	}()
	return do()
}
