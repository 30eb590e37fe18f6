// Package certmanager reads cert-manager's manifests, Certificate, Issuer and ClusterIssuer, and brings about what they
// say without a controller.
package certmanager
