package listing

import (
	"context"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"certgen/cmd/internal/source"
	"certgen/render/report"
	"certgen/render/report/inventory"
	"certgen/secrets"
	"certgen/secrets/fleet"
	"certgen/secrets/provision"
)

// listed is what one batch came to. Of its Items only those are left that are errors.
type listed struct {
	source.Batch
	entries []*inventory.Entry
}

// Sources reads the SOURCEs of a command line.
func Sources(ctx context.Context, reader *source.SourceReader, x *fleet.Examiner, s fleet.Selection) (List, error) {
	var list List
	jobs := func(yield func(func() listed) bool) {
		for job := range reader.Read(ctx) {
			if !yield(func() listed { return examine(job(), x, s) }) {
				return
			}
		}
	}
	var passed source.Passed
	times := map[report.Place]int{}
	err := provision.InOrder(ctx, jobs, func(l listed) error {
		list.Notes = append(list.Notes, l.Notes...)
		passed.Add(l.Passed)
		for _, it := range l.Items {
			list.Errors = append(list.Errors, it.Err)
		}
		for _, e := range l.entries {
			place := report.Place{Source: e.Source, Object: e.Ref() + " " + e.Key}
			if times[place]++; times[place] > 1 { // a keystore holds several, which a name of their own tells apart
				e.Key = strings.TrimSpace(e.Key + " " + strconv.Itoa(times[place]))
			}
			list.Entries = append(list.Entries, e)
		}
		return nil
	})
	if ctx.Err() != nil {
		reader.Settle()
		return List{}, ctx.Err()
	}
	if note := passed.Note(); note != "" {
		list.Notes = append(list.Notes, note)
	}
	list.Authorities = x.Authorities()
	return list, err
}

// examine makes entries of a batch, and drops the keys in it.
func examine(b source.Batch, x *fleet.Examiner, s fleet.Selection) listed {
	l := listed{Batch: b}
	l.Items = nil
	for _, it := range b.Items {
		if it.Err != nil {
			l.Items = append(l.Items, source.Item{Place: it.Place, Err: it.Err})
			continue
		}
		if it.KeyAlone() {
			if it.Found {
				l.Passed.Keys++
			}
			continue
		}
		at := inventory.Entry{Kind: inventory.KindFile, Source: it.Source}
		held := fleet.Held{Target: it.Target, Findings: it.Findings}
		if it.Server != nil {
			at.Kind, held.Hosts = inventory.KindServer, []string{it.Server.Name}
		}
		var own map[string]string
		if secret := it.Secret; secret != nil {
			own = secret.Labels
			at.Kind, at.Namespace, at.Name, at.ManagedBy = "Secret", secret.Namespace, secret.Name, fleet.ManagerOf(*secret)
			at.Key = strings.TrimSpace(strings.TrimPrefix(it.Object, secrets.Ref(*secret)))
			held.Renewal = secrets.Renewal(*secret)
			if it.Source == secrets.Ref(*secret) { // it is the cluster's
				at.Source = ""
			}
		}
		if !s.Labels.Matches(labels.Set(own)) {
			continue
		}
		if e := x.Entry(at, held); s.Filter.Wants(e) {
			l.entries = append(l.entries, e)
		}
	}
	return l
}
