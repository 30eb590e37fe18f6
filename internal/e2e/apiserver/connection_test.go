package apiserver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// edited writes a copy of a kubeconfig file after a change.
func edited(t testing.TB, kubeconfig string, change func(*api.Config)) string {
	t.Helper()
	config, err := clientcmd.LoadFromFile(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	change(config)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// withoutUser takes the credentials out of a kubeconfig.
func withoutUser(t testing.TB, kubeconfig string) string {
	t.Helper()
	return edited(t, kubeconfig, func(config *api.Config) {
		for _, user := range config.AuthInfos {
			*user = api.AuthInfo{}
		}
	})
}

// only returns the one value of a map.
func only[V any](m map[string]V) (value V) {
	for _, value = range m {
	}
	return value
}

// TestConnectionFlags: each flag of kubectl's says the same to certgen.
func TestConnectionFlags(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	namespace, other := c.Namespace(t, nil), c.Namespace(t, nil)
	admin := c.Kubeconfig(t, namespace)
	nobody := c.UserKubeconfig(t, namespace)
	config, err := clientcmd.LoadFromFile(nobody)
	if err != nil {
		t.Fatal(err)
	}
	// One file with two of everything; what it says by itself leads nowhere.
	both := edited(t, admin, func(all *api.Config) {
		all.Contexts["good"] = all.Contexts[all.CurrentContext]
		all.Contexts["elsewhere"] = &api.Context{Cluster: "dead", AuthInfo: "nobody", Namespace: other}
		all.Clusters["dead"] = &api.Cluster{Server: "https://127.0.0.1:1"}
		all.Clusters["good"] = only(config.Clusters)
		all.AuthInfos["nobody"] = only(config.AuthInfos)
		all.AuthInfos["good"] = all.AuthInfos[all.Contexts["good"].AuthInfo]
		all.CurrentContext = "elsewhere"
	})
	server := only(config.Clusters).Server
	website := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(website.Close)
	for name, test := range map[string]struct {
		flags  []string
		code   int
		stderr string
	}{
		"none":               {nil, 1, "^error: read secret/x: https://127.0.0.1:1: .*connection refused\nhint: the API server cannot be reached: check --context, --server and the network$"},
		"context":            {[]string{"--context", "good"}, 0, ""},
		"cluster":            {[]string{"--cluster", "good"}, 1, `cannot get resource "secrets" in API group "" in the namespace "` + other},
		"cluster and user":   {[]string{"--cluster", "good", "--user", "good"}, 0, ""},
		"server":             {[]string{"--context", "good", "--server", server}, 0, ""},
		"wrong server":       {[]string{"--context", "good", "--server", "https://no-such-host.invalid"}, 1, "^error: read secret/x: https://no-such-host.invalid: .*no such host"},
		"not TLS":            {[]string{"--context", "good", "--server", strings.Replace(server, "https:", "http:", 1)}, 1, "^error: read secret/x: .*\nhint: what answers there may not be an API server: check --server, --context and the proxy$"},
		"not Kubernetes":     {[]string{"--context", "good", "--server", website.URL}, 1, "^error: read secret/x: .*\nhint: what answers there may not be an API server"},
		"untrusted":          {[]string{"--context", "good", "--cluster", "dead", "--server", server}, 1, "certificate.*\nhint: the kubeconfig trusts another certificate authority than this server's"},
		"namespace":          {[]string{"--context", "good", "-n", other}, 0, ""},
		"missing namespace":  {[]string{"--context", "good", "-n", "nowhere"}, 1, "^error: apply secret/x: namespaces \"nowhere\" not found\nhint: make the namespace first: kubectl create namespace nowhere$"},
		"as":                 {[]string{"--context", "good", "--as", "jane"}, 1, `User "jane" cannot get resource "secrets"`},
		"as a member":        {[]string{"--context", "good", "--as", "jane", "--as-group", "system:masters"}, 0, ""},
		"no such context":    {[]string{"--context", "nope"}, 1, "^error: kubeconfig: .*context was not found for specified context: nope.*\nhint: kubectl config view shows what the kubeconfig holds"},
		"no such cluster":    {[]string{"--cluster", "nope"}, 1, "^error: kubeconfig: .*nope.*\nhint: kubectl config view"},
		"no such user":       {[]string{"--context", "good", "--user", "nope"}, 1, `^error: kubeconfig: .*nope.*\nhint: kubectl config view`},
		"timeout in seconds": {[]string{"--context", "good", "--request-timeout", "10"}, 0, ""},
		"timeout in words":   {[]string{"--context", "good", "--request-timeout", "long"}, 2, `^error: --request-timeout "long": must be a duration above zero, such as 10s$`},
		"timeout of nothing": {[]string{"--context", "good", "--request-timeout", "0s"}, 2, `^error: --request-timeout "0s"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wants(t, applied(t, both, append(test.flags, "--dry-run=server")...), test.code, test.stderr)
		})
	}
}

// TestKubeconfigList: KUBECONFIG may name several files, of which some may be missing.
func TestKubeconfigList(t *testing.T) {
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	whole := c.Kubeconfig(t, namespace)
	users := edited(t, whole, func(config *api.Config) { config.Clusters, config.Contexts, config.CurrentContext = nil, nil, "" })
	rest := edited(t, whole, func(config *api.Config) { config.AuthInfos = nil })
	t.Setenv("KUBECONFIG", strings.Join([]string{filepath.Join(t.TempDir(), "missing"), users, rest}, string(filepath.ListSeparator)))
	r := e2e.Execute(t, "", e2e.Certgen(t), "apply", "x", "--dns", "x.example")
	wants(t, discreet(t, r), 0, "^issued: ")
	if pairIn(t, c, namespace, "x") == nil {
		t.Error("the Secret is not in the context's namespace")
	}

	home := t.TempDir()
	t.Setenv("KUBECONFIG", "")
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	r = e2e.Execute(t, "", e2e.Certgen(t), "apply", "x", "--dns", "x.example")
	wants(t, r, 1, "^error: no cluster: there is no kubeconfig, and this is not a pod\nhint: name one with --kubeconfig or KUBECONFIG; certgen create needs no cluster$")
	if err := os.Mkdir(filepath.Join(home, ".kube"), 0o700); err != nil {
		t.Fatal(err)
	}
	e2e.Write(t, filepath.Join(home, ".kube", "config"), e2e.Read(t, whole))
	wants(t, e2e.Execute(t, "", e2e.Certgen(t), "apply", "x", "--dns", "x.example"), 0, "^kept: ")
}

// TestCredentialPlugin: a program of the kubeconfig's hands out the token.
func TestCredentialPlugin(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	c := testbed.Start(t)
	namespace := c.Namespace(t, nil)
	user := only(mustLoad(t, c.Kubeconfig(t, namespace)).AuthInfos)
	plugin := func(script string) string {
		path := filepath.Join(t.TempDir(), "plugin")
		testbed.WriteProgram(t, path, "#!/bin/sh\n"+script)
		return edited(t, c.Kubeconfig(t, namespace), func(config *api.Config) {
			*only(config.AuthInfos) = api.AuthInfo{Exec: &api.ExecConfig{
				APIVersion: "client.authentication.k8s.io/v1", Command: path, InteractiveMode: api.NeverExecInteractiveMode}}
		})
	}
	answer := func(status string) string {
		return `echo '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": ` + status + `}'`
	}
	good := answer(fmt.Sprintf(`{"clientCertificateData": %q, "clientKeyData": %q}`, user.ClientCertificateData, user.ClientKeyData))
	// echo would turn the \n of JSON into lines.
	good = "cat <<'EOF'\n" + strings.TrimSuffix(strings.TrimPrefix(good, "echo '"), "'") + "\nEOF\n"
	wants(t, applied(t, plugin(good)), 0, "^issued: ")
	wants(t, applied(t, plugin(answer(`{"token": "`+token+`"}`))), 1, "Unauthorized")
	const hint = "\nhint: the credential plugin of the kubeconfig's user does not work: run its command by hand, or log in again$"
	wants(t, applied(t, plugin("exit 3")), 1, "^error: read secret/x: .*exit code 3"+hint)
	missing := edited(t, plugin(""), func(config *api.Config) { only(config.AuthInfos).Exec.Command = "no-such-plugin" })
	wants(t, applied(t, missing), 1, "no-such-plugin")
}

func mustLoad(t testing.TB, kubeconfig string) *api.Config {
	t.Helper()
	config, err := clientcmd.LoadFromFile(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// TestProxyURL: requests go through the proxy that the kubeconfig names.
func TestProxyURL(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	var used atomic.Int32
	tunnel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		used.Add(1)
		there, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusOK)
		here, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		go func() { io.Copy(there, here); there.Close() }()
		io.Copy(here, there)
		here.Close()
	}))
	t.Cleanup(tunnel.Close)
	through := func(proxy string) string {
		return edited(t, c.Kubeconfig(t, c.Namespace(t, nil)), func(config *api.Config) { only(config.Clusters).ProxyURL = proxy })
	}
	wants(t, applied(t, through(tunnel.URL)), 0, "^issued: ")
	if used.Load() == 0 {
		t.Error("the proxy was not used")
	}
	wants(t, applied(t, through("http://user:"+token+"@127.0.0.1:1")), 1, "proxyconnect.*\nhint: the API server cannot be reached")
}

// TestInCluster runs certgen as in a pod, with the token of a service account. Where that is kept is fixed,
// so this needs a file system of its own.
func TestInCluster(t *testing.T) {
	t.Parallel()
	c := testbed.Start(t)
	unshare := e2e.Need(t, "unshare")
	if err := exec.Command(unshare, "--mount", "true").Run(); err != nil {
		testbed.Missing(t, "needs a mount namespace of its own, which root may have: %v", err)
	}
	namespace := c.Namespace(t, nil)
	kubeconfig := c.Kubeconfig(t, namespace)
	path := "/apis/rbac.authorization.k8s.io/v1/namespaces/" + namespace
	testbed.Create(t, c, path+"/rolebindings", rbacv1.RoleBinding{
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: "default", Namespace: namespace}},
		RoleRef:    rbacv1.RoleRef{Kind: "ClusterRole", APIGroup: rbacv1.GroupName, Name: "cluster-admin"},
		ObjectMeta: metav1.ObjectMeta{Name: "default-admin"},
	})
	cluster := only(mustLoad(t, kubeconfig).Clusters)
	account := filepath.Join(t.TempDir(), "serviceaccount")
	if err := os.Mkdir(account, 0o700); err != nil {
		t.Fatal(err)
	}
	e2e.Write(t, filepath.Join(account, "token"), []byte(strings.TrimSpace(c.Kubectl(t, kubeconfig, "", "create", "token", "default"))))
	e2e.Write(t, filepath.Join(account, "ca.crt"), cluster.CertificateAuthorityData)
	e2e.Write(t, filepath.Join(account, "namespace"), []byte(namespace))
	host, port, err := net.SplitHostPort(strings.TrimPrefix(cluster.Server, "https://"))
	if err != nil {
		t.Fatal(err)
	}
	run := func(env ...string) e2e.Result {
		cmd := exec.Command(unshare, "--mount", "sh", "-ec", `
			mount -t tmpfs none /var/run
			mkdir -p /var/run/secrets/kubernetes.io
			cp -r "$ACCOUNT" /var/run/secrets/kubernetes.io/serviceaccount
			exec "$CERTGEN" apply x --dns x.example`)
		cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "ACCOUNT=" + account, "CERTGEN=" + e2e.Certgen(t)}, env...)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if exit := new(exec.ExitError); !errors.As(cmd.Run(), &exit) && cmd.ProcessState == nil {
			t.Fatal(cmd)
		}
		return discreet(t, e2e.Result{Stdout: stdout.String(), Stderr: stderr.String(), Code: cmd.ProcessState.ExitCode()})
	}
	wants(t, run("KUBERNETES_SERVICE_HOST="+host, "KUBERNETES_SERVICE_PORT="+port), 0, "^issued: ")
	if pairIn(t, c, namespace, "x") == nil {
		t.Error("the Secret is not in the pod's namespace")
	}
	wants(t, run(), 1, "^error: no cluster: ")
}
