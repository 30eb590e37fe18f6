// Command certgen makes a TLS certificate and puts it where Kubernetes needs it.
package main

import "certgen/cmd"

func main() { cmd.Execute() }
