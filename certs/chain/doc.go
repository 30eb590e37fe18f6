// Package chain holds a path of certificates, which somebody else built, against RFC 5280, section 6.
//
// crypto/x509 builds the paths of package lint, and is no oracle: it knows no constraints on directory names, counts
// CAs that issued themselves a new certificate against path lengths, compares names byte by byte, and takes in the hosts
// below a domain where the RFC means that host alone. [Judge] says what the RFC does, so that it can be told apart what
// is wrong from what Go alone refuses or accepts. [Lenient] makes the copies by which crypto/x509 finds such a path.
//
// Signatures and dates are not judged here.
package chain
