// Package renew issues certificates again before they end: those in Secrets of a cluster, in manifests and in PEM files.
//
// # Deciding
//
// [Choice.Decide] says, by a certificate's dates alone, whether it is renewed: the [Decision] has the reason for people. The jitter
// is drawn from the certificate itself, so every run decides the same without remembering anything. Windows hold: what is
// due while they are closed waits for the next, unless that would be too late.
//
// # Issuing again
//
// What a certificate was asked for as is in its Secret's annotation (package spec), or else in the certificate itself. Who signs
// is who signed: its own key, the CA in the Secret that the annotation names, or a CA of the same namespace that has the
// issuer's key; an [Override] takes the place of CAs. A CA is renewed with its key, so that what it signed stays good.
// The rest is the engine, package provision.
//
// # Sources
//
// [Cluster] reads Secrets page by page, and keeps no key longer than a page. It works on some namespaces at a time: it issues,
// restarts what uses the new certificates within the bound of [Rolling], and has them proven; where that fails the pair from
// before is put back. A Secret is marked from its new pair on until all that uses it was restarted, so that a run which is
// killed in between is finished by the next. [Shard] splits the namespaces among runs.
//
// [Files] renews manifests, in which everything else stays to the byte, and pairs of PEM files. Where what is to happen after
// a change fails, all files are put back.
package renew
