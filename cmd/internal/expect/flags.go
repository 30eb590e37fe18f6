package expect

import (
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"certgen/certs/encoding"
	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/certs/revocation"
	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/source"
	"certgen/secrets"
	"certgen/secrets/service"
)

// Flags are those of verify that say what is expected.
type Flags struct {
	hosts   cli.ListValue
	ca      string
	crls    []string
	at      string
	purpose string
	profile string
	ignore  cli.ListValue
	failOn  string

	ignored []ignored // of --ignore and the file
}

// AddTo adds the flags to a command.
func (f *Flags) AddTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.Var(&f.hosts, "hostname", "a host name or address by which clients reach the server")
	flags.StringVar(&f.ca, "ca", "", "the roots that clients trust, in place of this machine's")
	flags.StringArrayVar(&f.crls, "crl", nil, "a certificate revocation list, in a file: DER or PEM, of any size")
	flags.StringVar(&f.at, "at", "", "verify as of this time, such as 2027-01-31 or 2027-01-31T12:00:00Z")
	flags.StringVar(&f.purpose, "for", "", "what the certificate must be good for: "+strings.Join(words(lint.Purposes()), ", ")+" (default what it says itself)")
	cli.CompleteWords(cmd, "for", words(lint.Purposes()))
	flags.StringVar(&f.profile, "profile", string(lint.Private), "what is an error: what clients refuse (private), also what RFC 5280 forbids (strict), or public CAs may not issue (public)")
	cli.CompleteWords(cmd, "profile", words(lint.Profiles()))
	flags.Var(&f.ignore, "ignore", "leave out findings with this id, or ID@PATTERN: in these files or objects (also "+IgnoreFile+", a line each)")
	cli.CompleteList(cmd, "ignore", IDs())
	flags.StringVar(&f.failOn, "fail-on", string(lint.Warning), "exit with 1 from this severity on: "+strings.Join(failOnWords(), ", "))
	cli.CompleteWords(cmd, "fail-on", failOnWords())
}

// IDs are those of all findings that there can be.
func IDs() (ids []string) {
	for _, rule := range service.AllRules() {
		ids = append(ids, rule.ID)
	}
	return ids
}

// words are the values of a flag as text.
func words[T ~string](values []T) (texts []string) {
	for _, value := range values {
		texts = append(texts, string(value))
	}
	return texts
}

// Expectations checks the flags, and reads the files that they name.
func (f *Flags) Expectations(password encoding.Password) (lint.Expectations, error) {
	want := lint.Expectations{Now: time.Now(), For: lint.Purpose(f.purpose), Profile: lint.Profile(f.profile)}
	if f.purpose != "" && !slices.Contains(lint.Purposes(), want.For) {
		return want, cli.Usagef("--for %q: the purposes are %s", f.purpose, strings.Join(words(lint.Purposes()), ", "))
	}
	if !slices.Contains(lint.Profiles(), want.Profile) {
		return want, cli.Usagef("--profile %q: the profiles are %s", f.profile, strings.Join(words(lint.Profiles()), ", "))
	}
	for _, host := range f.hosts {
		name, err := source.ParseHost(host)
		if err != nil {
			return want, cli.Usagef("--hostname %w", err)
		}
		want.Hosts = append(want.Hosts, name)
	}
	if f.at != "" {
		var err error
		if want.Now, err = parseTime(f.at); err != nil {
			return want, err
		}
	}
	if !slices.Contains(failOnWords(), f.failOn) {
		return want, cli.Usagef("--fail-on %q: the words are %s", f.failOn, strings.Join(failOnWords(), ", "))
	}
	var err error
	if f.ignored, err = f.readIgnored(); err != nil {
		return want, err
	}
	for _, path := range f.crls {
		list, err := readList(path)
		if err != nil {
			return want, fmt.Errorf("--crl: %w", err)
		}
		want.CRLs = append(want.CRLs, list)
	}
	if f.ca == "" {
		return want, nil
	}
	err = f.readRoots(password, &want)
	return want, err
}

func readList(path string) (*revocation.List, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	list, err := revocation.Read(filepath.Base(path), in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return list, nil
}

func (f *Flags) readRoots(password encoding.Password, want *lint.Expectations) error {
	data, err := cli.ReadBounded(f.ca)
	if err != nil {
		return fmt.Errorf("--ca: %w", err)
	}
	if data, err = secrets.Roots(data); err != nil {
		return fmt.Errorf("--ca %s: %w", f.ca, err)
	}
	material, err := encoding.Read(data, password)
	if err != nil {
		return fmt.Errorf("--ca %s: %w", f.ca, err)
	}
	if len(material.Certificates) == 0 {
		return cli.WithHint(fmt.Errorf("--ca %s: there is a private key in it, and no certificate", f.ca), "name the file with the CA's certificate")
	}
	want.Roots, want.Anchors = x509.NewCertPool(), material.Certificates
	for _, c := range material.Certificates {
		want.Roots.AddCert(c)
	}
	return nil
}

// Notes are of the lists of --crl that said nothing of any certificate, once all have been judged.
func Notes(want lint.Expectations) (notes []string) {
	for _, list := range want.CRLs {
		if !list.Consulted() {
			notes = append(notes, fmt.Sprintf("--crl %s: no certificate was looked up on this list of %s; where that issuer's certificate is missing, --ca names it", list.Name, pki.FormatName(list.Issuer)))
		}
	}
	return notes
}

// parseTime takes a time, or a day for its first second.
func parseTime(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, cli.WithHint(cli.Usagef("--at %q: not a time", s), "such as 2027-01-31, or 2027-01-31T12:00:00Z (RFC 3339)")
}
