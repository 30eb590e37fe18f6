package cmd

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/pflag"

	"certgen/certs"
	"certgen/cmd/internal/cli"
	"certgen/cmd/internal/manifest"
	"certgen/cmd/internal/order"
	"certgen/render"
	"certgen/render/file"
	"certgen/secrets/certmanager"
	"certgen/secrets/provision"
)

// runFiles makes the certificates that manifests ask for.
func (o *createOptions) runFiles(ctx context.Context, flags *pflag.FlagSet) error {
	if err := o.validateFiles(flags); err != nil {
		return err
	}
	ca, err := authority(ctx, o.streams, &o.want, o.want.Issuer)
	if err != nil {
		return err
	}
	sources, remove, err := o.files.Sources(ctx, o.streams.In)
	if err != nil {
		return err
	}
	defer remove()
	if err := o.files.Distinct(cli.NamedPath{Flag: "--out", Path: o.oneFile()}, sources); err != nil {
		return err
	}
	store, result, err := o.manyStore()
	if err != nil {
		return err
	}
	options := o.files.Options(runtime.GOMAXPROCS(0))
	options.CA, options.Reissue, options.Checksums = ca, o.want.Reissue(), true
	options.Namespace, options.OneNamespace = o.want.Namespace(), o.want.Namespace() != ""
	said := manifest.NewReport(o.streams, false)
	options.Begin = said.Begin
	sum, err := certmanager.Run(ctx, sources, store, options, func(done certmanager.Done) error {
		said.Done(done)
		return result.Add(done)
	})
	if err != nil && o.out != "" && o.inOwnFiles() {
		return cli.InterruptedError{Err: err, Words: "interrupted; run it again to go on"}
	}
	if err != nil {
		return err
	}
	if err := result.Finish(sum.Whole()); err != nil {
		return err
	}
	return said.End(sum)
}

// authority reads the CA that signs for issuers which are found nowhere; nil where none is named.
func authority(ctx context.Context, streams cli.IOStreams, want *order.Flags, issuer order.ReadIssuer) (*certs.CA, error) {
	found, err := issuer(want.Password(ctx, streams))
	if err != nil {
		return nil, err
	}
	ca, _ := found.(*certs.CA)
	return ca, nil
}

func (o *createOptions) validateFiles(flags *pflag.FlagSet) error {
	allowed := []string{"output", "out", "adopt", "prune", "keystore-password-file", "pkcs12-legacy", "namespace", "reissue", "ca-cert", "ca-key", "password-file"}
	if err := o.files.Validate(flags, allowed...); err != nil {
		return err
	}
	if err := o.validateFormats(flags); err != nil {
		return err
	}
	manifest := o.format == string(render.YAML) || o.format == string(render.JSON)
	switch {
	case o.format == formatCSR || o.format == formatCertManager:
		return cli.Usagef("-o %s is for one certificate, not for -f", o.format)
	case !manifest && o.out == "":
		return cli.WithHint(cli.Usagef("-o %s with -f needs a folder", o.format), "--out FOLDER/ gets a place for each certificate")
	case o.prune && (o.out == "" || !manifest):
		return cli.Usagef("--prune is for manifests in --out")
	}
	return o.want.Validate(flags, false)
}

// inOwnFiles reports whether --out is a folder that gets a file for each Secret.
func (o *createOptions) inOwnFiles() bool {
	return strings.HasSuffix(o.out, "/") || strings.HasSuffix(o.out, `\`) || file.IsFolder(o.out)
}

// oneFile is --out where it is one file for everything.
func (o *createOptions) oneFile() string {
	if o.inOwnFiles() {
		return ""
	}
	return o.out
}

// manyStore chooses where many certificates go, and what becomes of the rest of the input.
func (o *createOptions) manyStore() (provision.Store, manifest.Result, error) {
	format := render.Format(o.format)
	switch {
	case o.out == "":
		return provision.Printed{Encode: provision.EncodeManifest(format)}, manifest.NewPrinted(o.streams, format), nil
	case o.format == formatPEM:
		place := func(stem string) (provision.Store, string) {
			return &provision.PEMFiles{Cert: filepath.Join(stem, "tls.crt"), Key: filepath.Join(stem, "tls.key"), CA: filepath.Join(stem, "ca.crt")}, stem
		}
		return &provision.Folder{Flag: "--out", Path: o.out, Place: place}, manifest.NewPassedOver(o.streams), nil
	case o.format == formatPKCS12 || o.format == formatJKS:
		kind, err := o.keystoreFile()
		if err != nil {
			return nil, nil, err
		}
		place := func(stem string) (provision.Store, string) {
			store := *kind
			store.Path = stem + map[string]string{formatPKCS12: ".p12", formatJKS: ".jks"}[o.format]
			return &store, filepath.Dir(stem)
		}
		return &provision.Folder{Flag: "--out", Path: o.out, Place: place}, manifest.NewPassedOver(o.streams), nil
	case o.inOwnFiles():
		folder := o.secretsFolder()
		return folder, manifest.NewInFolder(o.streams, folder, "."+o.format, o.prune), nil
	}
	collection, err := provision.OpenCollection(o.out, format, o.adopt)
	if err != nil {
		return nil, nil, fmt.Errorf("--out: %w", err)
	}
	return collection, manifest.NewInOne(o.streams, collection, format, o.prune), nil
}

// secretsFolder keeps each Secret in a manifest of its own.
func (o *createOptions) secretsFolder() *provision.Folder {
	place := func(stem string) (provision.Store, string) {
		return &provision.Manifest{Path: stem + "." + o.format, Format: render.Format(o.format), Adopt: o.adopt}, filepath.Dir(stem)
	}
	return &provision.Folder{Flag: "--out", Path: o.out, Place: place}
}
