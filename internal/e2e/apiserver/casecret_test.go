package apiserver

import (
	"bytes"
	"encoding/base64"
	"maps"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// TestCASecret signs with a CA that is kept in the cluster.
func TestCASecret(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	root := e2e.NewAuthority(t, "Test Root", "ecdsa", nil)
	intermediate := e2e.NewAuthority(t, "Test Intermediate", "ecdsa", root)
	files := func(a *e2e.Authority) (cert, key string) {
		flags := a.Flags(t)
		return flags[1], flags[3]
	}
	rootCert, rootKey := files(root)
	subCert, subKey := files(intermediate)
	leaf := e2e.CreatePEM(t, "leaf", "--dns", "leaf.example")
	namespace, elsewhere := c.Namespace(t, nil), c.Namespace(t, nil)
	kubeconfig := c.Kubeconfig(t, namespace)
	put := func(namespace string, args ...string) {
		t.Helper()
		c.Kubectl(t, kubeconfig, "", append([]string{"create", "secret", "-n", namespace}, args...)...)
	}
	put(namespace, "tls", "root", "--cert", rootCert, "--key", rootKey)
	put(elsewhere, "tls", "root", "--cert", rootCert, "--key", rootKey)
	alone := filepath.Join(t.TempDir(), "alone.crt")
	e2e.Write(t, alone, firstBlock(e2e.Read(t, subCert)))
	put(namespace, "generic", "sub", "--from-file", "tls.crt="+alone, "--from-file", "tls.key="+subKey, "--from-file", "ca.crt="+rootCert)
	put(namespace, "generic", "empty", "--from-literal", "a=b")
	put(namespace, "generic", "swapped", "--from-file", "tls.crt="+rootCert, "--from-file", "tls.key="+subKey)
	put(namespace, "tls", "leaf", "--cert", filepath.Join(leaf, "tls.crt"), "--key", filepath.Join(leaf, "tls.key"))
	for _, test := range []struct {
		flags  []string
		code   int
		stderr string
	}{
		{[]string{"--ca-secret", "root"}, 0, "^  key          ECDSA P-256, .*CA CN=Test Root$"},
		{[]string{"--ca-secret", "root"}, 0, "^kept: "},
		{[]string{"--ca-secret", elsewhere + "/root"}, 0, "^kept: "},
		{[]string{"--ca-secret", "sub"}, 0, "^re-issued: "},
		{[]string{"--ca-secret", "sub"}, 0, "^kept: "},
		{[]string{"--ca-secret", "gone"}, 1, "^error: --ca-secret gone: secret/gone: does not exist in namespace " + namespace + "\nhint: kubectl get secrets -n " + namespace + " "},
		{[]string{"--ca-secret", "nowhere/root"}, 1, "does not exist in namespace nowhere"},
		{[]string{"--ca-secret", "empty"}, 1, "^error: --ca-secret empty: the CA's certificate: .*\nhint: it must hold a CA: its certificate under tls.crt and its key under tls.key, in PEM$"},
		{[]string{"--ca-secret", "swapped"}, 1, "^error: --ca-secret swapped: the CA's key does not belong to the CA's certificate\nhint: it must hold a CA"},
		{[]string{"--ca-secret", "leaf"}, 1, `^error: --ca-secret "leaf": the CA is not a CA certificate\nhint: use a certificate with the basic constraint CA:TRUE$`},
		{[]string{"--ca-secret", "root", "--duration", "9999d"}, 1, `^error: --duration "9999d": longer than the CA lives`},
		{[]string{"--ca-secret", "x"}, 2, `^error: --ca-secret "x": the certificate would take the CA's place$`},
		{[]string{"--ca-secret", namespace + "/x"}, 2, "the certificate would take the CA's place"},
		{[]string{"--ca-secret", "a/b/c"}, 2, `^error: --ca-secret "a/b/c": must be NAME or NAMESPACE/NAME$`},
		{[]string{"--ca-secret", "/b"}, 2, "must be NAME or NAMESPACE/NAME"},
		{[]string{"--ca-secret", "root", "--ca-cert", rootCert, "--ca-key", rootKey}, 2, "^error: --ca-secret and --ca-cert cannot be used together$"},
		{[]string{"--ca-secret", "root", "--cert", rootCert, "--key", rootKey}, 2, "^error: --ca-secret is for making a certificate"},
	} {
		wants(t, applied(t, kubeconfig, test.flags...), test.code, test.stderr)
		s := pairIn(t, c, namespace, "x")
		for name, value := range s.Data {
			for _, key := range []string{rootKey, subKey} {
				if secret := bytes.TrimSpace(firstBlock(e2e.Read(t, key))); bytes.Contains(value, secret) {
					t.Errorf("%q: %s holds the CA's key", test.flags, name)
				}
			}
		}
		if !bytes.Equal(bytes.TrimSpace(s.Data["ca.crt"]), bytes.TrimSpace(root.Chain)) {
			t.Errorf("%q: ca.crt is\n%s", test.flags, s.Data["ca.crt"])
		}
	}
	r := e2e.Execute(t, "", e2e.Certgen(t), "diff", "y", "--dns", "y.example", "--ca-secret", "sub", "--kubeconfig", kubeconfig)
	wants(t, discreet(t, r), 1, "^would issue: a new key and certificate$")
	if strings.Contains(r.Stderr, "fingerprint") {
		t.Errorf("the fingerprint of what is thrown away:\n%s", r.Stderr)
	}
	if r := e2e.Execute(t, "", e2e.Certgen(t), "create", "y", "--dns", "y.example", "--ca-secret", "sub"); r.Code != 2 {
		t.Errorf("create takes --ca-secret: exit %d\n%s", r.Code, r.Stderr)
	}
}

// firstBlock is the first block of a PEM text.
func firstBlock(text []byte) []byte {
	const end = "-----END "
	at := bytes.Index(text, []byte(end))
	return text[:at+bytes.IndexByte(text[at:], '\n')+1]
}

// TestBringToCluster applies certificates that exist already.
func TestBringToCluster(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	kubeconfig := c.Kubeconfig(t, namespace)
	dir := e2e.CreatePEM(t, append([]string{"x", "--dns", "x.example"}, e2e.NewAuthority(t, "Test Root", "ecdsa", nil).Flags(t)...)...)
	cert, key, ca := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key"), filepath.Join(dir, "ca.crt")
	store, password := filepath.Join(dir, "x.p12"), filepath.Join(dir, "password")
	e2e.Write(t, password, []byte("sesame\n"))
	e2e.Create(t, "x", "--dns", "x.example", "-o", "pkcs12", "--out", store, "--keystore-password-file", password)
	bring := []string{"--cert", cert, "--key", key, "--ca", ca}
	wants(t, applied(t, kubeconfig, append(bring, "--dry-run=server")...), 0, "^would take: the certificate in ")
	r := applied(t, kubeconfig, bring...)
	if wants(t, r, 0, "^taken: the certificate in "); r.Stdout != "secret/x created\n" {
		t.Errorf("printed %q", r.Stdout)
	}
	if s := pairIn(t, c, namespace, "x"); !bytes.Equal(s.Data["tls.crt"], e2e.Read(t, cert)) || !bytes.Equal(s.Data["ca.crt"], e2e.Read(t, ca)) {
		t.Errorf("the Secret holds\n%s%s", s.Data["tls.crt"], s.Data["ca.crt"])
	}
	if r := applied(t, kubeconfig, bring...); r.Code != 0 || r.Stdout != "secret/x unchanged\n" {
		t.Errorf("exit %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	wants(t, applied(t, kubeconfig, "--pkcs12", store, "--password-file", password), 0, "^taken: the certificate in ")
	before := pairIn(t, c, namespace, "x")
	wants(t, applied(t, kubeconfig, "--cert", cert, "--key", filepath.Join(e2e.CreatePEM(t, "z", "--dns", "z.example"), "tls.key")), 1, "^error: ")
	wants(t, applied(t, kubeconfig, append(bring, "--dns", "other.example")...), 1, "other.example")
	if after := pairIn(t, c, namespace, "x"); after.ResourceVersion != before.ResourceVersion {
		t.Error("what was refused was written")
	}
}

// TestDiff: the exit codes are kubectl diff's, and no byte of a key or of another's data is shown.
func TestDiff(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	kubeconfig := c.Kubeconfig(t, namespace)
	diff := func(code int, flags ...string) string {
		t.Helper()
		r := discreet(t, e2e.Execute(t, "", e2e.Certgen(t), append([]string{"diff", "x", "--kubeconfig", kubeconfig}, flags...)...))
		wants(t, r, code, "")
		if data := pairIn(t, c, namespace, "x"); data != nil {
			for name, value := range data.Data {
				if bytes.Contains([]byte(r.Stdout+r.Stderr), value) || bytes.Contains([]byte(r.Stdout+r.Stderr), []byte(base64.StdEncoding.EncodeToString(value))) {
					t.Errorf("%q shows %s", flags, name)
				}
			}
		}
		return r.Stdout
	}
	shows := func(got string, lines ...string) {
		t.Helper()
		for _, line := range lines {
			if !bytes.Contains([]byte(got), []byte(line)) {
				t.Errorf("no %q in\n%s", line, got)
			}
		}
	}
	shows(diff(1, "--dns", "x.example"), "+    names: x.example\n", "+    key: ECDSA P-256\n", "+    issuer: CN=x.example\n", "+  tls.key: ")
	if pairIn(t, c, namespace, "x") != nil {
		t.Fatal("diff wrote the Secret")
	}
	wants(t, applied(t, kubeconfig), 0, "")
	if got := diff(0, "--dns", "x.example"); got != "" {
		t.Errorf("nothing would change, but it shows\n%s", got)
	}
	c.Kubectl(t, kubeconfig, "", "patch", "secret", "x", "--type=merge", "-p", `{"data": {"password": "aHVudGVyMg==", "dhparam": "AAEC"}}`)
	shows(diff(1, "--dns", "x.example", "--key-algorithm", "rsa"), "-    key: ECDSA P-256\n", "+    key: RSA 2048\n", "  password: 7 bytes\n")
	shows(diff(1, "--dns", "x.example", "--labels", "a=b"), "+    a: b\n")
	diff(2, "--dns", "x.example", "-n", "Not_A_Name")
	diff(2, "--dns", "x.example", "--context", "nope")
	diff(2, "--no-such-flag")
}

// TestDiffOfAdoption shows what --adopt would remove from what kubectl made.
func TestDiffOfAdoption(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	kubeconfig := c.Kubeconfig(t, namespace)
	c.Kubectl(t, kubeconfig, `{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "my-nginx", "labels": {"old": "yes"}}, "spec": {"replicas": 2, "selector": {"matchLabels": {"run": "my-nginx"}},
"template": {"metadata": {"labels": {"run": "my-nginx"}}, "spec": {"containers": [{"name": "my-nginx", "image": "nginx", "ports": [{"containerPort": 80}]}]}}}}`, "apply", "-f", "-")
	c.Kubectl(t, kubeconfig, "", "expose", "deployment/my-nginx")
	c.Kubectl(t, kubeconfig, "", "label", "--field-manager=human", "deployment/my-nginx", "team=payments")
	c.Kubectl(t, kubeconfig, `{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "nginxsecret"}, "type": "kubernetes.io/tls", "data": {"tls.crt": "ZGg=", "tls.key": "ZGg=", "other": "ZGg="}}`, "apply", "-f", "-")
	flags := []string{"nginxsecret", "--bundle", "nginx", "--kubeconfig", kubeconfig}
	r := discreet(t, e2e.Execute(t, "", e2e.Certgen(t), append([]string{"diff"}, flags...)...))
	wants(t, r, 2, `^error: secret/nginxsecret: was not made by certgen .*\ndeployment.apps/my-nginx: was not made by certgen .*\nservice/my-nginx: was not made by certgen `)
	r = discreet(t, e2e.Execute(t, "", e2e.Certgen(t), append([]string{"diff", "--adopt"}, flags...)...))
	wants(t, r, 1, "")
	for _, line := range []string{
		"-      - image: nginx\n", "-        name: my-nginx\n", "-    old: \"yes\"\n", // the old Deployment
		"+        name: nginx\n", "-  type: ClusterIP\n", "+  type: NodePort\n", "+  - name: https\n", // the new one and its Service
		"     team: payments\n", "   other: 2 bytes\n", // what is not kubectl's stays
	} {
		if !strings.Contains(r.Stdout, line) {
			t.Errorf("no %q in\n%s", line, r.Stdout)
		}
	}
	if strings.Contains(r.Stderr, "Warning") || strings.Contains(r.Stdout, "last-applied") {
		t.Errorf("%s%s", r.Stderr, r.Stdout)
	}
	wants(t, e2e.Execute(t, "", e2e.Certgen(t), append([]string{"apply", "--adopt", "--dry-run=client"}, flags...)...), 0, "")

	// What the server was made to try is what happens.
	wants(t, e2e.Execute(t, "", e2e.Certgen(t), "apply", "nginxsecret", "--adopt", "--kubeconfig", kubeconfig), 0, "")
	bundle := append([]string{"apply", "--adopt", "-o", "yaml"}, flags...)
	tried := e2e.Documents(t, e2e.Output(t, "", e2e.Certgen(t), append(bundle, "--dry-run=server")...))
	done := e2e.Documents(t, e2e.Output(t, "", e2e.Certgen(t), bundle...))
	if before, after := e2e.Decode[appsv1.Deployment](t, tried["Deployment"]), e2e.Decode[appsv1.Deployment](t, done["Deployment"]); !reflect.DeepEqual(before.Spec, after.Spec) || !maps.Equal(before.Labels, after.Labels) {
		t.Errorf("tried\n%s\ndone\n%s", tried["Deployment"], done["Deployment"])
	}
	before, after := e2e.Decode[corev1.Service](t, tried["Service"]), e2e.Decode[corev1.Service](t, done["Service"])
	for i := range before.Spec.Ports { // the server chooses them anew
		before.Spec.Ports[i].NodePort = after.Spec.Ports[i].NodePort
	}
	if !reflect.DeepEqual(before.Spec, after.Spec) || !maps.Equal(before.Labels, after.Labels) {
		t.Errorf("tried\n%s\ndone\n%s", tried["Service"], done["Service"])
	}
	wants(t, e2e.Execute(t, "", e2e.Certgen(t), append([]string{"diff"}, flags...)...), 0, "^kept: ")
}
