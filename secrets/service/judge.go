package service

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/certs/probe"
	"certgen/certs/renewal"
	"certgen/render"
	"certgen/render/report"
	"certgen/secrets"
)

// judgement holds what was served against the Secret.
type judgement struct {
	ServiceCheck
	facts   *liveFacts
	report  *ServiceReport
	ca      []*x509.Certificate // of the Secret
	renewal renewal.Policy

	concerns []*concern
	faults   map[*route]string // the id of the first error on a route
}

// concern is a finding, with whom it concerns.
type concern struct {
	lint.Finding
	pods   []string
	others []string // addresses, of which it is not known to which pods they lead
	routes []*route
}

func (j *judgement) ignored(f lint.Finding) bool { return slices.Contains(j.Ignore, f.Rule.ID) }

// readSecret reads the certificate and the root that the Secret holds. The certificate is under the key that
// nginx's configuration names, or else under tls.crt.
func (j *judgement) readSecret() {
	secret := j.facts.secrets[j.facts.secret]
	if secret == nil {
		return
	}
	j.renewal = secrets.Renewal(render.EncodedSecret{Annotations: secret.Annotations})
	key := corev1.TLSCertKey
	for _, file := range j.facts.named {
		if file.Directive == "ssl_certificate" && file.At.Kind == "Secret" && file.At.Object == secret.Name && len(secret.Data[file.At.Key]) > 0 {
			key = file.At.Key
		}
	}
	read := func(key string) []*x509.Certificate {
		chain, found := lint.ReadChain(fmt.Sprintf("%s of secret/%s", key, secret.Name), secret.Data[key])
		j.report.Findings = append(j.report.Findings, found...)
		return chain
	}
	if chain := read(key); len(chain) > 0 {
		j.report.Leaf = chain[0]
	}
	if len(bytes.TrimSpace(secret.Data[secrets.CAKey])) > 0 {
		j.ca = read(secrets.CAKey)
	}
}

// tellApart finds addresses that lead elsewhere, or to a pod that is going: with a certificate from before,
// which no pod has that is ready. Cluster IPs and those of nodes are private: in the network of this machine
// another server may have the address, or a gateway may answer for all there are. Through kube-proxy one gets to
// a pod and nowhere else, so what none of the pods answers is not of the Service. Where not all pods could be
// asked, only a cluster IP with a certificate for other names is believed to lead elsewhere.
func (j *judgement) tellApart(routes []*route) {
	for _, r := range routes {
		if _, unreachable := r.unreachable(); unreachable || r.pod != "" || len(r.answers) == 0 {
			continue
		}
		a, pods, asked, alike := r.answers[0], 0, 0, false
		for _, pod := range routes {
			if pod.port != r.port || pod.pod == "" {
				continue
			}
			if pods++; pod.blocked == nil {
				asked++
				alike = alike || pod.answers[0].like(a)
			}
		}
		var rule string // that the certificate breaks
		if len(a.Chain) > 0 && j.report.Leaf != nil && !a.Chain[0].Equal(j.report.Leaf) {
			rule = j.foreign(a.Chain[0]).Rule.ID
		}
		r.going = !alike && rule == RuleStaleCertificate.ID
		all := pods > 0 && asked == pods && !r.going
		if private := r.kind == PathClusterIP || r.kind == PathNodePort; private && !alike && (all || r.kind == PathClusterIP && rule == RuleNotInSecret.ID) {
			r.elsewhere = "what answers there is no pod of the Service: " + a.what()
		}
	}
}

// catchingUp names an address that refuses or breaks connections, or leads to a pod that is going, as it does
// before kube-proxy has heard of the pods; or a pod before its server listens, or after it is gone. An address
// that does not answer at all is of another network.
func (j *judgement) catchingUp(routes []*route) string {
	for _, r := range routes {
		for _, a := range r.answers {
			for _, f := range a.Findings {
				if f.Rule == probe.RuleReset || f.Rule == probe.RuleUnreachable && strings.Contains(f.Detail, "refused") {
					return fmt.Sprintf("%s: %s", r, f.Detail)
				}
			}
		}
		switch {
		case r.going:
			return fmt.Sprintf("%s: it leads to a pod that is going", r)
		case apierrors.IsNotFound(r.blocked): // since the pods were listed
			return fmt.Sprintf("%s is gone", r)
		}
	}
	return ""
}

// judge makes the findings, each once for all whom it concerns, and the rows of the table.
func (j *judgement) judge(routes []*route) {
	j.tellApart(routes)
	j.faults = map[*route]string{}
	byChain := j.findingsByChain(routes)
	for _, r := range routes {
		for i, a := range r.seen() {
			who := r.String()
			if i > 0 {
				who += ", asked for " + a.name
			}
			for _, f := range a.Findings {
				if f.Rule != probe.RuleUnreachable || r.pod != "" { // an address need not be reached from here
					j.add(r, who, f)
				}
			}
			switch {
			case len(a.Chain) == 0 || j.report.Leaf == nil:
			case !a.Chain[0].Equal(j.report.Leaf):
				j.add(r, who, j.foreign(a.Chain[0]))
			default:
				if len(byChain) == 1 {
					who = ""
				}
				for _, f := range byChain[sent(a.Chain)] {
					j.add(r, who, f)
				}
			}
		}
	}
	for _, c := range j.concerns {
		j.report.Findings = append(j.report.Findings, c.finding())
	}
	for _, r := range routes {
		j.report.Routes = append(j.report.Routes, j.row(r))
	}
	j.unreachablePorts(routes)
	j.noteForbidden(routes)
}

// findingsByChain are what is to be said of the Secret's certificate, by the chain that was sent with it.
func (j *judgement) findingsByChain(routes []*route) map[string][]lint.Finding {
	byChain := map[string][]lint.Finding{}
	for _, r := range routes {
		for _, a := range r.seen() {
			if len(a.Chain) == 0 || !a.Chain[0].Equal(j.report.Leaf) {
				continue
			}
			if _, done := byChain[sent(a.Chain)]; !done {
				byChain[sent(a.Chain)] = j.Lint(lint.Target{Chain: a.Chain, CA: j.ca}, j.renewal)
			}
		}
	}
	return byChain
}

// sent are the bytes of a chain.
func sent(chain []*x509.Certificate) string {
	var b strings.Builder
	for _, c := range chain {
		b.Write(c.Raw)
	}
	return b.String()
}

// add puts a finding to the others that say the same. who is "" where it is no matter who serves.
func (j *judgement) add(r *route, who string, f lint.Finding) {
	if f.Rule.Severity == lint.Error && !j.ignored(f) && j.faults[r] == "" {
		j.faults[r] = f.Rule.ID
	}
	at := slices.IndexFunc(j.concerns, func(c *concern) bool { return c.Finding == f })
	if at < 0 {
		at = len(j.concerns)
		j.concerns = append(j.concerns, &concern{Finding: f})
	}
	c := j.concerns[at]
	switch {
	case slices.Contains(c.routes, r): // when it was asked for another name
		return
	case who == "":
	case r.pod != "":
		c.pods = append(c.pods, who)
	default:
		c.others = append(c.others, who)
	}
	c.routes = append(c.routes, r)
}

// maxNamed is how many pods, or addresses, a finding names: the table has all.
const maxNamed = 10

// finding names the pods where they are known: an address leads to any of them.
func (c *concern) finding() lint.Finding {
	who := c.pods
	if len(who) == 0 {
		who = c.others
	}
	if len(who) == 0 {
		return c.Finding
	}
	if more := len(who) - maxNamed; more > 0 {
		who = append(slices.Clone(who[:maxNamed]), fmt.Sprintf("%d more", more))
	}
	return lint.Finding{Rule: c.Rule, Detail: strings.Join(who, "; ") + ": " + c.Detail}
}

// foreign says of a certificate that it is not the Secret's: an older one for the same, or any other.
func (j *judgement) foreign(c *x509.Certificate) lint.Finding {
	leaf := j.report.Leaf
	sameNames := slices.ContainsFunc(c.DNSNames, func(name string) bool { return slices.Contains(leaf.DNSNames, name) })
	if !c.NotBefore.After(leaf.NotBefore) && (sameNames || bytes.Equal(c.RawSubject, leaf.RawSubject)) {
		return RuleStaleCertificate.Found("still serves the certificate from before, valid until %s, and not that of secret/%s",
			pki.FormatTime(c.NotAfter), j.facts.secret)
	}
	return RuleNotInSecret.Found("serves the certificate of %s, and not that of secret/%s", pki.FormatName(c.RawSubject), j.facts.secret)
}

// row is a line of the table.
func (j *judgement) row(r *route) report.Route {
	row := report.Route{Path: string(r.kind), Port: r.port.String(), Address: r.address}
	why, unreachable := r.unreachable()
	switch {
	case unreachable:
		row.Why = why
		return row
	case r.dial == nil:
		row.Reached, row.Why = true, "the API server does not verify what it passes on"
		return row
	}
	row.Reached = true
	row.Why = j.faults[r]
	if first := r.answers[0]; len(first.Chain) > 0 {
		row.Served = pki.Fingerprint(first.Chain[0])
		row.Latency = first.Latency.Round(100 * time.Microsecond).String()
		if j.report.Leaf == nil {
			row.Why = cmp.Or(row.Why, "the certificate that it is to serve is not known")
		}
		row.Verified = row.Why == ""
	}
	return row
}

// unreachablePorts finds ports to which no way led on which a certificate could have been seen.
func (j *judgement) unreachablePorts(routes []*route) {
	said := map[*Port]bool{}
	for _, r := range routes {
		said[r.port] = said[r.port] || j.faults[r] != ""
		if _, unreachable := r.unreachable(); r.dial != nil && !unreachable {
			said[r.port] = true
		}
	}
	for _, r := range routes {
		if !said[r.port] && len(j.facts.ready()) > 0 {
			said[r.port] = true
			j.report.Findings = append(j.report.Findings, probe.RuleUnreachable.Found("port %s: no way on which the certificate can be seen leads there from here", r.port))
		}
	}
}

// noteForbidden says what is not known because the user may not ask the pods.
func (j *judgement) noteForbidden(routes []*route) {
	pods, forbidden := 0, 0
	for _, r := range routes {
		if r.pod == "" {
			continue
		}
		if pods++; r.forbidden() {
			forbidden++
		}
	}
	if forbidden > 0 {
		j.report.Notes = append(j.report.Notes, fmt.Sprintf("%d of %d port-forwards did not come about: an old certificate on a pod may not have been seen", forbidden, pods))
	}
}
