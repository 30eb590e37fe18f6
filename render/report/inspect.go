package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"certgen/certs/pki"
	"certgen/render"
)

// Inspection is what one certificate says, with what belongs to it. All but Place may be missing.
type Inspection struct {
	Place
	Error       string           `json:"error,omitempty"` // why there is nothing else
	Server      *Server          `json:"server,omitempty"`
	Secret      *SecretFacts     `json:"secret,omitempty"`
	Certificate *pki.Description `json:"certificate,omitempty"`
	RenewAfter  time.Time        `json:"renewAfter,omitzero"` // zero where it is never to be renewed
	Due         bool             `json:"due"`                 // RenewAfter has passed
	PrivateKey  *PrivateKeyFacts `json:"privateKey,omitempty"`
	Chain       []Link           `json:"chain,omitempty"`    // from the certificate up to the root
	Others      []Link           `json:"others,omitempty"`   // what is there too, and not part of the chain
	Problems    []Finding        `json:"problems,omitempty"` // what was wrong with how it is stored
}

// SecretFacts are what a Secret says of the pair that it holds.
type SecretFacts struct {
	Type      string `json:"type,omitempty"`
	ManagedBy string `json:"managedBy,omitempty"`
}

// PrivateKeyFacts are what may be shown of a private key.
type PrivateKeyFacts struct {
	Key       string `json:"key"`
	PublicKey string `json:"publicKeyPin"`
	Matches   bool   `json:"matches"` // the certificate
}

// Link is one certificate of a chain.
type Link struct {
	Subject  string    `json:"subject"`
	Issuer   string    `json:"issuer"`
	NotAfter time.Time `json:"notAfter"`
}

// maxNames is how many names, or certificates, a text shows: more is not read, but printed by programs, for which there is JSON.
const maxNames = 100

// Text is the inspection for people, "" where there is nothing but an error.
func (i Inspection) Text(p Palette) string {
	if i.Error != "" {
		return ""
	}
	var b strings.Builder
	fmt.Fprintln(&b, i.Place)
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-12s %s\n", name, fmt.Sprintf(format, args...))
	}
	if s := i.Server; s != nil && s.TLS != "" {
		row("served", "%s", s)
	}
	if c := i.Certificate; c != nil {
		row("subject", "%s", named(c.Subject))
		row("names", "%s", few(c.Names))
		row("issuer", "%s", i.issuer())
		row("key", "%s%s", c.Key, i.match(p))
		row("signature", "%s", c.Signature)
		row("valid", "%s to %s, %s", pki.FormatTime(c.NotBefore), pki.FormatTime(c.NotAfter), i.left(p))
		row("renewal", "%s, %s", i.renewal(), i.manager())
		row("usages", "%s", i.usages())
		if c.PathLength != nil {
			row("path length", "%d", *c.PathLength)
		}
		for _, constraint := range []struct {
			verb  string
			names []string
		}{{"permits", c.Permitted}, {"excludes", c.Excluded}} {
			if len(constraint.names) > 0 {
				row(constraint.verb, "%s", few(constraint.names))
			}
		}
		row("serial", "%s", c.Serial)
		row("fingerprint", "SHA-256 %s", c.Fingerprint)
		row("public key", "%s", c.PublicKey)
		i.tree(row)
	} else if k := i.PrivateKey; k != nil {
		row("private key", "%s, without a certificate", k.Key)
		row("public key", "%s", k.PublicKey)
	}
	for _, f := range i.Problems {
		row("problem", "%s%s%s (%s)", p.bad, render.Printable(f.Detail), p.end, f.ID)
	}
	return b.String()
}

func (i Inspection) issuer() string {
	if i.Certificate.Issuer == i.Certificate.Subject {
		return "itself"
	}
	return named(i.Certificate.Issuer)
}

func (i Inspection) match(p Palette) string {
	switch {
	case i.PrivateKey == nil:
		return "; the private key is not here"
	case i.PrivateKey.Matches:
		return "; the private key matches"
	}
	return fmt.Sprintf("; %sthe private key does not match%s: it is %s", p.bad, p.end, i.PrivateKey.Key)
}

// left words the days left: in red when it has expired, in yellow when it is due.
func (i Inspection) left(p Palette) string {
	c := i.Certificate
	switch {
	case c.DaysLeft < 0:
		return fmt.Sprintf("%sexpired %s ago%s", p.bad, render.Count(-c.DaysLeft-1, "day"), p.end)
	case i.Due:
		return fmt.Sprintf("%s%s left%s", p.soon, render.Count(c.DaysLeft, "day"), p.end)
	}
	return render.Count(c.DaysLeft, "day") + " left"
}

func (i Inspection) renewal() string {
	if i.RenewAfter.IsZero() {
		return "never"
	}
	return "due " + pki.FormatTime(i.RenewAfter)
}

func (i Inspection) manager() string {
	if i.Secret == nil || i.Secret.ManagedBy == "" {
		return "managed by: unknown"
	}
	return "managed by: " + render.Printable(i.Secret.ManagedBy)
}

func (i Inspection) usages() string {
	usages := i.Certificate.Usages
	if i.Certificate.IsCA {
		usages = append([]string{"CA"}, usages...)
	}
	return few(usages)
}

// tree draws the chain from the root down. A root that is not at hand is there by its name.
func (i Inspection) tree(row func(name, format string, args ...any)) {
	var lines []string
	if len(i.Chain) > 0 {
		if top := i.Chain[len(i.Chain)-1]; top.Issuer != top.Subject {
			lines = append(lines, named(top.Issuer)+" (not here)")
		}
	}
	for _, link := range slices.Backward(i.Chain) {
		lines = append(lines, link.text())
	}
	for depth, line := range upToMax(lines) {
		if depth == 0 {
			row("chain", "%s", line)
		} else {
			row("", "%s└ %s", strings.Repeat("  ", min(depth, maxIndent)-1), line)
		}
	}
	var others []string
	for _, link := range i.Others {
		others = append(others, link.text())
	}
	for _, line := range upToMax(others) {
		row("unrelated", "%s", line)
	}
}

// maxIndent bounds how far a long chain goes to the right, in levels.
const maxIndent = 20

func (l Link) text() string {
	return fmt.Sprintf("%s, until %s", named(l.Subject), pki.FormatTime(l.NotAfter))
}

// named is a distinguished name for people, who would look in vain for one that is empty.
func named(name string) string { return cmp.Or(render.Printable(name), "(no name)") }

// upToMax cuts a list and says how much was cut.
func upToMax(lines []string) []string {
	if more := len(lines) - maxNames; more > 0 {
		return append(slices.Clip(lines[:maxNames]), fmt.Sprintf("and %d more", more))
	}
	return lines
}

func few(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return render.Printable(strings.Join(upToMax(names), ", "))
}
