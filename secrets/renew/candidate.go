package renew

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"certgen/certs"
	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/render"
	"certgen/secrets"
	"certgen/secrets/cluster"
	"certgen/secrets/provision"
	"certgen/secrets/spec"
)

// Candidate is a certificate that a source holds, and what this run does with it.
type Candidate struct {
	Ref      string // for people
	Decision Decision
	Leaf     *x509.Certificate // nil where it cannot be read

	order        provision.Order // all but its means
	request      certs.Request
	issuer       spec.Issuer
	spec         string   // what is kept beside it, so that it can be issued again
	version, uid string   // of the Secret
	held         []byte   // the certificate as it is held, in PEM
	urls         []string // that the certificate names as its revocation lists
	hasRoot      bool     // ca.crt holds something
	whole        bool     // its key belongs to it
	path         string   // of the file, for those of files
	marked       bool     // an earlier run was interrupted before all that uses it was restarted
}

// authority reports whether the certificate is a CA's, which signs others.
func (c *Candidate) authority() bool { return c.request.IsCA && lint.IsAuthority(c.Leaf) }

// level is how far below a root a certificate is.
type level int

// The levels, in the order in which they are renewed.
const (
	roots level = iota
	intermediates
	leaves
)

func (c *Candidate) level() level {
	switch {
	case !c.authority():
		return leaves
	case c.issuer.SelfSigned:
		return roots
	}
	return intermediates
}

// unfit makes it one that cannot be renewed.
func (c *Candidate) unfit(reason, hint string) {
	c.Decision = Decision{Verdict: Unfit, Reason: reason, Hint: hint}
}

// keystoreKeys are what of a Secret is under a password that only its Certificate names.
func keystoreKeys() []string {
	return []string{secrets.JKSKey, secrets.JKSTruststoreKey, secrets.PKCS12Key, secrets.PKCS12TruststoreKey}
}

// fromSecret judges a Secret. It returns nil for one that holds no certificate, and never keeps its key. adopt takes over
// those that others keep, and owned is what certgen set in it.
func fromSecret(s *corev1.Secret, owned cluster.Owned, choice Choice, adopt bool, now time.Time) *Candidate {
	text := secrets.PEMOf(s)
	chain, err := pki.ParseCertificates(text.Cert)
	c := &Candidate{Ref: "secret/" + s.Namespace + "/" + s.Name, version: s.ResourceVersion, uid: string(s.UID), held: text.Cert, hasRoot: len(text.CA) > 0, marked: cluster.MarkedForRestart(s)}
	c.Ref = strings.Replace(c.Ref, "//", "/", 1)
	if who := keeper(s); who != "" && !adopt {
		c.Decision = Decision{Verdict: Foreign, Reason: "kept by " + who, Hint: "--adopt takes it over"}
		return c
	}
	if err != nil {
		c.unfit("tls.crt cannot be read: "+err.Error(), "certgen apply makes it anew")
		return c
	}
	c.Leaf, c.urls = chain[0], chain[0].CRLDistributionPoints
	encoded := render.EncodedSecret{Annotations: s.Annotations}
	c.order = provision.Order{
		Secret:    secrets.Meta{Name: s.Name, Namespace: s.Namespace, Labels: owned.Labels, Annotations: owned.Annotations, Renewal: secrets.Renewal(encoded)},
		Immutable: s.Immutable != nil && *s.Immutable,
		Formats:   secrets.Formats{DER: slices.Contains(owned.Data, secrets.DERKey), CombinedPEM: slices.Contains(owned.Data, secrets.CombinedPEMKey)},
	}
	if c.Decision = choice.Decide(c.Leaf, c.order.Secret.Renewal, now); !c.Decision.Renews() {
		if c.marked {
			c.Decision = Decision{Verdict: Unrolled, Reason: "renewed by a run that was interrupted before all that uses it was restarted"}
		}
		return c
	}
	c.spec = s.Annotations[secrets.SpecAnnotation]
	c.askAgain(text)
	for _, key := range keystoreKeys() {
		if slices.Contains(owned.Data, key) {
			c.unfit("the password of its "+key+" is not known", "certgen renew -f FILE, with its Certificate, finds it")
			break
		}
	}
	if c.order.Immutable {
		c.unfit("it is immutable", "certgen apply --recreate, with the flags of its making, replaces it")
	}
	return c
}

// askAgain finds out what the certificate was asked for as: by its annotation, or where that is missing or of no use, by
// the certificate itself.
func (c *Candidate) askAgain(held pki.PEM) {
	_, broken := pki.ParsePair(held)
	c.whole = broken == nil
	request, issuer, err := certs.Request{}, spec.Issuer{}, errors.New("none")
	if c.spec != "" {
		request, issuer, err = spec.Parse(c.spec)
	}
	if err != nil {
		request, err = certs.RequestFor(c.Leaf, held.Key)
		issuer = spec.Issuer{SelfSigned: (certs.SelfSigned{}).Issued(c.Leaf), KeyID: fmt.Sprintf("%x", c.Leaf.AuthorityKeyId)}
	}
	if err != nil {
		c.unfit(err.Error(), "certgen apply makes it anew")
		return
	}
	request.Renewal = c.order.Secret.Renewal
	c.request, c.issuer = request, issuer
	if !c.authority() {
		return
	}
	// What it signed must stay good, so its key is kept, whatever the annotation says.
	if c.request.Key = pki.KeySpecOf(c.Leaf.PublicKey); !c.whole {
		c.unfit("the CA's key does not belong to its certificate: "+broken.Error(), "put the right key back; certgen ca apply makes another CA, and all that this one signed must then be made anew")
	}
}

// keeper is who keeps a Secret that is not certgen's alone, for people; "" for none.
func keeper(s *corev1.Secret) string {
	who := secrets.Manager(render.EncodedSecret{Labels: s.Labels, Annotations: s.Annotations})
	if !secrets.Managed(s) {
		return cmp.Or(who, "nobody that is known: it lacks the label "+secrets.ManagedByLabel)
	}
	// A Secret that certgen made of a Certificate bears cert-manager's annotations. Whether cert-manager is at work on it says
	// who wrote to it.
	for _, entry := range s.ManagedFields {
		if strings.HasPrefix(entry.Manager, "cert-manager") {
			return "cert-manager"
		}
	}
	for _, owner := range s.OwnerReferences {
		if owner.Controller != nil && *owner.Controller {
			return owner.Kind + " " + owner.Name
		}
	}
	return ""
}

// means is how its next certificate comes about.
func (c *Candidate) means(issuer certs.Issuer, from spec.Issuer) provision.Issue {
	return provision.Issue{
		Request: c.request, Issuer: issuer, From: from,
		KeepKey: c.authority(), // what it signed stays good, and so does the trust of those who have it
		Reissue: true, Because: c.Decision.Reason, Replaces: c.held,
	}
}

// published is what the certificate says that its CA publishes.
func published(c *x509.Certificate) certs.Published {
	return certs.Published{CRLDistributionPoints: c.CRLDistributionPoints, OCSPServers: c.OCSPServer, IssuingCertificateURLs: c.IssuingCertificateURL}
}
