package fleet

import (
	"crypto/x509"
	"maps"
	"slices"
	"strings"
	"sync"

	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/render/report/inventory"
)

// known keeps each text of a fleet once: thousands of entries have the same issuer, and the same findings. The zero value
// knows nothing yet.
type known struct {
	mu    sync.Mutex
	texts map[string]string
	names map[string]string // of issuers, as text, by their DER
	found map[string][]inventory.Finding
	cas   map[string]inventory.Authority // by the DER of the subject
}

// text returns the one copy of a text.
func (k *known) text(s string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if one, ok := k.texts[s]; ok {
		return one
	}
	if k.texts == nil {
		k.texts = map[string]string{}
	}
	s = strings.Clone(s)
	k.texts[s] = s
	return s
}

// maxNames bounds how many names are kept by their DER: what is self-signed has one of its own each.
const maxNames = 1000

// name writes a distinguished name.
func (k *known) name(der []byte) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if one, ok := k.names[string(der)]; ok {
		return one
	}
	text := pki.FormatName(der)
	if k.names == nil {
		k.names = map[string]string{}
	}
	if len(k.names) < maxNames {
		k.names[string(der)] = text
	}
	return text
}

// findings are those of an entry, without their details.
func (k *known) findings(found []lint.Finding) []inventory.Finding {
	if len(found) == 0 {
		return nil
	}
	var id strings.Builder
	for _, f := range found {
		id.WriteString(f.Rule.ID + " " + f.Rule.Mend + "\n") // where the severity of a rule differs, so does what mends it
		id.WriteString(string(f.Rule.Severity))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if one, ok := k.found[id.String()]; ok {
		return one
	}
	all := make([]inventory.Finding, len(found))
	for i, f := range found {
		all[i] = inventory.Finding{ID: f.Rule.ID, Severity: f.Rule.Severity, Breaks: f.Rule.Breaks, Mend: f.Rule.Mend}
	}
	if k.found == nil {
		k.found = map[string][]inventory.Finding{}
	}
	k.found[id.String()] = all
	return all
}

// authorities remembers the CAs whose certificates go with a target.
func (k *known) authorities(t lint.Target) {
	for _, c := range slices.Concat(t.Chain, t.CA) {
		if !c.IsCA {
			continue
		}
		k.authority(c)
	}
}

func (k *known) authority(c *x509.Certificate) {
	k.mu.Lock()
	defer k.mu.Unlock()
	old, ok := k.cas[string(c.RawSubject)]
	if ok && !c.NotAfter.After(old.NotAfter) {
		return
	}
	if k.cas == nil {
		k.cas = map[string]inventory.Authority{}
	}
	k.cas[string(c.RawSubject)] = inventory.Authority{Subject: pki.FormatName(c.RawSubject), Issuer: pki.FormatName(c.RawIssuer), NotAfter: c.NotAfter.UTC()}
}

// Authorities are the CAs whose certificates were seen, in no order.
func (x *Examiner) Authorities() []inventory.Authority {
	x.known.mu.Lock()
	defer x.known.mu.Unlock()
	return slices.Collect(maps.Values(x.known.cas))
}
