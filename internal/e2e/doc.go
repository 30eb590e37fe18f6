// Package e2e is what end-to-end tests share: the released binary, runs of programs, CAs of the tests' own, and what
// certgen printed, read as its users read it.
//
// The tests judge certgen as its users do: they run the released binary, and programs that others wrote read what it
// made. A program that this machine lacks skips the tests that need it, by name; with CERTGEN_TEST_ALL=1, which
// .ci/run sets after installing everything, it fails them.
//
// Each subject is a package, so each has the 10 minutes that `go test` gives a package: local needs no cluster,
// apiserver a real API server, certmanager the real cert-manager on one, node a whole cluster, readers the programs that
// accept or refuse what certgen made, windows runs certgen.exe under Wine. Package story has the user stories of testdata,
// which more than one of them run.
package e2e
