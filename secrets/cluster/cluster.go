package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
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
	Client  *rest.RESTClient
	config  *rest.Config  // of client
	timeout time.Duration // of one request
	warn    func(string)
}

// How requests are sent again when the server is overloaded, restarting, or the connection breaks. All
// requests here may be sent twice: reads change nothing, and writes carry the version that they replace.
const (
	maxTries     = 6
	firstBackoff = 100 * time.Millisecond // doubled each time, half of it random

	// maxWait is how long the server may ask to wait (Retry-After) before the request counts as refused.
	// An overloaded API server says one second.
	maxWait = 30 * time.Second

	// requestTimeout bounds one request where the user sets no bound. An API server answers such small
	// requests in milliseconds and gives up itself after 60 seconds (--request-timeout).
	requestTimeout = 30 * time.Second
)

// Connect prepares a connection; nothing is sent yet. warn is called with each warning of the server, and
// with each interruption that a write brings.
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
	// An API server sends nobody elsewhere, but what it is a proxy for may, and the credentials would go along.
	own := *client.Client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client.Client = &own
	return &Cluster{client, config, config.Timeout, warn}, nil
}

// Unreachable is a request that got no answer.
type Unreachable struct {
	Server string        // its address
	Within time.Duration // how long was waited where that was the reason, else 0
	Err    error
}

func (e *Unreachable) Error() string {
	if e.Within > 0 {
		return fmt.Sprintf("%s does not answer within %s", e.Server, e.Within)
	}
	return e.Server + ": " + e.Err.Error()
}

func (e *Unreachable) Unwrap() error { return e.Err }

// warner passes on the warnings of the server.
type warner func(string)

func (w warner) HandleWarningHeader(code int, _, text string) {
	if code == 299 && text != "" { // the one code that Kubernetes sends
		w(text)
	}
}

// Get reads an object; nil where there is none.
func (c *Cluster) Get(ctx context.Context, ref Reference) (*unstructured.Unstructured, error) {
	data, _, err := c.do(ctx, func() *rest.Request { return c.Client.Get().AbsPath(ref.path()) })
	if apierrors.IsNotFound(err) && !apierrors.IsUnexpectedServerError(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", ref, err)
	}
	return decode(data)
}

// ReadObject is get for a type.
func ReadObject[T any](ctx context.Context, c *Cluster, ref Reference) (*T, error) {
	live, err := c.Get(ctx, ref)
	if live == nil || err != nil {
		return nil, err
	}
	object := new(T)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(live.Object, object); err != nil {
		return nil, fmt.Errorf("read %s: %w", ref, err)
	}
	return object, nil
}

// ReadList reads all objects of a kind that have the labels selected into a typed list.
func (c *Cluster) ReadList(ctx context.Context, all Reference, selector labels.Set, into any) error {
	data, _, err := c.do(ctx, func() *rest.Request {
		return c.Client.Get().AbsPath(all.path()).Param("labelSelector", selector.String())
	})
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}

func decode(data []byte) (*unstructured.Unstructured, error) {
	obj := &unstructured.Unstructured{}
	if err := obj.UnmarshalJSON(data); err != nil {
		return nil, fmt.Errorf("read the server's answer: %w", err)
	}
	return obj, nil
}

// patch sends a patch and returns the object as the server has it then, and whether it is new.
func (c *Cluster) patch(ctx context.Context, ref Reference, kind types.PatchType, body []byte, params map[string]string) (obj *unstructured.Unstructured, created bool, err error) {
	data, created, err := c.send(ctx, ref, kind, body, params)
	if err != nil {
		return nil, false, err
	}
	obj, err = decode(data)
	return obj, created, err
}

// send is patch for those who do not look at the object.
func (c *Cluster) send(ctx context.Context, ref Reference, kind types.PatchType, body []byte, params map[string]string) (answer []byte, created bool, err error) {
	answer, code, err := c.do(ctx, func() *rest.Request {
		request := c.Client.Patch(kind).AbsPath(ref.path()).Body(body)
		for name, value := range params {
			request = request.Param(name, value)
		}
		return request
	})
	return answer, code == http.StatusCreated, err
}

// do sends a request, again if that may help, and returns the answer's body and status.
func (c *Cluster) do(ctx context.Context, request func() *rest.Request) (body []byte, code int, err error) {
	for try, backoff := 1, firstBackoff; ; try, backoff = try+1, 2*backoff {
		// client-go's own retries would wait within the time limit of the one request.
		result := request().MaxRetries(0).Do(ctx)
		// Raw's error lacks the details of a conflict.
		if err = result.Error(); err == nil {
			result.StatusCode(&code)
			body, err = result.Raw()
			return body, code, err
		}
		wait := backoff/2 + rand.N(backoff)/2
		if seconds, asked := apierrors.SuggestsClientDelay(err); asked {
			wait = max(wait, time.Duration(seconds)*time.Second)
		}
		if try == maxTries || wait > maxWait || !(Overloaded(err) || broken(err)) {
			return nil, 0, c.unreachable(err)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
	}
}

// Overloaded reports whether err is the answer of a server, or of a load balancer in front of it, that
// cannot do its work now.
func Overloaded(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && (status.Status().Code == http.StatusTooManyRequests || status.Status().Code >= http.StatusInternalServerError)
}

// broken reports whether the connection was lost.
func broken(err error) bool {
	return utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err) || utilnet.IsHTTP2ConnectionLost(err)
}

// unreachable makes an [Unreachable] of the error of a request that got no answer.
func (c *Cluster) unreachable(err error) error {
	var failed *url.Error
	if !errors.As(err, &failed) {
		return err
	}
	e := &Unreachable{Server: failed.URL, Err: failed.Err}
	if address, err := url.Parse(failed.URL); err == nil {
		e.Server = address.Scheme + "://" + address.Host // the path says nothing, and a user part may be secret
	}
	if failed.Timeout() {
		e.Within = c.timeout
	}
	return e
}

// fieldConflict reports whether err is a conflict over fields with other managers, not over versions.
func fieldConflict(err error) bool { return len(conflicts(err)) > 0 }

// conflicts returns what err says of each field that another manager has.
func conflicts(err error) (messages []string) {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return nil
	}
	for _, cause := range status.Status().Details.Causes {
		if cause.Type == metav1.CauseTypeFieldManagerConflict {
			messages = append(messages, cause.Message)
		}
	}
	return messages
}

// ownConflict reports whether err is a conflict with certgen alone: a restart sets the checksum that the
// bundle has, too, and for the server these are two managers.
func ownConflict(err error) bool {
	foreign := func(message string) bool { return !strings.Contains(message, strconv.Quote(FieldManager)) }
	return fieldConflict(err) && !slices.ContainsFunc(conflicts(err), foreign)
}

// overtaken reports whether err means that the object changed after it was read.
func overtaken(err error) bool {
	return (apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err)) && !fieldConflict(err)
}
