package cmd

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"certgen/certs/pki"
	"certgen/cmd/internal/cli"
	"certgen/internal/faulty"
	"certgen/render/report"
	"certgen/secrets"
)

// other is a pair for another host than the Service.
func other(t testing.TB) pki.PEM {
	t.Helper()
	var secret corev1.Secret
	decodeInto(t, certgenOutput(t, "create", "other", "--dns", "other.example", "-o", "json"), &secret)
	return secrets.PEMOf(&secret)
}

// TestVerifyService changes one thing of a sound Service and looks at what is said.
func TestVerifyService(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(t *testing.T, bed *liveBed)
		args   []string
		code   int
		says   []string // patterns of lines of the report
		silent string   // a pattern that is nowhere
		notes  string   // a pattern of standard error
	}{
		"sound": {
			says: []string{`^service/my-nginx: ok$`, `^  port-forward +pod/my-nginx-1:443 +yes +yes`, `^  port-forward +pod/my-nginx-2:443 +yes +yes`,
				`^  cluster-ip +127.0.0.1:\d+ +yes +yes`, `^  node-port +127.0.0.1:\d+ +yes +yes`, `^  proxy +https:my-nginx:https +yes +no .* the API server does not verify`},
		},
		"no name tells the TLS port": {
			change: func(t *testing.T, bed *liveBed) {
				bed.Service.Spec.Ports[0].Name, bed.Service.Spec.Ports[0].TargetPort = "web", intstr.FromInt32(8443)
				bed.Endpoints.Ports[0].Name = new("web")
			},
			says: []string{`^service/my-nginx: ok$`},
		},
		"a port beside it that speaks no TLS": {
			change: func(t *testing.T, bed *liveBed) {
				bed.Service.Spec.Ports = append(bed.Service.Spec.Ports, corev1.ServicePort{Name: "http", Port: 80, Protocol: corev1.ProtocolTCP})
				bed.Endpoints.Ports = append(bed.Endpoints.Ports, discoveryv1.EndpointPort{Name: new("http"), Port: new(int32(80))})
			},
			says: []string{`^service/my-nginx: ok$`}, silent: `:80 `,
		},
		"both address families": {
			change: func(t *testing.T, bed *liveBed) {
				more := bed.Endpoints.Endpoints[0]
				more.Addresses = []string{"fd00::1"}
				bed.Endpoints.Endpoints = append(bed.Endpoints.Endpoints, more)
			},
			says: []string{`^service/my-nginx: ok$`}, silent: `(?s)my-nginx-1:443.*my-nginx-1:443`,
		},
		"another certificate for one name": {
			change: func(t *testing.T, bed *liveBed) {
				own, foreign := keyPair(t, secrets.PEMOf(&bed.Secret)), keyPair(t, other(t))
				bed.Addresses["my-nginx-1"] = bed.serveTLS(t, &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
					if hello.ServerName == "my-nginx.default.svc" {
						return &foreign, nil
					}
					return &own, nil
				}})
				bed.Addresses["my-nginx-2"] = bed.Addresses["my-nginx-1"]
			},
			code: cli.ExitFailed,
			says: []string{`^  error not-in-secret: pod/my-nginx-[12], asked for my-nginx.default.svc: serves the certificate of CN=other.example, and not that of secret/nginxsecret$`},
		},
		"another certificate at the cluster IP": { // as of another network's server
			change: func(t *testing.T, bed *liveBed) {
				bed.Service.Spec.Ports[0].Port = int32(bed.serve(t, other(t)))
			},
			says: []string{`^service/my-nginx: ok$`, `^  cluster-ip +127.0.0.1:\d+ +no +no .* what answers there is no pod of the Service: CN=other.example$`},
		},
		"another certificate at the load balancer": {
			change: func(t *testing.T, bed *liveBed) {
				bed.Service.Spec.Type = corev1.ServiceTypeLoadBalancer
				bed.Service.Spec.Ports[0].Port = int32(bed.serve(t, other(t)))
				bed.Service.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: "127.0.0.1"}}
			},
			code: cli.ExitFailed,
			says: []string{`^  error not-in-secret: load-balancer 127.0.0.1:\d+: serves the certificate of CN=other.example`},
		},
		"nothing at the node": {
			change: func(t *testing.T, bed *liveBed) { bed.Service.Spec.Ports[0].NodePort = deadPort(t) },
			args:   []string{"--timeout", "2s"},
			says:   []string{`^service/my-nginx: ok$`, `^  node-port +127.0.0.1:\d+ +no +no .* refused`},
			notes:  `^note: service/my-nginx: not waited for any longer: node-port 127.0.0.1:\d+: .*refused`,
		},
		"no pod has the port": {
			change: func(t *testing.T, bed *liveBed) {
				bed.Service.Spec.Ports[0].TargetPort = intstr.FromString("tls")
				bed.Endpoints.Ports = nil
				bed.Service.Spec.Ports[0].Port, bed.Service.Spec.Ports[0].NodePort = deadPort(t), deadPort(t)
			},
			args: []string{"--timeout", "2s"}, code: cli.ExitFailed,
			says: []string{`^  error target-port: port https leads to the port "tls" of the pods, and no container names one so$`,
				`^  error unreachable: port https \d+/TCP: no way on which the certificate can be seen leads there from here$`},
		},
		"the Secret was changed under the pods": {
			change: func(t *testing.T, bed *liveBed) {
				decodeInto(t, certgenOutput(t, "create", "nginxsecret", "-o", "json"), &bed.Secret)
			},
			code: cli.ExitFailed,
			says: []string{`^  error stale-certificate: pod/my-nginx-1; pod/my-nginx-2: still serves`, `^  node-port .* yes +no .* stale-certificate$`},
		},
		"the node still leads to a pod that is gone": {
			change: func(t *testing.T, bed *liveBed) {
				before := bed.Service.Spec.Ports[0].NodePort
				decodeInto(t, certgenOutput(t, "create", "nginxsecret", "-o", "json"), &bed.Secret)
				port := bed.serve(t, secrets.PEMOf(&bed.Secret))
				for pod := range bed.Addresses {
					bed.Addresses[pod] = fmt.Sprintf("127.0.0.1:%d", port)
				}
				bed.Service.Spec.Ports[0].Port, bed.Service.Spec.Ports[0].NodePort = int32(port), before
			},
			args: []string{"--timeout", "2s"}, code: cli.ExitFailed,
			says:  []string{`^  error stale-certificate: node-port 127.0.0.1:\d+: still serves the certificate from before`, `^  cluster-ip .* yes +yes `},
			notes: `^note: service/my-nginx: not waited for any longer: node-port 127.0.0.1:\d+: it leads to a pod that is going$`,
		},
		"the load balancer still leads to a pod that is gone": {
			change: func(t *testing.T, bed *liveBed) {
				bed.Service.Spec.Type = corev1.ServiceTypeLoadBalancer
				bed.Service.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: "127.0.0.1"}}
				before := bed.Service.Spec.Ports[0].Port
				decodeInto(t, certgenOutput(t, "create", "nginxsecret", "-o", "json"), &bed.Secret)
				port := bed.serve(t, secrets.PEMOf(&bed.Secret))
				for pod := range bed.Addresses {
					bed.Addresses[pod] = fmt.Sprintf("127.0.0.1:%d", port)
				}
				bed.Service.Spec.ClusterIP, bed.Service.Spec.Ports[0].NodePort = "", 0
				bed.Service.Spec.Ports[0].Port = before
			},
			args: []string{"--timeout", "2s"}, code: cli.ExitFailed,
			says:  []string{`^  error stale-certificate: load-balancer 127.0.0.1:\d+: still serves the certificate from before`},
			notes: `^note: service/my-nginx: not waited for any longer: load-balancer 127.0.0.1:\d+: it leads to a pod that is going$`,
		},
		"a projected volume": {
			change: func(t *testing.T, bed *liveBed) {
				bed.mount(func(v *corev1.Volume) {
					source := corev1.SecretProjection{LocalObjectReference: corev1.LocalObjectReference{Name: v.Secret.SecretName}}
					v.Secret, v.Projected = nil, &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{{Secret: &source}}}
				})
			},
			says: []string{`^service/my-nginx: ok$`},
		},
		"items under other names": {
			change: func(t *testing.T, bed *liveBed) {
				bed.conf("ssl/tls.", "ssl/nginx.")
				bed.mount(func(v *corev1.Volume) {
					v.Secret.Items = []corev1.KeyToPath{{Key: "tls.crt", Path: "nginx.crt"}, {Key: "tls.key", Path: "nginx.key"}}
				})
			},
			says: []string{`^service/my-nginx: ok$`},
		},
		"items without the key": {
			change: func(t *testing.T, bed *liveBed) {
				bed.mount(func(v *corev1.Volume) { v.Secret.Items = []corev1.KeyToPath{{Key: "tls.crt", Path: "tls.crt"}} })
			},
			code: cli.ExitFailed,
			says: []string{`^  error conf-mismatch: .* names /etc/nginx/ssl/tls.key, and the volume there has no such file of secret/nginxsecret$`},
		},
		"files with a subPathExpr": {
			change: func(t *testing.T, bed *liveBed) {
				for i := range bed.Pods {
					bed.Pods[i].Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{
						{Name: "config", MountPath: "/etc/nginx/conf.d"},
						{Name: "certificate", MountPath: "/etc/nginx/ssl/tls.crt", SubPathExpr: "$(CERT)"},
						{Name: "certificate", MountPath: "/etc/nginx/ssl", SubPathExpr: "$(DIRECTORY)"},
					}
				}
			},
			code: cli.ExitFailed,
			says: []string{`^service/my-nginx: 2 findings$`,
				`^  warning sub-path: .* names /etc/nginx/ssl/tls.crt, which container nginx mounts with the subPath \$\(CERT\)$`,
				`^  warning sub-path: .* names /etc/nginx/ssl/tls.key, which container nginx mounts with the subPath \$\(DIRECTORY\)$`},
		},
		"keys under other names": {
			change: func(t *testing.T, bed *liveBed) {
				bed.conf("ssl/tls.", "ssl/nginx.")
				bed.Secret.Data = map[string][]byte{"nginx.crt": bed.Secret.Data["tls.crt"], "nginx.key": bed.Secret.Data["tls.key"], "ca.crt": bed.Secret.Data["ca.crt"]}
				bed.Secret.Type = corev1.SecretTypeOpaque
			},
			says: []string{`^service/my-nginx: ok$`},
		},
		"a Secret without a certificate": {
			change: func(t *testing.T, bed *liveBed) { bed.Secret.Data["tls.crt"] = []byte("none") },
			code:   cli.ExitFailed,
			says: []string{`^  error unreadable: tls.crt of secret/nginxsecret`,
				`^  port-forward +pod/my-nginx-1:443 +yes +no .* the certificate that it is to serve is not known$`},
		},
		"the key in another Secret": {
			change: func(t *testing.T, bed *liveBed) {
				bed.conf("ssl/tls.key", "key/tls.key")
				for i := range bed.Pods {
					spec := &bed.Pods[i].Spec
					spec.Volumes = append(spec.Volumes, corev1.Volume{Name: "key", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "key"}}})
					spec.Containers[0].VolumeMounts = append(spec.Containers[0].VolumeMounts, corev1.VolumeMount{Name: "key", MountPath: "/etc/nginx/key"})
				}
			},
			code: cli.ExitFailed,
			says: []string{`^  error conf-mismatch: default.conf of configmap/nginxconfigmap names /etc/nginx/key/tls.key, and secret/key does not exist$`, `^  port-forward +pod/my-nginx-1:443 +yes +yes`},
		},
		"a configuration that nobody can read": {
			change: func(t *testing.T, bed *liveBed) {
				bed.Answer = func(r *http.Request) int {
					if strings.Contains(r.URL.Path, "/configmaps/") {
						return http.StatusForbidden
					}
					return 0
				}
			},
			says:  []string{`^service/my-nginx: ok$`},
			notes: `^note: service/my-nginx: you are not allowed to read configmap/nginxconfigmap, so it is not known what nginx is to serve$`,
		},
		"pods that nobody wants": {
			change: func(t *testing.T, bed *liveBed) { bed.Pods, bed.Endpoints.Endpoints = nil, nil },
			args:   []string{"--timeout", "1s"}, code: cli.ExitFailed,
			says: []string{`^service/my-nginx: 1 finding$`, `^  error no-endpoints: deployment.apps/my-nginx has no pods yet$`},
		},
		"a port of a container beside nginx": {
			change: func(t *testing.T, bed *liveBed) {
				bed.Service.Spec.Ports[0].TargetPort = intstr.FromInt32(8443)
				for i := range bed.Pods {
					spec := &bed.Pods[i].Spec
					spec.Containers = append(spec.Containers, corev1.Container{Name: "gateway", Image: "gateway"})
				}
			},
			says: []string{`^service/my-nginx: ok$`},
		},
		"the second workload is in trouble": {
			change: func(t *testing.T, bed *liveBed) {
				bed.Pods, bed.Endpoints.Endpoints = nil, nil
				bed.Deployment.Spec.Replicas = new(int32(0))
				bed.Deployment.Status = appsv1.DeploymentStatus{}
				bed.More = []runtime.Object{&appsv1.StatefulSet{
					TypeMeta:   typed("apps/v1", "StatefulSet"),
					ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "default"},
					Spec:       appsv1.StatefulSetSpec{Replicas: new(int32(1)), Template: bed.Deployment.Spec.Template},
					Status:     appsv1.StatefulSetStatus{Conditions: []appsv1.StatefulSetCondition{{Type: "ReplicaFailure", Status: "True", Reason: "FailedCreate", Message: "exceeded quota"}}},
				}}
			},
			args: []string{"--timeout", "1s"}, code: cli.ExitFailed,
			says: []string{`^  error no-endpoints: statefulset.apps/web has no pods: exceeded quota$`},
		},
		"no selector": {
			change: func(t *testing.T, bed *liveBed) { bed.Service.Spec.Selector, bed.Endpoints.Endpoints = nil, nil },
			args:   []string{"--secret", "nginxsecret"}, code: cli.ExitFailed,
			says: []string{`^  error no-endpoints: the Service has no selector, and nobody gave it endpoints$`},
		},
		"endpoints without pods": {
			change: func(t *testing.T, bed *liveBed) { bed.Service.Spec.Selector = nil },
			code:   cli.ExitTrouble,
			notes:  `^error: service/my-nginx: the Secret that it serves cannot be told: it has no pods to tell it by$`,
		},
		"endpoints without pods, and a Secret": {
			change: func(t *testing.T, bed *liveBed) { bed.Service.Spec.Selector = nil },
			args:   []string{"--secret", "nginxsecret"},
			says:   []string{`^service/my-nginx: ok$`, `^  port-forward +pod/my-nginx-1:443 +yes +yes`},
		},
		"a pod that cannot be asked": {
			change: func(t *testing.T, bed *liveBed) {
				bed.Answer = forwarding("my-nginx-2", http.StatusInternalServerError)
			},
			code: cli.ExitFailed,
			says: []string{`^service/my-nginx: 1 finding$`, `^  error unreachable: pod/my-nginx-2: port-forward: .*injected`,
				`^  port-forward +pod/my-nginx-1:443 +yes +yes`, `^  port-forward +pod/my-nginx-2:443 +no +no .* port-forward: .*injected`},
		},
		"pods that cannot be asked in time": {
			change: func(t *testing.T, bed *liveBed) {
				bed.Answer = func(r *http.Request) int {
					if strings.HasSuffix(r.URL.Path, "/portforward") {
						<-r.Context().Done()
					}
					return 0
				}
			},
			args: []string{"--timeout", "1s"}, code: cli.ExitFailed,
			says: []string{`^  error unreachable: pod/my-nginx-1; pod/my-nginx-2: it does not take the connection in time$`},
		},
		"a pod that is gone when it is asked": {
			change: func(t *testing.T, bed *liveBed) {
				bed.Answer = forwarding("my-nginx-2", http.StatusNotFound)
				bed.Looks = func(n int) {
					if n == 2 {
						bed.Pods, bed.Endpoints.Endpoints = bed.Pods[:1], bed.Endpoints.Endpoints[:1]
					}
				}
			},
			says: []string{`^service/my-nginx: ok$`}, silent: `my-nginx-2`,
		},
		"a pod that may not be asked": {
			change: func(t *testing.T, bed *liveBed) { bed.Answer = forwarding("my-nginx-2", http.StatusForbidden) },
			says:   []string{`^service/my-nginx: ok$`, `^  port-forward +pod/my-nginx-2:443 +no +no`},
			notes:  `^note: service/my-nginx: 1 of 2 port-forwards did not come about: an old certificate on a pod may not have been seen$`,
		},
		"a rollout that goes on": {
			change: func(t *testing.T, bed *liveBed) {
				bed.Deployment.Status = appsv1.DeploymentStatus{Replicas: 3, UpdatedReplicas: 1, AvailableReplicas: 2}
			},
			args:  []string{"--timeout", "3s"},
			says:  []string{`^service/my-nginx: ok$`},
			notes: `^note: service/my-nginx: not waited for any longer: deployment.apps/my-nginx: 1 of 2 pods are ready$`,
		},
		"a pod that is going": {
			change: func(t *testing.T, bed *liveBed) { bed.Pods[1].DeletionTimestamp = new(metav1.Now()) },
			args:   []string{"--timeout", "3s"},
			says:   []string{`^service/my-nginx: ok$`},
			notes:  `^note: service/my-nginx: not waited for any longer: pod/my-nginx-2 is going, and still among the endpoints$`,
		},
		"a pod that is yet to be an endpoint": {
			change: func(t *testing.T, bed *liveBed) { bed.Endpoints.Endpoints = bed.Endpoints.Endpoints[:1] },
			args:   []string{"--timeout", "3s"},
			says:   []string{`^service/my-nginx: ok$`},
			notes:  `^note: service/my-nginx: not waited for any longer: pod/my-nginx-2 is not yet among the endpoints$`,
		},
		"a rollout that is paused": {
			change: func(t *testing.T, bed *liveBed) {
				bed.Deployment.Spec.Paused = true
				bed.Deployment.Status = appsv1.DeploymentStatus{Replicas: 3, UpdatedReplicas: 1, AvailableReplicas: 2}
			},
			says: []string{`^service/my-nginx: ok$`},
		},
		"the API server says nothing": {
			change: func(t *testing.T, bed *liveBed) {
				bed.Answer = func(r *http.Request) int {
					<-r.Context().Done()
					return http.StatusInternalServerError
				}
			},
			args: []string{"--timeout", "500ms"}, code: cli.ExitTrouble,
			notes: `^error: service/my-nginx: the API server has not answered within 500ms$`,
		},
		"not signed by the roots of the clients": {
			change: func(t *testing.T, bed *liveBed) { delete(bed.Secret.Data, "ca.crt") },
			args:   []string{"--ca", "../testdata/tutorial.crt"}, code: cli.ExitFailed,
			says: []string{`^  error untrusted: `, `^  port-forward +pod/my-nginx-1:443 +yes +no .* untrusted$`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bed := newLiveBed(t, pki.PEM{})
			if test.change != nil {
				test.change(t, bed)
			}
			start := time.Now()
			code, stdout, stderr := bed.verify(t, test.args...)
			took := time.Since(start)
			for _, pattern := range test.says {
				if !regexp.MustCompile("(?m)" + pattern).MatchString(stdout) {
					t.Errorf("nothing matches %q", pattern)
				}
			}
			if test.silent != "" && regexp.MustCompile(test.silent).MatchString(stdout) {
				t.Errorf("%q matches", test.silent)
			}
			if !regexp.MustCompile("(?m)" + test.notes).MatchString(stderr) {
				t.Errorf("nothing matches %q", test.notes)
			}
			if code != test.code || took > 15*time.Second {
				t.Errorf("exit %d after %s, want %d", code, took, test.code)
			}
			if t.Failed() {
				t.Logf("%s%s", stdout, stderr)
			}
		})
	}
}

// TestVerifyServiceJSON: programs get all that people see, and the whole fingerprint.
func TestVerifyServiceJSON(t *testing.T) {
	t.Parallel()
	bed := newLiveBed(t, pki.PEM{})
	liveFaults()[6].breaking(t, bed, faulty.NewMaker(t, time.Now()))
	_, stdout, _ := bed.verify(t, "-o", "json")
	var report struct{ Items []report.Verdict }
	decodeInto(t, []byte(stdout), &report)
	if len(report.Items) != 1 || len(report.Items[0].Routes) != 5 || report.Items[0].Source != "service/my-nginx" || report.Items[0].NotAfter.IsZero() {
		t.Fatalf("%s", stdout)
	}
	r := report.Items[0].Routes[0]
	latency, err := time.ParseDuration(r.Latency)
	if r.Path != "port-forward" || !strings.HasPrefix(r.Port, "https ") || !r.Reached || !r.Verified || len(r.Served) != 32*3-1 || err != nil || latency <= 0 {
		t.Errorf("%+v", r)
	}
}

// TestVerifyServiceSettles: what is mended while certgen waits is no finding.
func TestVerifyServiceSettles(t *testing.T) {
	t.Parallel()
	bed := newLiveBed(t, pki.PEM{})
	stale := liveFaults()[6]
	stale.breaking(t, bed, faulty.NewMaker(t, time.Now()))
	status, address := bed.Deployment.Status, bed.Addresses["my-nginx-1"]
	bed.Deployment.Status.UpdatedReplicas = 1
	bed.Looks = func(n int) {
		if n == 2 {
			bed.Deployment.Status, bed.Addresses["my-nginx-2"] = status, address
		}
	}
	code, stdout, stderr := bed.verify(t)
	if code != cli.ExitDone || bed.looks != 2 {
		t.Errorf("exit %d after %d looks\n%s%s", code, bed.looks, stdout, stderr)
	}
}

// forwarding answers port-forwards to a pod with a status.
func forwarding(pod string, status int) func(*http.Request) int {
	return func(r *http.Request) int {
		if strings.HasSuffix(r.URL.Path, "/"+pod+"/portforward") {
			return status
		}
		return 0
	}
}

// deadPort is a port of this machine where nobody listens.
func deadPort(t testing.TB) int32 {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return int32(l.Addr().(*net.TCPAddr).Port)
}

// TestVerifyServiceSettlesLate: kube-proxy gets its time when the pods have been replaced, however long that took.
func TestVerifyServiceSettlesLate(t *testing.T) {
	t.Parallel()
	bed := newLiveBed(t, pki.PEM{})
	status, nodePort := bed.Deployment.Status, bed.Service.Spec.Ports[0].NodePort
	bed.Deployment.Status.UpdatedReplicas, bed.Service.Spec.Ports[0].NodePort = 1, deadPort(t)
	bed.Looks = func(n int) {
		switch n {
		case 7: // a second each
			bed.Deployment.Status = status
		case 9:
			bed.Service.Spec.Ports[0].NodePort = nodePort
		}
	}
	code, stdout, stderr := bed.verify(t)
	if code != cli.ExitDone || bed.looks != 9 || !strings.Contains(stdout, "node-port") {
		t.Errorf("exit %d after %d looks\n%s%s", code, bed.looks, stdout, stderr)
	}
}
