package inventory

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"certgen/certs/lint"
)

// State is how an Entry fares.
type State string

// The states, the most urgent first.
const (
	Expired State = "expired" // a certificate has ended
	Broken  State = "broken"  // a finding of severity error
	Due     State = "due"     // it is to be renewed now
	OK      State = "ok"      // none of these
)

// States are all there are, the most urgent first.
func States() []State { return []State{Expired, Broken, Due, OK} }

// The kinds of what is not in a cluster.
const (
	KindFile   = "File"
	KindServer = "Server"
)

// Entry is one place that holds certificates. What it says of a certificate is that of the first, a server's own; of a
// collection of CA certificates the one that ends first.
type Entry struct {
	Source     string `json:"source,omitempty"` // the file, "-", or HOST:PORT; none where it is in the cluster
	Kind       string `json:"kind"`             // of the object, or File, or Server
	Group      string `json:"group,omitempty"`  // the API group of the kind; none for the core's
	Namespace  string `json:"namespace,omitempty"`
	Namespaces int    `json:"namespaces,omitempty"` // how many namespaces hold the same under this name, where they are several: Namespace is the first
	Name       string `json:"name,omitempty"`
	Key        string `json:"key,omitempty"` // the key of the data, or the path of the field, that holds it

	State        State     `json:"state"`
	Certificates int       `json:"certificates"` // how many there are; with 0 none could be read, and there is nothing of the following
	Subject      string    `json:"subject,omitempty"`
	Names        []string  `json:"names,omitempty"` // hosts, addresses, URIs, e-mail addresses
	Issuer       string    `json:"issuer,omitempty"`
	IsCA         bool      `json:"isCA,omitempty"`
	NotBefore    time.Time `json:"notBefore,omitzero"`
	NotAfter     time.Time `json:"notAfter,omitzero"`
	DaysLeft     int       `json:"daysLeft"`            // whole days; negative when it has expired
	RenewAfter   time.Time `json:"renewAfter,omitzero"` // none where it is never renewed, or not known here

	ManagedBy string    `json:"managedBy,omitempty"` // certgen, cert-manager, Helm, or who else wrote it
	UsedBy    []string  `json:"usedBy,omitempty"`    // workloads, Ingresses, Gateways, webhooks: "deployment/web"
	Findings  []Finding `json:"findings"`            // what "certgen verify" finds, without the details
}

// Authority is a CA whose certificate stands beside those that are listed.
type Authority struct {
	Subject, Issuer string
	NotAfter        time.Time // of the certificate that lasts longest; zero where only its name is known
}

// Finding is what was found wrong with an Entry.
type Finding struct {
	ID       string        `json:"id"`
	Severity lint.Severity `json:"severity"`
	Breaks   string        `json:"-"`
	Mend     string        `json:"-"`
}

// Ref names the object for people, as kubectl does: "secret/web-tls"; a file by its path.
func (e *Entry) Ref() string {
	switch {
	case e.Kind == KindFile || e.Kind == KindServer:
		return e.Source
	case e.Source != "" && e.Namespace != "":
		return e.Source + " " + strings.ToLower(e.Kind) + "/" + e.Namespace + "/" + e.Name
	case e.Source != "":
		return e.Source + " " + strings.ToLower(e.Kind) + "/" + e.Name
	}
	return strings.ToLower(e.Kind) + "/" + e.Name
}

// SelfSigned reports whether the certificate names itself as its issuer.
func (e *Entry) SelfSigned() bool { return e.Certificates > 0 && e.Issuer == e.Subject }

// Sort puts the most urgent first: by state, then by what ends first, then by place.
func Sort(entries []*Entry) {
	rank := map[State]int{}
	for i, s := range States() {
		rank[s] = i
	}
	slices.SortFunc(entries, func(a, b *Entry) int {
		return cmp.Or(
			cmp.Compare(rank[a.State], rank[b.State]), a.NotAfter.Compare(b.NotAfter),
			cmp.Compare(a.Source, b.Source), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.Name, b.Name), cmp.Compare(a.Key, b.Key),
		)
	})
}
