// Package windows tests certgen.exe, under Wine.
package windows
