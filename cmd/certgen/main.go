// Command certgen makes a TLS certificate and puts it where Kubernetes needs it.
package main

import (
	"runtime"

	// Renewal windows name time zones, and Windows and containers from scratch have no list of them: 0.4 MB.
	_ "time/tzdata"

	"certgen/cmd"
)

// reserve is memory that is never touched and so costs nothing, in bytes. The garbage collector lets a program have as much garbage as
// memory in use, and counts this in. With the few MB alone that are in use while thousands of certificates are made, it would take a
// sixth of the time.
const reserve = 24 << 20

func main() {
	reserved := make([]byte, reserve)
	cmd.Execute()
	runtime.KeepAlive(reserved)
}
