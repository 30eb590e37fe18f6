// Package listing brings together what certgen list lists: [Sources] reads what a command line names, [Cluster] surveys
// a cluster.
package listing
