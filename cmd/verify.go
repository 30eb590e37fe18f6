package cmd

import (
	"bufio"
	"context"
	"crypto/x509"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/expect"
	"certgen/cmd/internal/source"
	"certgen/render/report"
	"certgen/secrets"
	"certgen/secrets/provision"
	"certgen/secrets/service"
)

// formatText is the format of reports for people.
const formatText = "text"

type verifyOptions struct {
	streams cli.IOStreams
	source  source.SourceFlags
	live    serviceFlags
	expect  expect.Flags
	format  string

	patience    time.Duration         // with a Service
	systemRoots func() *x509.CertPool // reads them when they are first needed
}

func newVerifyCmd(streams cli.IOStreams) *cobra.Command {
	o := &verifyOptions{streams: streams, source: source.SourceFlags{Live: true}, systemRoots: sync.OnceValue(systemRoots)}
	cmd := &cobra.Command{
		Use:   "verify SOURCE...",
		Short: "Find everything that is wrong with certificates",
		Long: `Verify certificates and report everything that is wrong with them: each finding has a stable id, and says
what it breaks and how to fix it. A certificate is verified against the roots of --ca and against the
ca.crt beside it. Without either, it is verified against this machine's roots, unless it is self-signed.
What a server serves is always verified against roots, and for --hostname or the name that the server was
asked for.

A valid path to a root is looked for as clients do: in any order, with whatever the chain holds. CA
certificates are verified in the same way. A bundle of them, such as a ca.crt, is only looked at: its roots
are trusted for being there, and only --ca can say whether they should be.

` + source.SourceHelp + `

service/NAME asks a live Service what it serves: each pod that is ready, through the API server as kubectl
port-forward does, so that one with an old certificate is named, and the addresses of nodes, load balancer
and cluster IP as far as they lead there from here; the API server's proxy is only tried. Each handshake
is for the first of the Service's four DNS names, or of --hostname, and one pod is asked for the others,
too: which pod answers does not depend on the name. It must serve the certificate of the Secret that the
pods mount, with that one's ca.crt as the root. Endpoints, mounts and nginx's default.conf are
compared. While pods are replaced and kube-proxy catches up, certgen asks again.

-o sarif, junit and github are for pipelines: they name the file, and in a manifest the line of the
Secret's entry.

certgen exits with 0 when nothing is found, 1 when something is (see --fail-on), and 2 when a SOURCE could not
be read or holds no certificate.`,
		Example: `  # A Secret before it is applied, under a name that clients use
  certgen create web-tls --service web -n shop --out web-tls.yaml
  certgen verify web-tls.yaml --hostname web.shop.svc

  # The Secrets of a cluster, for programs
  kubectl get secrets -A -o yaml | certgen verify - -o json

  # A certificate with its key, against the root that clients trust
  certgen create web --dns web.example.com --cert-out web.crt --key-out web.key
  certgen verify web.crt web.key --ca web.crt --ignore due-for-renewal

  # A step of a pipeline: annotations on GitHub, and warnings do not fail it
  certgen verify web-tls.yaml -o github --fail-on error

  # Held to all that RFC 5280 says
  certgen verify web.crt web.key --ca web.crt --profile strict

  # A server, and a Secret of the cluster
  certgen verify web.example.com:443
  certgen verify 192.0.2.10:8443 --servername web.example.com --ca web.crt
  certgen verify secret/nginxsecret -n default

  # Everything that leads to a live Service
  certgen verify service/my-nginx -n default`,
		Args: source.Sources,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.patience = serviceTimeout; cmd.Flags().Changed("timeout") {
				o.patience = o.source.Timeout
			}
			return cli.Comparison(o.run(cmd.Context(), args))
		},
		ValidArgsFunction: o.source.Complete,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	o.expect.AddTo(cmd)
	flags.StringVarP(&o.format, "output", "o", formatText, "the form of the report: "+list(verifyFormats()))
	cli.CompleteWords(cmd, "output", verifyFormats())
	o.live.addTo(flags)
	o.source.AddTo(cmd)
	flags.Lookup("timeout").Usage += "; service/NAME may take 30s in all unless this is set"
	return cmd
}

func verifyFormats() (words []string) {
	for _, format := range report.Formats() {
		words = append(words, string(format))
	}
	return words
}

// systemRoots returns what this machine trusts. Without roots nothing is trusted, which is a finding.
func systemRoots() *x509.CertPool {
	roots, err := x509.SystemCertPool()
	if err != nil {
		return x509.NewCertPool()
	}
	return roots
}

func (o *verifyOptions) run(ctx context.Context, args []string) error {
	if !slices.Contains(verifyFormats(), o.format) {
		return cli.Usagef("--output %q: the formats are %s", o.format, list(verifyFormats()))
	}
	want, err := o.expect.Expectations(o.streams.Password(ctx, o.source.PasswordFile))
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(o.streams.Out, 64<<10)
	report := &verifyReport{
		Writer: report.NewWriter(out, report.Format(o.format), report.Options{Rules: service.AllRules(), Fails: o.expect.Fails}), fails: o.expect.Fails,
	}
	reader, err := o.source.Reader(ctx, o.streams, args)
	if err != nil {
		return err
	}
	if !reader.Live() {
		if err := o.live.validate(); err != nil {
			return err
		}
	}
	reader.Service = func(ctx context.Context, name string) source.Batch { return o.service(ctx, reader, name, want) }
	jobs := func(yield func(func() verdicts) bool) {
		for job := range reader.Read(ctx) {
			if !yield(func() verdicts { return o.judgeAll(job(), want) }) {
				return
			}
		}
	}
	err = provision.InOrder(ctx, jobs, func(v verdicts) error {
		for _, note := range v.Notes {
			o.streams.Printf("note: %s", note)
		}
		for _, err := range v.errs {
			o.streams.ReportError(err)
		}
		return report.add(v)
	})
	if ctx.Err() != nil {
		reader.Settle()
		return ctx.Err()
	}
	if err == nil {
		err = report.Close()
	}
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return cli.OutputError(err)
	}
	for _, note := range expect.Notes(want) {
		o.streams.Printf("note: %s", note)
	}
	return o.conclude(report)
}

// verdicts are what one batch came to.
type verdicts struct {
	source.Batch
	verdicts []report.Verdict
	errs     []error // of the verdicts that are none
}

// judgeAll judges the items of a batch.
func (o *verifyOptions) judgeAll(b source.Batch, want lint.Expectations) verdicts {
	v := verdicts{Batch: b}
	for _, it := range b.Items {
		if it.KeyAlone() {
			if it.Found {
				v.Passed.Keys++
				continue
			}
			it.Err = cli.WithHint(fmt.Errorf("%s holds a private key and no certificate", it.Place), "name it together with its certificate")
		}
		if it.Err != nil {
			v.errs = append(v.errs, it.Err)
			v.verdicts = append(v.verdicts, report.Verdict{Place: it.Place, Error: it.Err.Error(), Findings: []report.Finding{}})
			continue
		}
		v.verdicts = append(v.verdicts, o.judge(it, want))
	}
	v.Items = nil // the certificates are not needed any more
	return v
}

func (o *verifyOptions) judge(it source.Item, want lint.Expectations) report.Verdict {
	if it.Live != nil {
		return *it.Live
	}
	verdict := report.Verdict{Place: it.Place, Server: it.Server, Findings: []report.Finding{}}
	findings := it.Findings
	if len(it.Target.Chain) > 0 {
		if it.Secret != nil {
			want.Renewal = secrets.Renewal(*it.Secret)
		}
		if it.Server != nil && len(want.Hosts) == 0 {
			want.Hosts = []string{it.Server.Name}
		}
		if want.Roots == nil && (it.Server != nil || !it.Target.IsRooted()) {
			want.Roots = o.systemRoots()
		}
		leaf := it.Target.Chain[0]
		verdict.Subject, verdict.NotAfter = pki.FormatName(leaf.RawSubject), leaf.NotAfter.UTC()
		verdict.LookedAt = it.Target.OnlyLookedAt(want)
		findings = slices.Concat(findings, it.Target.Lint(want))
	}
	for _, f := range findings {
		if o.expect.Counts(it.Place, f) {
			verdict.Findings = append(verdict.Findings, report.NewFinding(f))
		}
	}
	if len(verdict.Findings) > 0 && it.Line != nil {
		verdict.Line = it.Line()
	}
	return verdict
}
