package apiserver

import (
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"certgen/internal/e2e"
	"certgen/internal/e2e/story"
	"certgen/internal/testbed"
)

// 111 s measured on two cores at a load of 6, of 105 s of CPU time.
func TestMain(m *testing.M) {
	testscript.Main(testbed.M{M: m, Need: 4 * time.Minute}, e2e.Programs())
}

// TestCluster runs the user stories in testdata/cluster against a real API server.
func TestCluster(t *testing.T) {
	testscript.Run(t, story.Cluster(t))
}
