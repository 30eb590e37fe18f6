package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// source is a package's own files, parsed with their comments, and what they declare at the top: "Name", and
// "Type.Name" for methods and fields.
type source struct {
	fset     *token.FileSet
	files    map[string]*ast.File
	declared map[string]bool
}

func parse(t *testing.T, p *goPackage, names []string) source {
	t.Helper()
	s := source{token.NewFileSet(), map[string]*ast.File{}, map[string]bool{}}
	for _, name := range names {
		file, err := parser.ParseFile(s.fset, filepath.Join(root, filepath.FromSlash(p.Path()), name), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		s.files[name] = file
		for _, decl := range file.Decls {
			s.declare(decl)
		}
	}
	return s
}

func (s source) declare(decl ast.Decl) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		s.declared[qualified(decl)] = true
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					s.declared[name.Name] = true
				}
			case *ast.TypeSpec:
				s.declared[spec.Name.Name] = true
				var members *ast.FieldList
				switch kind := spec.Type.(type) {
				case *ast.StructType:
					members = kind.Fields
				case *ast.InterfaceType:
					members = kind.Methods
				default:
					continue
				}
				for _, member := range members.List {
					for _, name := range member.Names {
						s.declared[spec.Name.Name+"."+name.Name] = true
					}
				}
			}
		}
	}
}

// qualified is "Name" or "Type.Name".
func qualified(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	receiver := f.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	if generic, ok := receiver.(*ast.IndexExpr); ok {
		receiver = generic.X
	}
	return receiver.(*ast.Ident).Name + "." + f.Name.Name
}

// docLink is a link to a symbol, as go doc reads it: [Name], [Type.Name], [package.Name] and [package.Type.Name].
var docLink = regexp.MustCompile(`\[\*?((?:[a-z][a-z0-9/]*\.)?[A-Z]\w*(?:\.[A-Z]\w*)?)\](\W|$)`)

// TestDocLinks: what a comment links to exists.
func TestDocLinks(t *testing.T) {
	t.Parallel()
	sources := map[string]source{}
	for _, p := range packages(t) {
		sources[p.ImportPath] = parse(t, p, p.GoFiles)
	}
	for _, p := range packages(t) {
		s := sources[p.ImportPath]
		for name, file := range s.files {
			for _, group := range file.Comments {
				text := group.Text()
				for _, match := range docLink.FindAllStringSubmatch(text, -1) {
					link := match[1]
					if strings.Contains(text, "\n["+link+"]: ") { // a link to a page
						continue
					}
					target := s
					if first, rest, _ := strings.Cut(link, "."); !ast.IsExported(first) {
						imported := imports(file)[first]
						if imported == "" {
							imported = module + "/" + first
						}
						if !ours(imported) {
							continue
						}
						if _, ok := sources[imported]; !ok {
							t.Errorf("%s/%s links to [%s], but imports no such package", p.Path(), name, link)
							continue
						}
						target, link = sources[imported], rest
					}
					if !target.declared[link] {
						t.Errorf("%s/%s:%d links to [%s], which does not exist", p.Path(), name, s.fset.Position(group.Pos()).Line, match[1])
					}
				}
			}
		}
	}
}

// imports are a file's, by the name under which it knows them.
func imports(file *ast.File) map[string]string {
	all := map[string]string{}
	for _, spec := range file.Imports {
		imported := strings.Trim(spec.Path.Value, `"`)
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		all[name] = imported
	}
	return all
}

// TestDocComments: the comment of what a package exports begins with its name, as go doc shows it. In a group of
// constants or variables, the group's comment is enough.
func TestDocComments(t *testing.T) {
	t.Parallel()
	for _, p := range released(t) {
		s := parse(t, p, p.GoFiles)
		check := func(name string, doc *ast.CommentGroup, pos token.Pos) {
			if !ast.IsExported(name) || doc == nil {
				return
			}
			words := strings.Fields(doc.Text())
			if len(words) > 1 && slices.Contains([]string{"A", "An", "The"}, words[0]) {
				words = words[1:]
			}
			if len(words) == 0 || strings.TrimRight(words[0], ",:.'s") != strings.TrimRight(name, "s") {
				t.Errorf("%s: the comment of %s begins with %q", s.fset.Position(pos), name, strings.Join(words[:min(3, len(words))], " "))
			}
		}
		for _, file := range s.files {
			for _, decl := range file.Decls {
				switch decl := decl.(type) {
				case *ast.FuncDecl:
					check(decl.Name.Name, decl.Doc, decl.Pos())
					if decl.Doc == nil && decl.Recv == nil && decl.Name.IsExported() {
						t.Errorf("%s: %s has no comment", s.fset.Position(decl.Pos()), decl.Name)
					}
				case *ast.GenDecl:
					for _, spec := range decl.Specs {
						switch spec := spec.(type) {
						case *ast.TypeSpec:
							doc := spec.Doc
							if doc == nil {
								doc = decl.Doc
							}
							check(spec.Name.Name, doc, spec.Pos())
							if doc == nil && spec.Name.IsExported() {
								t.Errorf("%s: %s has no comment", s.fset.Position(spec.Pos()), spec.Name)
							}
						case *ast.ValueSpec:
							check(spec.Names[0].Name, spec.Doc, spec.Pos())
							if !decl.Lparen.IsValid() {
								check(spec.Names[0].Name, decl.Doc, spec.Pos())
							}
						}
					}
				}
			}
		}
	}
}

// TestManuals: a package has a file doc.go with its manual, and an example that runs.
func TestManuals(t *testing.T) {
	t.Parallel()
	for _, p := range released(t) {
		if p.Name == "main" {
			continue
		}
		for name, file := range parse(t, p, p.GoFiles).files {
			if (file.Doc != nil) != (name == "doc.go") {
				t.Errorf("%s/%s: the comment of a package belongs into doc.go, and there only", p.Path(), name)
			}
		}
		if !slices.Contains(p.GoFiles, "doc.go") {
			t.Errorf("%s has no doc.go", p.Path())
		}
		if !hasExample(t, p) {
			t.Errorf("%s has no example that runs: a function Example… that ends in // Output:", p.Path())
		}
	}
}

func hasExample(t *testing.T, p *goPackage) bool {
	t.Helper()
	for _, file := range parse(t, p, slices.Concat(p.TestGoFiles, p.XTestGoFiles)).files {
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(f.Name.Name, "Example") {
				continue
			}
			for _, group := range file.Comments {
				if f.Pos() < group.Pos() && group.Pos() < f.End() && strings.HasPrefix(group.Text(), "Output:") {
					return true
				}
			}
		}
	}
	return false
}
