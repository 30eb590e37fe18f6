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
	list, err := listing.Sources(context.Background(), reader, examiner, fleet.Selection{Labels: labels.Everything()})
	first := list.Entries[0]
	fmt.Println(first.Source, first.State, first.Findings[0].ID, err)
	// Output: - broken unreadable <nil>
}
