package renew

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"certgen/certs"
	"certgen/certs/pki"
	"certgen/secrets"
	"certgen/secrets/cluster"
	"certgen/secrets/provision"
	"certgen/secrets/spec"
)

// shop keeps the Secrets of one namespace as an API server does, as far as these tests go. There are no workloads.
type shop struct {
	mu      sync.Mutex
	secrets map[string]*corev1.Secret
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.HasPrefix(r.URL.Path, "/apis/apps/") {
		json.NewEncoder(w).Encode(map[string]any{"apiVersion": "apps/v1", "kind": "List", "items": []any{}})
		return
	}
	live := s.secrets[path.Base(r.URL.Path)]
	if r.Method == http.MethodPatch {
		var sent corev1.Secret
		json.NewDecoder(r.Body).Decode(&sent)
		if sent.ResourceVersion != live.ResourceVersion {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusConflict)
			json.NewEncoder(w).Encode(metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure", Code: http.StatusConflict, Reason: metav1.StatusReasonConflict})
			return
		}
		if sent.Data == nil { // the mark is taken off
			sent = *live.DeepCopy()
			delete(sent.Annotations, secrets.AnnotationPrefix+"restart")
		}
		s.keep(&sent)
		live = &sent
	}
	json.NewEncoder(w).Encode(live)
}

// keep stores a Secret as its next version.
func (s *shop) keep(secret *corev1.Secret) {
	version, _ := strconv.Atoi(secret.ResourceVersion)
	secret.ResourceVersion = strconv.Itoa(version + 1)
	s.secrets[secret.Name] = secret
}

// issue puts a new certificate into a Secret of the shop, signed by the CA in another, or with "" by itself.
func (s *shop) issue(t testing.TB, name, by string, ask certs.Spec, now time.Time) {
	t.Helper()
	request, err := ask.Request()
	if err != nil {
		t.Fatal(err)
	}
	var issuer certs.Issuer = certs.SelfSigned{}
	if by != "" {
		if issuer, err = certs.ParseCA(bytes.Join([][]byte{s.secrets[by].Data["tls.crt"], s.secrets[by].Data["ca.crt"]}, nil), s.secrets[by].Data["tls.key"], nil); err != nil {
			t.Fatal(err)
		}
	}
	made, err := provision.Issue{Request: request, Issuer: issuer}.Decide(provision.Held{}, now)
	if err != nil {
		t.Fatal(err)
	}
	meta := secrets.Meta{Name: name, Namespace: "shop", Spec: spec.Of(request, issuer, spec.Issuer{SecretName: by})}
	s.keep(secrets.New(meta, made.PEM, false))
}

// run renews the named Secrets of the shop, whatever their dates.
func (s *shop) run(t testing.TB, ctx context.Context, proven func() error, names ...string) (outcomes []Outcome) {
	t.Helper()
	server := httptest.NewServer(s)
	defer server.Close()
	c, err := cluster.Connect(&rest.Config{Host: server.URL}, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	run := Cluster{
		Server: c, Choice: Choice{All: true}, Apply: cluster.ApplyOptions{DryRun: cluster.DryRunNone}, Namespace: "shop", Names: names, Parallel: 4,
		Each: func(o Outcome) { outcomes = append(outcomes, o) },
	}
	if proven != nil {
		run.Proven = func(context.Context, cluster.SecretName, *pki.KeyPair, []cluster.User) error { return proven() }
	}
	if _, err := run.Run(ctx); err != nil && ctx.Err() == nil {
		t.Fatal(err)
	}
	return outcomes
}

// TestLevels renews CAs from the root down, so that what they sign has their new certificates above it.
func TestLevels(t *testing.T) {
	t.Parallel()
	s := &shop{secrets: map[string]*corev1.Secret{}}
	now := time.Now()
	s.issue(t, "root", "", certs.Spec{Name: "root", CommonName: "root", IsCA: true}, now)
	s.issue(t, "mid", "root", certs.Spec{Name: "mid", CommonName: "mid", IsCA: true}, now)
	s.issue(t, "low", "mid", certs.Spec{Name: "low", CommonName: "low", IsCA: true}, now)
	s.issue(t, "web", "mid", certs.Spec{Name: "web", DNSNames: []string{"web.example"}}, now)
	old := s.secrets["root"]
	for _, o := range s.run(t, t.Context(), nil, "web", "low", "mid", "web", "root") {
		if o.Err != nil || !o.Renewed() {
			t.Errorf("%s: %v", o.Ref, o.Err)
		}
	}
	root := s.secrets["root"].Data
	if bytes.Equal(root["tls.crt"], old.Data["tls.crt"]) || !bytes.Equal(root["tls.key"], old.Data["tls.key"]) {
		t.Error("the root is not a new certificate for the same key")
	}
	for _, name := range []string{"mid", "web"} {
		if !bytes.Equal(s.secrets[name].Data["ca.crt"], root["tls.crt"]) {
			t.Errorf("%s does not lead to the new root", name)
		}
	}
	if !bytes.HasSuffix(s.secrets["web"].Data["tls.crt"], s.secrets["mid"].Data["tls.crt"]) {
		t.Error("the new certificate of the CA between is not behind that of web")
	}
}

// TestUndo puts the pair from before back where the new one does not prove itself, if it is of use and nobody was faster.
func TestUndo(t *testing.T) {
	t.Parallel()
	const failed = "the new certificate did not prove itself: stale"
	now := time.Now()
	year := certs.Spec{Name: "web", DNSNames: []string{"web.example"}}
	for name, test := range map[string]struct {
		made   time.Time
		proven func(s *shop, cancel func()) error
		want   string // the error, "" for none
		undone bool   // and the pair from before is there again
	}{
		"proven":         {now, func(*shop, func()) error { return nil }, "", false},
		"not proven":     {now, func(*shop, func()) error { return errors.New("stale") }, failed + "; the pair from before is put back", true},
		"expired before": {now.AddDate(-2, 0, 0), func(*shop, func()) error { return errors.New("stale") }, failed + "; it stays, because the pair from before has expired", false},
		"interrupted":    {now, func(_ *shop, cancel func()) error { cancel(); return errors.New("stale") }, "context canceled", false},
		"overtaken": {now, func(s *shop, _ func()) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.issue(t, "web", "", year, now)
			return errors.New("stale")
		}, failed + "; and the pair from before could not be put back: another writer has replaced the new one since", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &shop{secrets: map[string]*corev1.Secret{}}
			s.issue(t, "web", "", year, test.made)
			before := s.secrets["web"]
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			outcomes := s.run(t, ctx, func() error { return test.proven(s, cancel) }, "web")
			if len(outcomes) != 1 {
				t.Fatalf("%d outcomes", len(outcomes))
			}
			if got := fmt.Sprint(outcomes[0].Err); got != cmp.Or(test.want, "<nil>") {
				t.Errorf("%s, want %q", got, test.want)
			}
			now := s.secrets["web"]
			same := slices.Equal(now.Data["tls.crt"], before.Data["tls.crt"]) && slices.Equal(now.Data["tls.key"], before.Data["tls.key"])
			if same != test.undone {
				t.Errorf("the pair from before is there: %t, want %t", same, test.undone)
			}
			if now.Annotations[secrets.SpecAnnotation] != before.Annotations[secrets.SpecAnnotation] {
				t.Errorf("the annotation is %s", now.Annotations[secrets.SpecAnnotation])
			}
			if event, _ := outcomes[0].Event(); test.undone != (event.Reason == reasonRestored) {
				t.Errorf("the event is %s", event.Reason)
			}
		})
	}
}
