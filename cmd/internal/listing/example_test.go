package listing_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/listing"
	"certgen/cmd/internal/source"
	"certgen/secrets/fleet"
)

// What cannot be read is listed, too: it is as urgent as what has expired.
func ExampleSources() {
	const damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
	streams := cli.IOStreams{In: strings.NewReader(damaged), Out: io.Discard, Err: io.Discard}
	flags := source.SourceFlags{Timeout: time.Second}
	reader, err := flags.Reader(context.Background(), streams, []string{"-"})
	if err != nil {
		fmt.Println(err)
		return
	}
	examiner := &fleet.Examiner{Now: time.Now(), Roots: x509.NewCertPool}
	entries, failed, err := listing.Sources(context.Background(), streams, reader, examiner, fleet.Selection{Labels: labels.Everything()})
	fmt.Println(entries[0].Source, entries[0].State, entries[0].Findings[0].ID, failed, err)
	// Output: - broken unreadable false <nil>
}
