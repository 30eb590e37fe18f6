package cmd

import (
	"context"
	"crypto/x509"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/listing"
	"certgen/cmd/internal/source"
	"certgen/render"
	"certgen/render/report"
	"certgen/render/report/inventory"
	"certgen/render/report/inventory/webpage"
	"certgen/secrets/fleet"
)

// The formats that only certgen list has.
const (
	formatCSV        = "csv"
	formatPrometheus = "prometheus"
	formatHTML       = "html"
)

type listOptions struct {
	streams   cli.IOStreams
	source    source.SourceFlags
	all       bool
	selector  string
	expiring  string
	managedBy cli.ListValue
	format    string
	watch     bool
	interval  time.Duration
	roots     func() *x509.CertPool // reads them when they are first needed
}

func newListCmd(streams cli.IOStreams) *cobra.Command {
	o := &listOptions{streams: streams, roots: sync.OnceValue(systemRoots)}
	cmd := &cobra.Command{
		Use:   "list [SOURCE...]",
		Short: "List certificates, the most urgent first",
		Long: `List the certificates of a namespace, of the whole cluster with -A, or of each SOURCE: how much of
their life is left, when they are to be renewed, who manages them, what uses them, and how many
findings "certgen verify" has. What has expired comes first, then what is broken, what is due for
renewal, and the rest; what ends first comes first.

In a cluster these are the Secrets with certificates, whatever their type, ConfigMaps with CA
certificates, and the caBundles of webhooks, APIServices and CRD conversions; with -A also
ClusterTrustBundles. Without -A a caBundle is listed where it is for a Service of the namespace. A
ConfigMap that is the same in many namespaces is listed once. Of a collection of CA certificates,
the one that ends first is shown.

What uses a Secret are the workloads whose pods mount or read it, Ingresses, Gateways, and the
webhooks that call a Service whose name is in its certificate. Pods without a workload are not
looked at. What you may not read is left out, and a note names the rights that are missing; without
the right to list Secrets, certgen fails. Renewal is certgen's: of what cert-manager manages, it is
the time by cert-manager's default.

` + source.SourceHelp + `

The table leaves out columns that the terminal has no room for, and cuts long names; -o wide shows
all. With --watch the list is made anew until you press Ctrl-C. -o html is one page for a browser,
with a timeline, the CAs, search and what mends each finding. -o prometheus has the gauges
certgen_certificate_not_after_timestamp_seconds, _not_before_ and _renew_after_timestamp_seconds,
_errors, _warnings and _info, with the labels source, kind, namespace, name and key;
certgen_certificates by state; and certgen_list_timestamp_seconds. certgen exits with 0 whatever is
listed, and 1 when something could not be read: "certgen verify" judges.`,
		Example: `  # What needs attention in the whole cluster
  certgen list -A

  # What ends within 30 days and cert-manager does not renew
  certgen list -A --expiring 30d --managed-by certgen,helm,none

  # A folder, a manifest and a server
  certgen create web-tls --service web -n shop --out web-tls.yaml
  certgen list web-tls.yaml
  certgen list /etc/nginx/ssl web.example.com:443

  # For programs, spreadsheets, a team, and Prometheus' node exporter
  certgen list -A -o json
  certgen list -A -o csv > certificates.csv
  certgen list -A -o html > certificates.html
  certgen list -A -o prometheus > /var/lib/node_exporter/certgen.prom`,
		Args: o.validate,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), args)
		},
		ValidArgsFunction: o.source.Complete,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVarP(&o.all, "all-namespaces", "A", false, "list all namespaces, and what belongs to none")
	flags.StringVarP(&o.selector, "selector", "l", "", "only objects with these labels, as kubectl takes them: app=web,tier!=test")
	flags.StringVar(&o.expiring, "expiring", "", "only certificates that end within this time, such as 30d")
	flags.Var(&o.managedBy, "managed-by", "only what one of these manages: certgen, cert-manager, Helm, another name, or none")
	cli.CompleteList(cmd, "managed-by", []string{"certgen", "cert-manager", "Helm", fleet.NoManager})
	flags.StringVarP(&o.format, "output", "o", formatTable, "the form of the list: "+list(listFormats()))
	cli.CompleteWords(cmd, "output", listFormats())
	flags.BoolVarP(&o.watch, "watch", "w", false, "show the list anew until interrupted; in a pipe, what has changed")
	flags.DurationVar(&o.interval, "interval", 30*time.Second, "how often, with --watch")
	o.source.AddTo(cmd)
	return cmd
}

func listFormats() []string {
	return []string{formatTable, formatWide, formatName, string(render.JSON), string(render.YAML), formatCSV, formatPrometheus, formatHTML}
}

func (o *listOptions) validate(cmd *cobra.Command, args []string) error {
	if !slices.Contains(listFormats(), o.format) {
		return cli.Usagef("--output %q: the formats are %s", o.format, list(listFormats()))
	}
	switch {
	case o.watch && o.format != formatTable && o.format != formatWide:
		return cli.Usagef("--watch shows a table, and takes no --output %s", o.format)
	case o.watch && slices.Contains(args, "-"):
		return cli.Usagef("--watch cannot read standard input again")
	case o.interval < time.Second:
		return cli.Usagef("--interval %s: must be 1s or more", o.interval)
	case len(args) == 0:
		return nil
	}
	if o.all {
		return cli.WithHint(cli.Usagef("--all-namespaces is for the cluster, not for a SOURCE"), "leave one of them out")
	}
	return source.Sources(cmd, args)
}

func (o *listOptions) run(ctx context.Context, args []string) error {
	// A list is held whole, while what it is made of is thrown away page by page: the heap may grow by half before it
	// is swept, not to twice its size.
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	reader, err := o.source.Reader(ctx, o.streams, args)
	if err != nil {
		return err
	}
	if o.watch {
		return o.watchList(ctx, reader, args)
	}
	now := time.Now()
	found, err := o.read(ctx, reader, args, now)
	if err != nil {
		return err
	}
	for _, note := range found.Notes {
		o.streams.Printf("note: %s", note)
	}
	for _, err := range found.Errors {
		o.streams.ReportError(err)
	}
	if len(found.Entries)+len(found.Errors) == 0 {
		o.streams.Printf("No certificates found.")
	}
	if err := o.print(found, args, now); err != nil {
		return cli.OutputError(err)
	}
	if len(found.Errors) > 0 {
		return cli.ErrQuiet // what they are has been said
	}
	return nil
}

// watchList shows the list until ctx ends.
func (o *listOptions) watchList(ctx context.Context, reader *source.SourceReader, args []string) error {
	palette, restore := cli.Colours(o.streams.Out)
	defer restore()
	w := listing.Watcher{
		Out: o.streams.Out, Every: o.interval, Title: o.title(args),
		Read: func(ctx context.Context) (listing.List, error) { return o.read(ctx, reader, args, time.Now()) },
		Table: func(w io.Writer, entries []*inventory.Entry) error {
			return inventory.Table(w, entries, o.table(palette, time.Now()))
		},
	}
	if cli.IsTerminal(o.streams.Out) && os.Getenv("TERM") != "dumb" {
		w.Size = func() (int, int) { return cli.Size(o.streams.Out) }
	}
	if err := w.Watch(ctx); ctx.Err() == nil {
		return err
	}
	return nil // who pressed Ctrl-C knows
}

// read makes the list, the most urgent first.
func (o *listOptions) read(ctx context.Context, reader *source.SourceReader, args []string, now time.Time) (found listing.List, err error) {
	selection, err := o.selection(now)
	if err != nil {
		return found, err
	}
	examiner := &fleet.Examiner{Now: now, Roots: o.roots}
	if len(args) > 0 {
		found, err = listing.Sources(ctx, reader, examiner, selection)
	} else {
		found, err = listing.Cluster(ctx, reader, o.all, examiner, selection)
	}
	inventory.Sort(found.Entries)
	return found, err
}

// selection checks the flags.
func (o *listOptions) selection(now time.Time) (s fleet.Selection, err error) {
	if s.Labels, err = labels.Parse(o.selector); err != nil {
		return s, cli.WithHint(cli.Usagef("--selector %q: %w", o.selector, err), "such as app=web, tier!=test, or env in (prod,test)")
	}
	s.Filter.ManagedBy = o.managedBy
	if o.expiring != "" {
		within, err := pki.ParseDuration(o.expiring)
		if err == nil && within < 0 {
			return s, cli.Usagef("--expiring %q: must not be negative", o.expiring)
		}
		if err != nil {
			return s, cli.WithHint(cli.Usagef("--expiring %q: %w", o.expiring, err), `such as "30d" or "12h"`)
		}
		s.Filter.Before = now.Add(within)
	}
	return s, nil
}

// print writes the list in the format wanted.
func (o *listOptions) print(found listing.List, args []string, now time.Time) error {
	out, entries := o.streams.Out, found.Entries
	switch o.format {
	case formatName:
		return inventory.Names(out, entries)
	case formatCSV:
		return inventory.CSV(out, entries)
	case formatPrometheus:
		return inventory.Prometheus(out, entries, now)
	case formatHTML:
		return webpage.Page{Title: o.title(args), Now: now, Entries: entries, Authorities: found.Authorities, Notes: found.Notes}.Write(out)
	case string(render.JSON), string(render.YAML):
		return inventory.Items(out, render.Format(o.format), entries)
	}
	if len(entries) == 0 {
		return nil // as kubectl: a header of nothing says nothing
	}
	palette, restore := cli.Colours(out)
	defer restore()
	return inventory.Table(out, entries, o.table(palette, now))
}

func (o *listOptions) table(palette report.Palette, now time.Time) inventory.TableOptions {
	return inventory.TableOptions{Now: now, Wide: o.format == formatWide, Namespaces: o.all, Width: cli.Width(o.streams.Out), Palette: palette}
}

// title says of what the certificates are.
func (o *listOptions) title(args []string) string {
	switch {
	case len(args) > 0:
		return pki.ShortList(args)
	case o.all:
		return "the cluster"
	}
	return "namespace " + o.source.Namespace()
}
