package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"certgen/certs/encoding"
	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/order"
	"certgen/secrets/provision"
)

type signOptions struct {
	streams cli.IOStreams
	want    order.Signing

	files []string
	out   string
}

func newSignCmd(streams cli.IOStreams) *cobra.Command {
	o := &signOptions{streams: streams}
	cmd := &cobra.Command{
		Use:   "sign REQUEST...",
		Short: "Sign certificate requests that others made, with a CA",
		Long: `Sign certificate requests (PKCS#10, PEM or DER) with a CA, and print the certificates, each with the
intermediates that a server sends. A REQUEST is a file, a folder of .csr and .req files, or - for
standard input.

A request is a wish: --allow says which names the CA certifies. It takes a host (web.example.com), a domain
for every host below it (.example.com), an address or a range (10.0.0.0/8), a URI, a URI that ends in /* for
all that begin so, a mailbox or @example.com for all there, and * for every name. One name that no rule
allows, a request to become a CA, an extension that certgen does not know, and a request that was not signed
with its own key are errors. All that is wrong with any request is said at once, and then nothing is signed.

Of the subject only the common name is certified, unless --keep-subject is given: an organization may carry
rights, as system:masters does in Kubernetes. Usages and life are those of the flags, or of a profile in
cfssl's ca-config.json.

With --out a certificate is kept in that file, or of several each in the folder as NAME.crt. A second run
keeps what still fits its request and the flags and is not due.`,
		Example: `  # The request of a server, for its own host
  certgen create web --dns web.example.com -o csr --key-out web.key --out web.csr
  certgen sign web.csr --ca-cert ca.crt --ca-key ca.key --allow web.example.com --out web.crt

  # All requests of a folder, for hosts below one domain, for 90 days
  certgen sign requests/ --ca-cert ca.crt --ca-key ca.key --allow .example.com --duration 90d --out signed/

  # A client's, with a URI for its name
  certgen sign client.csr --ca-cert ca.crt --ca-key ca.key --allow 'spiffe://shop/*' --usages "client auth"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), cmd.Flags(), append(args, o.files...))
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	o.want.AddTo(cmd)
	flags.StringSliceVarP(&o.files, "filename", "f", nil, "more requests: files, folders or -")
	flags.StringVar(&o.out, "out", "", "keep the certificate in this file, or each in this folder")
	return cmd
}

func (o *signOptions) run(ctx context.Context, flags *pflag.FlagSet, args []string) error {
	if len(args) == 0 {
		return cli.WithHint(cli.Usagef("the REQUEST is missing"), "such as: certgen sign web.csr --ca-cert ca.yaml --allow web.example.com")
	}
	if err := o.want.Validate(flags); err != nil {
		return err
	}
	requests, err := readRequests(ctx, args, o.streams)
	if err != nil {
		return err
	}
	store, err := o.store(requests)
	if err != nil {
		return err
	}
	orders, err := o.want.Orders(ctx, o.streams, requests)
	if err != nil {
		return err
	}
	i := 0
	return provision.Run(ctx, store, orders, provision.Options{}, func(r provision.Result) error {
		o.describe(requests[i].Source, r)
		i++
		return o.streams.Write(r.Output)
	})
}

// describe tells people of one certificate.
func (o *signOptions) describe(source string, r provision.Result) {
	until := "valid until " + pki.FormatTime(r.Pair.Leaf.NotAfter)
	if r.Action == provision.Kept {
		o.streams.Printf("%s: kept, %s", source, until)
	} else {
		o.streams.Printf("%s: %s (%s), %s, for %s, %s", source, r.Action, r.Detail, r.Signer, pki.ShortList(r.Pair.Names()), until)
	}
	for _, note := range r.Notes {
		o.streams.Printf("note: %s: %s", source, note)
	}
	for _, warning := range r.Warnings {
		o.streams.Printf("warning: %s: %s", source, warning)
	}
	if r.Said != "" {
		o.streams.Printf("%s", r.Said)
	}
}

// store is where the certificates go: to standard output, or into the file or the folder of --out.
func (o *signOptions) store(requests []order.CertificateRequest) (provision.Store, error) {
	if o.out == "" {
		return provision.Printed{Encode: provision.EncodeChain}, nil
	}
	info, err := os.Stat(o.out)
	folder := err == nil && info.IsDir() || os.IsPathSeparator(o.out[len(o.out)-1])
	var outputs, inputs []cli.NamedPath
	path := func(name string) string {
		if folder {
			return filepath.Join(o.out, name+".crt")
		}
		return o.out
	}
	for _, request := range requests {
		outputs = append(outputs, cli.NamedPath{Flag: request.Source, Path: path(request.Name)})
		inputs = append(inputs, cli.NamedPath{Flag: "the request", Path: request.Source})
	}
	if len(requests) > 1 && !folder {
		return nil, cli.WithHint(cli.Usagef("--out %s: one file for %d requests", o.out, len(requests)), "--out %s/ keeps each certificate in a file of its own", o.out)
	}
	if err := cli.Distinct(outputs, append(inputs, o.want.Inputs()...)); err != nil {
		return nil, err
	}
	if !folder {
		return &provision.Certificate{Path: o.out}, nil
	}
	return &provision.Folder{Flag: "--out", Path: o.out, Place: func(stem string) (provision.Store, string) {
		return &provision.Certificate{Path: stem + ".crt"}, o.out
	}}, nil
}

// readRequests reads all that the arguments name.
func readRequests(ctx context.Context, args []string, streams cli.IOStreams) (requests []order.CertificateRequest, err error) {
	var problems []error
	for _, arg := range args {
		if arg == "-" {
			data, err := streams.ReadIn(ctx, encoding.MaxInput)
			requests, problems = append(requests, order.CertificateRequest{Source: "standard input", Name: "request", Data: data}), append(problems, err)
			continue
		}
		paths, err := requestFiles(arg)
		problems = append(problems, err)
		for _, path := range paths {
			data, err := cli.ReadBounded(path)
			name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
			requests, problems = append(requests, order.CertificateRequest{Source: path, Name: name, Data: data}), append(problems, err)
		}
	}
	return requests, errors.Join(problems...)
}

// requestFiles are the files that an argument names: itself, or those in it with an extension that requests have.
func requestFiles(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	if err != nil || !info.IsDir() {
		return []string{arg}, nil // which is read later, or says then why not
	}
	entries, err := os.ReadDir(arg)
	var paths []string
	for _, entry := range entries {
		if slices.Contains([]string{".csr", ".req"}, strings.ToLower(filepath.Ext(entry.Name()))) && !entry.IsDir() {
			paths = append(paths, filepath.Join(arg, entry.Name()))
		}
	}
	if err == nil && len(paths) == 0 {
		err = cli.WithHint(fmt.Errorf("%s: no request in this folder", arg), "requests are the files that end in .csr or .req")
	}
	return paths, err
}
