package lint

import (
	"crypto/x509"
	"slices"
	"time"

	"certgen/certs/renewal"
	"certgen/certs/revocation"
)

// Expectations are what a [Target] is held against.
type Expectations struct {
	Hosts   []string // names under which clients reach the server
	For     Purpose  // what it is to be good for
	Profile Profile  // how much it is held to; "" is [Private]
	Now     time.Time
	Renewal renewal.Policy // by which it is due

	// Roots are the trust anchors of the clients. The Target's own CA is held against the chain as well.
	// Where there is neither, only a self-signed certificate is verified, against itself, and of CA
	// certificates those whose issuer is among them.
	Roots   *x509.CertPool
	Anchors []*x509.Certificate // those of the Roots that are known one by one

	CRLs []*revocation.List // which are asked about what their issuers issued
}

// Purpose is what a certificate is to be good for.
type Purpose string

// The purposes. With AsItSays the certificate decides, and it is a server's where it says nothing, or where there are
// hosts to reach it by.
const (
	AsItSays   Purpose = ""
	ForServers Purpose = "server"
	ForClients Purpose = "client"
	ForBoth    Purpose = "both"
	ForCA      Purpose = "ca"
)

// Purposes are those that can be asked for.
func Purposes() []Purpose { return []Purpose{ForServers, ForClients, ForBoth, ForCA} }

// purpose is what the leaf is judged for.
func (want Expectations) purpose(leaf *x509.Certificate) Purpose {
	switch {
	case want.For != AsItSays:
		return want.For
	case len(want.Hosts) > 0:
		return ForServers
	case IsAuthority(leaf):
		return ForCA
	case slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageClientAuth) && !ServesTLS(leaf):
		return ForClients
	}
	return ForServers
}

func (p Purpose) server() bool { return p == ForServers || p == ForBoth }

func (p Purpose) client() bool { return p == ForClients || p == ForBoth }

// usages are what the path has to be good for, one after the other. A leaf that is itself for something else has a finding
// of its own, and its path is held against what it says.
func (p Purpose) usages(leaf *x509.Certificate) (all [][]x509.ExtKeyUsage) {
	unbound := len(leaf.ExtKeyUsage)+len(leaf.UnknownExtKeyUsage) == 0
	for _, u := range []struct {
		asked bool
		usage x509.ExtKeyUsage
	}{{p.server(), x509.ExtKeyUsageServerAuth}, {p.client(), x509.ExtKeyUsageClientAuth}} {
		if u.asked && (unbound || slices.Contains(leaf.ExtKeyUsage, u.usage) || slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageAny)) {
			all = append(all, []x509.ExtKeyUsage{u.usage})
		}
	}
	switch {
	case len(all) > 0:
		return all
	case len(leaf.ExtKeyUsage) == 0:
		return [][]x509.ExtKeyUsage{{x509.ExtKeyUsageAny}}
	}
	return [][]x509.ExtKeyUsage{leaf.ExtKeyUsage}
}

// ServesTLS reports whether the extended key usages of c name TLS servers.
func ServesTLS(c *x509.Certificate) bool {
	return slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny)
}

// Profile is how much a certificate is held to.
type Profile string

// The profiles. Private asks what clients do, Strict also calls an error what RFC 5280 forbids (as OpenSSL does with
// -x509_strict, and Python from 3.13 on), and Public adds what the CA/Browser Forum forbids.
const (
	Private Profile = "private"
	Strict  Profile = "strict"
	Public  Profile = "public"
)

// Profiles are those that can be asked for, the default first.
func Profiles() []Profile { return []Profile{Private, Strict, Public} }

// raise gives findings the severity of the profile.
func (p Profile) raise(found []Finding) []Finding {
	if p == Strict || p == Public {
		for i, f := range found {
			if f.Rule.Strict {
				found[i].Rule.Severity = Error
			}
		}
	}
	return found
}
