package listing

import (
	"context"
	"strings"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/source"
	"certgen/render/report/inventory"
	"certgen/secrets/fleet"
)

// Cluster surveys the cluster that the flags and the kubeconfig name: their namespace, or all.
func Cluster(ctx context.Context, streams cli.IOStreams, reader *source.SourceReader, all bool, x *fleet.Examiner, s fleet.Selection) ([]inventory.Entry, error) {
	c, err := reader.Connect()
	if err != nil {
		return nil, err
	}
	if !all {
		s.Namespace = c.Namespace
	}
	survey, err := fleet.Read(ctx, c.Cluster, x, s)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, cli.Explain(err)
	}
	if len(survey.Missing) > 0 {
		kinds := strings.ReplaceAll(pki.List(pki.Texts(survey.Missing)), "list ", "")
		streams.Printf("note: you may not list %s: what is in these, or known from them, is left out", kinds)
	}
	return survey.Entries, nil
}
