package cmd

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/internal/faulty"
	"certgen/internal/testbed"
	"certgen/secrets"
)

// liveBed is the nginx bundle as it runs in a cluster, without the cluster: an API server that knows these
// objects, two pods, and a server of this machine for each. A test breaks one thing.
type liveBed struct {
	Secret     corev1.Secret
	ConfigMap  corev1.ConfigMap
	Deployment appsv1.Deployment
	Service    corev1.Service
	Pods       []corev1.Pod
	Endpoints  discoveryv1.EndpointSlice
	Node       corev1.Node
	More       []runtime.Object

	Addresses map[string]string                // of the server that stands for a pod
	Answer    func(r *http.Request) (code int) // to a request, in place of what is known; 0 answers as ever
	Looks     func(n int)                      // is called when certgen begins to look for the nth time

	mu    sync.Mutex // of all that changes while certgen looks
	looks int
}

// newLiveBed makes the tutorial's bundle and runs it. pair takes the place of the Secret's, unless it is empty.
func newLiveBed(t testing.TB, pair pki.PEM) *liveBed {
	t.Helper()
	bed := &liveBed{Addresses: map[string]string{}}
	var list struct{ Items []json.RawMessage }
	decodeInto(t, certgenOutput(t, "create", "nginxsecret", "--bundle", "nginx", "--replicas", "2", "-o", "json"), &list)
	for i, object := range []any{&bed.Secret, &bed.ConfigMap, &bed.Deployment, &bed.Service} {
		decodeInto(t, list.Items[i], object)
	}
	if len(pair.Cert) > 0 {
		bed.Secret.Data = map[string][]byte{"tls.crt": pair.Cert, "tls.key": pair.Key, "ca.crt": pair.CA}
	}
	port := bed.serve(t, secrets.PEMOf(&bed.Secret))
	bed.Deployment.Status = appsv1.DeploymentStatus{Replicas: 2, UpdatedReplicas: 2, AvailableReplicas: 2, ReadyReplicas: 2}
	bed.Service.Spec.ClusterIP = "127.0.0.1"
	bed.Service.Spec.Ports = bed.Service.Spec.Ports[1:]
	bed.Service.Spec.Ports[0].Port, bed.Service.Spec.Ports[0].NodePort = int32(port), int32(port)
	bed.Node = corev1.Node{TypeMeta: typed("v1", "Node"), ObjectMeta: metav1.ObjectMeta{Name: "one"}, Status: corev1.NodeStatus{
		Addresses:  []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "127.0.0.1"}},
		Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
	}}
	bed.Endpoints = discoveryv1.EndpointSlice{
		TypeMeta:   typed("discovery.k8s.io/v1", "EndpointSlice"),
		ObjectMeta: metav1.ObjectMeta{Name: "my-nginx-1", Namespace: "default", Labels: map[string]string{discoveryv1.LabelServiceName: "my-nginx"}},
		Ports:      []discoveryv1.EndpointPort{{Name: new("https"), Port: new(int32(443))}},
	}
	for i := range 2 {
		pod := corev1.Pod{
			TypeMeta:   typed("v1", "Pod"),
			ObjectMeta: bed.Deployment.Spec.Template.ObjectMeta, Spec: bed.Deployment.Spec.Template.Spec,
			Status: corev1.PodStatus{Phase: corev1.PodRunning, Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}},
		}
		pod.Name, pod.Namespace, pod.Spec.NodeName = fmt.Sprintf("my-nginx-%d", i+1), "default", "one"
		bed.Pods = append(bed.Pods, *pod.DeepCopy())
		bed.Addresses[pod.Name] = "127.0.0.1:" + strconv.Itoa(port)
		bed.Endpoints.Endpoints = append(bed.Endpoints.Endpoints, discoveryv1.Endpoint{
			Addresses: []string{fmt.Sprintf("10.0.0.%d", i+1)}, Conditions: discoveryv1.EndpointConditions{Ready: new(true)},
			TargetRef: &corev1.ObjectReference{Kind: "Pod", Name: pod.Name},
		})
	}
	return bed
}

func typed(version, kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: version, Kind: kind}
}

func certgenOutput(t testing.TB, args ...string) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := Main(t.Context(), args, cli.IOStreams{In: bytes.NewReader(nil), Out: &stdout, Err: &stderr}); code != cli.ExitDone {
		t.Fatalf("certgen %q: exit %d\n%s", args, code, &stderr)
	}
	return stdout.Bytes()
}

func decodeInto(t testing.TB, data []byte, object any) {
	t.Helper()
	if err := json.Unmarshal(data, object); err != nil {
		t.Fatal(err)
	}
}

// serve starts a server with a certificate, and returns its port.
func (b *liveBed) serve(t testing.TB, pem pki.PEM) int {
	t.Helper()
	_, port, err := net.SplitHostPort(b.serveTLS(t, &tls.Config{Certificates: []tls.Certificate{keyPair(t, pem)}}))
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

// serveTLS starts a server, and returns its address.
func (b *liveBed) serveTLS(t testing.TB, config *tls.Config) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = config
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func keyPair(t testing.TB, pem pki.PEM) tls.Certificate {
	t.Helper()
	pair, err := tls.X509KeyPair(pem.Cert, pem.Key)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// conf changes nginx's configuration.
func (b *liveBed) conf(old, new string) {
	b.ConfigMap.Data["default.conf"] = strings.ReplaceAll(b.ConfigMap.Data["default.conf"], old, new)
}

// mount changes the volume with the Secret.
func (b *liveBed) mount(change func(*corev1.Volume)) {
	for i := range b.Pods {
		change(&b.Pods[i].Spec.Volumes[0])
	}
}

// objects are all that the API server knows.
func (b *liveBed) objects() []runtime.Object {
	all := append([]runtime.Object{&b.Secret, &b.ConfigMap, &b.Deployment, &b.Service, &b.Endpoints, &b.Node}, b.More...)
	for i := range b.Pods {
		all = append(all, &b.Pods[i])
	}
	return all
}

// start starts the API server, and returns its kubeconfig.
func (b *liveBed) start(t testing.TB) string {
	t.Helper()
	forwards := testbed.PortForward(func(pod string, port int) (net.Conn, error) {
		if port != 443 {
			return nil, fmt.Errorf("dial tcp4 127.0.0.1:%d: connect: connection refused", port)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		return net.Dial("tcp", b.Addresses[pod])
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		code := 0
		if b.Answer != nil {
			code = b.Answer(r)
		}
		switch {
		case code != 0:
			testbed.Answer(code, 0)(w, r, nil)
		case strings.HasSuffix(r.URL.Path, "/portforward"):
			forwards(w, r, nil)
		case strings.HasSuffix(r.URL.Path, "/proxy/"):
			io.WriteString(w, "hello")
		default:
			b.mu.Lock()
			defer b.mu.Unlock()
			if strings.HasSuffix(r.URL.Path, "/services/my-nginx") { // is asked for first
				if b.looks++; b.Looks != nil {
					b.Looks(b.looks)
				}
			}
			b.get(t, w, r)
		}
	}))
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	text := fmt.Sprintf(`{"clusters": [{"name": "x", "cluster": {"server": %q}}], "contexts": [{"name": "x", "context": {"cluster": "x", "namespace": "default"}}], "current-context": "x"}`, server.URL)
	if err := os.WriteFile(kubeconfig, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return kubeconfig
}

// get answers with an object, or with those of a kind that have the labels asked for.
func (b *liveBed) get(t testing.TB, w http.ResponseWriter, r *http.Request) {
	selector, err := labels.Parse(r.URL.Query().Get("labelSelector"))
	if err != nil {
		t.Error(err)
	}
	items := []any{}
	for _, object := range b.objects() {
		m := object.(metav1.Object)
		version, kind := object.GetObjectKind().GroupVersionKind().ToAPIVersionAndKind()
		path := "/api/" + version
		if strings.Contains(version, "/") {
			path = "/apis/" + version
		}
		if m.GetNamespace() != "" {
			path += "/namespaces/" + m.GetNamespace()
		}
		path += "/" + strings.ToLower(kind) + "s"
		if r.URL.Path == path+"/"+m.GetName() {
			json.NewEncoder(w).Encode(object)
			return
		}
		if r.URL.Path == path && selector.Matches(labels.Set(m.GetLabels())) {
			items = append(items, object)
		}
	}
	if last := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]; !strings.HasSuffix(last, "s") {
		testbed.Answer(http.StatusNotFound, 0)(w, r, nil)
		return
	}
	json.NewEncoder(w).Encode(map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
}

// verify runs certgen verify on the Service.
func (b *liveBed) verify(t testing.TB, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	args = append([]string{"verify", "service/my-nginx", "--kubeconfig", b.start(t)}, args...)
	code = Main(t.Context(), args, cli.IOStreams{In: bytes.NewReader(nil), Out: &out, Err: &err})
	return code, out.String(), err.String()
}

// liveFault is one thing that is wrong with a Service.
type liveFault struct {
	id       string
	breaking func(t testing.TB, bed *liveBed, m *faulty.Maker)
}

// liveFaults are one for each rule of Services. The bed's pair is to be sound, and for [faulty.Host].
func liveFaults() []liveFault {
	conf := func(old, new string) func(testing.TB, *liveBed, *faulty.Maker) {
		return func(_ testing.TB, bed *liveBed, _ *faulty.Maker) { bed.conf(old, new) }
	}
	return []liveFault{
		{"no-endpoints", func(_ testing.TB, bed *liveBed, _ *faulty.Maker) {
			bed.Pods, bed.Endpoints.Endpoints = nil, nil
			bed.Deployment.Spec.Replicas = new(int32(0))
			bed.Deployment.Status = appsv1.DeploymentStatus{}
		}},
		{"not-ready", func(_ testing.TB, bed *liveBed, _ *faulty.Maker) {
			bed.Pods[1].Status = corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{
				Name: "nginx", Image: "nginx:stabel", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ErrImagePull", Message: "not found"}},
			}}}
			bed.Endpoints.Endpoints[1].Conditions.Ready = new(false)
		}},
		{"target-port", func(_ testing.TB, bed *liveBed, _ *faulty.Maker) {
			bed.Service.Spec.Ports[0].TargetPort = intstr.FromInt32(8443)
		}},
		{"mount-missing", conf("/etc/nginx/ssl/tls.key", "/etc/ssl/private/tls.key")},
		{"conf-mismatch", conf("/etc/nginx/ssl/tls.key", "/etc/nginx/ssl/nginx.key")},
		{"sub-path", func(t testing.TB, bed *liveBed, m *faulty.Maker) {
			conf("/etc/nginx/ssl/tls.key", "/etc/nginx/tls.key")(t, bed, m)
			for i := range bed.Pods {
				nginx := &bed.Pods[i].Spec.Containers[0]
				nginx.VolumeMounts = append(nginx.VolumeMounts, corev1.VolumeMount{Name: "certificate", MountPath: "/etc/nginx/tls.key", SubPath: "tls.key"})
			}
		}},
		{"stale-certificate", func(t testing.TB, bed *liveBed, m *faulty.Maker) {
			bed.Addresses["my-nginx-2"] = fmt.Sprintf("127.0.0.1:%d", bed.serve(t, m.Sound()))
		}},
		{"not-in-secret", func(t testing.TB, bed *liveBed, m *faulty.Maker) {
			bed.Addresses["my-nginx-2"] = fmt.Sprintf("127.0.0.1:%d", bed.serve(t, other(t)))
		}},
	}
}
