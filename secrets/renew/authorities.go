package renew

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/secrets/cluster"
	"certgen/secrets/spec"
)

// Override is a CA that signs in place of those that did, for all but what is self-signed, and the CAs that it is itself below.
type Override struct {
	CA   *certs.CA // nil for none
	From spec.Issuer
}

// signs reports whether it takes the place of who signed a certificate.
func (o Override) signs(c *x509.Certificate) bool {
	if o.CA == nil {
		return false
	}
	path, _ := o.CA.Chain(nil)
	return !slices.ContainsFunc(path, func(above *x509.Certificate) bool {
		return bytes.Equal(above.RawSubjectPublicKeyInfo, c.RawSubjectPublicKeyInfo)
	})
}

// authorities find who signs again.
type authorities struct {
	override Override
	server   *cluster.Cluster // nil for no cluster
	beside   *beside          // the CAs among the files, where there is no cluster

	mu     sync.Mutex
	byKey  map[string]cluster.SecretName // the Secrets of CAs, by their namespace and key identifier
	listed map[string]bool               // namespaces of which all CAs are in byKey
	read   map[cluster.SecretName]*reading
}

// reading is a CA's Secret that is read once.
type reading struct {
	once sync.Once
	ca   *certs.CA
	err  error
}

func newAuthorities(server *cluster.Cluster, override Override) *authorities {
	return &authorities{override: override, server: server, byKey: map[string]cluster.SecretName{}, listed: map[string]bool{}, read: map[cluster.SecretName]*reading{}}
}

// note remembers a Secret that may be a CA's.
func (a *authorities) note(s *corev1.Secret) {
	chain, err := pki.ParseCertificates(s.Data[corev1.TLSCertKey])
	if err != nil || !chain[0].IsCA || len(chain[0].SubjectKeyId) == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.byKey[s.Namespace+"/"+hex.EncodeToString(chain[0].SubjectKeyId)] = cluster.SecretName{Namespace: s.Namespace, Name: s.Name}
}

// noted says that all Secrets of a namespace have been, or with "" those of all.
func (a *authorities) noted(namespace string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.listed[namespace] = true
}

// of finds who signed a certificate, and where that was found. The error says why nobody is there to sign again, with a hint.
func (a *authorities) of(ctx context.Context, c *Candidate) (certs.Issuer, spec.Issuer, error) {
	if c.issuer.SelfSigned {
		return certs.SelfSigned{CRLDistributionPoints: c.urls}, spec.Issuer{}, nil
	}
	if a.override.signs(c.Leaf) {
		return a.adapt(a.override.CA, c), a.override.From, nil
	}
	if a.server == nil {
		return a.among(c)
	}
	const ways = "name the CA with --ca-cert and --ca-key, or with --ca-secret"
	namespace := c.order.Secret.Namespace
	from := spec.Issuer{Namespace: c.issuer.Namespace, SecretName: c.issuer.SecretName}
	if from.SecretName == "" {
		found, err := a.byKeyID(ctx, namespace, c.issuer.KeyID)
		if err != nil {
			return nil, from, err
		}
		if found == "" {
			return nil, from, pki.WithHint(fmt.Errorf("signed by %s, which no Secret of namespace %s keeps", pki.FormatName(c.Leaf.RawIssuer), namespace), ways)
		}
		from.SecretName = found
	}
	where := cluster.SecretName{Namespace: from.Namespace, Name: from.SecretName}
	if where.Namespace == "" {
		where.Namespace = namespace
	}
	ca, err := a.in(ctx, where)
	if err == nil && where.Namespace != namespace {
		err = c.entitled(ca)
	}
	if err != nil {
		return nil, from, pki.WithHint(err, ways)
	}
	return a.adapt(ca, c), from, nil
}

// entitled says why a CA of another namespace does not sign it again. Whoever may write a Secret may write its annotation, and
// could have the renewal's rights to that CA's key certify anything; so the CA signs just what it has signed before, for who
// has the key of that.
func (c *Candidate) entitled(ca *certs.CA) error {
	if !ca.Issued(c.Leaf) {
		return fmt.Errorf("%s, which its annotation names, is in another namespace and has not signed the certificate", ca)
	}
	if !c.whole {
		return fmt.Errorf("%s is in another namespace, and the key does not belong to the certificate", ca)
	}
	if asks := certs.Differences(&pki.KeyPair{Leaf: c.Leaf}, c.request, nil); len(asks) > 0 {
		return fmt.Errorf("%s is in another namespace, and the annotation asks for something else than it has signed: %s", ca, asks[0].Detail)
	}
	return nil
}

// among finds who signed a certificate among the files.
func (a *authorities) among(c *Candidate) (certs.Issuer, spec.Issuer, error) {
	const ways = "name its file, too, or the CA with --ca-cert and --ca-key"
	from := spec.Issuer{Namespace: c.issuer.Namespace, SecretName: c.issuer.SecretName}
	ca, err := a.beside.of(c)
	switch {
	case err != nil:
		return nil, from, pki.WithHint(err, ways)
	case ca != nil:
		return a.adapt(ca, c), from, nil
	case from.SecretName == "":
		return nil, from, pki.WithHint(fmt.Errorf("signed by %s, which is not at hand", pki.FormatName(c.Leaf.RawIssuer)), ways)
	}
	name := c.authoritySecret()
	return nil, from, pki.WithHint(fmt.Errorf("signed by the CA in the Secret %s, which is not among these files", strings.TrimPrefix(name.Namespace+"/"+name.Name, "/")), ways)
}

// adapt has a CA publish what it did in the certificate before.
func (a *authorities) adapt(ca *certs.CA, c *Candidate) certs.Issuer {
	if c.hasRoot { // which may be no root: then it stays the clients' anchor
		return ca.ForCertManager(published(c.Leaf))
	}
	return ca.Publishing(published(c.Leaf))
}

// byKeyID finds the Secret of the CA with a key in a namespace, "" for none.
func (a *authorities) byKeyID(ctx context.Context, namespace, id string) (string, error) {
	a.mu.Lock()
	done := a.listed[namespace] || a.listed[""]
	a.mu.Unlock()
	if !done {
		err := a.server.EachTLSSecret(ctx, namespace, "", func(s *corev1.Secret) error { a.note(s); return nil })
		if err != nil {
			return "", err
		}
		a.noted(namespace)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.byKey[namespace+"/"+id].Name, nil
}

// forget has the CAs be read again, which were renewed.
func (a *authorities) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.read)
}

// in reads the CA in a Secret, once.
func (a *authorities) in(ctx context.Context, name cluster.SecretName) (*certs.CA, error) {
	a.mu.Lock()
	r := a.read[name]
	if r == nil {
		r = &reading{}
		a.read[name] = r
	}
	a.mu.Unlock()
	r.once.Do(func() {
		secret, err := a.server.GetSecret(ctx, name.Namespace, name.Name)
		switch {
		case err != nil:
			r.err = fmt.Errorf("the CA: %w", err)
			return
		case secret == nil:
			r.err = fmt.Errorf("the CA's Secret %s/%s does not exist", name.Namespace, name.Name)
			return
		}
		pair := secret.Data
		r.ca, err = certs.ParseCA(bytes.Join([][]byte{pair[corev1.TLSCertKey], pair["ca.crt"]}, []byte("\n")), pair[corev1.TLSPrivateKeyKey], nil)
		if err != nil {
			r.err = errors.Join(fmt.Errorf("the CA in the Secret %s/%s: %w", name.Namespace, name.Name, err))
		}
	})
	return r.ca, r.err
}
