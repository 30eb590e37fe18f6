package cfssl

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"certgen/certs"
	"certgen/certs/pki"
)

// Profiles are those of a ca-config.json.
type Profiles struct {
	byName   map[string]Profile
	standard *Profile // "default"
}

// Profile says for what and for how long certificates are good.
type Profile struct {
	Usages     []string // cfssl's names, which are cert-manager's
	Duration   string   // as [certs.Spec] has it
	IsCA       bool
	PathLength *int
	Published  certs.Published

	unusable pki.PlacedProblems // why certgen can make nothing by it, though cfssl may
}

// Config is a ca-config.json as it is written. Keys and servers are about who may ask, not about certificates.
type Config struct {
	Signing  Signing `json:"signing"`
	OCSP     ignored `json:"ocsp"`
	AuthKeys ignored `json:"auth_keys"`
	Remotes  ignored `json:"remotes"`
}

// Signing are the profiles, and that for those who name none.
type Signing struct {
	Profiles map[string]*SigningProfile `json:"profiles"`
	Default  *SigningProfile            `json:"default"`
}

// SigningProfile is a profile as it is written.
type SigningProfile struct {
	Usages       []string     `json:"usages"`
	Expiry       string       `json:"expiry"`
	Backdate     string       `json:"backdate"`
	CAConstraint CAConstraint `json:"ca_constraint"`
	OCSP         string       `json:"ocsp_url"`
	CRL          string       `json:"crl_url"`
	IssuerURLs   []string     `json:"issuer_urls"`

	AuthKey      ignored `json:"auth_key"`
	PrevAuthKey  ignored `json:"prev_auth_key"`
	CertStore    ignored `json:"cert_store"`
	LintLevel    ignored `json:"lint_error_level"`
	IgnoredLints ignored `json:"ignored_lints"`
	LintSources  ignored `json:"ignored_lint_sources"`

	Remote            unsaid `json:"remote"`
	AuthRemote        unsaid `json:"auth_remote"`
	NotBefore         unsaid `json:"not_before"`
	NotAfter          unsaid `json:"not_after"`
	NameWhitelist     unsaid `json:"name_whitelist"`
	CopyExtensions    unsaid `json:"copy_extensions"`
	AllowedExtensions unsaid `json:"allowed_extensions"`
	OCSPNoCheck       unsaid `json:"ocsp_no_check"`
	CTLogServers      unsaid `json:"ct_log_servers"`
	Policies          unsaid `json:"Policies"`
	CSRWhitelist      unsaid `json:"CSRWhitelist"`
	ClientSerials     unsaid `json:"ClientProvidesSerialNumbers"`
}

// CAConstraint makes certificates those of CAs.
type CAConstraint struct {
	IsCA           bool `json:"is_ca"`
	MaxPathLen     int  `json:"max_path_len"`
	MaxPathLenZero bool `json:"max_path_len_zero"` // a MaxPathLen of 0 is meant as one
}

// ReadProfiles reads a ca-config.json. The error is [pki.PlacedProblems], at places in source. A profile that says too little, or is for a server, is no
// error until [Profiles.Find] wants it.
func ReadProfiles(source string, data []byte) (Profiles, error) {
	var c Config
	f, err := read(source, data, &c)
	if err != nil {
		return Profiles{}, err
	}
	p := Profiles{byName: map[string]Profile{}}
	if c.Signing.Default == nil && len(c.Signing.Profiles) == 0 {
		f.problem("", "neither default nor profiles is set", "", "signing")
	}
	if d := c.Signing.Default; d != nil {
		standard := d.profile(f, "signing", "default")
		p.standard = &standard
	}
	for _, name := range slices.Sorted(maps.Keys(c.Signing.Profiles)) {
		if written := c.Signing.Profiles[name]; written != nil {
			p.byName[name] = written.profile(f, "signing", "profiles", name)
		} else {
			f.problem("", "is empty", "", "signing", "profiles", name)
		}
	}
	return p, f.err()
}

// Names are those of the profiles beside the default, in order.
func (p Profiles) Names() []string { return slices.Sorted(maps.Keys(p.byName)) }

// Find returns a profile by its name, "" for the default. The error is [pki.PlacedProblems] where nothing can be made by it. cfssl takes the default for a name that it does not know, too.
func (p Profiles) Find(name string) (Profile, error) {
	if found, ok := p.byName[name]; ok && name != "" {
		return found, found.unusable.InOrder()
	}
	names := p.Names()
	switch {
	case name != "":
		return Profile{}, pki.WithHint(fmt.Errorf("there is no profile %q", name), "the profiles are: %s", strings.Join(names, ", "))
	case p.standard == nil:
		return Profile{}, pki.WithHint(fmt.Errorf("there is no default profile"), "name one of %s", strings.Join(names, ", "))
	}
	return *p.standard, p.standard.unusable.InOrder()
}

// Apply returns the spec as the profile has it: its usages, its life, and whether it is a CA's.
func (p Profile) Apply(s certs.Spec) certs.Spec {
	s.Usages, s.Duration, s.IsCA, s.PathLength = p.Usages, p.Duration, p.IsCA, p.PathLength
	if s.IsCA { // as cfssl does
		s.DNSNames, s.IPAddresses, s.URIs, s.EmailAddresses = nil, nil, nil, nil
	}
	return s
}

// profile checks a profile that stands at some keys.
func (w *SigningProfile) profile(f *file, at ...string) Profile {
	keys := func(more ...string) []string { return append(slices.Clip(at), more...) }
	own := &file{source: f.source, object: f.object}
	p := Profile{Usages: w.Usages, IsCA: w.CAConstraint.IsCA, Published: certs.Published{IssuingCertificateURLs: w.IssuerURLs}}
	if _, _, problems := pki.ParseUsagesAsWritten(w.Usages); len(problems) > 0 {
		for _, problem := range problems {
			f.wrong(problem, keys("usages")...)
		}
	}
	if len(w.Usages) == 0 {
		own.problem("", "no usage is named", `such as ["signing", "key encipherment", "server auth"]`, keys("usages")...)
	}
	if w.Expiry == "" {
		own.problem("", "is not set", `such as "8760h"`, keys("expiry")...)
	}
	p.Duration = life(f, w.Expiry, defaultExpiry, keys("expiry")...).String()
	backdate(f, w.Backdate, keys("backdate")...)
	if c := w.CAConstraint; c.IsCA {
		p.PathLength = pathLength(f, c.MaxPathLen, c.MaxPathLenZero, keys("ca_constraint", "max_path_len")...)
	} else if c.MaxPathLen != 0 || c.MaxPathLenZero {
		f.problem("", "a path length is of no use without is_ca", "", keys("ca_constraint")...)
	}
	for key, given := range map[string]string{"ocsp_url": w.OCSP, "crl_url": w.CRL} {
		p.publish(f, key, given, keys(key)...)
	}
	for _, uri := range w.IssuerURLs {
		p.publish(f, "issuer_urls", uri, keys("issuer_urls")...)
	}
	for name, given := range w.unsaid() {
		if given {
			own.problem("", "certgen signs by itself and makes no certificate with it", "leave it out, or have cfssl make this certificate", keys(name)...)
		}
	}
	p.unusable = own.problems
	return p
}

// publish takes over a URL that certificates name.
func (p *Profile) publish(f *file, key, text string, keys ...string) {
	if text == "" {
		return
	}
	if _, err := pki.ParseURI(text); err != nil {
		f.wrong(err.(pki.Problem), keys...) // ParseURI returns nothing else
	}
	switch key {
	case "ocsp_url":
		p.Published.OCSPServers = []string{text}
	case "crl_url":
		p.Published.CRLDistributionPoints = []string{text}
	}
}

func (w *SigningProfile) unsaid() map[string]unsaid {
	return map[string]unsaid{
		"remote": w.Remote, "auth_remote": w.AuthRemote, "not_before": w.NotBefore, "not_after": w.NotAfter, "name_whitelist": w.NameWhitelist,
		"copy_extensions": w.CopyExtensions, "allowed_extensions": w.AllowedExtensions, "ocsp_no_check": w.OCSPNoCheck, "ct_log_servers": w.CTLogServers,
		"Policies": w.Policies, "CSRWhitelist": w.CSRWhitelist, "ClientProvidesSerialNumbers": w.ClientSerials,
	}
}
