package provision

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"

	"certgen/certs/pki"
	"certgen/secrets"
	"certgen/secrets/cluster"
)

// Order is one certificate that is wanted, and the Secret that is to hold it.
type Order struct {
	Secret    secrets.Meta
	Immutable bool
	Means     Means
	Formats   secrets.Formats
	Bundle    Bundle
}

// Bundle is what uses an order's Secret; the zero one is nothing.
type Bundle struct {
	// Objects makes its objects for a certificate, in PEM, whose checksum makes pods roll.
	Objects func(certPEM []byte) []runtime.Object

	// NeedsRoot names, for people, what cannot do without ca.crt; empty where nothing needs it.
	NeedsRoot string

	// ServedAs are the names by which pods of the cluster reach the bundle's Service. A certificate without any of them
	// is taken, with a warning: clients from outside may know the Service by another name.
	ServedAs []string
}

// For returns the bundle's objects for a certificate, none of the zero Bundle.
func (b Bundle) For(certPEM []byte) []runtime.Object {
	if b.Objects == nil {
		return nil
	}
	return b.Objects(certPEM)
}

// warnings are what clients of the bundle must know of a certificate.
func (b Bundle) warnings(pair *pki.KeyPair) []string {
	covers := func(name string) bool { return pair.Leaf.VerifyHostname(name) == nil }
	if pair == nil || len(b.ServedAs) == 0 || slices.ContainsFunc(b.ServedAs, covers) {
		return nil
	}
	return []string{fmt.Sprintf("the certificate has none of the Service's names (%s), so pods that use one refuse it", strings.Join(b.ServedAs, ", "))}
}

// Action is what became of an order.
type Action string

// The actions.
const (
	Kept     Action = "kept"      // the store held a pair that fits and is not due
	Issued   Action = "issued"    // there was none
	Reissued Action = "re-issued" // another took its place
	Taken    Action = "taken"     // somebody else made the pair
	Restored Action = "put back"  // the pair from before was
)

// Words say what was done, or, planned, what would be.
func (a Action) Words(planned bool) string {
	if planned {
		return map[Action]string{Kept: "would keep", Issued: "would issue", Reissued: "would re-issue", Taken: "would take", Restored: "would put back"}[a]
	}
	return string(a)
}

// Result is what became of an order, and what people should know of it.
type Result struct {
	Order    Order
	Action   Action
	Detail   string // of everything but Kept: from where, and why
	Signer   string
	Pair     *pki.KeyPair // nil for a [Request], which has no certificate yet
	PEM      pki.PEM      // the pair as the store is to hold it
	Notes    []string
	Warnings []string

	// What the store did. Output is for standard output, Said for people.
	Output  []byte
	Said    string
	Objects []cluster.Applied // with an error: those that were written before it

	// Err is why the order failed, where others went on: see [Options]. Nothing else need be set then but Order.
	Err error
}
