// Package certs makes, judges and keeps X.509 certificates for servers. It knows nothing of Kubernetes
// and does no I/O: bytes and values in, bytes and values out.
//
// # From a wish to a key pair
//
// A [Spec] says what is wanted, in the words of cert-manager's Certificate, as strings that a person or
// a file wrote. [Spec.Request] checks all of it at once and returns a [Request]: the same wish, parsed
// and completed, or every problem it has as [Problems].
//
// An [Issuer] signs. [SelfSigned] makes a certificate that is its own trust anchor, a [CA] signs with a
// certification authority's key. [Issuer.Admit] tells, before any key is made, whether the issuer may sign
// the request at all; a life that nobody asked for is cut to what is left of the issuer's.
//
// [MakePlan] compares a request with a pair that exists already and says whether it still fits, and if not
// which fields differ. It looks at the certificate itself, never at a remembered hash, so it judges
// pairs that another tool made just as well.
//
// [Issue] makes the key and the certificate and returns a [KeyPair] only after [KeyPair.Check] has
// shown that clients will accept it.
//
// # Reading what exists
//
// [Read] takes certificates and keys from nearly any form, and [Material.Pair] makes a key pair of them,
// its chain in order. [Target.Lint] says all that is wrong with a certificate, by one list of [Rules],
// which every command shares. [KeyPair.EncodePKCS12] and [KeyPair.EncodeJKS] write keystores, and
// [Request.CSR] asks a CA elsewhere.
//
// # Names
//
// What a certificate certifies stands in its subject alternative names, never in the common name alone:
// Go, Chrome and every current client ignore the latter ([RFC 9525]). Host names are checked strictly
// and stored as clients compare them: lower case, internationalised names as punycode.
//
// [RFC 9525]: https://www.rfc-editor.org/rfc/rfc9525
package certs
