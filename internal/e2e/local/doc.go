// Package local tests certgen on one machine, without a cluster: its user stories, and what becomes of files and
// terminals when it is interrupted, killed, or run many times at once.
package local
