// Package explain is the command that says what a finding of verify means.
package explain
