// Package listing brings together what certgen list lists: [Sources] reads what a command line names, [Cluster] surveys
// a cluster. What is to be said of it goes to standard error.
package listing
