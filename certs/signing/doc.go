// Package signing is what a CA certifies of a request that somebody else made (PKCS#10, RFC 2986).
//
// [Read] reads a request and checks that who made it has the key. [ParseAllowed] reads the rules that say which names the
// CA certifies. [Terms.Request] holds one against the other and returns what is signed: a [certs.Request], which a
// [certs.Issuer] takes with [certs.Certify].
//
// A request is a wish. Its names are certified as far as the rules let them, and one that they do not is an error,
// never left out. Of the subject only the common name is taken, unless the terms say otherwise: an organization may
// carry rights, as system:masters does in Kubernetes. Usages and life are the CA's choice. A request to become a CA, and
// one for an extension that is not known here, is refused.
package signing
