package render

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/randfill"
)

func TestEncodeShape(t *testing.T) {
	t.Parallel()
	immutable, replicas := true, int32(2)
	secret := &corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Name: "nginxsecret", Namespace: "default", Labels: map[string]string{"b": "yes", "a": "1.2.3"}},
		Type:       corev1.SecretTypeTLS,
		Immutable:  &immutable,
		Data:       map[string][]byte{"tls.key": {}, "tls.crt": []byte(strings.Repeat("cert", 30)), "nil": nil},
		StringData: map[string]string{"x": "0x1f"},
	}
	deployment := &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: metav1.ObjectMeta{Name: "my-nginx"},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"run": "my-nginx"}},
			Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
				Containers: []corev1.Container{{Name: "nginx", Args: []string{"-g", "daemon off;", "a: b"},
					Resources: corev1.ResourceRequirements{Limits: corev1.ResourceList{"cpu": resource.MustParse("0.1")}}}, {Name: "bare"}},
				Volumes: []corev1.Volume{{Name: "tmp", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}},
			}},
		},
		Status: appsv1.DeploymentStatus{Replicas: 2},
	}
	service := &corev1.Service{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		Spec:     corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 443}, {Port: 80, TargetPort: intstr.FromString("http")}}},
	}
	config := &corev1.ConfigMap{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		Data:     map[string]string{"default.conf": "server {\n\tlisten 443;\n\n}\n", "none": "a\nb", "two": "a\n\n", "trailing": "a \nb\n"},
	}
	got, err := Encode(YAML, secret, deployment, service, config)
	if err != nil {
		t.Fatal(err)
	}
	want := `---
apiVersion: v1
kind: Secret
metadata:
  name: nginxsecret
  namespace: default
  labels:
    a: 1.2.3
    b: "yes"
type: kubernetes.io/tls
immutable: true
data:
  nil: ""
  tls.crt: ` + strings.Repeat("Y2VydGNlcnRjZXJ0", 10) + `
  tls.key: ""
stringData:
  x: "0x1f"
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: my-nginx
spec:
  replicas: 2
  selector:
    matchLabels:
      run: my-nginx
  template:
    spec:
      volumes:
      - name: tmp
        emptyDir: {}
      containers:
      - name: nginx
        args:
        - -g
        - daemon off;
        - "a: b"
        resources:
          limits:
            cpu: 100m
      - name: bare
---
apiVersion: v1
kind: Service
spec:
  ports:
  - port: 443
  - port: 80
    targetPort: http
---
apiVersion: v1
kind: ConfigMap
data:
  default.conf: |
    server {
    	listen 443;

    }
  none: |-
    a
    b
  trailing: "a \nb\n"
  two: |+
    a

`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	deployment.Status = appsv1.DeploymentStatus{}
	checkDecode(t, got, secret, deployment, service, config)
}

func TestEncodeWritesNoNull(t *testing.T) {
	t.Parallel()
	// encoding/json has "selector: null" here, and before apimachinery 0.34 "creationTimestamp: null".
	got, err := Encode(YAML, &appsv1.Deployment{TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"}, Spec: appsv1.DeploymentSpec{Paused: true}})
	if want := "---\napiVersion: apps/v1\nkind: Deployment\nspec:\n  template: {}\n  paused: true\n"; err != nil || string(got) != want {
		t.Errorf("got %v\n%s\nwant\n%s", err, got, want)
	}
}

func TestEncodeJSON(t *testing.T) {
	t.Parallel()
	one, two := configMap("no"), configMap("<a>\n\"é\"")
	got, err := Encode(JSON, one)
	if err != nil {
		t.Fatal(err)
	}
	if want := "{\n    \"apiVersion\": \"v1\",\n    \"kind\": \"ConfigMap\",\n    \"metadata\": {\n        \"name\": \"c\",\n"; !strings.HasPrefix(string(got), want) {
		t.Errorf("got\n%s\nwant it to begin with\n%s", got, want)
	}
	if !strings.HasSuffix(string(got), "}\n") {
		t.Errorf("no newline ends it:\n%s", got)
	}
	checkReaders(t, got, one)
	if got, err = Encode(JSON, one, two); err != nil {
		t.Fatal(err)
	}
	var list struct{ Kind, APIVersion string }
	if err := json.Unmarshal(got, &list); err != nil || list.Kind != "List" || list.APIVersion != "v1" {
		t.Errorf("got %+v, %v, want a v1 List", list, err)
	}
	checkDecode(t, got, one, two)
}

func TestEncodeErrors(t *testing.T) {
	t.Parallel()
	noKind := configMap("x")
	noKind.Kind = ""
	tests := []struct {
		name   string
		format Format
		obj    runtime.Object
		want   string
	}{
		{"format", "toml", configMap("x"), `format "toml": is not one of yaml, json`},
		{"no kind", YAML, noKind, "encode *v1.ConfigMap: apiVersion or kind is not set"},
		{"value", YAML, &corev1.ConfigMap{Data: map[string]string{"k": "\xff"}}, "encode *v1.ConfigMap: data: k: is not valid UTF-8, which YAML and JSON cannot hold"},
		{"value in JSON", JSON, &corev1.ConfigMap{Data: map[string]string{"k": "\xff"}}, "encode *v1.ConfigMap: data: k: is not valid UTF-8, which YAML and JSON cannot hold"},
		{"key", YAML, &corev1.ConfigMap{Data: map[string]string{"\xff": "v"}}, `encode *v1.ConfigMap: data: key "\xff": is not valid UTF-8, which YAML and JSON cannot hold`},
		{"long key", YAML, configMap(strings.Repeat("k", 1025)), "a key is 1026 bytes long, more than the 1024 that YAML reads on one line"},
	}
	for _, tt := range tests {
		if _, err := Encode(tt.format, tt.obj); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
}

// nasty are strings that some reader takes for something else, or loses a part of.
var nasty = strings.Split("no,No,NO,yes,on,off,y,n,Y,N,true,True,false,null,Null,~,<<,=,0,-0,+1,007,0777,0o17,0x1f,0X1F,0b11,0b-1,1_000,1_e_5,0E0_,0_x1f,+_1,_1,1e3,1E+3,-1.5,.5,1.,.,..,...,---,--- a,.inf,-.INF,.nan,"+
	"1:30,190:20:30,-1:30.5,1:60,2026-11-22,2026-11-22T10:00:00Z,2001-12-14 21:59:43.10 -5,99999999999999999999,1e400,0xfffffffffffffffffffff,12e03,08,1.2.3,10.0.0.1,:,::1,::,?,-,- a,? a,: a,-a,?a,:a,a:,a: b,a:b,a #b,a#b,#a,"+
	"&a,*a,!a,|,>,%a,@a,`a,{},[],[a,{a,}a,\"a\",'a',a'b,a\"b,\\,\\n,a\\b,,C:/Program Files/Git/CN=my-nginx,é,日本語,😀,a😀b,==,LS0tLS1CRUdJTg==", ",")

func nastyStrings() []string {
	return append(nasty, ",", "a,b", " ", "a ", " a", "\t", "a\t", "\ta", "a\tb", "\n", "\n\n", "a\n", "\na", "a\n\n\n", "a\nb", "a \nb", "a\t\nb", " a\nb", "\ta\nb", "a\n b\n", "a\n\tb\n", "a\n\n\n b",
		"#a\nb", "a\n#b\n", "---\na\n", "...\n", "%a\nb", "- a\n- b", "a: b\nc: d", "\r", "a\rb", "a\r\nb\r\n", "\x00", "\x01", "\x1b[0m", "\x7f", "\u0080", "\u0085", "a\u0085b", "\u00a0", "\u200b", "\u2028", "\u2029", "\ufeff", "a\ufeffb", "\ufffd", "\ufffe", "\uffff",
		"\ue000", "\U0001f600\n", "\U0010ffff", "\u00ad", "e\u0301", "a\u2028b\nc", strings.Repeat("a", 500), strings.Repeat("a b ", 100)+"c", strings.Repeat("line\n", 50))
}

func TestStringsComeBack(t *testing.T) {
	t.Parallel()
	for _, s := range nastyStrings() {
		for _, f := range []Format{YAML, JSON} {
			obj := configMap(s)
			data, err := Encode(f, obj)
			if err != nil {
				t.Errorf("%q: %v", s, err)
				continue
			}
			if f == YAML {
				checkReaders(t, data, obj)
			} else {
				checkDecode(t, data, obj)
			}
		}
	}
}

func TestPlainWherePossible(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"kubernetes.io/tls", "1.2.3", "10.0.0.1", "::1", "-g", "a:b", "a#b", "daemon off;", "nope", "_1", "1:60", "é", "日本語", "😀",
		"a'b", `a"b`, `a\b`, "a,b", "LS0tLS1CRUdJTg==", "365d", "v1", "0.1.2", "2026-11", "SHA256:aa", "/etc/nginx/ssl", "e3", "nginx:1.27"} {
		if got := string(appendScalar(nil, node{kind: text, value: s}, 0)); got != s+"\n" {
			t.Errorf("%q is written %q, want it without quotes", s, got)
		}
	}
}

// TestFormIsEncodingJSONs fills every field of the types that are written and lets encoding/json read the result:
// the walk over their fields must find the same names and forms as encoding/json does.
func TestFormIsEncodingJSONs(t *testing.T) {
	t.Parallel()
	filler := randfill.NewWithSeed(1).NilChance(0.2).NumElements(1, 2).MaxDepth(12).Funcs(
		func(q *resource.Quantity, c randfill.Continue) {
			*q = *resource.NewQuantity(c.Int63n(1000), resource.DecimalSI)
		},
		func(p *intstr.IntOrString, c randfill.Continue) { *p = intstr.FromInt32(c.Int31()) },
		func(m *metav1.Time, c randfill.Continue) { *m = metav1.Unix(c.Int63n(1<<32), 0) },
		func(f *metav1.FieldsV1, c randfill.Continue) {
			*f = *metav1.NewFieldsV1(`{"f:data":{".":{},"f:tls.key":{}}}`)
		},
	)
	for range 20 {
		for _, obj := range []runtime.Object{&corev1.Secret{}, &corev1.ConfigMap{}, &corev1.Service{}, &appsv1.Deployment{}} {
			filler.Fill(obj)
			switch o := obj.(type) {
			case *corev1.Secret:
				o.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"}
			case *corev1.ConfigMap:
				o.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}
			case *corev1.Service:
				o.TypeMeta, o.Status = metav1.TypeMeta{APIVersion: "v1", Kind: "Service"}, corev1.ServiceStatus{}
			case *appsv1.Deployment:
				o.TypeMeta, o.Status = metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"}, appsv1.DeploymentStatus{}
			}
			data, err := Encode(JSON, obj)
			if err != nil {
				t.Fatal(err)
			}
			back := newObject(obj.GetObjectKind().GroupVersionKind().GroupVersion().String(), obj.GetObjectKind().GroupVersionKind().Kind)
			var compact bytes.Buffer // managedFields keep their bytes as they came
			if err := json.Compact(&compact, data); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(compact.Bytes(), back); err != nil {
				t.Fatalf("%v\n%s", err, data)
			}
			if !equality.Semantic.DeepEqual(back, obj) {
				t.Fatalf("encoding/json reads\n%#v, want\n%#v\n%s", back, obj, data)
			}
			if data, err = Encode(YAML, obj); err != nil {
				t.Fatal(err)
			}
			checkDecode(t, data, obj)
		}
	}
}
