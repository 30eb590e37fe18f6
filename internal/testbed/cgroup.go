//go:build linux

package testbed

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// cgroup is the name of a control group that stands at the top of each hierarchy of cgroup v1. The kubelet
// keeps those of its pods below.
type cgroup string

const hierarchies = "/sys/fs/cgroup"

// newCgroup makes a control group named after this process. One that a killed run left behind goes.
func newCgroup() (cgroup, error) {
	const prefix = "certgen-test-"
	left, err := filepath.Glob(filepath.Join(hierarchies, "*", prefix+"*"))
	if err != nil {
		return "", err
	}
	for _, dir := range left {
		if _, err := os.Stat("/proc/" + filepath.Base(dir)[len(prefix):]); errors.Is(err, fs.ErrNotExist) {
			cgroup(filepath.Base(dir)).remove()
		}
	}
	g := cgroup(fmt.Sprintf("%s%d", prefix, os.Getpid()))
	all, err := filepath.Glob(hierarchies + "/*")
	for _, hierarchy := range all {
		err = errors.Join(err, g.create(hierarchy))
	}
	return g, err
}

// create makes the group in one hierarchy.
func (g cgroup) create(hierarchy string) error {
	dir := filepath.Join(hierarchy, string(g))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"cpuset.cpus", "cpuset.mems"} { // empty at first, and nothing may run there
		value, err := os.ReadFile(filepath.Join(hierarchy, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), value, 0); err != nil {
			return err
		}
	}
	return nil
}

// remove removes the group from all hierarchies, with all groups below. What ran in it has ended, which the
// kernel may take a moment to notice.
func (g cgroup) remove() error {
	var err error
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if err = g.tryRemove(); err == nil {
			return nil
		}
	}
	return err
}

func (g cgroup) tryRemove() error {
	dirs, err := filepath.Glob(filepath.Join(hierarchies, "*", string(g)))
	for i := 0; i < len(dirs); i++ { // dirs grows: each folder stands before those in it
		entries, readErr := os.ReadDir(dirs[i])
		err = errors.Join(err, readErr)
		for _, e := range entries {
			if e.IsDir() {
				dirs = append(dirs, filepath.Join(dirs[i], e.Name()))
			}
		}
	}
	for _, dir := range slices.Backward(dirs) {
		err = errors.Join(err, os.Remove(dir))
	}
	return err
}
