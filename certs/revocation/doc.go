// Package revocation reads certificate revocation lists, and says which certificates are on them: RFC 5280, section 5.
//
// A list may have a hundred megabytes. [Read] streams it, and keeps of each entry eight bytes alone. Whether a list counts
// is asked with [List.Check], for the CA that is to have signed it; [List.Revokes] says whether a certificate is on it.
package revocation
