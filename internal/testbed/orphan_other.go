//go:build !linux

package testbed

import "syscall"

// dieWithParent does nothing where the kernel offers nothing: there a killed test leaves its servers behind.
func dieWithParent() *syscall.SysProcAttr { return nil }
