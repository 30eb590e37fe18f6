package cmd

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/pflag"

	"certgen/certs"
	"certgen/certs/encoding"
	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/render/file"
)

// runCSR makes a key and a request for a CA elsewhere. A key that exists already is used again: the CA
// may be at work on a certificate for it.
func (o *createOptions) runCSR(ctx context.Context, flags *pflag.FlagSet, t target) error {
	for _, flag := range []string{"duration", "renew-before"} {
		if flags.Changed(flag) {
			return cli.Usagef("--%s cannot be asked for in a request: the CA decides how long the certificate is valid", flag)
		}
	}
	key, made, err := o.csrKey(ctx, t.request)
	if err != nil {
		return err
	}
	if err := replaceable("--out", o.out, "CERTIFICATE REQUEST-----"); err != nil {
		return err
	}
	csr, err := t.request.CSR(key)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	var files []file.File
	if made != nil {
		files = append(files, file.File{Path: o.keyOut, Data: made, Private: true})
	}
	if o.out != "" {
		files = append(files, file.File{Path: o.out, Data: csr})
	}
	if err := cli.WriteFiles(files...); err != nil {
		return err
	}
	if o.out == "" {
		if err := o.streams.Write(csr); err != nil {
			return err
		}
	}
	if made != nil {
		o.streams.Printf("issued: a new key, %s, in %s", t.request.Key, o.keyOut)
	} else {
		o.streams.Printf("kept: the key in %s", o.keyOut)
	}
	o.streams.Printf("hint: when the CA has signed: certgen create %s%s --cert SIGNED --key %s", t.secret.Name, repeated(flags, t), quoted(o.keyOut))
	return nil
}

// repeated writes the flags that say what was asked for once more, so that what comes back can be held
// against them.
func repeated(flags *pflag.FlagSet, t target) string {
	var b strings.Builder
	if t.builtIn {
		fmt.Fprintf(&b, " --service %s", t.service)
	}
	content := append(hostFlags(), contentFlags()...)
	flags.Visit(func(flag *pflag.Flag) {
		if slices.Contains(content, flag.Name) || flag.Name == "namespace" || flag.Name == "cluster-domain" {
			fmt.Fprintf(&b, " --%s %s", flag.Name, quoted(flag.Value.String()))
		}
	})
	return b.String()
}

// quoted writes a value so that shells take it as one word. Where there is no single quote in it, PowerShell
// wants the same as POSIX shells.
func quoted(value string) string {
	if strings.ContainsFunc(value, func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("-_./:=@", c)
	}) {
		return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
	}
	return value
}

// csrKey returns the key in --key-out, or a new one with its PEM where there is none.
func (o *createOptions) csrKey(ctx context.Context, r certs.Request) (key crypto.Signer, made []byte, err error) {
	data, err := file.ReadFile(o.keyOut)
	if err == nil && o.spec.reissue {
		if err := replaceable("--key-out", o.keyOut, "PRIVATE KEY-----"); err != nil {
			return nil, nil, err
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && o.spec.reissue:
		if key, err = r.GenerateKey(); err != nil {
			return nil, nil, err
		}
		made, err = pki.EncodeKey(key)
		return key, made, err
	case err != nil:
		return nil, nil, fmt.Errorf("--key-out: %w", err)
	}
	material, err := encoding.Read(data, o.streams.Password(ctx, o.passwordFile))
	if err != nil {
		return nil, nil, fmt.Errorf("--key-out %s: %w", o.keyOut, err)
	}
	if len(material.Keys) != 1 || pki.KeySpecOf(material.Keys[0].Public()) != r.Key {
		return nil, nil, cli.WithHint(fmt.Errorf("--key-out %s does not hold one key of type %s", o.keyOut, r.Key), "choose another file, or --reissue to replace the key")
	}
	return material.Keys[0], nil, nil
}

// replaceable refuses to overwrite a file that holds something else than PEM of the kind wanted.
func replaceable(flag, path, kind string) error {
	if path == "" {
		return nil
	}
	data, err := file.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && len(bytes.TrimSpace(data)) > 0 && !bytes.Contains(data, []byte(kind)) {
		err = cli.WithHint(fmt.Errorf("%s exists and holds something else", path), "choose another file, or move this one away")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	return nil
}
