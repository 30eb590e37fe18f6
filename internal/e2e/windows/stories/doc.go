// Package stories runs the user stories with certgen.exe.
package stories
