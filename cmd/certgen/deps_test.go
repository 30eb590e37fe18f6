package main

import (
	"os"
	"strings"
	"testing"

	"certgen/internal/e2e"
)

// TestImportBudget guards the time a run takes before it does anything: Go initialises all that is linked.
func TestImportBudget(t *testing.T) {
	t.Parallel()
	// Each of these costs more than issuing a certificate does: some through the tables they build before
	// main, the others through the packages they bring along.
	banned := []string{
		"github.com/cloudflare/cfssl/config",
		"github.com/cloudflare/cfssl/signer",
		"github.com/cloudflare/cfssl/initca",
		"github.com/cloudflare/cfssl/selfsign",
		"github.com/cloudflare/cfssl/transport",
		"github.com/zmap/zlint",
		"github.com/zmap/zcrypto",
		"github.com/weppos/publicsuffix-go",
		"k8s.io/client-go/kubernetes",
		"k8s.io/client-go/applyconfigurations",
		"k8s.io/cli-runtime",
		"k8s.io/kubectl",
	}
	deps := strings.Fields(e2e.Output(t, "", "go", "list", "-deps", "-f", "{{if not (or .Standard .Module.Main)}}{{.ImportPath}}{{end}}", "."))
	for _, dep := range deps {
		for _, path := range banned {
			if dep == path || strings.HasPrefix(dep, path+"/") {
				t.Errorf("imports %s", dep)
			}
		}
	}
	// A dependency that brings dozens of others is noticed here; one that is worth it moves the bound.
	const bound = 165
	t.Logf("%d packages", len(deps))
	if len(deps) > bound {
		t.Errorf("%d packages beyond the standard library and certgen's own, want at most %d", len(deps), bound)
	}
}

// TestBinarySize holds the released binary to 22 MB: 18.2 before the program listed, renewed and signed. A use of reflection by
// which the linker can leave nothing out, as that of text/template, costs 4 more at once.
func TestBinarySize(t *testing.T) {
	t.Parallel()
	const bound = 22_000_000
	info, err := os.Stat(e2e.Certgen(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.1f MB", float64(info.Size())/1e6)
	if info.Size() > bound {
		t.Errorf("%d bytes, want at most %d", info.Size(), bound)
	}
}
