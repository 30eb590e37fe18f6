// Package form finds what RFC 5280 forbids in a certificate by itself, and beside its issuer: extensions that are
// malformed, missing or out of place, numbers, dates and names in a form that it does not allow.
//
// [Certificate] and [Issued] return faults by the ids of package lint's rules, which say what each of them breaks.
// [Public] adds what only the CA/Browser Forum forbids, which is no fault in a private PKI. crypto/x509 has parsed the
// certificates: what it refuses to parse never comes here.
package form
