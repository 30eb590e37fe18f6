// Package certmanager holds certgen against the real cert-manager, whose controllers run on the test bed's API server:
// the same manifests to both, then everything that came out is compared; what one refuses, the other refuses; and
// Secrets go from one to the other without being re-issued.
package certmanager
