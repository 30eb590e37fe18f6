// Package secrets builds the Secret that carries a certificate, and judges Secrets. It does no I/O: values in, objects
// out.
//
// # The Secret
//
// [New] puts a key pair into a Secret of type kubernetes.io/tls under the keys tls.crt, tls.key and ca.crt, the layout
// that ingress controllers, cert-manager and kubectl share. [PEMOf] reads it back. [Meta.Validate] checks the name,
// namespace, labels and annotations by the API server's rules and returns all problems at once.
//
// [Formats] are further forms of the pair in the same Secret, as cert-manager keeps them: Java's and PKCS#12 keystores with
// their truststores, the key in DER, key and certificates in one text. [Formats.AddTo] leaves those that fit as they are.
//
// Every object carries the label [ManagedByLabel], by which [Managed] recognizes what certgen made. Others may add
// labels, annotations and keys to a Secret; [KeepForeign] keeps them when certgen writes its own part again.
//
// # Judging
//
// [Parts] takes a Secret as it is written in a manifest, base64 and all, and returns the certificates in it together
// with what is wrong with how the Secret holds them. [Rules] lists these findings.
//
// # Names
//
// [ServiceNames] lists the DNS names of a Service, which its certificate must hold.
//
// The packages below this folder go on from here: bundle builds what uses the Secret, cluster brings objects into a
// cluster, service looks at a Service that runs.
package secrets
