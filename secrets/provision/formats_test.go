package provision_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"certgen/certs"
	"certgen/certs/encoding"
	"certgen/internal/testbed"
	"certgen/render"
	"certgen/secrets"
	"certgen/secrets/cluster"
	"certgen/secrets/provision"
)

func someFormats(password string) secrets.Formats {
	return secrets.Formats{DER: true, CombinedPEM: true, JKS: &secrets.JKS{Password: password}, PKCS12: &secrets.PKCS12{PKCS12Profile: encoding.LegacyRC2, Password: password}}
}

// TestFormatsInManifest: keystores have random salts, and yet a second run leaves the file as it is; one with another
// password keeps the pair.
func TestFormatsInManifest(t *testing.T) {
	t.Parallel()
	request, err := certs.Spec{Name: "web", DNSNames: []string{"web.example"}}.Request()
	if err != nil {
		t.Fatal(err)
	}
	store := &provision.Manifest{Path: filepath.Join(t.TempDir(), "web.yaml"), Format: render.YAML}
	run := func(formats secrets.Formats) (said string) {
		order := provision.Order{Secret: secrets.Meta{Name: "web"}, Formats: formats, Means: provision.Issue{Request: request, Issuer: certs.SelfSigned{}}}
		err := provision.Run(context.Background(), store, []provision.Order{order}, provision.Options{Parallel: 1}, func(r provision.Result) error {
			said = string(r.Action) + ", " + strings.TrimPrefix(r.Said, store.Path+" ")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return said
	}
	for i, step := range []struct {
		formats secrets.Formats
		want    string
	}{
		{someFormats("first"), "issued, written"},
		{someFormats("first"), "kept, unchanged"},
		{someFormats("second"), "kept, written"},
		{someFormats("second"), "kept, unchanged"},
		{secrets.Formats{}, "kept, written"},
		{secrets.Formats{}, "kept, unchanged"},
	} {
		if said := run(step.formats); said != step.want {
			t.Errorf("run %d: %s, want %s", i+1, said, step.want)
		}
	}
}

// TestFormatsInCluster: so it is in a cluster, where what is no longer wanted goes.
func TestFormatsInCluster(t *testing.T) {
	t.Parallel()
	bed := testbed.Start(t)
	namespace := bed.Namespace(t, nil)
	server := connect(t, bed.Kubeconfig(t, namespace))
	all := wants(t, namespace, 3)
	with := func(formats secrets.Formats) []provision.Order {
		for i := range all {
			all[i].Formats = formats
		}
		return all
	}
	for i, step := range []struct {
		formats secrets.Formats
		want    cluster.Action
	}{
		{someFormats("first"), cluster.Created},
		{someFormats("first"), cluster.Unchanged},
		{someFormats("second"), cluster.Configured},
		{secrets.Formats{}, cluster.Configured},
		{secrets.Formats{}, cluster.Unchanged},
	} {
		if _, actions := bring(t, server, with(step.formats), 2); actions[step.want] != 3 {
			t.Errorf("run %d: %v, want %s", i+1, actions, step.want)
		}
	}
	secret, err := server.GetSecret(context.Background(), namespace, all[0].Secret.Name)
	if err != nil || len(secret.Data) != 3 {
		t.Errorf("keys of other formats are left: %v, %v", secret, err)
	}
}
