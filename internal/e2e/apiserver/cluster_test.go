package apiserver

import (
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"certgen/internal/e2e"
	"certgen/internal/e2e/story"
	"certgen/internal/testbed"
)

func TestMain(m *testing.M) {
	testscript.Main(testbed.M{M: m, Need: 5 * time.Minute}, e2e.Programs())
}

// TestCluster runs the user stories in testdata/cluster against a real API server.
func TestCluster(t *testing.T) {
	testscript.Run(t, story.Cluster(t))
}
