// Package fleet finds the certificates of a whole cluster, and says how each of them fares.
//
// An [Examiner] makes an entry of an inventory of whatever holds certificates, with the findings of certgen verify. [Read]
// has it look at a cluster: Secrets, trust ConfigMaps, the caBundles of webhooks, APIServices and CRD conversions, and
// ClusterTrustBundles. It reads in pages, and examines one page while the next is on its way; the private keys in a
// page are wiped as soon as it is examined, and an entry never holds one. What the user may not read is left out, and
// is in [Survey].Missing.
//
// Who uses a certificate is told from what refers to it: the pods of workloads, Ingresses and Gateways by the name of
// the Secret, webhooks by the name of the Service that they call and that the certificate is for.
package fleet
