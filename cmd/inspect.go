package cmd

import (
	"bufio"
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"certgen/certs"
	"certgen/render"
	"certgen/secrets"
)

type inspectOptions struct {
	streams IOStreams
	source  sourceFlags
	format  string
}

func newInspectCmd(streams IOStreams) *cobra.Command {
	o := &inspectOptions{streams: streams}
	cmd := &cobra.Command{
		Use:   "inspect SOURCE...",
		Short: "Show what certificates say",
		Long: `Show what certificates say: subject, names, issuer, key, dates, usages, serial number and fingerprints, the
chain as a tree, whether the private key beside it matches, who manages it and when it is due for
renewal; of a server also which TLS it speaks. Private keys are never shown. "certgen verify" judges what
is wrong with a certificate.

` + sourceHelp + `

With -o pem the certificates of every SOURCE are written as PEM.`,
		Example: `  # A Secret
  certgen create nginxsecret | certgen inspect -

  # Whether a key belongs to a certificate
  certgen create nginxsecret --cert-out nginx.crt --key-out nginx.key
  certgen inspect nginx.crt nginx.key

  # The certificates in a keystore, as PEM
  echo changeit > password.txt
  certgen create nginxsecret -o pkcs12 --keystore-password-file password.txt --out nginx.p12
  certgen inspect nginx.p12 --password-file password.txt -o pem

  # What a server serves, and what its Secret holds
  certgen inspect web.example.com:443
  certgen inspect secret/nginxsecret -n default`,
		Args: sources,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), args)
		},
		ValidArgsFunction: o.source.complete,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&o.format, "output", "o", formatText, "the form of the report: "+list(inspectFormats()))
	completeWords(cmd, "output", inspectFormats())
	o.source.addTo(cmd)
	return cmd
}

func inspectFormats() []string {
	return []string{formatText, string(render.JSON), string(render.YAML), formatPEM}
}

func (o *inspectOptions) run(ctx context.Context, args []string) error {
	if !slices.Contains(inspectFormats(), o.format) {
		return usagef("--output %q: the formats are %s", o.format, list(inspectFormats()))
	}
	reader, err := o.source.reader(ctx, o.streams, args)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(o.streams.Out, 64<<10)
	palette, restore := colours(o.streams.Out)
	defer restore()
	write, end := o.writer(out, palette)
	shown, failed := 0, false
	err = inOrder(ctx, reader.read(ctx), func(b batch) error {
		for _, note := range b.notes {
			o.streams.printf("note: %s", note)
		}
		for _, it := range b.items {
			if it.err != nil {
				o.streams.reportError(it.err)
			}
			failed = failed || it.err != nil || o.silent(it)
			for _, part := range it.parts() {
				shown++
				if err := write(part); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if ctx.Err() != nil {
		reader.settle()
		return ctx.Err()
	}
	if err == nil {
		err = end()
	}
	if err = cmp.Or(err, out.Flush()); err != nil {
		return outputError(err)
	}
	switch {
	case failed:
		return errQuiet // what it was has been said
	case shown == 0:
		return errors.New("no certificate in any SOURCE")
	}
	return nil
}

// writer returns what writes one item in the format wanted, and what ends the report.
func (o *inspectOptions) writer(out io.Writer, palette render.Palette) (write func(item) error, end func() error) {
	now := time.Now()
	nothing := func() error { return nil }
	switch o.format {
	case formatPEM:
		return func(it item) error {
			_, err := out.Write(certs.EncodeCertificates(append(slices.Clip(it.exam.Chain), it.exam.CA...)...))
			return err
		}, nothing
	case formatText:
		return func(it item) error {
			_, err := io.WriteString(out, it.inspect(now).Text(palette))
			return err
		}, nothing
	}
	items := render.NewItems(out, render.Format(o.format))
	return func(it item) error { return items.Add(it.inspect(now)) }, items.Close
}

// silent reports whether a server shows no certificate, and says so where the report does not.
func (o *inspectOptions) silent(it item) bool {
	if it.server == nil || len(it.exam.Chain) > 0 {
		return false
	}
	if o.format == formatPEM {
		for _, f := range it.findings {
			o.streams.reportError(withHint(fmt.Errorf("%s: %s", it.Place, f.Detail), "%s", f.Rule.Mend))
		}
	}
	return true
}

// parts takes a collection of CA certificates apart: these have nothing to do with each other.
func (it item) parts() []item {
	if it.server != nil || !it.exam.IsBundle() {
		return []item{it}
	}
	var parts []item
	for _, c := range it.exam.Chain {
		part := it
		part.exam = certs.Exam{Chain: []*x509.Certificate{c}}
		parts = append(parts, part)
	}
	return parts
}

// inspect says what there is to say of an item.
func (it item) inspect(now time.Time) render.Inspection {
	i := render.Inspection{Place: it.Place, Server: it.server}
	if it.err != nil {
		i.Error = it.err.Error()
	}
	var renewBefore time.Duration
	if it.secret != nil {
		renewBefore = secrets.RenewBefore(*it.secret)
		i.Secret = &render.SecretFacts{Type: it.secret.Type, ManagedBy: secrets.Manager(*it.secret)}
	}
	for _, f := range it.findings {
		i.Problems = append(i.Problems, render.NewFinding(f))
	}
	if it.exam.Key != nil {
		i.PrivateKey = &render.PrivateKeyFacts{
			Key:       certs.KeySpecOf(it.exam.Key.Public()).String(),
			PublicKey: certs.PublicKeyPin(it.exam.Key.Public()),
		}
	}
	if len(it.exam.Chain) == 0 {
		return i
	}
	leaf := it.exam.Leaf()
	described := certs.Describe(leaf, now)
	i.Certificate = &described
	i.RenewAfter = (&certs.KeyPair{Leaf: leaf}).RenewAt(renewBefore).UTC()
	i.Due = !now.Before(i.RenewAfter)
	if i.PrivateKey != nil {
		i.PrivateKey.Matches = it.exam.KeyMatches()
	}
	path, others := it.exam.Path()
	i.Chain, i.Others = links(path), links(others)
	return i
}

func links(chain []*x509.Certificate) []render.Link {
	var out []render.Link
	for _, c := range chain {
		out = append(out, render.Link{Subject: certs.FormatName(c.RawSubject), Issuer: certs.FormatName(c.RawIssuer), NotAfter: c.NotAfter.UTC()})
	}
	return out
}
