// Package cmd is certgen's command line. It has one file for each command: options, newXCmd, which declares the flags,
// and a function that runs it. [Main] runs a command line and returns the exit code.
//
// The commands that make certificates (create, apply, diff) go the same way. Package order turns their flags into a
// provision.Order, provision.Run brings it about in a provision.Store, and the command prints the result. They
// differ in the store, and in what they print.
//
// The commands that look (inspect, verify, access) read sources, lint what is in them, and print a report.
//
// docs/architecture.md shows how a command is added. The pages docs/certgen*.md are written from the commands' help, by
// go test ./cmd -run TestDocs -update.
package cmd
