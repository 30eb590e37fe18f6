package story

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"certgen/internal/testbed"
)

// Stage plays, for the scripts, what the test bed lacks: the controllers, the kubelet, kube-proxy and nginx. A
// pod is a server of this machine.
type Stage struct {
	t       testing.TB
	cluster *testbed.Cluster
	ns      string

	mu    sync.Mutex
	pods  map[string]*actor
	runs  map[string]int32 // how many pods, by Deployment
	ports map[int32]bool   // node ports that are open
}

// actor is the server of one pod.
type actor struct {
	address string
	secret  string // that it mounts
	mu      sync.Mutex
	acts    string // how
	pair    tls.Certificate
}

func NewStage(t testing.TB, cluster *testbed.Cluster, namespace string) *Stage {
	return &Stage{t: t, cluster: cluster, ns: namespace, pods: map[string]*actor{}, runs: map[string]int32{}, ports: map[int32]bool{}}
}

// stageCommands are the scripts' commands:
//   - stage: from now on certgen sees a cluster with one node, 127.0.0.1, whose pods can be forwarded to
//   - run NAME: runs the pods of a Deployment that there is, or is about to be, with what they mount now
//   - pod NAME ACTS: from now on a pod stalls, resets, refuses, answers http, or is unready; restart ends that
//   - may VERB:RESOURCE...: from now on certgen is a user who may do no more than that
func stageCommands(t testing.TB, cluster *testbed.Cluster) map[string]func(*testscript.TestScript, bool, []string) {
	staged := func(do func(*testscript.TestScript, *Stage, []string)) func(*testscript.TestScript, bool, []string) {
		return func(ts *testscript.TestScript, neg bool, args []string) {
			if neg {
				ts.Fatalf("unsupported: !")
			}
			do(ts, ts.Value("stage").(*Stage), args)
		}
	}
	return map[string]func(*testscript.TestScript, bool, []string){
		"stage": staged(func(ts *testscript.TestScript, s *Stage, _ []string) {
			ts.Setenv("KUBECONFIG", testbed.NewProxy(t, ts.Getenv("KUBECONFIG"), s.Plan).Kubeconfig)
		}),
		"run": staged(func(ts *testscript.TestScript, s *Stage, args []string) { ts.Check(s.Run(args[0])) }),
		"pod": staged(func(ts *testscript.TestScript, s *Stage, args []string) { ts.Check(s.act(args[0], args[1])) }),
		"may": staged(func(ts *testscript.TestScript, s *Stage, args []string) {
			var rules []rbacv1.PolicyRule
			for _, arg := range args {
				verb, resource, _ := strings.Cut(arg, ":")
				resource, group, _ := strings.Cut(resource, ".")
				rules = append(rules, rbacv1.PolicyRule{Verbs: []string{verb}, APIGroups: []string{group}, Resources: []string{resource}})
			}
			user := cluster.UserKubeconfig(t, s.ns, rules...)
			ts.Setenv("KUBECONFIG", testbed.NewProxy(t, user, func(r *http.Request) testbed.Fault {
				if strings.HasSuffix(r.URL.Path, "/portforward") {
					return nil // the API server's to refuse
				}
				return s.Plan(r)
			}).Kubeconfig)
		}),
	}
}

// Plan is what certgen sees in place of the API server's own answers.
func (s *Stage) Plan(r *http.Request) testbed.Fault {
	if r.URL.Path == "/api/v1/nodes" {
		return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.Header().Set("Content-Type", "application/json")
			json.NewEncoder(w).Encode(corev1.NodeList{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "NodeList"}, Items: []corev1.Node{{
				ObjectMeta: metav1.ObjectMeta{Name: "one"},
				Status:     corev1.NodeStatus{Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "127.0.0.1"}}},
			}}})
		}
	}
	return testbed.PortForwards(s.dial)(r)
}

// dial connects to a pod's nginx.
func (s *Stage) dial(pod string, port int) (net.Conn, error) {
	s.mu.Lock()
	a := s.pods[pod]
	s.mu.Unlock()
	if a == nil || port != 443 || a.how() == "refuses" {
		return nil, fmt.Errorf("failed to connect to localhost:%d inside namespace, IPv4: dial tcp4 127.0.0.1:%d: connect: connection refused", port, port)
	}
	return net.Dial("tcp", a.address)
}

func (s *Stage) path(group, resource, name string) string {
	return strings.TrimSuffix("/"+group+"/namespaces/"+s.ns+"/"+resource+"/"+name, "/")
}

// Run makes the pods of a Deployment anew, and all that follows from them.
func (s *Stage) Run(name string) error {
	var deployment *appsv1.Deployment
	for end := time.Now().Add(20 * time.Second); deployment == nil; time.Sleep(50 * time.Millisecond) {
		data, err := s.cluster.Admin.Get().AbsPath(s.path("apis/apps/v1", "deployments", name)).DoRaw(s.t.Context())
		if err == nil {
			deployment = &appsv1.Deployment{}
			if err := json.Unmarshal(data, deployment); err != nil {
				return err
			}
		} else if time.Now().After(end) {
			return err
		}
	}
	replicas := *deployment.Spec.Replicas
	for i := range replicas {
		if err := s.start(podName(name, i), deployment.Spec.Template); err != nil {
			return err
		}
	}
	s.runs[name] = replicas
	if err := s.endpoints(name); err != nil {
		return err
	}
	return s.setStatus("apis/apps/v1", "deployments", name, appsv1.DeploymentStatus{
		ObservedGeneration: deployment.Generation, Replicas: replicas, UpdatedReplicas: replicas, ReadyReplicas: replicas, AvailableReplicas: replicas,
	})
}

func podName(deployment string, i int32) string { return fmt.Sprintf("%s-%d", deployment, i+1) }

// endpoints brings the pods of a Deployment behind the Service of its name, and opens that one's node ports.
func (s *Stage) endpoints(name string) error {
	service := testbed.Get[corev1.Service](s.t, s.cluster, s.path("api/v1", "services", name))
	slice := discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Name: name + "-1", Labels: map[string]string{discoveryv1.LabelServiceName: name}},
		AddressType: discoveryv1.AddressTypeIPv4,
	}
	for _, p := range service.Spec.Ports {
		slice.Ports = append(slice.Ports, discoveryv1.EndpointPort{Name: &p.Name, Port: new(p.TargetPort.IntVal)})
		if p.NodePort != 0 && p.TargetPort.IntVal == 443 && !s.ports[p.NodePort] {
			s.ports[p.NodePort] = true
			if err := s.proxy(p.NodePort, podName(name, 0)); err != nil {
				return err
			}
		}
	}
	for i := range s.runs[name] {
		pod := podName(name, i)
		slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{
			Addresses:  []string{fmt.Sprintf("10.0.0.%d", i+1)},
			Conditions: discoveryv1.EndpointConditions{Ready: new(s.pods[pod].how() != "unready")},
			TargetRef:  &corev1.ObjectReference{Kind: "Pod", Name: pod, Namespace: s.ns},
		})
	}
	if err := s.remove("apis/discovery.k8s.io/v1", "endpointslices", slice.Name); err != nil {
		return err
	}
	testbed.Create(s.t, s.cluster, s.path("apis/discovery.k8s.io/v1", "endpointslices", ""), slice)
	return nil
}

// start starts a pod, with what it mounts now.
func (s *Stage) start(name string, template corev1.PodTemplateSpec) error {
	if err := s.remove("api/v1", "pods", name); err != nil {
		return err
	}
	pod := corev1.Pod{ObjectMeta: template.ObjectMeta, Spec: template.Spec}
	pod.Name = name
	testbed.Create(s.t, s.cluster, s.path("api/v1", "pods", ""), pod)
	a, err := s.actor(name)
	if err != nil {
		return err
	}
	for _, v := range template.Spec.Volumes {
		if v.Secret != nil {
			a.secret = v.Secret.SecretName
		}
	}
	return s.act(name, "restart")
}

// remove deletes an object at once.
func (s *Stage) remove(group, resource, name string) error {
	err := s.cluster.Admin.Delete().AbsPath(s.path(group, resource, name)).Body([]byte(`{"gracePeriodSeconds": 0}`)).Do(s.t.Context()).Error()
	if err != nil && !strings.Contains(err.Error(), "not found") {
		return err
	}
	return nil
}

func (s *Stage) setStatus(group, resource, name string, status any) error {
	body, err := json.Marshal(map[string]any{"status": status})
	if err != nil {
		return err
	}
	return s.cluster.Admin.Patch(types.MergePatchType).AbsPath(s.path(group, resource, name), "status").Body(body).Do(s.t.Context()).Error()
}

// act makes a pod act in a way from now on.
func (s *Stage) act(name, how string) error {
	a, err := s.actor(name)
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.acts = how
	if how == "restart" { // nginx reads the certificate when it starts
		secret := testbed.Get[corev1.Secret](s.t, s.cluster, s.path("api/v1", "secrets", a.secret))
		a.pair, err = tls.X509KeyPair(secret.Data["tls.crt"], secret.Data["tls.key"])
	}
	a.mu.Unlock()
	if err != nil {
		return err
	}
	ready := corev1.ConditionTrue
	if how == "unready" {
		ready = corev1.ConditionFalse
	}
	container := corev1.ContainerStatus{Name: "nginx", Image: "nginx", Ready: how != "unready", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}
	err = s.setStatus("api/v1", "pods", name, corev1.PodStatus{
		Phase: corev1.PodRunning, Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: ready}}, ContainerStatuses: []corev1.ContainerStatus{container},
	})
	if deployment := name[:strings.LastIndexByte(name, '-')]; err == nil && s.runs[deployment] > 0 {
		err = s.endpoints(deployment)
	}
	return err
}

// actor is the server of a pod; it ends with the test.
func (s *Stage) actor(name string) (*actor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.pods[name]; a != nil {
		return a, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.t.Cleanup(func() { l.Close() })
	a := &actor{address: l.Addr().String()}
	s.pods[name] = a
	go accept(l, a.serve)
	return a, nil
}

// proxy opens a node port that leads to a pod.
func (s *Stage) proxy(port int32, pod string) error {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return err
	}
	s.t.Cleanup(func() { l.Close() })
	go accept(l, func(conn net.Conn) {
		to, err := s.dial(pod, 443)
		if err != nil {
			return
		}
		defer to.Close()
		go io.Copy(to, conn)
		io.Copy(conn, to)
	})
	return nil
}

// accept serves each connection until it ends, or 30 seconds.
func accept(l net.Listener, serve func(net.Conn)) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return // the test has ended, or misses what is not served any more
		}
		go func() {
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(30 * time.Second))
			serve(conn)
		}()
	}
}

func (a *actor) how() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.acts
}

func (a *actor) serve(conn net.Conn) {
	switch a.how() {
	case "stalls":
		io.Copy(io.Discard, conn)
	case "resets":
		conn.Read(make([]byte, 1)) // at once, and the dialling could fail already
		conn.(*net.TCPConn).SetLinger(0)
	case "http":
		conn.Read(make([]byte, 1))
		io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
	default:
		a.mu.Lock()
		config := &tls.Config{Certificates: []tls.Certificate{a.pair}}
		a.mu.Unlock()
		server := tls.Server(conn, config)
		io.Copy(io.Discard, server)
	}
}
