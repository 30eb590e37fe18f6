package lint

import (
	"crypto/x509"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"certgen/internal/testbed"
)

// pkitsCase is a path of NIST's PKITS (https://csrc.nist.gov/projects/pki-testing), which Go's source tree carries.
type pkitsCase struct {
	Name           string
	CertPath       []string // from the root down to the leaf
	ShouldValidate bool
}

// pkitsSections are those that need neither policies nor revocation lists: signatures, dates, names, basic
// constraints, key usages, name constraints and unknown extensions.
var pkitsSections = []string{"4.1", "4.2", "4.3", "4.6", "4.7", "4.13", "4.16"}

// pkitsExceptions are the cases that certgen decides otherwise, with the reasons.
var pkitsExceptions = map[string]string{
	"4.1.4 Valid DSA Signatures Test4":                        "clients refuse DSA",
	"4.1.5 Valid DSA Parameter Inheritance Test5":             "clients refuse DSA, and crypto/x509 does not read a key without its parameters",
	"4.7.4 Invalid keyUsage Critical cRLSign False Test4":     "the fault shows in a revocation list, which Go's source tree does not carry",
	"4.7.5 Invalid keyUsage Not Critical cRLSign False Test5": "the fault shows in a revocation list, which Go's source tree does not carry",
}

func pkitsFolder() string {
	return filepath.Join(runtime.GOROOT(), "src", "crypto", "x509", "testdata", "nist-pkits")
}

func readPKITS(t *testing.T) (cases []pkitsCase) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(pkitsFolder(), "vectors.json"))
	if err != nil {
		testbed.Missing(t, "this Go does not carry the PKITS of NIST: %v", err)
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(cases, func(c pkitsCase) bool {
		number := strings.Split(c.Name, ".")
		return !slices.Contains(pkitsSections, number[0]+"."+number[1])
	})
}

// lint lints the path as a client's, whose names are no hosts; the error says what cannot be read.
func (c pkitsCase) lint(t *testing.T) (found []Finding, err error) {
	t.Helper()
	var path []*x509.Certificate
	for _, name := range c.CertPath {
		der, err := os.ReadFile(filepath.Join(pkitsFolder(), "certs", name))
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		path = append(path, parsed)
	}
	slices.Reverse(path)
	roots := path[len(path)-1:]
	made := time.Date(2011, 5, 1, 0, 0, 0, 0, time.UTC)
	return Target{Chain: path[:len(path)-1]}.Lint(Expectations{Now: made, Roots: poolOf(roots), Anchors: roots, For: ForClients}), nil
}

// TestPKITS: a path is refused if, and only if, NIST says that it is invalid.
func TestPKITS(t *testing.T) {
	t.Parallel()
	cases := readPKITS(t)
	if len(cases) != 87 {
		t.Errorf("%d cases, want 87", len(cases))
	}
	for _, c := range cases {
		found, err := c.lint(t)
		if refused := err != nil || anError(found); refused == c.ShouldValidate && pkitsExceptions[c.Name] == "" {
			t.Errorf("%s: %v %v", c.Name, found, err)
		}
	}
}
