package lint

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"slices"
	"strings"

	"certgen/certs/encoding"
	"certgen/certs/pki"
)

// Reading is what a file holds.
type Reading struct {
	// Targets are the certificates, each with what belongs to it. A keystore may hold several. One without a
	// Chain is a private key alone.
	Targets  []Target
	Findings []Finding // on what holds them
	Notes    []string  // as in [encoding.Material]
}

// ReadTargets reads whatever [encoding.Read] does. The chain of a PEM file is what stands in it, in that order, as
// servers send it. A keystore and the others have no order that matters: there each key, or without one
// each certificate that issued no other, gets the chain that leads from it.
//
// That a private key in PEM is encrypted is a finding; without its password the certificates beside it are
// read alone. Other encrypted inputs are an error then.
func ReadTargets(data []byte, password encoding.Password) (Reading, error) {
	text := pki.AsText(data)
	isPEM := bytes.Contains(text, []byte(pki.PEMBegin))
	encrypted := ""
	m, err := encoding.Read(data, func(what string) ([]byte, error) {
		encrypted = what
		if password == nil {
			return nil, encoding.ErrNoPassword
		}
		return password(what)
	})
	if isPEM && errors.Is(err, encoding.ErrNoPassword) {
		if m, err = encoding.Read(withoutKeys(text), nil); err != nil {
			err = encoding.ErrNoPassword // there is nothing but the key
		}
	}
	if err != nil {
		return Reading{}, err
	}
	r := Reading{Notes: m.Notes}
	if isPEM && encrypted != "" {
		r.Findings = append(r.Findings, RuleKeyEncrypted.Found("%s is encrypted", encrypted))
	}
	if isPEM {
		r.Targets = []Target{{Chain: m.Certificates, Key: keyOf(m, m.Certificates)}}
	} else {
		r.Targets, err = targets(m)
	}
	return r, err
}

// withoutKeys leaves the private keys out of a PEM text.
func withoutKeys(text []byte) []byte {
	var out bytes.Buffer
	for rest := encoding.TrimLines(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return out.Bytes()
		}
		if !strings.HasSuffix(block.Type, pki.PEMPrivateKey) {
			_ = pem.Encode(&out, block) // fails only if the writer does, and a Buffer does not
		}
	}
}

// keyOf picks the key that one of the certificates is for, or else any.
func keyOf(m *encoding.Material, certs []*x509.Certificate) crypto.Signer {
	for _, key := range m.Keys {
		if slices.ContainsFunc(certs, func(c *x509.Certificate) bool { return pki.Certifies(c, key) }) {
			return key
		}
	}
	if len(m.Keys) > 0 {
		return m.Keys[0]
	}
	return nil
}

// targets sorts certificates into chains.
func targets(m *encoding.Material) ([]Target, error) {
	all := pki.Unique(m.Certificates)
	if bundle := (Target{Chain: all}); len(m.Keys) == 0 && bundle.IsBundle() {
		return []Target{bundle}, nil
	}
	var targets []Target
	add := func(leaf *x509.Certificate, key crypto.Signer) error {
		path, err := pki.Climb(leaf, all)
		if err != nil {
			return err
		}
		e := Target{Chain: path, Key: key}
		if top := path[len(path)-1]; pki.Signs(top, top) {
			e.Chain, e.CA = path[:max(1, len(path)-1)], []*x509.Certificate{top}
		}
		targets = append(targets, e)
		return nil
	}
	for _, key := range m.Keys {
		leaf := pki.LeafOf(key, all)
		if leaf == nil {
			targets = append(targets, Target{Key: key})
		} else if err := add(leaf, key); err != nil {
			return nil, err
		}
	}
	if len(m.Keys) > 0 {
		return targets, nil
	}
	issuers := make(map[string]bool, len(all))
	for _, c := range all {
		issuers[string(c.RawIssuer)] = issuers[string(c.RawIssuer)] || !pki.SelfIssued(c)
	}
	for _, c := range all {
		if issuers[string(c.RawSubject)] {
			continue
		}
		if err := add(c, nil); err != nil {
			return nil, err
		}
	}
	if len(targets) == 0 { // they issued each other in a circle
		targets = []Target{{Chain: all}}
	}
	return targets, nil
}

// ReadChain reads the certificates in a PEM text exactly as servers do, and says what keeps these from
// reading it; what names the text. Where only the form is wrong, the certificates are returned even so.
func ReadChain(what string, text []byte) ([]*x509.Certificate, []Finding) {
	chain, err := pki.ParseCertificates(text)
	// Servers, and encoding/pem, pass over damaged blocks in silence.
	if err == nil && len(chain) == bytes.Count(text, []byte(pki.PEMBegin)) {
		return chain, nil
	}
	r, readErr := ReadTargets(text, nil)
	switch {
	case readErr != nil: // what is left would be judged for something that it is not
		return nil, []Finding{RuleUnreadable.Found("%s: %v", what, readErr)}
	case len(r.Targets[0].Chain) == 0:
		return nil, []Finding{RuleUnreadable.Found("%s holds no certificate but a private key", what)}
	case len(chain) == 0:
		return r.Targets[0].Chain, []Finding{RuleUnreadable.Found("%s holds a certificate, but not as plain PEM in UTF-8", what)}
	}
	return chain, nil
}

// ReadKey reads the private key in a PEM text exactly as servers do, and says what keeps these from
// reading it; what names the text. The password, which may be nil, shows what is in an encrypted one.
func ReadKey(what string, text []byte, password encoding.Password) (crypto.Signer, []Finding) {
	key, err := pki.ParseKey(text)
	if err == nil {
		return key, nil
	}
	r, err := ReadTargets(text, password)
	var unsupported pki.UnsupportedKey
	switch {
	case errors.Is(err, encoding.ErrNoPassword):
		return nil, []Finding{RuleKeyEncrypted.Found("the private key in %s is encrypted", what)}
	case errors.Is(err, encoding.ErrPassword):
		return nil, []Finding{RuleKeyEncrypted.Found("the private key in %s is encrypted, and the password is wrong", what)}
	case errors.As(err, &unsupported):
		rule := RuleWeakKey.warning()
		rule.Breaks = refusedKey(string(unsupported))
		return nil, []Finding{rule.Found("%s holds a key of type %s, which cannot be compared with the certificate", what, string(unsupported))}
	case err != nil:
		return nil, []Finding{RuleUnreadable.Found("%s: %v", what, err)}
	case r.Targets[0].Key == nil:
		return nil, []Finding{RuleUnreadable.Found("%s holds no private key", what)}
	case len(r.Findings) > 0: // that it is encrypted
		return r.Targets[0].Key, r.Findings
	}
	return r.Targets[0].Key, []Finding{RuleUnreadable.Found("%s holds a private key, but not as plain PEM in UTF-8", what)}
}

// LooksReadable tells from the start of a file whether [encoding.Read] will know what it is, damaged or not. It
// does not recognize base64 without PEM's lines.
func LooksReadable(start []byte) bool {
	start = pki.AsText(start[:len(start)/2*2]) // a cut may leave half a UTF-16 character
	return len(start) > 0 && encoding.IsDER(start) || bytes.Contains(start, []byte(pki.PEMBegin)) ||
		bytes.HasPrefix(start, []byte(encoding.JKSMagic)) || bytes.HasPrefix(start, []byte(encoding.JCEKSMagic))
}
