// Package cluster reads and writes objects of a Kubernetes cluster.
//
// A [Cluster] is a connection to an API server. [Connect] prepares it from a configuration of client-go; nothing is sent
// before the first call. It uses client-go's rest package, and not the typed clientset, which takes longer to initialize
// than a certificate to issue.
//
// # Applying
//
// [Cluster.Objects] applies objects that belong together, server side, as the field manager [FieldManager]. All are
// read and checked before the first is written. What certgen did not make is refused unless it is adopted; a refusal
// that the user can do something about is a [Refusal].
//
// [Cluster.LoadSecrets] reads many Secrets, by pages where that is cheaper, and [Cluster.PutSecret] writes one in place of
// what was read. Where another writer was faster the error is [Overtaken]: who reads again may decide again.
//
// # Rolling out
//
// [Cluster.Restart] makes the workloads that use a Secret replace their pods after its certificate changed.
// [Cluster.Rollout] says how far they are.
//
// # Looking
//
// [Cluster.Get], [Cluster.ReadList] and [ReadObject] read objects; [Redacted] makes one fit to be shown. [Cluster.DialPod]
// connects to a port of a pod, as kubectl port-forward does.
//
// Requests that get no answer are [Unreachable]. An overloaded server is asked again with growing pauses.
package cluster
