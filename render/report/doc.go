// Package report has the reports about certificates, as text for people and as JSON for programs.
//
// An [Inspection] is what a certificate says, for certgen inspect; a [Verdict] is what was found wrong with it, for
// certgen verify. Their fields are the fields of the JSON, whose names do not change; their method Text writes what
// people read. [Table] sets rows in columns as kubectl does.
//
// The values are filled by the commands. This package decides nothing, and does no I/O.
package report
