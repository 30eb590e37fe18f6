// Package units runs the tests of packages that have code for Windows, as Windows programs.
package units
