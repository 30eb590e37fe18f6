package testbed

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// auditLog is the file, in the cluster's folder, of what the API server was asked: one JSON object a line.
const auditLog = "audit.log"

// Request is one request that reached the API server and whose sender it knew, as its audit log has it.
type Request struct {
	User        string
	Agent       string // the client program, as it names itself
	Verb        string // "get", "list", "patch", …
	URI         string // path and query
	Resource    string // "secrets"; empty for discovery and the like
	Subresource string // "status"; empty for most
	Name        string // empty for a list
}

// Write tells whether the request asks for a change, be it a dry run.
func (r Request) Write() bool {
	return !slices.Contains([]string{"get", "list", "watch"}, r.Verb)
}

// Requests returns what was asked about the objects of a namespace so far, the oldest first, except by
// [Cluster.Admin]. Each request is there as soon as its sender has the answer, also if it was refused.
func (c *Cluster) Requests(t testing.TB, namespace string) []Request {
	t.Helper()
	log, err := os.ReadFile(filepath.Join(c.dir, auditLog))
	if err != nil {
		t.Fatal(err)
	}
	log = log[:bytes.LastIndexByte(log, '\n')+1] // the last line may not be whole yet
	var requests []Request
	for line := range bytes.Lines(log) {
		var event struct {
			RequestURI, Verb, UserAgent string
			User                        struct{ Username string }
			ObjectRef                   struct{ Resource, Subresource, Namespace, Name string }
		}
		if err := json.Unmarshal(line, &event); err != nil {
			t.Fatalf("%s: %v", auditLog, err)
		}
		if ref := event.ObjectRef; ref.Namespace == namespace && event.User.Username != bedUser {
			requests = append(requests, Request{event.User.Username, event.UserAgent, event.Verb, event.RequestURI, ref.Resource, ref.Subresource, ref.Name})
		}
	}
	return requests
}
