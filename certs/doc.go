// Package certs issues X.509 certificates for servers and CAs, and decides whether one that exists is still what is wanted.
// It knows nothing of Kubernetes and does no I/O: values and bytes in, values and bytes out.
//
// # From a spec to a key pair
//
// A [Spec] is what is wanted, as a person or a file wrote it. Its fields mean what those of cert-manager's Certificate
// mean. [Spec.Request] checks all fields and returns a [Request], parsed and with all defaults filled in, or every
// problem at once.
//
// An [Issuer] signs. [SelfSigned] makes certificates that are their own trust anchor; a [CA] signs with the key of a
// certification authority. [Issuer.Admit] says, before a key is made, whether the issuer may sign the request.
//
// [Issue] makes the key, has the issuer sign, and checks the result: a certificate that clients would refuse is an
// error and is never returned.
//
// # CAs
//
// A Spec with IsCA is a CA's: its key usage is cert sign and crl sign, it needs no names, and lives for ten years. PathLength
// and NameConstraints bound what stands below it. [CA.Admit] holds a CA below another to the path lengths, the constraints
// and the life of all above.
//
// # Keep or re-issue
//
// [MakePlan] compares a request with the pair that a store holds. It looks at the certificate itself, not at a remembered
// hash, so it judges pairs that other programs made as well. The [Plan] has the pair to keep, or the reasons for a
// new one; [Differences] has the same field by field.
//
// # Elsewhere
//
// [Request.CSR] is a request for a CA outside (PKCS#10). [TargetOf] makes a pair ready for the rules of package lint.
// Keys, names and chains are in package pki, files and keystores in package encoding, TLS servers in package probe.
//
// # Names
//
// A certificate certifies the names in its subject alternative names. Clients ignore the common name ([RFC 9525]), so a
// common name that is a host is made an alternative name too. Host names are stored as clients compare them: in lower
// case, internationalized labels as punycode.
//
// [RFC 9525]: https://www.rfc-editor.org/rfc/rfc9525
package certs
