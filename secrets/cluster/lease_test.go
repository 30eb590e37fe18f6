package cluster

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// leaseServer keeps one Lease as an API server does, and loses the answer to a write where it is told to.
type leaseServer struct {
	mu    sync.Mutex
	held  *leaseObject
	loses bool // the next answer to a write that is kept
	moves bool // another writer is faster than the next write
}

func (s *leaseServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	refuse := func(code int, reason metav1.StatusReason) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		json.NewEncoder(w).Encode(metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure", Code: int32(code), Reason: reason})
	}
	if r.Method == http.MethodGet {
		if s.held == nil {
			refuse(http.StatusNotFound, metav1.StatusReasonNotFound)
			return
		}
		json.NewEncoder(w).Encode(s.held)
		return
	}
	var next leaseObject
	if err := json.NewDecoder(r.Body).Decode(&next); err != nil {
		refuse(http.StatusBadRequest, metav1.StatusReasonBadRequest)
		return
	}
	version := 0
	if s.held != nil {
		version, _ = strconv.Atoi(s.held.Metadata.ResourceVersion)
	}
	if s.moves && r.Method == http.MethodPut {
		version, s.moves = version+1, false
		s.held.Metadata.ResourceVersion = strconv.Itoa(version)
	}
	if s.held != nil && next.Metadata.ResourceVersion != s.held.Metadata.ResourceVersion {
		refuse(http.StatusConflict, metav1.StatusReasonConflict)
		return
	}
	next.Metadata.ResourceVersion = strconv.Itoa(version + 1)
	next.Metadata.ManagedFields = []metav1.ManagedFieldsEntry{{Time: new(metav1.Now())}}
	if r.URL.Query().Get("dryRun") == "" {
		s.held = &next
	}
	if s.loses {
		s.loses = false
		panic(http.ErrAbortHandler)
	}
	json.NewEncoder(w).Encode(next)
}

// TestLease holds a Lease of which an answer is lost, and loses it to another.
func TestLease(t *testing.T) {
	t.Parallel()
	fake := &leaseServer{}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	c, err := Connect(&rest.Config{Host: server.URL}, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	mine := Lease{Namespace: "ops", Name: "renew", Holder: "one", Duration: time.Minute}
	held, err := c.acquire(t.Context(), mine)
	if err != nil {
		t.Fatal(err)
	}
	fake.loses = true
	if held, err = c.keep(t.Context(), mine, held); err != nil || held.Spec.HolderIdentity != "one" {
		t.Errorf("an answer was lost: held by %q, error %v", held.Spec.HolderIdentity, err)
	}
	other := mine
	other.Holder = "two"
	var taken *LeaseHeld
	if _, err := c.acquire(t.Context(), other); !errors.As(err, &taken) || taken.Holder != "one" {
		t.Errorf("it is held, but the error is %v", err)
	}
	fake.moves = true
	if _, err := c.acquire(t.Context(), other); !errors.As(err, &taken) {
		t.Errorf("its holder renewed it meanwhile, and the error is %v", err)
	}
	fake.held.Spec.HolderIdentity, fake.held.Metadata.ResourceVersion = "two", "99"
	if _, err := c.keep(t.Context(), mine, held); err == nil {
		t.Error("it was taken by another, and kept")
	}
}
