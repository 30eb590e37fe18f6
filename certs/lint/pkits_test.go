package lint

import (
	"certgen/internal/pkitest"
	"crypto/x509"
	"testing"
)

// pkitsExceptions are the cases that certgen decides otherwise, with the reasons.
var pkitsExceptions = map[string]string{
	"4.1.4 Valid DSA Signatures Test4":                        "clients refuse DSA",
	"4.1.5 Valid DSA Parameter Inheritance Test5":             "clients refuse DSA, and crypto/x509 does not read a key without its parameters",
	"4.7.4 Invalid keyUsage Critical cRLSign False Test4":     "the fault shows in a revocation list, which Go's source tree does not carry",
	"4.7.5 Invalid keyUsage Not Critical cRLSign False Test5": "the fault shows in a revocation list, which Go's source tree does not carry",
}

// lintPKITS lints the path as a client's, whose names are no hosts; the error says what cannot be read.
func lintPKITS(t *testing.T, c pkitest.PKITSCase) (found []Finding, err error) {
	t.Helper()
	var path []*x509.Certificate
	for _, der := range c.Path(t) {
		parsed, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		path = append(path, parsed)
	}
	roots := path[len(path)-1:]
	return Target{Chain: path[:len(path)-1]}.Lint(Expectations{Now: pkitest.PKITSTime(), Roots: poolOf(roots), Anchors: roots, For: ForClients}), nil
}

// TestPKITS: a path is refused if, and only if, NIST says that it is invalid.
func TestPKITS(t *testing.T) {
	t.Parallel()
	cases := pkitest.PKITS(t)
	if len(cases) != 87 {
		t.Errorf("%d cases, want 87", len(cases))
	}
	for _, c := range cases {
		found, err := lintPKITS(t, c)
		if refused := err != nil || anError(found); refused == c.ShouldValidate && pkitsExceptions[c.Name] == "" {
			t.Errorf("%s: %v %v", c.Name, found, err)
		}
	}
}
