package readers

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"certgen/internal/e2e"
)

// visit is an attempt of a client to reach the server of a specimen.
type visit struct {
	specimen
	host string // the name that the server is to have
	ca   string // the PEM file that the client is given to trust; "" for what it trusts already

	misserved bool // it may be for another reason than the certificate that the client refuses
}

// client is a program that reaches TLS servers, and how to tell whether it accepted each.
type client struct {
	name    string
	accepts func(*testing.T, []visit) []bool
}

func clients() []client {
	return []client{
		{"OpenSSL", each(acceptedByOpenSSL)},
		{"GnuTLS", each(acceptedByGnuTLS)},
		{"NSS", each(acceptedByNSS)},
		{"Java", acceptedByJava},
		{"Node", func(t *testing.T, visits []visit) []bool {
			return converse(t, visits, e2e.Need(t, "node"), reader("client.js"))
		}},
		{"Python", func(t *testing.T, visits []visit) []bool {
			return converse(t, visits, e2e.Need(t, "python3"), reader("client.py"))
		}},
		{"curl", each(acceptedByCurl)},
		{"Go", each(acceptedByGo)},
	}
}

// each makes the visits one by one.
func each(accepts func(*testing.T, visit) bool) func(*testing.T, []visit) []bool {
	return func(t *testing.T, visits []visit) (accepted []bool) {
		for _, v := range visits {
			accepted = append(accepted, accepts(t, v))
		}
		return accepted
	}
}

// settled reports whether the client accepted, and keeps its complaint for those who look into a failure.
func (v visit) settled(t *testing.T, complaint string) bool {
	if complaint != "" {
		t.Logf("%s %s in %s as %s, trusting %q: %s", v.key.Name, v.issuer, v.dir, v.host, v.ca, complaint)
	}
	return complaint == ""
}

// reader returns the path of a source in testdata/readers.
func reader(name string) string { return filepath.Join("..", "..", "..", "testdata", "readers", name) }

// converse has one program make all visits, because some take long to start: it is told of each in a line,
// and answers "ok" in a line, or why not.
func converse(t *testing.T, visits []visit, program string, args ...string) (accepted []bool) {
	var in strings.Builder
	for _, v := range visits {
		fmt.Fprintf(&in, "%s\t%s\t%s\n", v.port, v.host, v.ca)
	}
	var answers []string
	for answer := range strings.Lines(e2e.Output(t, in.String(), program, args...)) {
		answers = append(answers, strings.TrimPrefix(strings.TrimSpace(answer), "ok"))
	}
	if len(answers) != len(visits) {
		t.Fatalf("%d answers to %d visits", len(answers), len(visits))
	}
	for i, v := range visits {
		accepted = append(accepted, v.settled(t, answers[i]))
	}
	return accepted
}

// javaFlags spare a JVM that lives for seconds what only pays later.
func javaFlags() []string {
	return []string{"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Duser.language=en"}
}

func acceptedByJava(t *testing.T, visits []visit) []bool {
	e2e.Need(t, "javac") // without which java runs no source
	return converse(t, visits, e2e.Need(t, "java"), append(javaFlags(), reader("Client.java"))...)
}

// ended is settled for a client that fails when it refuses.
func (v visit) ended(t *testing.T, r e2e.Result) bool {
	if r.Code == 0 {
		return v.settled(t, "")
	}
	return v.settled(t, fmt.Sprintf("exit %d\n%s%s", r.Code, r.Stdout, r.Stderr))
}

// acceptedByOpenSSL asks openssl verify, which is as strict as can be.
func acceptedByOpenSSL(t *testing.T, v visit) bool {
	cert := filepath.Join(v.dir, "tls.crt")
	args := []string{"verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", v.host, "-untrusted", cert}
	if v.ca != "" {
		args = append(args, "-CAfile", v.ca)
	}
	return v.ended(t, e2e.Execute(t, "", e2e.Need(t, "openssl"), append(args, cert)...))
}

func acceptedByGnuTLS(t *testing.T, v visit) bool {
	args := []string{"--port", v.port, "--sni-hostname", v.host, "--verify-hostname", v.host, "127.0.0.1"}
	if v.ca != "" {
		args = append(args, "--x509cafile", v.ca)
	}
	return v.ended(t, e2e.Execute(t, "", e2e.Need(t, "gnutls-cli"), args...))
}

func acceptedByNSS(t *testing.T, v visit) bool {
	certutil, tstclnt := e2e.Need(t, "certutil"), e2e.Need(t, "tstclnt")
	store := "sql:" + t.TempDir()
	e2e.Output(t, "", certutil, "-N", "-d", store, "--empty-password")
	if v.ca != "" {
		trust := "P,," // a peer
		if e2e.Parse(t, v.ca)[0].IsCA {
			trust = "C,,"
		}
		if r := e2e.Execute(t, "", certutil, "-A", "-d", store, "-n", "root", "-t", trust, "-i", v.ca); r.Code != 0 {
			return v.ended(t, r)
		}
	}
	return v.ended(t, e2e.Execute(t, "", tstclnt, "-h", "127.0.0.1", "-p", v.port, "-a", v.host, "-d", store, "-Q"))
}

func acceptedByCurl(t *testing.T, v visit) bool {
	args := []string{"-sS", "--noproxy", "*", "--resolve", v.host + ":" + v.port + ":127.0.0.1", "https://" + v.host + ":" + v.port}
	if v.ca != "" {
		args = append(args, "--cacert", v.ca)
	}
	r := e2e.Execute(t, "", e2e.Need(t, "curl"), args...)
	if r.Code != 0 && r.Code != 60 && !v.misserved { // "peer certificate cannot be authenticated"
		t.Errorf("%s: exit %d\n%s", v.host, r.Code, r.Stderr)
	}
	return v.ended(t, r)
}

func acceptedByGo(t *testing.T, v visit) bool {
	config := &tls.Config{ServerName: v.host}
	if v.ca != "" {
		config.RootCAs = x509.NewCertPool()
		config.RootCAs.AppendCertsFromPEM(e2e.Read(t, v.ca))
	}
	conn, err := tls.Dial("tcp", net.JoinHostPort("127.0.0.1", v.port), config)
	if err != nil {
		if refused := new(tls.CertificateVerificationError); !errors.As(err, &refused) && !v.misserved {
			t.Error(err)
		}
		return v.settled(t, err.Error())
	}
	conn.Close()
	return v.settled(t, "")
}
