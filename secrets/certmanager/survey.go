package certmanager

import (
	"context"
	"fmt"
	"hash/maphash"
	"time"

	corev1 "k8s.io/api/core/v1"

	"certgen/certs/pki"
	"certgen/secrets/cluster"
)

// survey is what the first pass through the input has found. Of each Certificate it keeps a few bytes only, so that a hundred
// thousand fit; of issuers, CAs and Secrets all.
type survey struct {
	issuers     map[issuerID]placed[*Issuer]
	unusable    map[issuerID]bool                      // the issuers of which problems says what is wrong
	authorities map[cluster.SecretName]placed[*wanted] // the Certificates with isCA
	unread      map[cluster.SecretName]pki.Place       // the Certificates of which problems says what is wrong
	secrets     map[cluster.SecretName]*corev1.Secret
	users       map[issuerID]users
	used        map[cluster.SecretName]bool // by workloads
	problems    pki.PlacedProblems
	repeated    map[pki.Place]pki.PlacedProblem // the Certificates whose Secret another one has already
	others      int                             // objects that are passed on
	empty       bool                            // there is nothing at all

	seed    maphash.Seed
	names   map[uint64]lineOf // of the Certificate that a Secret belongs to, by the hash of its name
	sources []string          // that have been seen
}

// lineOf is a [pki.Place] in eight bytes.
type lineOf struct {
	source int32 // among those of the survey
	line   int32
}

type placed[T any] struct {
	pki.Place
	object T
}

// users are the Certificates that want to be signed by one issuer.
type users struct {
	first  pki.Place
	object string
	count  int
	life   time.Duration // the longest that one of them asks for
	checks bool          // whether one of them needs a password from another Secret
}

// look goes through the input once.
func look(ctx context.Context, r reading) (*survey, error) {
	s := &survey{
		issuers: map[issuerID]placed[*Issuer]{}, unusable: map[issuerID]bool{}, unread: map[cluster.SecretName]pki.Place{}, authorities: map[cluster.SecretName]placed[*wanted]{},
		secrets: map[cluster.SecretName]*corev1.Secret{}, users: map[issuerID]users{}, used: map[cluster.SecretName]bool{}, repeated: map[pki.Place]pki.PlacedProblem{}, seed: maphash.MakeSeed(), names: map[uint64]lineOf{},
		empty: true,
	}
	return s, r.each(ctx, func(e entry) error {
		s.empty = false
		s.problems = append(s.problems, e.problems...)
		for _, w := range e.workloads {
			for _, name := range w.uses {
				s.used[name] = true
			}
		}
		switch {
		case e.issuer != nil:
			s.issuer(e)
		case e.certificate != nil && len(e.problems) > 0:
			s.unread[e.certificate.secretName()] = e.Place
			if e.certificate.ref.name != "" {
				s.use(e)
			}
		case e.certificate != nil:
			s.certificate(e)
		case e.secret != nil:
			s.secrets[cluster.SecretName{Namespace: e.secret.Namespace, Name: e.secret.Name}] = e.secret
			s.others++
		case len(e.problems) == 0:
			s.others++
		}
		return nil
	})
}

func (s *survey) issuer(e entry) {
	id := issuerID{e.issuer.Kind, e.issuer.Metadata.Namespace, e.issuer.Metadata.Name}
	if first, twice := s.issuers[id]; twice {
		s.problems = append(s.problems, pki.PlacedProblem{Place: e.Place, Object: id.String(), Err: fmt.Errorf("is there already, at %s", first.Place)})
		return
	}
	s.issuers[id] = placed[*Issuer]{e.Place, e.issuer}
	s.unusable[id] = len(e.problems) > 0
}

func (s *survey) certificate(e entry) {
	w := e.certificate
	name := w.secretName()
	hash := s.hash(name)
	if first, twice := s.names[hash]; twice {
		s.repeated[e.Place] = pki.PlacedProblem{Place: e.Place, Object: described(e.object), Err: pki.WithHint(
			fmt.Errorf("spec.secretName %q: the Secret is that of another Certificate already, at %s", name.Name, s.place(first)), "one Secret holds one certificate")}
		s.problems = append(s.problems, s.repeated[e.Place])
		return
	}
	s.names[hash] = s.lineOf(e.Place)
	if w.request.IsCA {
		s.authorities[name] = placed[*wanted]{e.Place, w}
	}
	s.use(e)
}

// use notes who is to sign a Certificate.
func (s *survey) use(e entry) {
	w := e.certificate
	u, known := s.users[w.ref]
	if !known {
		u = users{first: e.Place, object: described(e.object)}
	}
	u.count++
	if w.request.DurationAsked {
		u.life = max(u.life, w.request.Duration)
	}
	u.checks = u.checks || len(w.refs) > 0
	s.users[w.ref] = u
}

// lineOf remembers a place; those of one source come together.
func (s *survey) lineOf(p pki.Place) lineOf {
	if len(s.sources) == 0 || s.sources[len(s.sources)-1] != p.Source {
		s.sources = append(s.sources, p.Source)
	}
	return lineOf{int32(len(s.sources) - 1), int32(p.Line)}
}

func (s *survey) place(l lineOf) pki.Place {
	return pki.Place{Source: s.sources[l.source], Line: int(l.line)}
}

func (s *survey) hash(name cluster.SecretName) uint64 {
	return maphash.Comparable(s.seed, name)
}
