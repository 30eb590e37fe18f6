// Package apiserver tests certgen on a real API server: user stories, the commands of the README, faults on the way to
// the server, rights, conflicts and rollouts.
package apiserver
