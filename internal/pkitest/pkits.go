package pkitest

import (
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

// PKITSCase is a path of NIST's PKITS (https://csrc.nist.gov/projects/pki-testing), which Go's source tree carries.
type PKITSCase struct {
	Name           string
	CertPath       []string // files, from the root down to the leaf
	ShouldValidate bool
}

// PKITSTime is when all of its certificates are valid that are to be.
func PKITSTime() time.Time { return time.Date(2011, 5, 1, 0, 0, 0, 0, time.UTC) }

func pkitsFolder() string {
	return filepath.Join(runtime.GOROOT(), "src", "crypto", "x509", "testdata", "nist-pkits")
}

// PKITS reads the cases that need neither policies nor revocation lists: signatures, dates, names, basic constraints, key usages,
// name constraints and unknown extensions.
func PKITS(t testing.TB) (cases []PKITSCase) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(pkitsFolder(), "vectors.json"))
	if err != nil {
		testbed.Missing(t, "this Go does not carry the PKITS of NIST: %v", err)
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	sections := []string{"4.1", "4.2", "4.3", "4.6", "4.7", "4.13", "4.16"}
	return slices.DeleteFunc(cases, func(c PKITSCase) bool {
		number := strings.Split(c.Name, ".")
		return !slices.Contains(sections, number[0]+"."+number[1])
	})
}

// Path reads the certificates, DER, from the leaf up to the root.
func (c PKITSCase) Path(t testing.TB) (path [][]byte) {
	t.Helper()
	for _, name := range slices.Backward(c.CertPath) {
		der, err := os.ReadFile(filepath.Join(pkitsFolder(), "certs", name))
		if err != nil {
			t.Fatal(err)
		}
		path = append(path, der)
	}
	return path
}
