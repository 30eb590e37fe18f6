package secrets

import (
	"encoding/base64"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/certs/renewal"
	"certgen/internal/faulty"
	"certgen/render"
)

// ids are the findings of all parts, in order.
func ids(parts []Part) []string {
	var ids []string
	for _, part := range parts {
		for _, f := range part.Findings {
			ids = append(ids, f.Rule.ID)
		}
	}
	return ids
}

func base64Of(text []byte) string { return base64.StdEncoding.EncodeToString(text) }

func TestParts(t *testing.T) {
	t.Parallel()
	m := faulty.NewMaker(t, time.Now())
	pair := m.Sound()
	cert, key, ca := base64Of(pair.Cert), base64Of(pair.Key), base64Of(pair.CA)
	const tls = "kubernetes.io/tls"
	whole := map[string]string{"tls.crt": cert, "tls.key": key, "ca.crt": ca}
	with := func(changes ...string) map[string]string {
		data := map[string]string{}
		for i := 0; i < len(changes); i += 2 {
			data[changes[i]] = changes[i+1]
		}
		for k, v := range whole {
			if _, set := data[k]; !set {
				data[k] = v
			}
		}
		return data
	}
	wrapped := cert[:64] + "\n" + cert[64:] + "\n" // a literal block, which the API server takes
	tests := map[string]struct {
		secret   render.EncodedSecret
		entries  string // of the parts
		findings []string
	}{
		"sound":             {render.EncodedSecret{Type: tls, Data: whole}, "pair", nil},
		"stringData":        {render.EncodedSecret{Type: tls, StringData: map[string]string{"tls.crt": string(pair.Cert), "tls.key": string(pair.Key)}}, "pair", nil},
		"stringData wins":   {render.EncodedSecret{Type: tls, Data: with("tls.crt", "REPLACE"), StringData: map[string]string{"tls.crt": string(pair.Cert)}}, "pair", nil},
		"literal block":     {render.EncodedSecret{Type: tls, Data: with("tls.crt", wrapped)}, "pair", nil},
		"empty ca.crt":      {render.EncodedSecret{Type: tls, Data: with("ca.crt", "")}, "pair", nil},
		"Opaque":            {render.EncodedSecret{Type: "Opaque", Data: whole}, "pair", []string{"secret-type"}},
		"no type":           {render.EncodedSecret{Data: whole}, "pair", []string{"secret-type"}},
		"no key":            {render.EncodedSecret{Type: tls, Data: map[string]string{"tls.crt": cert}}, "pair", []string{"key-missing"}},
		"nothing":           {render.EncodedSecret{Type: tls}, "pair", []string{"secret-keys"}},
		"misnamed":          {render.EncodedSecret{Data: map[string]string{"nginx.crt": cert, "nginx.key": key}}, "pair", []string{"secret-keys"}},
		"folded":            {render.EncodedSecret{Type: tls, Data: with("tls.crt", strings.ReplaceAll(wrapped, "\n", " "))}, "pair", []string{"base64-damaged"}},
		"cut base64":        {render.EncodedSecret{Type: tls, Data: with("tls.key", key[:len(key)-6])}, "pair", []string{"base64-damaged"}},
		"PEM in data":       {render.EncodedSecret{Type: tls, Data: with("tls.crt", string(pair.Cert))}, "pair", []string{"base64-damaged"}},
		"twice":             {render.EncodedSecret{Type: tls, Data: with("tls.key", base64Of([]byte(key)))}, "pair", []string{"double-encoded"}},
		"twice and wrapped": {render.EncodedSecret{Type: tls, Data: with("tls.crt", base64Of([]byte(wrapped)))}, "pair", []string{"double-encoded"}},
		"base64 as string":  {render.EncodedSecret{Type: tls, Data: with("tls.crt", ""), StringData: map[string]string{"tls.crt": cert}}, "pair", []string{"double-encoded"}},
		"placeholders":      {render.EncodedSecret{Type: tls, Data: with("tls.crt", "${CERT}", "tls.key", base64Of([]byte("your-key-here")))}, "pair", []string{"placeholder", "placeholder"}},
		"DER":               {render.EncodedSecret{Type: tls, Data: with("tls.crt", base64Of(m.Root.Certificate.Raw))}, "pair", []string{"unreadable"}},
		"byte order mark":   {render.EncodedSecret{Type: tls, Data: with("tls.key", base64Of(append([]byte("\xef\xbb\xbf"), pair.Key...)))}, "pair", []string{"unreadable"}},
		"key as crt":        {render.EncodedSecret{Type: tls, Data: with("tls.crt", key)}, "pair", []string{"unreadable"}},
		"crt as key":        {render.EncodedSecret{Type: tls, Data: with("tls.key", cert)}, "pair", []string{"unreadable"}},
		"empty crt":         {render.EncodedSecret{Type: tls, Data: with("tls.crt", "")}, "pair", []string{"unreadable"}},
		"applied": {render.EncodedSecret{Type: tls, Data: whole, Annotations: map[string]string{
			"kubectl.kubernetes.io/last-applied-configuration": `{"data":{"tls.key":"` + key + `"}}`}}, "pair", []string{"last-applied-key"}},
		"applied without": {render.EncodedSecret{Type: tls, Data: whole, Annotations: map[string]string{
			"kubectl.kubernetes.io/last-applied-configuration": `{"metadata":{"name":"tls.key"}}`}}, "pair", nil},
		"a password":  {render.EncodedSecret{Data: map[string]string{"password": "c2VjcmV0"}}, "", nil},
		"a CA's pair": {render.EncodedSecret{Data: map[string]string{"ca.crt": ca, "ca.key": key}}, "ca.crt", nil},
		"roots":       {render.EncodedSecret{Data: map[string]string{"one.pem": ca, "two.pem": ca, "note": "eA=="}}, "one.pem two.pem", nil},
		"cert alone":  {render.EncodedSecret{Data: map[string]string{"tls.crt": cert}}, "tls.crt", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parts := Parts(test.secret)
			var entries []string
			for _, part := range parts {
				if part.Entry == "" {
					part.Entry = "pair"
				}
				entries = append(entries, part.Entry)
			}
			if got := strings.Join(entries, " "); got != test.entries || !slices.Equal(ids(parts), test.findings) {
				t.Errorf("parts %q with findings %q, want %q with %q", got, ids(parts), test.entries, test.findings)
			}
		})
	}
}

// TestPartsReadsOn: damage to the text does not hide what is wrong with the certificate.
func TestPartsReadsOn(t *testing.T) {
	t.Parallel()
	pair := faulty.NewMaker(t, time.Now()).Sound()
	folded := base64Of(pair.Cert)
	folded = folded[:64] + " " + folded[64:]
	parts := Parts(render.EncodedSecret{Type: "kubernetes.io/tls", Data: map[string]string{"tls.crt": folded, "tls.key": base64Of([]byte(base64Of(pair.Key)))}})
	if len(parts) != 1 || len(parts[0].Target.Chain) != 2 || !parts[0].Target.KeyMatches() {
		t.Errorf("%+v", parts)
	}
}

func TestIsPlaceholder(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"REPLACE_WITH_BASE64_CERT": true, "<your certificate>": true, "${TLS_CRT}": true, "{{ .Values.crt }}": true, "changeme": true, "...": true,
		"YOUR_CERT_HERE": true, "": false, "c2VjcmV0": false, "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tTODO": false,
		"-----BEGIN CERTIFICATE-----": false, strings.Repeat("TODO", 100): false, "\x00<": false,
	} {
		if got := isPlaceholder(text); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

func TestManager(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]render.EncodedSecret{
		"":                              {},
		"certgen":                       {Labels: map[string]string{ManagedByLabel: ManagedBy}},
		"cert-manager, Certificate web": {Labels: map[string]string{ManagedByLabel: "Helm"}, Annotations: map[string]string{"cert-manager.io/certificate-name": "web"}},
		"certgen, Certificate web":      {Labels: map[string]string{ManagedByLabel: ManagedBy}, Annotations: map[string]string{"cert-manager.io/certificate-name": "web"}},
	} {
		if got := Manager(s); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for text, want := range map[string]time.Duration{"": 0, "720h": 720 * time.Hour, "30 days": 0} {
		if got := Renewal(render.EncodedSecret{Annotations: map[string]string{RenewBeforeAnnotation: text}}).Before; got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// TestRenewal: what a Secret keeps of a renewal is read back; what makes no sense counts as not there.
func TestRenewal(t *testing.T) {
	t.Parallel()
	windows := &renewal.Spec{Policy: renewal.RenewBefore, Windows: []renewal.WindowSpec{{Cron: "0 2 * * 6", Timezone: "Europe/Berlin", WindowDuration: "4h0m0s"}}}
	for _, test := range []struct {
		before     time.Duration
		percentage int
		spec       *renewal.Spec
		want       map[string]string
	}{
		{want: nil},
		{before: 240 * time.Hour, want: map[string]string{RenewBeforeAnnotation: "240h0m0s"}},
		{percentage: 25, want: map[string]string{RenewBeforePercentageAnnotation: "25"}},
		{spec: &renewal.Spec{Policy: renewal.Never}, want: map[string]string{RenewalAnnotation: `{"policy":"Disabled"}`}},
		{before: time.Hour, spec: windows, want: map[string]string{RenewBeforeAnnotation: "1h0m0s",
			RenewalAnnotation: `{"policy":"RenewBefore","windows":[{"cron":"0 2 * * 6","timezone":"Europe/Berlin","windowDuration":"4h0m0s"}]}`}},
	} {
		var percentage *int
		if test.percentage > 0 {
			percentage = &test.percentage
		}
		p, problems := renewal.Parse(pki.DefaultDuration, test.before, percentage, test.spec)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		written := New(Meta{Name: "web", Renewal: p}, pki.PEM{}, false).Annotations
		if !maps.Equal(written, test.want) {
			t.Errorf("written %q, want %q", written, test.want)
		}
		notBefore := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		want, renewed := p.At(notBefore, notBefore.Add(90*pki.Day))
		got, still := Renewal(render.EncodedSecret{Annotations: written}).At(notBefore, notBefore.Add(90*pki.Day))
		if renewed != still || !got.Equal(want) {
			t.Errorf("%q: %v, want %v", written, got, want)
		}
	}
	for key, text := range map[string]string{RenewBeforePercentageAnnotation: "200", RenewalAnnotation: `{"policy":"Never"}`} {
		if got := Renewal(render.EncodedSecret{Annotations: map[string]string{key: text}}); !reflect.DeepEqual(got, renewal.Policy{}) {
			t.Errorf("%s: %s is %v", key, text, got)
		}
	}
}

// FuzzEncodedSecret: whatever stands in a Secret, linting it ends, and no finding repeats the private key.
func FuzzEncodedSecret(f *testing.F) {
	f.Add("kubernetes.io/tls", "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==", "REPLACE_WITH_BASE64_KEY", "")
	f.Add("Opaque", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "LS0t LS1C", `{"data":{"tls.key":"x"}}`)
	f.Add("", "TFMwdExTMUNSVWRK", "{{ .Values.key }}", "tls.key")
	f.Fuzz(func(t *testing.T, kind, cert, key, applied string) {
		s := render.EncodedSecret{
			Type: kind, Annotations: map[string]string{"kubectl.kubernetes.io/last-applied-configuration": applied},
			Data: map[string]string{"tls.crt": cert, "tls.key": key}, StringData: map[string]string{"ca.crt": cert},
		}
		for _, part := range Parts(s) {
			for _, finding := range part.Findings {
				if len(key) >= 16 && strings.Contains(finding.Detail, key) && !strings.Contains(cert, key) {
					t.Errorf("%q is in %q", key, finding.Detail)
				}
			}
			if len(part.Target.Chain) > 0 {
				part.Target.Lint(lint.Expectations{Now: time.Now()})
			}
		}
	})
}
