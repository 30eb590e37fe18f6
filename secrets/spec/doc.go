// Package spec keeps, beside a certificate in a Secret, what it was asked for as and who signed it, so that the same can be
// issued again by who knows nothing but the Secret.
//
// [Of] writes it for the annotation certgen.dev/spec, in JSON, and [Parse] reads it. There is no key and no
// password in it, and it is no proof of anything: who may write the Secret may write the annotation. When the certificate
// is due stands in annotations of its own.
package spec
