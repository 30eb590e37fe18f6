// Package bundle builds the objects that use a certificate's Secret, and reads how pods use one. It does no I/O.
//
// # Building
//
// [Nginx] returns what serves the certificate: a ConfigMap with nginx's default.conf, a Deployment and a Service.
// [Curl] returns a client that trusts it. With the Secret they are the tutorial [Connecting Applications with Services].
// Their pods meet the Pod Security Standard "restricted": no root, no writable root file system, no service account.
//
// nginx reads certificate and default.conf when it starts. The pod template carries a checksum of both, so the
// Deployment replaces its pods when one of them changed, and only then.
//
// # Reading
//
// [NamedFiles] finds the certificates and keys that nginx's configuration in a pod names, [Entries] what a volume
// mounts, and [NginxListens] the ports. Package service compares them with the Secret.
//
// [Connecting Applications with Services]: https://kubernetes.io/docs/tutorials/services/connect-applications-service/
package bundle
