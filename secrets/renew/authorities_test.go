package renew

import (
	"strings"
	"testing"
	"time"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/internal/pkitest"
	"certgen/secrets/cluster"
)

// TestOverride: a CA that is to sign everything signs neither itself nor the CA above it, whose place in the chain would be lost.
func TestOverride(t *testing.T) {
	t.Parallel()
	root := pkitest.Authority(t, "root", nil, nil)
	upper := pkitest.Authority(t, "upper", root, nil)
	lower := pkitest.Authority(t, "lower", upper, nil)
	ca, err := certs.ParseCA(pki.EncodeCertificates(lower.Cert, upper.Cert, root.Cert), []byte(pkitest.PEMOf(pki.PEMPrivateKey, pkitest.MarshalPKCS8(t, lower.Key))), nil)
	if err != nil {
		t.Fatal(err)
	}
	all := newAuthorities(nil, Override{CA: ca})
	all.beside = new(beside)
	for name, test := range map[string]struct {
		signed *pkitest.Signed
		want   string // of who signs
	}{
		"root":       {root, "self-signed"},
		"upper":      {upper, ""},
		"lower":      {lower, ""},
		"beside":     {pkitest.Authority(t, "beside", root, nil), "CA CN=lower"},
		"a server's": {pkitest.Issue(t, "web.example", upper, pkitest.ECKey(t), nil), "CA CN=lower"},
	} {
		c := fromSecret(secretOf(t, test.signed, test.signed.Key), cluster.Owned{}, Choice{All: true}, false, time.Now())
		issuer, _, err := all.of(t.Context(), c)
		switch {
		case test.want == "" && (err == nil || !strings.Contains(err.Error(), "not at hand")):
			t.Errorf("%s: signed by %v, error %v", name, issuer, err)
		case test.want != "" && (err != nil || issuer.String() != test.want):
			t.Errorf("%s: signed by %v, error %v, want %s", name, issuer, err, test.want)
		}
	}
}
