package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// noticesName is the file of an archive with the licences of others.
const noticesName = "THIRD-PARTY-LICENSES.txt"

// isNotice tells by its name a file that has to go along with a program: a licence or what it refers to.
var isNotice = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([.-].*)?$`)

// linked is a package that is part of the program.
type linked struct {
	Dir      string
	Standard bool
	Module   *struct {
		Path, Version, Dir string
		Main               bool
	}
}

// notices gathers the licences of all that is linked: of each package those in its folder and in the folders
// above, up to its module's. Code that a module took from elsewhere bears its licence there.
func (p platform) notices(ctx context.Context, root string) (entry, error) {
	out, err := p.goTool(ctx, root, "list", "-deps", "-json=Dir,Standard,Module", "./cmd/certgen")
	if err != nil {
		return entry{}, err
	}
	texts := make(map[string][]byte) // by what they are the licence of
	covered := make(map[string]bool)
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg linked
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return entry{}, err
		}
		if pkg.Standard || pkg.Module.Main {
			continue
		}
		if err := collect(pkg.Module.Path+" "+pkg.Module.Version, pkg.Module.Dir, pkg.Dir, texts); err != nil {
			return entry{}, err
		}
		covered[pkg.Module.Path+" "+pkg.Module.Version] = true
	}
	goroot, err := p.goTool(ctx, root, "env", "GOROOT")
	if err != nil {
		return entry{}, err
	}
	const standard = "Go's runtime and standard library"
	folder := strings.TrimSpace(string(goroot))
	if err := collect(standard, folder, folder, texts); err != nil {
		return entry{}, err
	}
	covered[standard] = true
	return written(texts, slices.Sorted(maps.Keys(covered)))
}

// collect adds the notices in dir and the folders above it, up to top.
func collect(what, top, dir string, texts map[string][]byte) error {
	for ; ; dir = filepath.Dir(dir) {
		files, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, file := range files {
			if !file.Type().IsRegular() || !isNotice.MatchString(file.Name()) || strings.HasSuffix(file.Name(), ".go") {
				continue
			}
			path := filepath.Join(dir, file.Name())
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(top, path)
			if err != nil {
				return err
			}
			texts[what+": "+filepath.ToSlash(name)] = text
		}
		if dir == top || dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// written puts the texts one below the other. What is covered by none of them may not be handed out.
func written(texts map[string][]byte, covered []string) (entry, error) {
	names := slices.Sorted(maps.Keys(texts))
	for _, what := range covered {
		if !slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, what+": ") }) {
			return entry{}, fmt.Errorf("%s has no licence", what)
		}
	}
	var all bytes.Buffer
	all.WriteString("certgen contains the work of others, under these licences.\n")
	for _, name := range names {
		fmt.Fprintf(&all, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 80), name, bytes.TrimSpace(texts[name]))
	}
	return entry{name: noticesName, data: all.Bytes(), mode: 0o644}, nil
}
