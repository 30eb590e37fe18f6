package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// Event is something that happened to an object, as "kubectl events" shows it:
// https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
type Event struct {
	About   Reference
	UID     string
	Warning bool   // else it is a normal one
	Reason  string // one word, as Renewed
	Action  string // what was done, as Renew
	Note    string // for people; at most 1 KiB, and without anything secret
}

// maxNote bounds an Event's note, as the API server does.
const maxNote = 1 << 10

// maxNamed leaves room for the time in the 253 characters of a name.
const maxNamed = 230

// Record records an event.
func (c *Cluster) Record(ctx context.Context, e Event) error {
	kind := "Normal"
	if e.Warning {
		kind = "Warning"
	}
	host, _ := os.Hostname()
	body, err := json.Marshal(map[string]any{
		"apiVersion": "events.k8s.io/v1", "kind": "Event",
		"metadata":            map[string]any{"name": fmt.Sprintf("%s.%x", cut(e.About.Name, maxNamed), time.Now().UnixNano()), "namespace": e.About.Namespace},
		"regarding":           map[string]any{"apiVersion": e.About.Group, "kind": e.About.Kind, "namespace": e.About.Namespace, "name": e.About.Name, "uid": e.UID},
		"eventTime":           metav1.NowMicro(),
		"reportingController": "certgen.dev/certgen", "reportingInstance": cut(host+"-certgen", 128),
		"action": e.Action, "reason": e.Reason, "type": kind, "note": cut(e.Note, maxNote),
	})
	if err != nil {
		return err
	}
	all := Reference{Kind: "Event", Namespace: e.About.Namespace, Group: "events.k8s.io/v1"}
	_, _, err = c.do(ctx, func() *rest.Request { return c.Client.Post().AbsPath(all.path()).Body(body) })
	return err
}

// cut shortens a text to a number of bytes, at the start of a character.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && text[most]&0xc0 == 0x80 {
		most--
	}
	return text[:most]
}
