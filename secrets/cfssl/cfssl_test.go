package cfssl

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudflare/cfssl/csr"
	"github.com/cloudflare/cfssl/log"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/internal/pkitest"
)

const webRequest = `{
	"CN": "web.example",
	"hosts": ["web.example", "*.example.com", "192.0.2.1", "::1", "ops@example.com", "spiffe://example.com/web"],
	"names": [
		{"C": "KR", "ST": "Seoul", "L": "Jongno", "O": "Example, Inc.", "OU": "web"},
		{"O": "Example + Sons", "E": "ca@example.com", "OID": {"1.2.840.113549.1.9.2": "name"}}
	],
	"key": {"algo": "rsa", "size": 3072},
	"serialnumber": "42"
}`

const profiles = `{
	"signing": {
		"default": {"usages": ["signing", "key encipherment", "server auth"], "expiry": "8760h"},
		"profiles": {
			"client": {"usages": ["digital signature", "client auth"], "expiry": "720h", "backdate": "5m", "auth_key": "k",
				"ocsp_url": "http://ocsp.example", "crl_url": "http://crl.example/x", "issuer_urls": ["http://ca.example/ca.crt"]},
			"intermediate": {"usages": ["cert sign", "crl sign"], "expiry": "43800h",
				"ca_constraint": {"is_ca": true, "max_path_len": 0, "max_path_len_zero": true}}
		}
	},
	"auth_keys": {"k": {"type": "standard", "key": "00"}}
}`

func TestReadRequest(t *testing.T) {
	t.Parallel()
	spec, err := ReadRequest("csr.json", []byte(webRequest))
	if err != nil {
		t.Fatal(err)
	}
	r, err := spec.Request()
	if err != nil {
		t.Fatal(err)
	}
	for what, pair := range map[string][2]string{
		"subject":   {pki.FormatSubject(r.Subject), `EMAILADDRESS=ca@example.com,1.2.840.113549.1.9.2=name,SERIALNUMBER=42,CN=web.example,OU=web,O=Example\, Inc.+O=Example \+ Sons,L=Jongno,ST=Seoul,C=KR`},
		"DNS names": {strings.Join(r.DNSNames, " "), "web.example *.example.com"},
		"IPs":       {strings.Join(pki.Texts(r.IPAddresses), " "), "192.0.2.1 ::1"},
		"e-mail":    {strings.Join(r.EmailAddresses, " "), "ops@example.com"},
		"URIs":      {strings.Join(pki.Texts(r.URIs), " "), "spiffe://example.com/web"},
		"key":       {r.Key.String(), "RSA 3072"},
		"usages":    {strings.Join(pki.FormatUsages(r.KeyUsage, r.ExtKeyUsages), ", "), "digital signature, key encipherment, server auth, client auth"},
		"life":      {r.Duration.String(), "8760h0m0s"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %s, want %s", what, pair[0], pair[1])
		}
	}
}

// TestAsCfssl: the subject and the names are, byte for byte, those that cfssl itself asks for.
func TestAsCfssl(t *testing.T) {
	t.Parallel()
	log.Level = log.LevelFatal
	text := strings.Replace(webRequest, `"E": "ca@example.com", `, "", 1) // which cfssl writes as a UTF8String, against RFC 5280
	var written csr.CertificateRequest
	if err := json.Unmarshal([]byte(text), &written); err != nil {
		t.Fatal(err)
	}
	made, err := csr.Generate(pkitest.ECKey(t), &written)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(made)
	want, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := ReadRequest("csr.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r, err := spec.Request()
	if err != nil {
		t.Fatal(err)
	}
	if subject, err := pki.MarshalSubject(r.Subject); err != nil || !bytes.Equal(subject, want.RawSubject) {
		t.Errorf("subject %x, %v, want %x", subject, err, want.RawSubject)
	}
	if !slices.Equal(r.DNSNames, want.DNSNames) || !slices.Equal(r.EmailAddresses, want.EmailAddresses) ||
		!slices.Equal(pki.Texts(r.IPAddresses), pki.IPTexts(want.IPAddresses)) || !slices.Equal(pki.Texts(r.URIs), pki.Texts(want.URIs)) {
		t.Errorf("%v, %v, %v, %v, want %v, %v, %v, %v", r.DNSNames, r.IPAddresses, r.EmailAddresses, r.URIs, want.DNSNames, want.IPAddresses, want.EmailAddresses, want.URIs)
	}
}

func TestReadAuthority(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		ca     string
		life   time.Duration
		length int // -1: no bound
	}{
		{`{}`, 5 * 365 * pki.Day, -1},
		{`{"expiry": "87600h", "pathlen": 2}`, 3650 * pki.Day, 2},
		{`{"pathlenzero": true, "backdate": "5m0s"}`, 5 * 365 * pki.Day, 0},
	} {
		spec, err := ReadRequest("csr.json", []byte(`{"CN": "Root", "hosts": ["root.example"], "ca": `+test.ca+`}`))
		if err != nil {
			t.Fatal(err)
		}
		r, err := spec.Request()
		if err != nil {
			t.Fatal(err)
		}
		length := -1
		if r.PathLength != nil {
			length = *r.PathLength
		}
		if !r.IsCA || r.Duration != test.life || length != test.length || len(r.DNSNames) > 0 || r.Key.String() != "ECDSA P-256" {
			t.Errorf("%s: %+v", test.ca, r)
		}
	}
	without := []byte(`{"CN": "Root"}`)
	if spec, err := ReadAuthority("csr.json", without); err != nil || !spec.IsCA || !slices.Equal(spec.Usages, []string{"cert sign", "crl sign"}) {
		t.Errorf("without a section ca: %+v, %v", spec, err)
	}
	if spec, err := ReadRequest("csr.json", without); err != nil || spec.IsCA {
		t.Errorf("without a section ca a certificate is a CA's: %+v, %v", spec, err)
	}
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	p, err := ReadProfiles("ca-config.json", []byte(profiles))
	if err != nil {
		t.Fatal(err)
	}
	base, err := ReadRequest("csr.json", []byte(webRequest))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"":             "digital signature, key encipherment, server auth; 8760h0m0s; false; 2",
		"client":       "digital signature, client auth; 720h0m0s; false; 2",
		"intermediate": "cert sign, crl sign; 43800h0m0s; true; 0",
	} {
		found, err := p.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := found.Apply(base).Request()
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join([]string{strings.Join(pki.FormatUsages(r.KeyUsage, r.ExtKeyUsages), ", "), r.Duration.String()}, "; ")
		got += map[bool]string{true: "; true", false: "; false"}[r.IsCA] + "; " + string(rune('0'+len(r.DNSNames)))
		if got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
	client, _ := p.Find("client")
	if got := client.Published; !slices.Equal(got.OCSPServers, []string{"http://ocsp.example"}) || len(got.CRLDistributionPoints) != 1 || len(got.IssuingCertificateURLs) != 1 {
		t.Errorf("published: %+v", got)
	}
	if inter, _ := p.Find("intermediate"); inter.PathLength == nil || *inter.PathLength != 0 {
		t.Errorf("a path length of 0 is lost: %+v", inter)
	}
	if _, err := p.Find("server"); err == nil || pki.HintOf(err) != "the profiles are: client, intermediate" {
		t.Errorf("an unknown profile: %v; %s", err, pki.HintOf(err))
	}
}

// TestProblems: each is said with its place, and all at once.
func TestProblems(t *testing.T) {
	t.Parallel()
	request := func(data []byte) error { _, err := ReadRequest("f", data); return err }
	config := func(data []byte) error { _, err := ReadProfiles("f", data); return err }
	find := func(data []byte) error {
		p, err := ReadProfiles("f", data)
		if err == nil {
			_, err = p.Find("")
		}
		return err
	}
	for _, test := range []struct {
		read func([]byte) error
		text string
		want []string
	}{
		{request, ``, []string{"f:1:1: not JSON"}},
		{request, "{\n\t\"CN\": \"a\",\n\t\"hosts\": [\"a\",]\n}", []string{"f:3:16: not JSON"}},
		{request, `["a"]`, []string{"f:1:1: not a JSON object"}},
		{request, "CN: a\nhosts: [a]\n", []string{"f:1:1: not JSON"}},
		{request, "{\n  \"cn\": \"a\",\n  \"host\": [],\n  \"key\": {\"algo\": 1, \"sise\": 2}\n}", []string{
			`f:2:3: cn: is not a field of Request; did you mean "CN"?`, `f:3:3: host: is not a field of Request; did you mean "hosts"?`,
			`f:4:19: key.algo: is not a string`, `f:4:22: key.sise: is not a field of Key; did you mean "size"?`}},
		{request, `{"CN": "a", "CN": "b"}`, []string{"f:1:13: CN: "}},
		{request, `{"CN": "a", "hosts": ["nginx:443"], "kye": {}}`, []string{`f:1:22: hosts "nginx:443"`, `f:1:37: kye: is not a field`}},
		{request, `{"names": [{"O": "a"}]}`, []string{`f:1:1: CN "": is not set`}},
		{request, `{"CN": "a", "hosts": ["nginx:443", "/foo", "", "a_b.example", "1.2.3.4.5", "http://"], "key": {"algo": "dsa", "size": 1024},
			"extensions": [{"id": "1.2.3"}], "names": [{"C": "Korea", "SerialNumber": "1", "OID": {"1.x": "y"}}]}`, []string{
			`f:1:22: hosts "nginx:443"`, `f:1:22: hosts "/foo"`, `f:1:22: hosts "": empty`, `f:1:22: hosts "a_b.example"`,
			`f:1:22: hosts "1.2.3.4.5"`, `f:1:22: hosts "http://"`, `f:1:104: key.algo "dsa"`,
			`f:2:18: extensions "": certgen makes no`, `f:2:46: names "Korea"`, `f:2:46: names "1": cfssl does not read`, `f:2:46: names "1.x": not an object identifier`}},
		{request, `{"CN": "a", "ca": {"expiry": "5y", "pathlen": -1, "backdate": "1h"}}`, []string{
			`f:1:30: ca.expiry "5y": not a duration`, `f:1:47: ca.pathlen "-1"`, `f:1:63: ca.backdate "1h"`}},
		{request, `{"hosts": ["a"]}`, []string{`f:1:1: CN "": no subject`}},
		{find, `{"signing": {"default": {"remote": "x"}, "profiles": {"a": {"usages": ["any"], "expiry": "1h"}}}}`, []string{
			`f:1:25: signing.default.usages "": no usage`, `f:1:25: signing.default.expiry "": is not set`,
			`f:1:36: signing.default.remote "": certgen signs by itself`}},
		{config, `{"signing": {}}`, []string{`f:1:13: signing "": neither`}},
		{config, `{"signing": {"default": {"usages": ["server auth", "serverauth", "web"], "expiry": "1m", "remote": "x"},
			"profile": {}, "profiles": {"a": null, "b": {"expiry": "", "ca_constraint": {"max_path_len": 1}}}}}`, []string{
			`f:2:4: signing.profile: is not a field of Signing; did you mean "profiles"?`}},
		{config, `{"signing": {"default": {"usages": ["server auth", "serverauth", "web"], "expiry": "1m", "remote": "x"},
			"profiles": {"a": null, "b": {"expiry": "", "ca_constraint": {"max_path_len": 1}, "crl_url": "x"}}}}`, []string{
			`f:1:36: signing.default.usages "serverauth": unknown usage; write "server auth"`, `f:1:36: signing.default.usages "web": unknown usage`,
			`f:1:84: signing.default.expiry "1m"`,
			`f:2:22: signing.profiles.a "": is empty`,
			`f:2:65: signing.profiles.b.ca_constraint "": a path length`, `f:2:97: signing.profiles.b.crl_url "x"`}},
	} {
		err := test.read([]byte(test.text))
		var found pki.PlacedProblems
		if !errors.As(err, &found) {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		lines := strings.Split(strings.TrimPrefix(found.Error(), fmt.Sprintf("%d problems\n  ", len(found))), "\n  ")
		if len(lines) != len(test.want) {
			t.Errorf("%s:\n%v\nare %d problems, want %d", test.text, err, len(lines), len(test.want))
			continue
		}
		for i, want := range test.want {
			if !strings.HasPrefix(lines[i], want) {
				t.Errorf("%s: problem %d is %q, want %q", test.text, i, lines[i], want)
			}
		}
	}
}

// FuzzReadRequest: whatever a file says, reading it ends, and what passes can be asked of an issuer or says why not.
func FuzzReadRequest(f *testing.F) {
	f.Add([]byte(webRequest))
	f.Add([]byte(`{"CN":"a","ca":{"pathlen":1,"expiry":"1h"},"key":{"algo":"ed25519"}}`))
	f.Add([]byte(`{"hosts":["nginx:443","\ud83d\ude00","urn:x"],"names":[{"OID":{"2.999":"x"}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, read := range []func(string, []byte) (certs.Spec, error){ReadRequest, ReadAuthority} {
			spec, err := read("csr.json", data)
			if err == nil {
				_, err = spec.Request()
			} else if !errors.As(err, new(pki.PlacedProblems)) {
				t.Errorf("%T is no list of problems", err)
			}
			if err != nil && err.Error() == "" {
				t.Error("an error without a word")
			}
		}
	})
}

// FuzzReadProfiles: so it is with profiles.
func FuzzReadProfiles(f *testing.F) {
	f.Add([]byte(profiles), "client")
	f.Add([]byte(`{"signing":{"profiles":{"":{"usages":["any"],"expiry":"1h"}}}}`), "")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		p, err := ReadProfiles("ca-config.json", data)
		if err != nil {
			if !errors.As(err, new(pki.PlacedProblems)) || err.Error() == "" {
				t.Errorf("%T is no list of problems", err)
			}
			return
		}
		if found, err := p.Find(name); err == nil {
			if _, err := found.Apply(certs.Spec{AsWritten: true, CommonName: "x", KeyAlgorithm: "ecdsa"}).Request(); err != nil {
				t.Errorf("the profile makes no certificate: %v", err)
			}
		}
	})
}
