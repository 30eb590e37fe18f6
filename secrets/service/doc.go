// Package service lists every way to reach a Service, and verifies what is served there.
//
// # Access
//
// [ReadAccess] lists the ways to a Service: cluster IP, DNS names, node ports, load balancers, the API server's proxy,
// port-forward and exec, each with its address, a command to paste, and what an answer proves. [CheckReachable] then tries which
// of them can be used from this machine. [ReadBuiltIns] lists the cluster's own Services, as kubectl
// cluster-info does.
//
// # Verifying
//
// [VerifyService] makes a TLS handshake by every way that works from here: with each pod through a port-forward, and
// with the addresses of nodes, load balancers and the cluster IP. It compares what is served with the Secret, and the
// Secret with the pods' mounts and nginx's configuration. It looks again while pods are being replaced. The
// [ServiceReport] has the routes and the findings.
//
// [AllRules] lists every rule of certgen, as this package stands above all that have rules.
package service
