// Package certmanager reads cert-manager's manifests, Certificate, Issuer and ClusterIssuer, and brings about what they say
// without a controller: with the same defaults, names, labels and annotations, so that the same file works in both programs and
// either takes over from the other.
//
// [Run] goes through the input three times, so that of a hundred thousand Certificates no more than a few hundred are held:
//
//  1. Everything is read and checked; issuers, CAs and Secrets are kept. All that is wrong is said at once.
//  2. The issuers are resolved: a CA of the input is decided on, and so is its own issuer before it. Then every Certificate is held
//     against its issuer. Until here nothing has been written.
//  3. The Certificates become orders of package provision, a batch at a time. What is neither Certificate nor issuer is passed on
//     untouched, in its place, save that workloads which use one of the Secrets get the certificate's checksum, for which such
//     Certificates are decided on in step 2.
//
// The Secret of an issuer is found in the input, in the store, with the CA of [Options], and in what [Elsewhere] reads.
//
// Where certgen differs on purpose: certificates are back-dated by five minutes, as all of certgen's are; a subject key identifier is
// always there; a leaf without a duration of its own ends with its CA, and one that asks for longer is refused; names that no client
// matches are refused.
//
// The other way around, [NewCertificate] and [NewIssuer] say in cert-manager's words what a request asks for; [Print] writes
// them.
package certmanager
