package apiserver

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/client-go/tools/clientcmd"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// TestServedByAPIServer: an API server asks for a client certificate, and does not insist.
func TestServedByAPIServer(t *testing.T) {
	t.Parallel()
	config, err := clientcmd.LoadFromFile(testbed.Start(t).Kubeconfig(t, "default"))
	if err != nil {
		t.Fatal(err)
	}
	cluster := only(config.Clusters)
	ca := filepath.Join(t.TempDir(), "ca.crt")
	e2e.Write(t, ca, cluster.CertificateAuthorityData)
	found := e2e.VerifyServer(t, strings.TrimPrefix(cluster.Server, "https://"), "--ca", ca, "--ignore", "due-for-renewal")
	if !found.Server.AsksForClientCertificate || slices.Contains(strings.Fields(found.IDs()), "client-certificate") {
		t.Errorf("%+v", found)
	}
}
