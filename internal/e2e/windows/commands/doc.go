// Package commands runs certgen.exe: command by command, and what pages show for the shells of Windows.
package commands
