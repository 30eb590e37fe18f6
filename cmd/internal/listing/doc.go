// Package listing brings together what certgen list lists: [Sources] reads what a command line names, [Cluster] surveys
// a cluster. A [Watcher] does so again and again.
package listing
