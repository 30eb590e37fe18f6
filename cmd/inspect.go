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

	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/certs/renewal"
	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/source"
	"certgen/render"
	"certgen/render/report"
	"certgen/secrets"
	"certgen/secrets/provision"
)

type inspectOptions struct {
	streams cli.IOStreams
	source  source.SourceFlags
	format  string
}

func newInspectCmd(streams cli.IOStreams) *cobra.Command {
	o := &inspectOptions{streams: streams}
	cmd := &cobra.Command{
		Use:   "inspect SOURCE...",
		Short: "Show what certificates say",
		Long: `Show what certificates say: subject, names, issuer, key, dates, usages, serial number and fingerprints, the
chain as a tree, whether the private key beside it matches, who manages it and when it is due for
renewal; of a server also which TLS it speaks. Private keys are never shown. "certgen verify" judges what
is wrong with a certificate.

` + source.SourceHelp + `

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
		Args: source.Sources,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), args)
		},
		ValidArgsFunction: o.source.Complete,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&o.format, "output", "o", formatText, "the form of the report: "+list(inspectFormats()))
	cli.CompleteWords(cmd, "output", inspectFormats())
	o.source.AddTo(cmd)
	return cmd
}

func inspectFormats() []string {
	return []string{formatText, string(render.JSON), string(render.YAML), formatPEM}
}

func (o *inspectOptions) run(ctx context.Context, args []string) error {
	if !slices.Contains(inspectFormats(), o.format) {
		return cli.Usagef("--output %q: the formats are %s", o.format, list(inspectFormats()))
	}
	reader, err := o.source.Reader(ctx, o.streams, args)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(o.streams.Out, 64<<10)
	palette, restore := cli.Colours(o.streams.Out)
	defer restore()
	write, end := o.writer(out, palette)
	shown, failed, passed := 0, false, source.Passed{}
	err = provision.InOrder(ctx, reader.Read(ctx), func(b source.Batch) error {
		for _, note := range b.Notes {
			o.streams.Printf("note: %s", note)
		}
		passed.Add(b.Passed)
		for _, it := range b.Items {
			if it.Err != nil {
				o.streams.ReportError(it.Err)
			}
			failed = failed || it.Err != nil || o.silent(it)
			for _, part := range partsOf(it) {
				shown++
				if err := write(part); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if ctx.Err() != nil {
		reader.Settle()
		return ctx.Err()
	}
	if err == nil {
		err = end()
	}
	if err = cmp.Or(err, out.Flush()); err != nil {
		return cli.OutputError(err)
	}
	if note := passed.Note(); note != "" {
		o.streams.Printf("note: %s", note)
	}
	switch {
	case failed:
		return cli.ErrQuiet // what it was has been said
	case shown == 0:
		return errors.New("no certificate in any SOURCE")
	}
	return nil
}

// writer returns what writes one item in the format wanted, and what ends the report.
func (o *inspectOptions) writer(out io.Writer, palette report.Palette) (write func(source.Item) error, end func() error) {
	now := time.Now()
	nothing := func() error { return nil }
	switch o.format {
	case formatPEM:
		return func(it source.Item) error {
			_, err := out.Write(pki.EncodeCertificates(append(slices.Clip(it.Target.Chain), it.Target.CA...)...))
			return err
		}, nothing
	case formatText:
		return func(it source.Item) error {
			_, err := io.WriteString(out, inspect(it, now).Text(palette))
			return err
		}, nothing
	}
	items := render.NewItems(out, render.Format(o.format))
	return func(it source.Item) error { return items.Add(inspect(it, now)) }, items.Close
}

// silent reports whether a server shows no certificate, and says so where the report does not.
func (o *inspectOptions) silent(it source.Item) bool {
	if it.Server == nil || len(it.Target.Chain) > 0 {
		return false
	}
	if o.format == formatPEM {
		for _, f := range it.Findings {
			o.streams.ReportError(cli.WithHint(fmt.Errorf("%s: %s", it.Place, f.Detail), "%s", f.Rule.Mend))
		}
	}
	return true
}

// parts takes a collection of CA certificates apart: these have nothing to do with each other.
func partsOf(it source.Item) []source.Item {
	if it.Server != nil || !it.Target.IsBundle() {
		return []source.Item{it}
	}
	var parts []source.Item
	for _, c := range it.Target.Chain {
		part := it
		part.Target = lint.Target{Chain: []*x509.Certificate{c}}
		parts = append(parts, part)
	}
	return parts
}

// inspect says what there is to say of an item.
func inspect(it source.Item, now time.Time) report.Inspection {
	i := report.Inspection{Place: it.Place, Server: it.Server}
	if it.Err != nil {
		i.Error = it.Err.Error()
	}
	var due renewal.Policy
	if it.Secret != nil {
		due = secrets.Renewal(*it.Secret)
		i.Secret = &report.SecretFacts{Type: it.Secret.Type, ManagedBy: secrets.Manager(*it.Secret)}
	}
	for _, f := range it.Findings {
		i.Problems = append(i.Problems, report.NewFinding(f))
	}
	if it.Target.Key != nil {
		i.PrivateKey = &report.PrivateKeyFacts{
			Key:       pki.KeySpecOf(it.Target.Key.Public()).String(),
			PublicKey: pki.PublicKeyPin(it.Target.Key.Public()),
		}
	}
	if len(it.Target.Chain) == 0 {
		return i
	}
	leaf := it.Target.Leaf()
	described := pki.Describe(leaf, now)
	i.Certificate = &described
	if at, renewed := due.Due(leaf); renewed {
		i.RenewAfter, i.Due = at.UTC(), !now.Before(at)
	}
	if i.PrivateKey != nil {
		i.PrivateKey.Matches = it.Target.KeyMatches()
	}
	path, others := it.Target.Path()
	i.Chain, i.Others = links(path), links(others)
	return i
}

func links(chain []*x509.Certificate) []report.Link {
	var out []report.Link
	for _, c := range chain {
		out = append(out, report.Link{Subject: pki.FormatName(c.RawSubject), Issuer: pki.FormatName(c.RawIssuer), NotAfter: c.NotAfter.UTC()})
	}
	return out
}
