// Package inventory lays out lists of certificates, for people and for programs.
//
// An [Entry] is one place that holds certificates: a Secret's pair, a caBundle, a file. Its fields are the fields of the
// JSON and YAML, whose names do not change. [Sort] puts first what is most urgent; [Table], [Names] and [Items] write
// entries one by one, so that no second copy of a long list is made.
//
// What comes out of certificates is chosen by others: here it is made harmless for terminals and for spreadsheets. The
// entries are filled by secrets/fleet. This package decides nothing about a certificate, and does no I/O but into the
// writer that it is handed.
package inventory
