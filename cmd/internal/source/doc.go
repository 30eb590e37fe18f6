// Package source opens what inspect and verify take as SOURCE: files, folders, standard input, servers, Secrets and
// Services of a cluster.
//
// [SourceFlags.Reader] opens the sources of a command line. [SourceReader.Read] yields jobs, one for a file, a document
// of a manifest, a Secret or a server; each returns a [Batch] of [Item] values, which are what package lint examines and
// package report reports. What could not be read is an Item with an error: one bad source does not keep the others from
// being examined.
// provision.InOrder runs the jobs in parallel.
package source
