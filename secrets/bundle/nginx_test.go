package bundle

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"certgen/certs/pki"
	"certgen/secrets"
)

// nginxObjects returns the bundle's three objects.
func nginxObjects(t *testing.T, o NginxOptions) (*corev1.ConfigMap, *appsv1.Deployment, *corev1.Service) {
	t.Helper()
	if ps := o.Validate(); len(ps) > 0 {
		t.Fatalf("invalid: %v", ps)
	}
	objs := Nginx(o)
	if len(objs) != 3 {
		t.Fatalf("%d objects, want 3", len(objs))
	}
	return objs[0].(*corev1.ConfigMap), objs[1].(*appsv1.Deployment), objs[2].(*corev1.Service)
}

func TestNginxNames(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ service, name, configMap string }{
		"tutorial": {"", "my-nginx", "nginxconfigmap"},
		"named so": {"my-nginx", "my-nginx", "nginxconfigmap"},
		"another":  {"web", "web", "web-conf"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, deployment, service := nginxObjects(t, NginxOptions{Service: test.service, Namespace: "ns", SecretName: "s"})
			if config.Name != test.configMap || deployment.Name != test.name || service.Name != test.name {
				t.Errorf("ConfigMap %s, Deployment %s, Service %s", config.Name, deployment.Name, service.Name)
			}
			for _, obj := range []interface {
				GetNamespace() string
				GetLabels() map[string]string
			}{config, deployment, service} {
				if obj.GetNamespace() != "ns" || obj.GetLabels()[secrets.ManagedByLabel] != secrets.ManagedBy {
					t.Errorf("%T: namespace %q, labels %v", obj, obj.GetNamespace(), obj.GetLabels())
				}
			}
			mounted := deployment.Spec.Template.Spec.Volumes[1].ConfigMap.Name
			if mounted != test.configMap {
				t.Errorf("the pod mounts ConfigMap %s", mounted)
			}
			run := map[string]string{"run": test.name}
			for what, labels := range map[string]map[string]string{
				"service selector":    service.Spec.Selector,
				"deployment selector": deployment.Spec.Selector.MatchLabels,
				"pod labels":          deployment.Spec.Template.Labels,
				"spread selector":     deployment.Spec.Template.Spec.TopologySpreadConstraints[0].LabelSelector.MatchLabels,
			} {
				if !maps.Equal(labels, run) {
					t.Errorf("%s %v, want %v", what, labels, run)
				}
			}
		})
	}
}

func TestNginxService(t *testing.T) {
	t.Parallel()
	tests := map[corev1.ServiceType]corev1.ServiceType{
		"": "NodePort", "nodeport": "NodePort", "LOADBALANCER": "LoadBalancer", "clusterIP": "ClusterIP",
	}
	for given, want := range tests {
		_, _, service := nginxObjects(t, NginxOptions{SecretName: "s", Type: given})
		if service.Spec.Type != want {
			t.Errorf("type %q became %q, want %q", given, service.Spec.Type, want)
		}
		var ports []string
		for _, p := range service.Spec.Ports {
			ports = append(ports, fmt.Sprint(p.Name, " ", p.Port, "→", p.TargetPort.String(), "/", p.Protocol))
		}
		if want := []string{"http 8080→80/TCP", "https 443→443/TCP"}; !slices.Equal(ports, want) {
			t.Errorf("ports %q, want %q", ports, want)
		}
	}
}

func TestNginxDeployment(t *testing.T) {
	t.Parallel()
	cert := []byte("-----BEGIN CERTIFICATE-----\n")
	config, deployment, _ := nginxObjects(t, NginxOptions{SecretName: "web-tls", CertPEM: cert, Replicas: 3})
	spec := deployment.Spec
	if *spec.Replicas != 3 {
		t.Errorf("%d replicas, want 3", *spec.Replicas)
	}
	rolling := spec.Strategy.RollingUpdate
	if spec.Strategy.Type != "RollingUpdate" || rolling.MaxUnavailable.IntValue() != 0 || rolling.MaxSurge.IntValue() != 1 {
		t.Errorf("strategy %+v", spec.Strategy)
	}
	wantChecksums := map[string]string{
		"certgen.dev/certificate-checksum": fmt.Sprintf("%x", sha256.Sum256(cert)),
		"certgen.dev/config-checksum":      fmt.Sprintf("%x", sha256.Sum256([]byte(config.Data["default.conf"]))),
	}
	if got := spec.Template.Annotations; !maps.Equal(got, wantChecksums) {
		t.Errorf("pod annotations %v, want %v", got, wantChecksums)
	}

	pod := spec.Template.Spec
	container := pod.Containers[0]
	if container.Image != "nginx:stable" {
		t.Errorf("image %s", container.Image)
	}
	if secret := pod.Volumes[0].Secret; secret.SecretName != "web-tls" || secret.Items != nil {
		t.Errorf("the Secret's volume is %+v", secret)
	}
	var mounts []string
	for _, m := range container.VolumeMounts {
		mounts = append(mounts, fmt.Sprint(m.Name, " ", m.MountPath, " ", m.ReadOnly))
	}
	wantMounts := []string{
		"certificate /etc/nginx/ssl true", "config /etc/nginx/conf.d true", "tmp /tmp false", "run /run false",
	}
	if !slices.Equal(mounts, wantMounts) {
		t.Errorf("mounts %q, want %q", mounts, wantMounts)
	}
	if want := []corev1.Sysctl{{Name: "net.ipv4.ip_unprivileged_port_start", Value: "0"}}; !reflect.DeepEqual(pod.SecurityContext.Sysctls, want) {
		t.Errorf("sysctls %v, want %v", pod.SecurityContext.Sysctls, want)
	}
	if probe := container.ReadinessProbe.HTTPGet; probe.Scheme != "HTTPS" || probe.Port.String() != "https" || probe.Path != "/" {
		t.Errorf("readiness probe %+v", probe)
	}
	hook := strings.Join(container.Lifecycle.PreStop.Exec.Command, " ")
	if want := "/bin/sh -c sleep 5; kill -QUIT 1; while kill -0 1; do sleep 1; done"; hook != want {
		t.Errorf("preStop %q, want %q", hook, want)
	}
	if *pod.TerminationGracePeriodSeconds <= 2*drainPause {
		t.Errorf("%d seconds leave no time to answer after a pause of %d", *pod.TerminationGracePeriodSeconds, drainPause)
	}
}

// TestNginxRolls shows that the pod template changes with the certificate and with the configuration,
// and with nothing else of what changes in daily use.
func TestNginxRolls(t *testing.T) {
	t.Parallel()
	base := NginxOptions{SecretName: "s", CertPEM: []byte("a"), Replicas: 1}
	tests := map[string]struct {
		change func(*NginxOptions)
		rolls  bool
	}{
		"same":        {func(*NginxOptions) {}, false},
		"certificate": {func(o *NginxOptions) { o.CertPEM = []byte("b") }, true},
		"conf":        {func(o *NginxOptions) { o.Conf = "server {}" }, true},
		"ipv6":        {func(o *NginxOptions) { o.IPv6 = true }, true},
		"replicas":    {func(o *NginxOptions) { o.Replicas = 5 }, false},
		"type":        {func(o *NginxOptions) { o.Type = corev1.ServiceTypeLoadBalancer }, false},
	}
	_, before, _ := nginxObjects(t, base)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := base
			test.change(&o)
			_, after, _ := nginxObjects(t, o)
			if rolls := !reflect.DeepEqual(before.Spec.Template, after.Spec.Template); rolls != test.rolls {
				t.Errorf("rolls: %t, want %t", rolls, test.rolls)
			}
		})
	}
}

func TestNginxProblems(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		options NginxOptions
		fields  []pki.Field
	}{
		"defaults":      {NginxOptions{SecretName: "s"}, nil},
		"external name": {NginxOptions{Type: corev1.ServiceTypeExternalName}, []pki.Field{secrets.FieldServiceType}},
		"replicas":      {NginxOptions{Replicas: -1}, []pki.Field{FieldReplicas}},
		"service":       {NginxOptions{Service: "1"}, []pki.Field{secrets.FieldService}},
		"image":         {NginxOptions{Image: "a b"}, []pki.Field{FieldImage}},
		"conf, a key":   {NginxOptions{Conf: "-----BEGIN PRIVATE KEY-----\n"}, []pki.Field{FieldConf}},
		"conf":          {NginxOptions{Conf: "\ufeff \r\n"}, []pki.Field{FieldConf}},
		"conf binary":   {NginxOptions{Conf: "a\xff"}, []pki.Field{FieldConf}},
		"conf at most":  {NginxOptions{Conf: strings.Repeat("#", 1<<20)}, nil},
		"conf too big":  {NginxOptions{Conf: strings.Repeat("#", 1<<20+1)}, []pki.Field{FieldConf}},
		"conf and IPv6": {NginxOptions{Conf: "server {}", IPv6: true}, []pki.Field{FieldIPv6}},
		"all at once": {
			NginxOptions{Service: "A", Image: "A", Type: "A", Replicas: -1, Conf: " ", IPv6: true},
			[]pki.Field{secrets.FieldService, FieldImage, secrets.FieldServiceType, FieldReplicas, FieldConf, FieldIPv6},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var fields []pki.Field
			for _, p := range test.options.Validate() {
				fields = append(fields, p.Field)
			}
			if !slices.Equal(fields, test.fields) {
				t.Errorf("problems with %q, want %q", fields, test.fields)
			}
		})
	}
}
