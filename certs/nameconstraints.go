package certs

import "certgen/certs/pki"

// NameConstraints are [pki.NameConstraints] as cert-manager's CertificateSpec has them in JSON.
type NameConstraints struct {
	Critical  bool         `json:"critical,omitempty"`
	Permitted *Constrained `json:"permitted,omitempty"`
	Excluded  *Constrained `json:"excluded,omitempty"`
}

// Constrained is [pki.NameConstraintItem] under cert-manager's names.
type Constrained struct {
	DNSDomains     []string `json:"dnsDomains,omitempty"`
	IPRanges       []string `json:"ipRanges,omitempty"`
	EmailAddresses []string `json:"emailAddresses,omitempty"`
	URIDomains     []string `json:"uriDomains,omitempty"`
}

// NewNameConstraints writes n; nil where nothing is constrained.
func NewNameConstraints(n pki.NameConstraints) *NameConstraints {
	if n.Empty() {
		return nil
	}
	return &NameConstraints{Critical: n.Critical, Permitted: constrained(n.Permitted), Excluded: constrained(n.Excluded)}
}

// Names are the constraints, none of nil.
func (n *NameConstraints) Names() pki.NameConstraints {
	if n == nil {
		return pki.NameConstraints{}
	}
	return pki.NameConstraints{Critical: n.Critical, Permitted: n.Permitted.names(), Excluded: n.Excluded.names()}
}

func constrained(i pki.NameConstraintItem) *Constrained {
	c := Constrained(i)
	if len(c.DNSDomains)+len(c.IPRanges)+len(c.EmailAddresses)+len(c.URIDomains) == 0 {
		return nil
	}
	return &c
}

func (c *Constrained) names() pki.NameConstraintItem {
	if c == nil {
		return pki.NameConstraintItem{}
	}
	return pki.NameConstraintItem(*c)
}
