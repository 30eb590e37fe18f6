package testbed

import "syscall"

// dieWithParent has the kernel end a server whose test process was killed, so that it outlives no test run.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
