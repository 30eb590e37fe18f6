package renew

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/internal/pkitest"
	"certgen/secrets"
	"certgen/secrets/cluster"
	"certgen/secrets/spec"
)

// secretOf is a Secret that certgen made, with a certificate and a key.
func secretOf(t testing.TB, s *pkitest.Signed, key crypto.Signer) *corev1.Secret {
	t.Helper()
	pair := pki.PEM{Cert: pki.EncodeCertificates(s.Cert), Key: []byte(pkitest.PEMOf(pki.PEMPrivateKey, pkitest.MarshalPKCS8(t, key)))}
	return secrets.New(secrets.Meta{Name: "web", Namespace: "shop"}, pair, false)
}

// TestKeeper finds who is at work on a Secret beside certgen.
func TestKeeper(t *testing.T) {
	t.Parallel()
	made := pkitest.Issue(t, "web", nil, pkitest.ECKey(t), nil)
	for name, test := range map[string]struct {
		change func(*corev1.Secret)
		want   string
	}{
		"certgen":          {func(*corev1.Secret) {}, ""},
		"of a Certificate": {func(s *corev1.Secret) { s.Annotations["cert-manager.io/certificate-name"] = "web" }, ""},
		"nobody":           {func(s *corev1.Secret) { s.Labels = nil }, "nobody that is known"},
		"Helm":             {func(s *corev1.Secret) { s.Labels[secrets.ManagedByLabel] = "Helm" }, "Helm"},
		"kubectl":          {func(s *corev1.Secret) { s.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "kubectl-edit"}} }, ""},
		"an owner":         {func(s *corev1.Secret) { s.OwnerReferences = []metav1.OwnerReference{{Kind: "Shop", Name: "one"}} }, ""},
		"a controller": {func(s *corev1.Secret) {
			s.OwnerReferences = []metav1.OwnerReference{{Kind: "Shop", Name: "one", Controller: new(true)}}
		}, "Shop one"},
		"cert-manager": {func(s *corev1.Secret) { s.Labels = nil; s.Annotations["cert-manager.io/certificate-name"] = "web" }, "cert-manager, Certificate web"},
		"cert-manager, too": {func(s *corev1.Secret) {
			s.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "cert-manager-certificates-issuing"}}
		}, "cert-manager"},
	} {
		t.Run(name, func(t *testing.T) {
			s := secretOf(t, made, made.Key)
			s.Annotations = map[string]string{}
			test.change(s)
			if got := keeper(s); got != test.want && (test.want == "" || !strings.HasPrefix(got, test.want+":")) {
				t.Errorf("kept by %q, want %q", got, test.want)
			}
			verdict := fromSecret(s, cluster.OwnedBy(s), Choice{All: true}, false, time.Now()).Decision.Verdict
			if want := map[bool]Verdict{true: Asked, false: Foreign}[test.want == ""]; verdict != want {
				t.Errorf("it is %q, want %q", verdict, want)
			}
			if v := fromSecret(s, cluster.OwnedBy(s), Choice{All: true}, true, time.Now()).Decision.Verdict; v != Asked {
				t.Errorf("with --adopt it is %q", v)
			}
		})
	}
}

// TestEntitled has a CA of another namespace sign again what it signed, for who has the key, and nothing else.
func TestEntitled(t *testing.T) {
	t.Parallel()
	root, other := pkitest.Authority(t, "root", nil, nil), pkitest.Authority(t, "root", nil, nil)
	ca, err := certs.ParseCA(pki.EncodeCertificates(root.Cert), []byte(pkitest.PEMOf(pki.PEMPrivateKey, pkitest.MarshalPKCS8(t, root.Key))), nil)
	if err != nil {
		t.Fatal(err)
	}
	usage := func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }
	made := pkitest.Issue(t, "web.example", root, pkitest.ECKey(t), usage)
	from := spec.Issuer{Namespace: "pki", SecretName: "root"}
	for name, test := range map[string]struct {
		signed *pkitest.Signed
		key    crypto.Signer
		ask    func(*certs.Request)
		want   string
	}{
		"its own":          {made, made.Key, func(*certs.Request) {}, ""},
		"of another CA":    {pkitest.Issue(t, "web.example", other, made.Key, usage), made.Key, func(*certs.Request) {}, "has not signed"},
		"somebody's":       {made, pkitest.ECKey(t), func(*certs.Request) {}, "does not belong"},
		"for other names":  {made, made.Key, func(r *certs.Request) { r.DNSNames = append(r.DNSNames, "bank.example") }, "bank.example"},
		"to become a CA":   {made, made.Key, func(r *certs.Request) { r.IsCA = true }, "something else"},
		"for other usages": {made, made.Key, func(r *certs.Request) { r.ExtKeyUsages = nil; r.KeyUsage = 1 << 5 }, "usages"},
	} {
		t.Run(name, func(t *testing.T) {
			s := secretOf(t, test.signed, test.key)
			request, err := certs.RequestFor(test.signed.Cert, nil)
			if err != nil {
				t.Fatal(err)
			}
			test.ask(&request)
			s.Annotations = map[string]string{secrets.SpecAnnotation: spec.Of(request, ca, from)}
			c := fromSecret(s, cluster.Owned{}, Choice{All: true}, false, time.Now())
			if c.Decision.Verdict != Asked || c.issuer.Namespace != "pki" {
				t.Fatalf("%+v from %+v", c.Decision, c.issuer)
			}
			if got := fmt.Sprint(c.entitled(ca)); test.want == "" && got != "<nil>" || !strings.Contains(got, test.want) {
				t.Errorf("%s, want %q", got, test.want)
			}
		})
	}
}

// TestAuthorityKeepsItsKey: a CA is renewed for the key that it has, whatever its annotation asks for, or not at all.
func TestAuthorityKeepsItsKey(t *testing.T) {
	t.Parallel()
	for name, key := range pkitest.KeysOfEachKind() {
		root := pkitest.Issue(t, "root", nil, key, func(c *x509.Certificate) {
			c.IsCA, c.DNSNames, c.KeyUsage = true, nil, x509.KeyUsageCertSign
		})
		s := secretOf(t, root, key)
		request, err := certs.RequestFor(root.Cert, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Key = pki.KeySpec{Algorithm: pki.RSA, Size: 3072}
		s.Annotations = map[string]string{secrets.SpecAnnotation: spec.Of(request, certs.SelfSigned{}, spec.Issuer{})}
		c := fromSecret(s, cluster.Owned{}, Choice{All: true}, false, time.Now())
		if means := c.means(certs.SelfSigned{}, spec.Issuer{}); !means.KeepKey || means.Request.Key != pki.KeySpecOf(key.Public()) {
			t.Errorf("%s: the next certificate is for another key: %+v", name, means.Request.Key)
		}
		s.Data["tls.key"] = []byte(pkitest.PEMOf(pki.PEMPrivateKey, pkitest.MarshalPKCS8(t, pkitest.ECKey(t))))
		if c := fromSecret(s, cluster.Owned{}, Choice{All: true}, false, time.Now()); c.Decision.Verdict != Unfit {
			t.Errorf("%s: with another key it is %q", name, c.Decision.Verdict)
		}
	}
}

// TestShards: each namespace is in one of the parts, and none is much larger than the others.
func TestShards(t *testing.T) {
	t.Parallel()
	const namespaces = 3000
	for _, of := range []int{1, 2, 4, 7, 100} {
		sizes := make([]int, of)
		for i := range namespaces {
			in := 0
			for index := range of {
				if (Shard{Index: index, Of: of}).Has(fmt.Sprintf("team-%d", i)) {
					in++
					sizes[index]++
				}
			}
			if in != 1 {
				t.Fatalf("team-%d is in %d of %d parts", i, in, of)
			}
		}
		for index, size := range sizes {
			if size > 2*namespaces/of {
				t.Errorf("part %d of %d has %d of %d namespaces", index, of, size, namespaces)
			}
		}
	}
	if !(Shard{}).Has("any") {
		t.Error("without shards a namespace is left out")
	}
}
