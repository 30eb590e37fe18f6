package webpage

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"io"
	"iter"
	"time"

	"certgen/render/report/inventory"
)

//go:embed page.css
var style string

//go:embed page.js
var script string

// Page is what a page shows.
type Page struct {
	Title       string // of what the certificates are
	Now         time.Time
	Entries     []*inventory.Entry // in the order in which they are listed
	Authorities []inventory.Authority
	Notes       []string // what is missing, and why
}

// Write writes the page.
func (p Page) Write(w io.Writer) error {
	m := newMarkup(w)
	p.head(m)
	p.overview(m)
	p.list(m)
	rules := newRules(p.Entries)
	m.data(`id="rules"`, rules.all)
	for rows := range chunks(p.Entries, rules) {
		m.data(`class="rows"`, rows)
	}
	m.own("script", script)
	m.add("</body>\n</html>")
	return m.end()
}

// hash is how a Content-Security-Policy names a script or a style: https://www.w3.org/TR/CSP3/#external-hash
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// row is an entry as the script reads it.
type row struct {
	Ref        string   `json:"r"`
	Namespace  string   `json:"n,omitempty"`
	Namespaces int      `json:"N,omitempty"`
	Kind       string   `json:"k"`
	Key        string   `json:"y,omitempty"`
	State      string   `json:"s"`
	Count      int      `json:"c"`
	Subject    string   `json:"u,omitempty"`
	Names      []string `json:"a,omitempty"`
	More       int      `json:"A,omitempty"` // names that are left out
	Issuer     string   `json:"i,omitempty"` // none where it is the subject
	NotBefore  int64    `json:"b"`           // 0 is also the start of 1970
	NotAfter   int64    `json:"e"`
	Renew      int64    `json:"w,omitempty"`
	ManagedBy  string   `json:"m,omitempty"`
	UsedBy     []string `json:"o,omitempty"`
	Findings   []int    `json:"f,omitempty"` // of the rules
}

const (
	// maxNames is how many names of a certificate the page holds; all are in the JSON.
	maxNames = 100

	// chunk is how many entries one script element holds. Each is parsed for itself, so that none is held in memory whole.
	chunk = 500
)

// chunks yields the entries for the script.
func chunks(entries []*inventory.Entry, rules rules) iter.Seq[[]row] {
	return func(yield func([]row) bool) {
		rows := make([]row, 0, chunk)
		for i := range entries {
			if rows = append(rows, rowOf(entries[i], rules)); len(rows) == chunk || i == len(entries)-1 {
				if !yield(rows) {
					return
				}
				rows = rows[:0]
			}
		}
	}
}

func rowOf(e *inventory.Entry, rules rules) row {
	r := row{
		Ref: inventory.Printable(e.Ref()), Namespace: e.Namespace, Namespaces: e.Namespaces, Kind: e.Kind, Key: inventory.Printable(e.Key), State: string(e.State),
		Count: e.Certificates, Subject: inventory.Printable(e.Subject), NotBefore: unix(e.NotBefore), NotAfter: unix(e.NotAfter), Renew: unix(e.RenewAfter),
		ManagedBy: inventory.Printable(e.ManagedBy), UsedBy: e.UsedBy, Findings: rules.of(e),
	}
	if !e.SelfSigned() {
		r.Issuer = inventory.Printable(e.Issuer)
	}
	names := e.Names
	if r.More = len(names) - maxNames; r.More > 0 {
		names = names[:maxNames]
	} else {
		r.More = 0
	}
	for _, name := range names {
		r.Names = append(r.Names, inventory.Printable(name))
	}
	return r
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// rule is a finding as the script reads it.
type rule struct {
	ID       string `json:"id"`
	Severity string `json:"severity"`
	Breaks   string `json:"breaks"`
	Mend     string `json:"mend"`
}

// rules are the findings that there are, each once.
type rules struct {
	all []rule
	at  map[inventory.Finding]int
}

func newRules(entries []*inventory.Entry) rules {
	r := rules{all: []rule{}, at: map[inventory.Finding]int{}}
	for i := range entries {
		for _, f := range entries[i].Findings {
			if _, ok := r.at[f]; !ok {
				r.at[f] = len(r.all)
				r.all = append(r.all, rule{f.ID, string(f.Severity), f.Breaks, f.Mend})
			}
		}
	}
	return r
}

// of are the findings of an entry, by their numbers, each once.
func (r rules) of(e *inventory.Entry) (numbers []int) {
	seen := map[int]bool{}
	for _, f := range e.Findings {
		if n := r.at[f]; !seen[n] {
			seen[n] = true
			numbers = append(numbers, n)
		}
	}
	return numbers
}
