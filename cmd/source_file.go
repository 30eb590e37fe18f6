package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"certgen/certs"
	"certgen/render"
	"certgen/secrets"
)

// folder opens the files in a folder, not those in the folders below it.
func (r *sourceReader) folder(path string, yield func(func() batch) bool) bool {
	entries, err := os.ReadDir(path)
	if err != nil {
		return yield(func() batch { return unread(path, err) })
	}
	var paths []string
	for _, entry := range entries {
		path := filepath.Join(path, entry.Name())
		// A Secret that is mounted into a pod is links.
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			paths = append(paths, path)
		}
	}
	for _, f := range group(paths) {
		if f.inFolder = true; !r.open(f, yield) {
			return false
		}
	}
	return true
}

// file is a file to read, with those that belong to it: a certificate in NAME.crt has its key in NAME.key,
// and tls.crt its root in ca.crt; certbot has other names.
type file struct {
	path           string
	key, chain, ca string // the key, the issuers and the root of the certificate; empty where there is none
	inFolder       bool   // nobody named it: what it is decides whether it counts
}

// group puts files together that belong together, and keeps their order.
func group(paths []string) []file {
	all := make(map[string]bool, len(paths))
	for _, path := range paths {
		all[path] = true
	}
	taken := make(map[string]bool)
	var files []file
	for _, path := range paths {
		dir, base := filepath.Split(path)
		beside := func(name string) string {
			if all[dir+name] {
				return dir + name
			}
			return ""
		}
		f := file{path: path}
		name, isCert := strings.CutSuffix(base, ".crt")
		switch {
		case isCert:
			f.key = beside(name + ".key")
			if f.key != "" && name == "tls" {
				f.ca = beside("ca.crt")
			}
		case base == "fullchain.pem":
			if f.key = beside("privkey.pem"); f.key != "" { // these are what it was put together from
				taken[beside("cert.pem")], taken[beside("chain.pem")] = true, true
			}
		case base == "cert.pem" && beside("fullchain.pem") == "":
			if f.key = beside("privkey.pem"); f.key != "" {
				f.chain = beside("chain.pem")
			}
		}
		taken[f.key], taken[f.chain], taken[f.ca] = true, true, true
		files = append(files, f)
	}
	return slices.DeleteFunc(files, func(f file) bool { return taken[f.path] })
}

// open reads as much of a file as tells what it is, and yields the work on it.
func (r *sourceReader) open(f file, yield func(func() batch) bool) bool {
	if f.key != "" {
		return yield(func() batch { return r.pair(f) })
	}
	in := r.streams.In
	if f.path != "-" {
		opened, err := os.Open(f.path)
		if errors.Is(err, fs.ErrNotExist) {
			err = withHint(err, `a SOURCE is a file, a folder, "-", HOST:PORT or secret/NAME`)
		}
		if err != nil {
			return yield(func() batch { return unread(f.path, err) })
		}
		defer opened.Close()
		in = opened
	}
	const sniffed = 64 << 10
	buffered := bufio.NewReaderSize(in, sniffed)
	start, err := buffered.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return yield(func() batch { return unread(f.path, fmt.Errorf("read %s: %w", f.path, err)) })
	}
	if render.IsManifest(start) {
		return manifest(f, buffered, yield)
	}
	if f.inFolder && !certs.LooksReadable(start) && err == nil {
		return yield(func() batch { return batch{skipped: 1} }) // base64 of certificates is not that long
	}
	data, err := io.ReadAll(io.LimitReader(buffered, certs.MaxInput+1))
	if err != nil {
		return yield(func() batch { return unread(f.path, fmt.Errorf("read %s: %w", f.path, err)) })
	}
	return yield(func() batch { return r.material(f, data) })
}

// material reads what is no manifest.
func (r *sourceReader) material(f file, data []byte) batch {
	read, err := certs.ReadExams(data, r.password)
	place := render.Place{Source: f.path}
	switch {
	case err != nil && f.inFolder && !certs.LooksReadable(data):
		return batch{skipped: 1}
	case errors.Is(err, certs.ErrPassword), errors.Is(err, certs.ErrNoPassword), errors.Is(err, certs.ErrSpoilt), err != nil && len(data) > certs.MaxInput:
		return unread(f.path, fmt.Errorf("%s: %w", f.path, err))
	case err != nil && !certs.LooksReadable(data):
		return unread(f.path, withHint(fmt.Errorf("%s: %w", f.path, err), "what can be read: a manifest with Secrets, PEM, DER, PKCS#7, PKCS#12, JKS, and base64 of these"))
	case err != nil:
		return batch{items: []item{{Place: place, findings: []certs.Finding{certs.RuleUnreadable.Found("%v", err)}}}}
	}
	b := batch{notes: inUTF16(f.path, data)}
	for _, note := range read.Notes {
		b.notes = append(b.notes, f.path+": "+note)
	}
	for _, exam := range read.Exams {
		b.items = append(b.items, item{Place: place, exam: exam, findings: read.Findings})
	}
	return b
}

// pair reads the files of a certificate and of what belongs to it as a server would.
func (r *sourceReader) pair(f file) batch {
	it := item{Place: render.Place{Source: f.path}}
	for _, part := range []struct {
		path string
		read func(name string, text []byte) []certs.Finding
	}{
		{f.path, func(name string, text []byte) (found []certs.Finding) {
			it.exam.Chain, found = certs.ReadChain(name, text)
			return found
		}},
		{f.chain, func(name string, text []byte) []certs.Finding {
			issuers, found := certs.ReadChain(name, text)
			it.exam.Chain = append(it.exam.Chain, issuers...)
			return found
		}},
		{f.key, func(name string, text []byte) (found []certs.Finding) {
			it.exam.Key, found = certs.ReadKey(name, text, r.password)
			return found
		}},
		{f.ca, func(name string, text []byte) (found []certs.Finding) {
			it.exam.CA, found = certs.ReadChain(name, text)
			return found
		}},
	} {
		if part.path == "" {
			continue
		}
		text, err := readBounded(part.path)
		if err != nil {
			return unread(f.path, err)
		}
		it.findings = append(it.findings, part.read(filepath.Base(part.path), text)...)
	}
	return batch{items: []item{it}}
}

// inUTF16 notes that servers read a PEM file differently from certgen.
func inUTF16(path string, data []byte) []string {
	if certs.InUTF16(data) {
		return []string{path + ": is in UTF-16, as Windows PowerShell's > writes it, which servers do not read; --out writes a file that they do"}
	}
	return nil
}

// manifest yields the work on each document of a manifest.
func manifest(f file, in io.Reader, yield func(func() batch) bool) bool {
	for doc, err := range render.Documents(in) {
		job := func() batch { return document(f, doc) }
		if err != nil {
			job = func() batch { return unread(f.path, fmt.Errorf("%s: %w", f.path, err)) }
		}
		if !yield(job) {
			return false
		}
	}
	return true
}

// document examines the Secrets in one document.
func document(f file, doc render.Document) batch {
	found, others, err := doc.Secrets()
	if err != nil {
		return batch{items: []item{{Place: render.Place{Source: f.path}, findings: []certs.Finding{secrets.RuleManifest.Found("%v", err)}}}}
	}
	b := batch{others: others}
	for i := range found {
		items := itemsOf(&found[i], render.Place{Source: f.path, Object: secrets.Ref(found[i])})
		if len(items) == 0 {
			b.others++
		}
		b.items = append(b.items, items...)
	}
	return b
}

// itemsOf is what there is to examine in a Secret.
func itemsOf(secret *render.RawSecret, place render.Place) (items []item) {
	for _, part := range secrets.Examine(*secret) {
		at := place
		at.Object = strings.TrimSpace(at.Object + " " + part.Entry)
		items = append(items, item{Place: at, exam: part.Exam, findings: part.Findings, secret: secret})
	}
	return items
}
