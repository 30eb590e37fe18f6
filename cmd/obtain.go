package cmd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"certgen/certs"
	"certgen/certs/lint"
	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
)

// outcome is the pair that a command ends with, and what people should know of how it came by it.
type outcome struct {
	pair     *pki.KeyPair
	pem      pki.PEM // the pair as the store is to hold it
	kept     bool    // the store held it already
	how      string  // where it comes from, and why
	signer   string
	notes    []string
	warnings []string
}

// obtain keeps the existing pair where it still fits, and has issuer make a new one where not.
func obtain(ctx context.Context, streams cli.IOStreams, r certs.Request, issuer certs.Issuer, existing pki.PEM, reissue bool) (outcome, error) {
	now := time.Now()
	verdict := certs.Judge(r, existing, issuer, now)
	if verdict.Pair != nil && !reissue {
		return outcome{pair: verdict.Pair, pem: verdict.PEM, kept: true}, nil
	}
	if reissue && !existing.Empty() {
		verdict.Reasons = append([]string{"asked for by --reissue"}, verdict.Reasons...)
	}
	pair, findings, err := issue(ctx, streams, r, issuer, now)
	if err != nil {
		return outcome{}, err
	}
	o := outcome{pair: pair, how: "issued: a new key and certificate", signer: signer(issuer)}
	if len(verdict.Reasons) > 0 {
		o.how = "re-issued: " + strings.Join(verdict.Reasons, "; ")
	}
	if end := pair.Leaf.NotAfter; end.Equal(issuer.Latest()) {
		o.notes = append(o.notes, fmt.Sprintf("the certificate ends with its CA, after %s", pki.FormatDuration(end.Sub(pair.Leaf.NotBefore).Round(time.Hour))))
	}
	for _, f := range findings {
		o.warnings = append(o.warnings, warning(f))
	}
	o.pem, err = pair.PEM()
	return o, err
}

// patience is how long a person watches a silent program before wondering whether it hangs.
const patience = time.Second

// issue makes the pair beside ctx, because the making of a large RSA key cannot be interrupted.
func issue(ctx context.Context, streams cli.IOStreams, r certs.Request, issuer certs.Issuer, now time.Time) (*pki.KeyPair, []lint.Finding, error) {
	type result struct {
		pair     *pki.KeyPair
		findings []lint.Finding
		err      error
	}
	done := make(chan result, 1)
	go func() {
		pair, findings, err := certs.Issue(r, issuer, now)
		done <- result{pair, findings, err}
	}()
	slow := time.NewTimer(patience)
	defer slow.Stop()
	for {
		select {
		case made := <-done:
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
			return made.pair, made.findings, made.err
		case <-slow.C:
			if streams.Watched() {
				streams.Printf("making an %s key, which can take a minute ...", r.Key)
			}
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
}

// signer words who signs, for people.
func signer(issuer certs.Issuer) string {
	if _, own := issuer.(certs.SelfSigned); own {
		return issuer.String()
	}
	return "signed by " + issuer.String()
}

// warning words a finding that does not keep a certificate from being used.
func warning(f lint.Finding) string { return fmt.Sprintf("%s (%s)", f.Detail, f.Rule.ID) }
