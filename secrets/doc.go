// Package secrets builds the Kubernetes objects that carry a certificate and those that use it, and brings
// them into a cluster. The builders do no I/O: values in, objects out. [Cluster] alone talks to a server.
//
// # The Secret
//
// [New] puts a key pair into a Secret of type kubernetes.io/tls under the keys tls.crt, tls.key and
// ca.crt, the layout that ingress controllers, cert-manager and kubectl share. [PEMOf] reads it back.
// [Meta.Validate] checks the name, namespace, labels and annotations that the user chose, by the API
// server's rules, and returns everything that is wrong at once.
//
// Every object carries the label [ManagedByLabel], so that certgen knows again what it made: [Managed]
// asks for it. A Secret is often shared: others label it or add a key to it. [KeepForeign] takes over
// what they added when certgen writes its own part anew.
//
// [Parts] reads a Secret as it is written in a manifest, base64 and all, and says what is wrong with how
// it holds its certificate; [Rules] lists every such finding, and those of package certs.
//
// # The bundles
//
// [Nginx] builds what serves the certificate: a ConfigMap with nginx's default.conf, a Deployment and
// a Service. [Curl] builds a client that trusts it. Together with the Secret they are the tutorial
// [Connecting Applications with Services]. Their pods run where Pod Security is enforced at the level
// "restricted", so neither needs root, a writable image or a service account.
//
// The pod template of nginx carries checksums of certificate and default.conf. nginx reads both when
// it starts, and a changed template is what makes a Deployment replace its pods: they roll when one of
// the two changed, and only then.
//
// [ServiceNames] lists the DNS names under which a Service is reached, which the certificate must hold.
//
// # The live Service
//
// [Cluster.Access] lists every way to a Service. [Cluster.VerifyService] goes those that work from here and asks
// what is served there: each pod through [Cluster.DialPod], which forwards a port as kubectl does, and the
// addresses of nodes, load balancers and the cluster IP. It holds that against the Secret, and what the API
// server says of endpoints, mounts and nginx's configuration against each other.
//
// [Connecting Applications with Services]: https://kubernetes.io/docs/tutorials/services/connect-applications-service/
package secrets
