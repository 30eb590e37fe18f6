package renew

import (
	"context"
	"crypto/x509"
	"errors"
	"testing"

	"certgen/certs/pki"
	"certgen/internal/pkitest"
	"certgen/secrets/cluster"
	"certgen/secrets/provision"
)

// TestAsk has a Service asked for what a server shows, and neither for a client's certificate nor for a CA's, which pods mount too.
func TestAsk(t *testing.T) {
	t.Parallel()
	refused := errors.New("it serves another certificate")
	run := &clusterRun{Cluster: &Cluster{Proven: func(context.Context, cluster.SecretName, *pki.KeyPair, []cluster.User) error { return refused }}}
	for name, test := range map[string]struct {
		change func(*x509.Certificate)
		want   error
	}{
		"a server's":  {func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }, refused},
		"for any use": {func(*x509.Certificate) {}, refused},
		"a client's":  {func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }, nil},
		"a client's, as well": {func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
		}, refused},
		"a CA's": {func(c *x509.Certificate) { c.IsCA, c.DNSNames, c.KeyUsage = true, nil, x509.KeyUsageCertSign }, nil},
	} {
		leaf := pkitest.Issue(t, "web.example", nil, pkitest.ECKey(t), test.change).Cert
		o := &Outcome{Result: &provision.Result{Action: provision.Reissued, Pair: &pki.KeyPair{Leaf: leaf}}}
		if got := run.ask(t.Context(), o, nil); !errors.Is(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
