package source

import (
	"context"
	"iter"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"certgen/certs/encoding"
	"certgen/certs/lint"
	"certgen/cmd/internal/cli"
	"certgen/render"
	"certgen/render/file"
	"certgen/render/report"
)

// Item is one thing to lint: the certificates in a file, what a Secret holds, or what a server serves.
type Item struct {
	report.Place
	Target   lint.Target           // without a Chain where none could be read
	Findings []lint.Finding        // made while reading
	Secret   *render.EncodedSecret // nil for what no Secret holds
	Server   *report.Server        // nil for what no server serves
	Live     *report.Verdict       // on a live Service, which is judged already; nil for all else
	Found    bool                  // in a folder: nobody named it
	Err      error                 // why there is nothing of all this

	Entry string     // of the Secret, where it is a manifest's
	Line  func() int // of the entry in the manifest; nil where there is none
}

// Batch is what one file, one document of a manifest, one Secret or one server holds.
type Batch struct {
	Items   []Item
	Notes   []string
	Others  int // objects of a manifest that hold no certificate
	Skipped int // files of a folder that are neither manifest nor certificate
	Passed  Passed
}

// Unread is the batch of a source that could not be read.
func Unread(source string, err error) Batch {
	return Batch{Items: []Item{{Place: report.Place{Source: source}, Err: err}}}
}

// SourceHelp says what a SOURCE is.
const SourceHelp = `SOURCE is a file, a folder, "-" for standard input, a server HOST:PORT or https://HOST, or
secret/NAME for a Secret of the cluster; what exists as a file is that file. What a file is shows in
what it holds: a manifest with Secrets (YAML or JSON, many documents, Lists), PEM, DER, PKCS#7,
PKCS#12 or JKS. NAME.crt and NAME.key, in a folder or named together, are one certificate with its
key, as are two files named together that hold one. A ca.crt beside tls.crt and tls.key belongs to
them, and certbot's fullchain.pem and privkey.pem belong together. Of a folder, the folders below it
are left out without -R, and requests are passed over. A server must speak TLS from the first byte.
A kubeconfig is read only for what is in a cluster.`

// SourceFlags say how SOURCEs are opened.
type SourceFlags struct {
	PasswordFile string
	servername   string
	Timeout      time.Duration
	namespace    string
	recursive    bool
	cluster      cli.ClusterFlags

	Live bool // service/NAME is a SOURCE, too
}

// serverTimeout is how long a server may take where the user sets no bound: a lost packet that opens a
// connection is sent again after 1, 3 and 7 seconds (RFC 6298).
const serverTimeout = 10 * time.Second

func (f *SourceFlags) AddTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVarP(&f.recursive, "recursive", "R", false, "read the folders in a folder, too")
	flags.StringVar(&f.PasswordFile, "password-file", "", "a file whose first line is the password of encrypted files (or set "+cli.PasswordVariable+")")
	flags.StringVar(&f.servername, "servername", "", "the host name to ask a server HOST:PORT for (default HOST)")
	flags.DurationVar(&f.Timeout, "timeout", serverTimeout, "how long a server HOST:PORT may take")
	flags.StringVarP(&f.namespace, "namespace", "n", "", "the namespace of secret/NAME")
	f.cluster.AddTo(cmd)
}

// Complete offers the names of what is in a cluster, and files for all else.
func (f *SourceFlags) Complete(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	word, _, found := strings.Cut(typed, "/")
	kind := ""
	switch {
	case !found || isFolder(word): // what exists as a file is that file
	case isSecretKind(word):
		kind = cli.KindSecret
	case f.Live && IsServiceKind(word):
		kind = cli.KindService
	}
	if kind == "" {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return f.cluster.References(cmd.Context(), kind, f.namespace, word, typed, args), cobra.ShellCompDirectiveNoFileComp
}

// source is a SOURCE of the command line.
type source struct {
	arg    string
	server *server // nil where it is none

	secret, service string // the NAME of secret/NAME or service/NAME; "" where it is none
}

// SourceReader opens the SOURCEs of a command line.
type SourceReader struct {
	streams  cli.IOStreams
	sources  []source
	password encoding.Password
	below    bool        // folders are read with those below them
	asking   *sync.Mutex // held while a person is asked: files are read beside each other
	timeout  time.Duration

	Connect func() (connection, error) // to the cluster, when it is first needed

	Service func(ctx context.Context, name string) Batch // verifies a live Service
}

// Reader fails where a SOURCE makes no sense, or the password file cannot be read: without it every
// encrypted SOURCE would look damaged.
func (f *SourceFlags) Reader(ctx context.Context, streams cli.IOStreams, args []string) (*SourceReader, error) {
	if f.Timeout <= 0 {
		return nil, cli.Usagef("--timeout %s: must be more than 0", f.Timeout)
	}
	sources, err := f.parse(args)
	if err != nil {
		return nil, err
	}
	ask := streams.Password(ctx, f.PasswordFile)
	if f.PasswordFile != "" {
		if _, err := ask(""); err != nil {
			return nil, err
		}
	}
	asking := new(sync.Mutex)
	return &SourceReader{
		streams: streams, sources: sources, below: f.recursive, asking: asking, timeout: f.Timeout,
		password: func(what string) ([]byte, error) {
			asking.Lock()
			defer asking.Unlock()
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return ask(what)
		},
		Connect: sync.OnceValues(func() (connection, error) { return f.connect(streams) }),
	}, nil
}

// Live reports whether a SOURCE is a live Service.
func (r *SourceReader) Live() bool {
	return slices.ContainsFunc(r.sources, func(s source) bool { return s.service != "" })
}

// Settle waits, after an interrupt, until nobody is asked any more, so that the terminal is as it was.
func (r *SourceReader) Settle() {
	r.asking.Lock()
	defer r.asking.Unlock()
}

// parse tells what each SOURCE is.
func (f *SourceFlags) parse(args []string) ([]source, error) {
	name := ""
	if f.servername != "" {
		var err error
		if name, err = oneHost(f.servername); err != nil {
			return nil, cli.Usagef("--servername %w", err)
		}
	}
	var sources []source
	for _, arg := range args {
		s := source{arg: arg}
		if _, err := os.Lstat(arg); err != nil {
			if s.secret, err = parseSecret(arg, f.namespace); err != nil {
				return nil, err
			}
			if s.service, err = parseService(arg, f.namespace); err != nil {
				return nil, err
			}
			if s.service != "" && !f.Live {
				return nil, cli.WithHint(cli.Usagef("the SOURCE %q: a Service is no certificate", arg), "certgen verify %s asks what it serves", arg)
			}
			if s.server, err = parseServer(arg, name); err != nil {
				return nil, err
			}
		}
		sources = append(sources, s)
	}
	if f.servername != "" && !slices.ContainsFunc(sources, func(s source) bool { return s.server != nil }) {
		return nil, cli.WithHint(cli.Usagef("--servername requires a SOURCE HOST:PORT"), "--servername says which certificate to ask a server for")
	}
	return sources, nil
}

// Sources wants one SOURCE or more, each of them once.
func Sources(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cli.WithHint(cli.Usagef("a SOURCE is missing"), `name a file, a folder, "-" for standard input, HOST:PORT or secret/NAME: %s tls.crt`, cmd.CommandPath())
	}
	for i, arg := range args {
		if slices.Contains(args[:i], arg) {
			return cli.Usagef("the SOURCE %s is named twice", file.QuotePath(arg))
		}
	}
	return nil
}

// Read opens the sources one after the other and yields the work on what is in them. The jobs may run
// beside each other, in any order.
func (r *SourceReader) Read(ctx context.Context) iter.Seq[func() Batch] {
	return func(yield func(func() Batch) bool) {
		proceed := func(job func() Batch) bool { return ctx.Err() == nil && yield(job) }
		named := r.files()
		for _, s := range r.sources {
			f, isFile := named[s.arg]
			more := true
			switch {
			case s.server != nil:
				more = proceed(r.ask(ctx, s.server))
			case s.service != "":
				more = proceed(func() Batch { return r.Service(ctx, s.service) })
			case s.secret != "":
				more = proceed(func() Batch { return r.secret(ctx, s.secret) })
			case isFile:
				more = r.open(f, proceed)
			case isFolder(s.arg):
				more = r.folder(s.arg, proceed)
			}
			if !more {
				return
			}
		}
	}
}

// files are the files among the sources, with those that belong to them, by name.
func (r *SourceReader) files() map[string]input {
	var paths []string
	for _, s := range r.sources {
		if s.server == nil && s.secret == "" && s.service == "" && !isFolder(s.arg) {
			paths = append(paths, s.arg)
		}
	}
	named := make(map[string]input)
	for _, f := range pairByKey(group(paths)) {
		named[f.path] = f
	}
	return named
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
