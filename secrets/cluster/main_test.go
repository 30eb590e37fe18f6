package cluster_test

import (
	"os"
	"testing"
	"time"

	"certgen/internal/testbed"
	"certgen/secrets/cluster"
)

func TestMain(m *testing.M) { os.Exit(testbed.M{M: m, Need: 3 * time.Minute}.Run()) }

func connect(t testing.TB, kubeconfig string) *cluster.Cluster {
	t.Helper()
	server, err := cluster.Connect(testbed.Config(t, kubeconfig), func(warning string) { t.Errorf("warning: %s", warning) })
	if err != nil {
		t.Fatal(err)
	}
	return server
}
