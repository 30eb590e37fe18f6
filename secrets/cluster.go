package secrets

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"
)

// FieldManager is the name under which the API server records which fields are certgen's:
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers
const FieldManager = "certgen"

// Cluster is a connection to an API server. It is safe for concurrent use.
type Cluster struct {
	client rest.Interface
}

// How requests are sent again when the server is overloaded, restarting, or the connection breaks. All
// requests here may be sent twice: reads change nothing, and writes carry the version that they replace.
const (
	maxTries     = 6
	firstBackoff = 100 * time.Millisecond // doubled each time, half of it random

	// requestTimeout bounds one request where the user sets no bound. An API server answers such small
	// requests in milliseconds and gives up itself after 60 seconds (--request-timeout).
	requestTimeout = 30 * time.Second
)

// Connect prepares a connection; nothing is sent yet. warn is called with each warning of the server.
//
// The client's own rate limit is off: the server's priority and fairness rules share its capacity better
// than a client can guess.
func Connect(config *rest.Config, warn func(string)) (*Cluster, error) {
	config = rest.CopyConfig(config)
	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, corev1.SchemeGroupVersion)
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	config.QPS = -1
	config.WarningHandler = warner(warn)
	if config.Timeout == 0 {
		config.Timeout = requestTimeout
	}
	client, err := rest.UnversionedRESTClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	return &Cluster{client}, nil
}

// warner passes on the warnings of the server.
type warner func(string)

func (w warner) HandleWarningHeader(code int, _, text string) {
	if code == 299 && text != "" { // the one code that Kubernetes sends
		w(text)
	}
}

// reference is where an object is in the API.
type reference struct {
	kind, namespace, name string
	group                 string // "v1" or "apps/v1"
}

// referTo finds out where a typed or unstructured object belongs.
func referTo(obj runtime.Object) reference {
	gvk := obj.GetObjectKind().GroupVersionKind()
	m, _ := meta.Accessor(obj) // every object here has metadata
	return reference{gvk.Kind, m.GetNamespace(), m.GetName(), gvk.GroupVersion().String()}
}

// String names the object as kubectl does: "deployment.apps/my-nginx".
func (r reference) String() string {
	kind := strings.ToLower(r.kind)
	if group, _, ok := strings.Cut(r.group, "/"); ok {
		kind += "." + group
	}
	return kind + "/" + r.name
}

// path is the URL path of the object, or of all of its kind in the namespace where it has no name.
func (r reference) path() string {
	root := "/api/"
	if strings.Contains(r.group, "/") {
		root = "/apis/"
	}
	path := root + r.group + "/namespaces/" + r.namespace + "/" + strings.ToLower(r.kind) + "s"
	if r.name != "" {
		path += "/" + r.name
	}
	return path
}

// get reads an object; nil where there is none.
func (c *Cluster) get(ctx context.Context, ref reference) (*unstructured.Unstructured, error) {
	data, _, err := c.do(ctx, func() *rest.Request { return c.client.Get().AbsPath(ref.path()) })
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", ref, err)
	}
	return decode(data)
}

func decode(data []byte) (*unstructured.Unstructured, error) {
	obj := &unstructured.Unstructured{}
	if err := obj.UnmarshalJSON(data); err != nil {
		return nil, fmt.Errorf("read the server's answer: %w", err)
	}
	return obj, nil
}

// patch sends a patch and returns the object as the server has it then, and whether it is new.
func (c *Cluster) patch(ctx context.Context, ref reference, kind types.PatchType, body []byte, params map[string]string) (obj *unstructured.Unstructured, created bool, err error) {
	data, code, err := c.do(ctx, func() *rest.Request {
		request := c.client.Patch(kind).AbsPath(ref.path()).Body(body)
		for name, value := range params {
			request = request.Param(name, value)
		}
		return request
	})
	if err != nil {
		return nil, false, err
	}
	obj, err = decode(data)
	return obj, code == http.StatusCreated, err
}

// do sends a request, again if that may help, and returns the answer's body and status. client-go itself
// waits and repeats where the server says how long (Retry-After).
func (c *Cluster) do(ctx context.Context, request func() *rest.Request) (body []byte, code int, err error) {
	for try, backoff := 1, firstBackoff; ; try, backoff = try+1, 2*backoff {
		result := request().Do(ctx)
		// Raw's error lacks the details of a conflict.
		if err = result.Error(); err == nil {
			result.StatusCode(&code)
			body, err = result.Raw()
			return body, code, err
		}
		if try == maxTries || !passing(err) {
			return nil, 0, err
		}
		select {
		case <-time.After(backoff/2 + rand.N(backoff)/2):
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
	}
}

// passing reports whether an error may be gone at the next try.
func passing(err error) bool {
	return apierrors.IsTooManyRequests(err) || apierrors.IsInternalError(err) || apierrors.IsServiceUnavailable(err) ||
		apierrors.IsServerTimeout(err) || utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err) || utilnet.IsHTTP2ConnectionLost(err)
}

// fieldConflict reports whether err is a conflict over fields with other managers, not over versions.
func fieldConflict(err error) bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return false
	}
	for _, cause := range status.Status().Details.Causes {
		if cause.Type == metav1.CauseTypeFieldManagerConflict {
			return true
		}
	}
	return false
}

// overtaken reports whether err means that the object changed after it was read.
func overtaken(err error) bool {
	return (apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err)) && !fieldConflict(err)
}
