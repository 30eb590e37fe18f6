// Package manifest is -f: files, folders and standard input become the sources of certmanager.Run.
//
// [Flags] are what commands with -f share. [Flags.Sources] finds the files; each can be read more than once, and one that changes
// in between is an error. A [Result] takes what comes of them: [Printed], [InOne] manifest, [InFolder], or certificates alone
// ([PassedOver]). A [Report] tells people what became of each.
package manifest
