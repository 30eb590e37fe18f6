package certmanager

import (
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// bed returns the API server with cert-manager's kinds. The tests use it one after the other: each starts the
// controllers, and there may be only one of them at a time.
func bed(t testing.TB) *testbed.Cluster {
	t.Helper()
	c := testbed.Start(t)
	install.Do(func() { c.InstallCertManager(t) })
	return c
}

var install sync.Once

// 270 s measured on two cores at a load of 8, 80 s of them waiting for what must not happen.
func TestMain(m *testing.M) {
	testscript.Main(testbed.M{M: m, Need: 7 * time.Minute}, e2e.Programs())
}
