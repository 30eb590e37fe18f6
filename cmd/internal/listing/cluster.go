package listing

import (
	"context"
	"strings"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/source"
	"certgen/secrets/fleet"
)

// Cluster surveys the cluster that the flags and the kubeconfig name: their namespace, or all.
func Cluster(ctx context.Context, reader *source.SourceReader, all bool, x *fleet.Examiner, s fleet.Selection) (List, error) {
	c, err := reader.Connect()
	if err != nil {
		return List{}, err
	}
	if !all {
		s.Namespace = c.Namespace
	}
	survey, err := fleet.Read(ctx, c.Cluster, x, s)
	if ctx.Err() != nil {
		return List{}, ctx.Err()
	}
	if err != nil {
		return List{}, cli.Explain(err)
	}
	list := List{Entries: survey.Entries, Authorities: x.Authorities()}
	if len(survey.Missing) > 0 {
		kinds := strings.ReplaceAll(pki.List(pki.Texts(survey.Missing)), "list ", "")
		list.Notes = append(list.Notes, "you may not list "+kinds+": what is in these, or known from them, is left out")
	}
	return list, nil
}
