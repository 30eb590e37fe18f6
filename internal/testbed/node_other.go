//go:build !linux

package testbed

// stopNode has nothing to end: only Linux has nodes.
func stopNode() {}
