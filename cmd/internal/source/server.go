package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/certs/probe"
	"certgen/cmd/internal/cli"
	"certgen/render/report"
)

// server is a SOURCE that is asked for its certificate.
type server struct {
	arg     string
	address string // to connect to
	name    string // to ask for, and to be certified
}

// parseServer returns the server that HOST:PORT or a URL names, nil where arg is nothing like that. name is to be
// asked for in place of HOST, unless it is empty.
func parseServer(arg, name string) (*server, error) {
	address, err := addressOf(arg)
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || strings.Trim(port, "0123456789") != "" || port == "" {
		return nil, nil
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return nil, cli.Usagef("the SOURCE %q: its port must be 1 to 65535", arg)
	}
	s := &server{arg, address, name}
	if addr, err := netip.ParseAddr(host); err == nil {
		if name == "" {
			s.name = addr.Unmap().WithZone("").String()
		}
		return s, nil
	}
	// A final dot keeps resolvers from trying search domains; no certificate and no SNI has one (RFC 6066, section 3).
	plain, dotted := strings.CutSuffix(host, ".")
	parsed, err := oneHost(plain)
	at := parsed
	if dotted {
		at += "."
	}
	switch {
	case host == "":
		return nil, cli.Usagef("the SOURCE %q names no host", arg)
	case err == nil && name == "":
		s.name, s.address = parsed, net.JoinHostPort(at, port)
	case err == nil:
		s.address = net.JoinHostPort(at, port)
	case name == "": // a name that no certificate can have may lead to a server even so
		return nil, cli.WithHint(cli.Usagef("the SOURCE %q: %w", arg, err), "--servername says which name to ask it for")
	}
	return s, nil
}

// httpsPort is where a URL without a port leads: RFC 9110, section 4.2.2.
const httpsPort = "443"

// addressOf is the HOST:PORT of an https URL, whose path says nothing of the certificate, and anything else as it is.
func addressOf(arg string) (string, error) {
	scheme, _, ok := strings.Cut(arg, "://")
	if !ok {
		return arg, nil
	}
	address, err := url.Parse(arg)
	switch {
	case !strings.EqualFold(scheme, "https"):
		return "", cli.WithHint(cli.Usagef("the SOURCE %q: of URLs, only https://HOST and https://HOST:PORT name a server with TLS", arg), "HOST:PORT asks any server that speaks TLS from the first byte")
	case err != nil:
		return "", cli.Usagef("the SOURCE %q: it is not a URL: %w", arg, errors.Unwrap(err)) // without the URL once more
	case address.User != nil:
		return "", cli.Usagef("the SOURCE is a URL with a user name or password in it, which a certificate needs nobody to know")
	}
	return net.JoinHostPort(address.Hostname(), cmp.Or(address.Port(), httpsPort)), nil
}

// oneHost is parseHost for a host that is to be asked.
func oneHost(s string) (string, error) {
	name, err := ParseHost(s)
	if err == nil && strings.HasPrefix(name, "*") {
		return "", fmt.Errorf("%q: a wildcard stands for many hosts", s)
	}
	return name, err
}

func (s *server) dial(ctx context.Context) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
}

// ask asks a server at once, beside others, and returns the job that waits for its answer.
func (r *SourceReader) ask(ctx context.Context, s *server) func() Batch {
	answers := make(chan probe.Answer, 1)
	go func() {
		ctx, cancel := context.WithTimeout(ctx, r.timeout)
		defer cancel()
		answers <- probe.Ask(ctx, s.dial, s.name)
	}()
	return func() Batch {
		answer := <-answers
		return Batch{Items: []Item{{
			Place: report.Place{Source: s.arg}, Server: report.NewServer(s.name, answer),
			Target: lint.Target{Chain: answer.Chain}, Findings: answer.Findings,
		}}}
	}
}

// ParseHost takes what certificates can name.
func ParseHost(s string) (string, error) {
	if addr, err := pki.ParseIP(s); err == nil {
		return addr.String(), nil
	}
	return pki.ParseDNSName(s)
}
