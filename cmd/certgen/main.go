// Command certgen makes a TLS certificate and puts it where Kubernetes needs it.
package main

import (
	// Renewal windows name time zones, and Windows and containers from scratch have no list of them: 0.4 MB.
	_ "time/tzdata"

	"certgen/cmd"
)

func main() { cmd.Execute() }
