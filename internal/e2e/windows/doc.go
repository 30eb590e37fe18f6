// Package windows runs certgen.exe, and other Windows programs, under Wine. Its tests are packages of their own, so
// that each has the 10 minutes that `go test` gives a package: commands runs certgen.exe and what pages show, stories
// the user stories, and units the tests of those packages that have code for Windows.
package windows
