// Package certmanager reads cert-manager's manifests, Certificate, Issuer and ClusterIssuer, and brings about what they
// say without a controller.
//
// The other way around, [NewCertificate] and [NewIssuer] say in cert-manager's words what a request asks for; [Print]
// writes them.
package certmanager
