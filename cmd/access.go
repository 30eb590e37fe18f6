package cmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/client-go/tools/clientcmd"

	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/source"
	"certgen/render"
	"certgen/render/report"
	"certgen/secrets"
	"certgen/secrets/service"
)

// The formats of lists, beside render.JSON.
const (
	formatTable = "table"
	formatWide  = "wide"
	formatName  = "name"
)

type accessOptions struct {
	streams       cli.IOStreams
	namespace     string
	clusterDomain string
	format        string
	cluster       cli.ClusterFlags
}

func newAccessCmd(streams cli.IOStreams) *cobra.Command {
	o := &accessOptions{streams: streams}
	cmd := &cobra.Command{
		Use:   "access [service/NAME]",
		Short: "Show every way to reach a Service",
		Long: `Show every way to reach a Service: cluster IPs, DNS names, environment variables in pods, node ports, load
balancers, external IPs, the API server's proxy, and commands for port-forward and for a client inside the
cluster. For each way it shows what an answer proves, what it does not prove, and whether it works from
this machine.

The check takes at most a second. certgen opens a TCP connection to every address, sends a GET through the
API server's proxy, and asks the API server what you are allowed to do. A firewall or proxy in between may
accept a connection that never reaches the Service. A DNS name counts as usable only if it resolves to the
Service. Certificates are not checked: certgen verify service/NAME does that.

In the proxy's URL, "https:NAME:PORT", both colons are required. PORT is the port's name, or its number if it
has none; "https:NAME:" is a port without a name. With one colon, "https:NAME" is the port NAME of a Service
called "https".

Without an argument, it lists the API server and the cluster's own Services, as kubectl cluster-info does:
those in the namespace kube-system with the label kubernetes.io/cluster-service=true.`,
		Example: `  # Every way to the tutorial's Service
  certgen access service/my-nginx

  # As JSON, and only the addresses and URLs
  certgen access service/my-nginx -n shop -o json
  certgen access service/my-nginx -n shop -o name

  # The cluster's own Services
  certgen access`,
		Args: o.validate,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), args)
		},
		ValidArgsFunction: o.complete,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&o.namespace, "namespace", "n", "", "the namespace of the Service (default the kubeconfig's)")
	flags.StringVar(&o.clusterDomain, "cluster-domain", secrets.ClusterDomain, "the DNS domain of the cluster")
	flags.StringVarP(&o.format, "output", "o", formatTable, "the output format: "+list(accessFormats()))
	cli.CompleteWords(cmd, "output", accessFormats())
	o.cluster.AddTo(cmd)
	return cmd
}

// accessFormats are the forms of the list. wide also names the nodes.
func accessFormats() []string {
	return []string{formatTable, formatWide, string(render.JSON), formatName}
}

func (o *accessOptions) validate(cmd *cobra.Command, args []string) error {
	if !slices.Contains(accessFormats(), o.format) {
		return cli.Usagef("--output %q: the formats are %s", o.format, list(accessFormats()))
	}
	if len(args) > 1 {
		return cli.Usagef("accepts one Service, received %d: %q", len(args), args)
	}
	if len(args) == 1 {
		_, err := source.ServiceName(args[0])
		return err
	}
	return nil
}

func (o *accessOptions) run(ctx context.Context, args []string) error {
	config := o.cluster.Config(o.namespace)
	options := service.AccessOptions{ClusterDomain: o.clusterDomain, KubectlFlags: o.cluster.Words()}
	if len(args) == 0 {
		return o.builtIns(ctx, config, options)
	}
	name, err := source.ServiceName(args[0])
	if err != nil {
		return err
	}
	namespace, _, err := config.Namespace()
	if err != nil {
		return cli.BadKubeconfig(err)
	}
	if err := cli.UsageProblems(service.ValidateAccess(options, namespace, name), nil); err != nil {
		return err
	}
	cluster, err := o.cluster.Connect(config, o.streams)
	if err != nil {
		return err
	}
	access, err := service.ReadAccess(ctx, cluster, namespace, name, options)
	if err != nil {
		return cli.ExplainIn(ctx, cluster, err)
	}
	service.CheckReachable(ctx, cluster, access)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, note := range access.Notes {
		o.streams.Printf("note: %s", render.Printable(note))
	}
	switch o.format {
	case string(render.JSON):
		return o.json(access)
	case formatName:
		return o.streams.Write([]byte(addresses(access.Paths)))
	}
	return o.streams.Write([]byte(accessTables(access.Paths, o.format == formatWide, cli.Width(o.streams.Out))))
}

func (o *accessOptions) builtIns(ctx context.Context, config clientcmd.ClientConfig, options service.AccessOptions) error {
	namespace := cmp.Or(o.namespace, service.BuiltInNamespace)
	if err := cli.UsageProblems(service.ValidateAccess(options, namespace), nil); err != nil {
		return err
	}
	cluster, err := o.cluster.Connect(config, o.streams)
	if err != nil {
		return err
	}
	built, err := service.ReadBuiltIns(ctx, cluster, namespace, options)
	if err != nil {
		return cli.Explain(err)
	}
	service.CheckReachable(ctx, cluster, built.Services...)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch o.format {
	case string(render.JSON):
		return o.json(built)
	case formatName:
		names := built.ControlPlane + "\n"
		for _, access := range built.Services {
			names += addresses(access.Paths)
		}
		return o.streams.Write([]byte(names))
	}
	rows := [][]string{{"control-plane", "api-server", "", built.ControlPlane, string(service.UsableYes)}} // it has just answered
	for _, access := range built.Services {
		for _, p := range access.Paths {
			rows = append(rows, append([]string{access.Name}, pathRow(p)...))
		}
	}
	return o.streams.Write([]byte(report.TableWithin(cli.Width(o.streams.Out), []string{"SERVICE", "PATH", "PORT", "ADDRESS", "FROM HERE"}, rows)))
}

func (o *accessOptions) json(report any) error {
	data, err := render.Report(report)
	if err != nil {
		return err
	}
	return o.streams.Write(data)
}

// addresses are those of the paths, one a line. Variables are none.
func addresses(paths []service.Path) string {
	var lines strings.Builder
	for _, p := range paths {
		if p.Address != "" && p.Kind != service.PathEnvironment {
			fmt.Fprintln(&lines, render.Printable(p.Address))
		}
	}
	return lines.String()
}

// accessTables are three: where each path leads, what to paste, and what an answer proves. On a terminal they keep within
// its width; but a command stays on one line, as it must be to be pasted.
func accessTables(paths []service.Path, wide bool, width int) string {
	header := []string{"PATH", "PORT", "ADDRESS", "FROM HERE"}
	if wide {
		header = append(header, "NODE")
	}
	var rows, commands, proofs [][]string
	for _, p := range paths {
		row := pathRow(p)
		if wide {
			row = append(row, p.Node)
		}
		rows = append(rows, row)
		if p.Command != "" {
			commands = withRow(commands, string(p.Kind), p.Command)
		}
		proofs = withRow(proofs, string(p.Kind), p.Proves, p.ProvesNot)
	}
	tables := []string{report.TableWithin(width, header, rows)}
	if len(commands) > 0 {
		tables = append(tables, report.Table([]string{"PATH", "COMMAND"}, commands))
	}
	return strings.Join(append(tables, report.TableWithin(width, []string{"PATH", "AN ANSWER PROVES", "IT DOES NOT PROVE"}, proofs)), "\n")
}

// withRow adds a row that is not there yet.
func withRow(rows [][]string, row ...string) [][]string {
	if slices.ContainsFunc(rows, func(other []string) bool { return slices.Equal(other, row) }) {
		return rows
	}
	return append(rows, row)
}

func pathRow(p service.Path) []string {
	address := p.Address
	if address == "" && p.Kind == service.PathLoadBalancer {
		address = "<pending>"
	}
	usable := string(p.Usable)
	if p.Why != "" {
		usable += ": " + p.Why
	}
	return []string{string(p.Kind), portCell(p), address, usable}
}

func portCell(p service.Path) string {
	if p.Port == nil {
		return ""
	}
	return p.Port.String()
}
