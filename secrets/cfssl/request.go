package cfssl

import (
	"cmp"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"certgen/certs"
	"certgen/certs/pki"
)

// The lives of cfssl: config.DefaultConfig and initca.CAPolicy in
// https://pkg.go.dev/github.com/cloudflare/cfssl@v1.6.5
const (
	defaultExpiry   = 365 * pki.Day
	authorityExpiry = 5 * 365 * pki.Day
)

// Request is a csr.json as it is written.
type Request struct {
	CN           string     `json:"CN"`
	Names        []Name     `json:"names"`
	Hosts        []string   `json:"hosts"`
	Key          *Key       `json:"key"`
	CA           *Authority `json:"ca"`
	SerialNumber string     `json:"serialnumber"`

	Delegation unsaid `json:"delegation_enabled"`
	Extensions unsaid `json:"extensions"`
	CRL        unsaid `json:"crl_url"`
}

// Name is a part of the subject. cfssl never reads its SerialNumber.
type Name struct {
	C            string            `json:"C"`
	ST           string            `json:"ST"`
	L            string            `json:"L"`
	O            string            `json:"O"`
	OU           string            `json:"OU"`
	E            string            `json:"E"`
	SerialNumber string            `json:"SerialNumber"`
	OID          map[string]string `json:"OID"`
}

// Key says what key is made: "rsa", "ecdsa" or "ed25519", and of how many bits.
type Key struct {
	Algo string `json:"algo"`
	Size int    `json:"size"`
}

// Authority says what CA is made.
type Authority struct {
	PathLength     int    `json:"pathlen"`
	PathLengthZero bool   `json:"pathlenzero"` // a PathLength of 0 is meant as one
	Expiry         string `json:"expiry"`
	Backdate       string `json:"backdate"`
}

// IsRequest reports whether a file is a csr.json, with or without mistakes: a JSON object that has one of its main fields and is
// no object of Kubernetes.
func IsRequest(data []byte) bool {
	var object map[string]json.RawMessage
	if json.Unmarshal(pki.AsText(data), &object) != nil || object["apiVersion"] != nil || object["kind"] != nil {
		return false
	}
	return object["CN"] != nil || object["hosts"] != nil || object["names"] != nil || object["key"] != nil
}

// ReadRequest reads a csr.json: what certificate is wanted, a CA's where it has the section "ca". Usages and life are those
// of cfssl without a configuration, which a [Profile] replaces. The error is [pki.PlacedProblems], at places in source.
func ReadRequest(source string, data []byte) (certs.Spec, error) {
	return readRequest(source, data, func(r Request) *Authority { return r.CA })
}

// ReadAuthority reads a csr.json as "cfssl gencert -initca" does: it is a CA's, with or without the section "ca".
func ReadAuthority(source string, data []byte) (certs.Spec, error) {
	return readRequest(source, data, func(r Request) *Authority { return cmp.Or(r.CA, &Authority{}) })
}

// readRequest reads a csr.json, of a CA where authority returns one.
func readRequest(source string, data []byte, authority func(Request) *Authority) (certs.Spec, error) {
	var r Request
	f, err := read(source, data, &r)
	switch {
	case err == nil:
		return r.spec(f, authority(r))
	case f != nil:
		r.hosts(f, &certs.Spec{}) // what is wrong with them depends on no other field
		err = f.err()
	}
	return certs.Spec{}, err
}

func (r Request) spec(f *file, ca *Authority) (certs.Spec, error) {
	s := certs.Spec{
		AsWritten: true, KeyAlgorithm: string(pki.ECDSA), KeyEncoding: pki.PKCS1,
		Duration: defaultExpiry.String(), Usages: []string{"signing", "key encipherment", "server auth", "client auth"},
	}
	for name, given := range map[string]unsaid{"delegation_enabled": r.Delegation, "extensions": r.Extensions, "crl_url": r.CRL} {
		if given {
			f.problem("", "certgen makes no certificate with it", "leave it out, or make this certificate with cfssl", name)
		}
	}
	r.subject(f, &s)
	r.hosts(f, &s)
	if r.CN == "" && len(s.Subject) > 0 && (ca != nil || len(r.Hosts) == 0) {
		f.problem("", "is not set, and nothing else says who is certified", "", "CN")
	}
	if r.Key != nil {
		s.KeyAlgorithm = cmp.Or(r.Key.Algo, s.KeyAlgorithm)
		if s.KeySize = r.Key.Size; s.KeyAlgorithm == string(pki.Ed25519) {
			s.KeySize = 0 // cfssl does not look at it
		}
		if _, problems := pki.ParseKeySpec(s.KeyAlgorithm, s.KeySize); len(problems) > 0 {
			for _, p := range problems {
				key := "algo"
				if p.Field == pki.FieldKeySize {
					key = "size"
				}
				f.wrong(p, "key", key)
			}
		}
	}
	if ca != nil {
		ca.apply(f, &s)
	}
	return s, f.err()
}

// apply makes the spec that of a CA. cfssl takes hosts off one, too.
func (a *Authority) apply(f *file, s *certs.Spec) {
	s.IsCA, s.Usages = true, []string{"cert sign", "crl sign"}
	s.Duration = life(f, a.Expiry, authorityExpiry, "ca", "expiry").String()
	s.PathLength = pathLength(f, a.PathLength, a.PathLengthZero, "ca", "pathlen")
	backdate(f, a.Backdate, "ca", "backdate")
	s.DNSNames, s.IPAddresses, s.URIs, s.EmailAddresses = nil, nil, nil, nil
}

// pathLength is how cfssl reads a path length: 0 is no bound unless it is said to be one.
func pathLength(f *file, length int, zero bool, keys ...string) *int {
	switch {
	case length < 0:
		f.problem(strconv.Itoa(length), "must be 0 or more", "", keys...)
	case length > 0 || zero:
		return &length
	}
	return nil
}

// life reads an expiry; "" is cfssl's default.
func life(f *file, text string, unset time.Duration, keys ...string) time.Duration {
	if text == "" {
		return unset
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		f.problem(text, "not a duration", `such as "8760h"`, keys...)
		return unset
	}
	if _, _, problems := pki.ParseLife(d.String(), ""); len(problems) > 0 {
		f.problem(text, problems[0].Reason, problems[0].Hint, keys...)
	}
	return d
}

// backdate accepts the one that certgen makes.
func backdate(f *file, text string, keys ...string) {
	if d, err := time.ParseDuration(text); text != "" && (err != nil || d != pki.Backdate) {
		f.problem(text, "certgen back-dates by "+pki.FormatDuration(pki.Backdate)+", as cfssl does where nothing is said", "leave it out", keys...)
	}
}

// hosts sorts the names: cfssl takes for a DNS name whatever is no address, e-mail address or URI.
//
// One empty host alone is none: so people write that a client needs no name, and cfssl certifies a DNS name without letters.
func (r Request) hosts(f *file, s *certs.Spec) {
	if len(r.Hosts) == 1 && r.Hosts[0] == "" && r.CN != "" {
		return
	}
	for _, host := range r.Hosts {
		if err := sortHost(s, host); err != nil {
			f.wrong(err.(pki.Problem), "hosts") // sortHost returns nothing else
		}
	}
}

// sortHost adds a host to its kind. The error is a [pki.Problem].
func sortHost(s *certs.Spec, host string) error {
	if addr, err := pki.ParseIP(host); err == nil {
		s.IPAddresses = append(s.IPAddresses, addr.String())
		return nil
	}
	switch {
	case strings.Contains(host, "://") || strings.HasPrefix(host, "urn:"):
		uri, err := pki.ParseURI(host)
		if err == nil {
			s.URIs = append(s.URIs, uri.String())
		}
		return err
	case strings.Contains(host, "@"):
		email, err := pki.ParseEmail(host)
		if err == nil {
			s.EmailAddresses = append(s.EmailAddresses, email)
		}
		return err
	}
	name, err := pki.ParseDNSName(host)
	if err == nil {
		s.DNSNames = append(s.DNSNames, name)
	}
	return err
}

// subject puts the subject together as cfssl does: of names, each kind of attribute with all its values.
func (r Request) subject(f *file, s *certs.Spec) {
	name := pkix.Name{CommonName: r.CN, SerialNumber: r.SerialNumber}
	check := func(keyword, value string, keys ...string) {
		if err := pki.CheckAttribute(keyword, value); value != "" && err != nil {
			f.problem(value, err.Error(), "", keys...)
		}
	}
	check("CN", r.CN, "CN")
	check("SERIALNUMBER", r.SerialNumber, "serialnumber")
	for _, n := range r.Names {
		for _, part := range []struct {
			key, value string
			into       *[]string
		}{{"C", n.C, &name.Country}, {"ST", n.ST, &name.Province}, {"L", n.L, &name.Locality}, {"O", n.O, &name.Organization}, {"OU", n.OU, &name.OrganizationalUnit}} {
			check(part.key, part.value, "names")
			if part.value != "" {
				*part.into = append(*part.into, part.value)
			}
		}
		if n.SerialNumber != "" {
			f.problem(n.SerialNumber, "cfssl does not read SerialNumber among the names", "write serialnumber beside CN", "names")
		}
		for _, dotted := range slices.Sorted(maps.Keys(n.OID)) {
			if oid, ok := parseOID(dotted); ok {
				name.ExtraNames = append(name.ExtraNames, pkix.AttributeTypeAndValue{Type: oid, Value: n.OID[dotted]})
			} else {
				f.problem(dotted, "not an object identifier", `such as "1.2.840.113549.1.9.2"`, "names")
			}
		}
		if n.E != "" {
			check("EMAILADDRESS", n.E, "names")
			name.ExtraNames = append(name.ExtraNames, pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}, Value: n.E})
		}
	}
	if s.Subject = name.ToRDNSequence(); len(s.Subject) == 0 {
		f.problem("", "no subject is given", "give a CN, or names", "CN")
	}
}

// parseOID reads an object identifier in dots.
func parseOID(dotted string) (oid asn1.ObjectIdentifier, ok bool) {
	for _, part := range strings.Split(dotted, ".") {
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil {
			return nil, false
		}
		oid = append(oid, int(n))
	}
	_, err := asn1.Marshal(oid)
	return oid, err == nil
}
