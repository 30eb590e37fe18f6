package apiserver

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
	"certgen/secrets/bundle"
)

// fleet is 200 certificates behind 20 Deployments in four namespaces, that end within the hour, and in each namespace one that
// is none of certgen's.
type fleet struct {
	t          *testing.T
	bed        *testbed.Cluster
	kubeconfig string
	namespaces []string
}

const (
	fleetNamespaces  = 4
	fleetDeployments = 5  // in each
	fleetSecrets     = 10 // behind each
)

func newFleet(t *testing.T, bed *testbed.Cluster) *fleet {
	f := &fleet{t: t, bed: bed}
	var certificates, deployments strings.Builder
	for range fleetNamespaces {
		namespace := bed.Namespace(t, nil)
		f.namespaces = append(f.namespaces, namespace)
		fmt.Fprintf(&certificates, "apiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: {name: own, namespace: %s}\nspec: {selfSigned: {}}\n---\n", namespace)
		for d := range fleetDeployments {
			var volumes []string
			for s := range fleetSecrets {
				name := fmt.Sprintf("s%d-%d", d, s)
				volumes = append(volumes, fmt.Sprintf("{name: %s, secret: {secretName: %[1]s}}", name))
				fmt.Fprintf(&certificates, "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: %s, namespace: %s}\nspec: {secretName: %[1]s, duration: 1h, dnsNames: [%[1]s.example], "+
					"privateKey: {algorithm: ECDSA}, usages: [digital signature, server auth], secretTemplate: {labels: {fleet: %[3]s}}, issuerRef: {name: own}}\n---\n", name, namespace, f.namespaces[0])
			}
			fmt.Fprintf(&deployments, "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d%d, namespace: %s}\nspec: {selector: {matchLabels: {app: d%[1]d}}, template: {metadata: {labels: {app: d%[1]d}}, "+
				"spec: {containers: [{name: c, image: nginx}], volumes: [%[3]s]}}}\n---\n", d, namespace, strings.Join(volumes, ", "))
		}
		testbed.Create(t, bed, "/api/v1/namespaces/"+namespace+"/secrets", map[string]any{"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
			"metadata": map[string]any{"name": "foreign", "labels": map[string]string{"fleet": f.namespaces[0]}}, "data": map[string]string{"tls.crt": "eA==", "tls.key": "eA=="}})
	}
	f.kubeconfig = bed.Kubeconfig(t, f.namespaces[0])
	path := filepath.Join(t.TempDir(), "fleet.yaml")
	if err := os.WriteFile(path, []byte(certificates.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	wants(t, e2e.Execute(t, "", e2e.Certgen(t), "apply", "-f", path, "--kubeconfig", f.kubeconfig), 0, "^200 Certificates, 200 issued$")
	bed.Kubectl(t, f.kubeconfig, deployments.String(), "apply", "-f", "-")
	for _, s := range f.secrets() { // the next one is to live longer, so that it can be told
		if s.Name == "foreign" {
			continue
		}
		patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]string{
			"certgen.dev/spec": strings.Replace(s.Annotations["certgen.dev/spec"], `"duration":"1h0m0s",`, "", 1)}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := bed.Admin.Patch(types.MergePatchType).AbsPath("/api/v1/namespaces/" + s.Namespace + "/secrets/" + s.Name).Body(patch).Do(t.Context()).Error(); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func (f *fleet) secrets() (all []corev1.Secret) {
	for _, namespace := range f.namespaces {
		all = append(all, testbed.Get[corev1.SecretList](f.t, f.bed, "/api/v1/namespaces/"+namespace+"/secrets").Items...)
	}
	return all
}

// renew starts certgen renew, and kills it after a time; 0 lets it end.
func (f *fleet) renew(after time.Duration) (said string, done bool) {
	ctx, cancel := context.WithCancel(f.t.Context())
	defer cancel()
	cmd := exec.CommandContext(ctx, e2e.Certgen(f.t), "renew", "-A", "-l", "fleet="+f.namespaces[0], "--expiring", "2h", "--kubeconfig", f.kubeconfig)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	if after > 0 {
		timer := time.AfterFunc(after, cancel) // CommandContext kills
		defer timer.Stop()
	}
	err := cmd.Wait()
	return out.String(), err == nil
}

// watch follows the fleet's Secrets from now on, and returns what says how many certificates one of them has had.
func (f *fleet) watch() func(key string) int {
	stream, err := f.bed.Admin.Get().AbsPath("/api/v1/secrets").Param("watch", "true").Param("labelSelector", "fleet="+f.namespaces[0]).Stream(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { stream.Close() })
	var mu sync.Mutex
	certs := map[string]map[string]bool{}
	go func() {
		for decoder := json.NewDecoder(stream); ; {
			var event struct{ Object corev1.Secret }
			if decoder.Decode(&event) != nil {
				return // the test has ended
			}
			mu.Lock()
			key := event.Object.Namespace + "/" + event.Object.Name
			if certs[key] == nil {
				certs[key] = map[string]bool{}
			}
			certs[key][string(event.Object.Data["tls.crt"])] = true
			mu.Unlock()
		}
	}()
	return func(key string) int {
		for range 50 { // the last events are on their way
			mu.Lock()
			n := len(certs[key])
			mu.Unlock()
			if n >= 2 {
				return n
			}
			time.Sleep(100 * time.Millisecond)
		}
		return 1
	}
}

// TestRenewKilled kills certgen renew -A at random, and starts it again until it is done: every Deployment has the certificates of
// its Secrets, each was issued once more and never twice, what is somebody else's was not touched, and no key was printed.
func TestRenewKilled(t *testing.T) {
	t.Parallel()
	bed := testbed.Start(t)
	f := newFleet(t, bed)
	foreign := map[string]string{}
	for _, s := range f.secrets() {
		if s.Name == "foreign" {
			foreign[s.Namespace] = s.ResourceVersion
		}
	}
	seen := f.watch()
	var said strings.Builder
	kills := 0
	for done := false; !done; kills++ {
		var text string
		after := time.Duration(0)
		if kills < 12 {
			after = time.Duration(100+rand.IntN(1500)) * time.Millisecond
		}
		text, done = f.renew(after)
		said.WriteString(text)
		if !done && after == 0 {
			t.Fatalf("it ended and was not done:\n%s", text)
		}
	}
	t.Logf("done after %d runs", kills)
	last, _ := f.renew(0)
	if !strings.Contains(last, "204 certificates, 200 not due, 4 kept by others") {
		t.Errorf("the run after the last: %s", last)
	}
	said.WriteString(last)
	for _, s := range f.secrets() {
		key := s.Namespace + "/" + s.Name
		if s.Name == "foreign" {
			if foreign[s.Namespace] != s.ResourceVersion {
				t.Errorf("secret/%s was touched", key)
			}
			continue
		}
		pair, err := tls.X509KeyPair(s.Data["tls.crt"], s.Data["tls.key"])
		switch {
		case err != nil:
			t.Errorf("secret/%s: %v", key, err)
			continue
		case time.Until(pair.Leaf.NotAfter) < 24*time.Hour:
			t.Errorf("secret/%s was not renewed", key)
		case s.Annotations["certgen.dev/restart"] != "":
			t.Errorf("secret/%s is still marked", key)
		}
		if n := seen(key); n != 2 {
			t.Errorf("secret/%s had %d certificates, want the one before and one more", key, n)
		}
		lines := strings.Split(string(s.Data["tls.key"]), "\n")
		if strings.Contains(said.String(), lines[1]) || strings.Contains(said.String(), base64.StdEncoding.EncodeToString(s.Data["tls.key"])[60:120]) {
			t.Errorf("the key of secret/%s was printed", key)
		}
	}
	for _, namespace := range f.namespaces {
		at := map[string]int{} // the last write of an object
		for i, r := range bed.Requests(t, namespace) {
			if r.Verb == "patch" && (r.Resource == "deployments" || strings.Contains(r.URI, "fieldValidation=Ignore")) {
				at[r.Resource+"/"+r.Name] = i
			}
		}
		for _, d := range testbed.Get[appsv1.DeploymentList](t, bed, "/apis/apps/v1/namespaces/"+namespace+"/deployments").Items {
			for _, name := range bundle.SecretsUsed(d.Spec.Template.Spec) {
				if at["deployments/"+d.Name] < at["secrets/"+name] {
					t.Errorf("deployment/%s/%s was not restarted after secret/%s had changed", namespace, d.Name, name)
				}
			}
		}
	}
}
