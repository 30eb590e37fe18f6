package cluster

import (
	"cmp"
	"context"
	"crypto/fips140"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/streaming/pkg/httpstream"
)

// DialPod opens a connection to a port of a pod through the API server and the pod's kubelet, as kubectl
// port-forward does, but without a listener on this machine. ctx bounds the dialing. It is the kubelet that
// connects to the port, and only when the connection is open: that nothing listens there is the error of a
// Read, a [*net.OpError] with the Op "dial". What the API server refuses is an API error.
func (c *Cluster) DialPod(ctx context.Context, namespace, pod string, port int) (net.Conn, error) {
	type result struct {
		conn net.Conn
		err  error
	}
	done := make(chan result, 1)
	go func() { // client-go's dialers cannot be stopped at every point
		conn, err := c.dialPod(ctx, namespace, pod, port)
		done <- result{conn, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, fmt.Errorf("port-forward: %w", r.err)
		}
		return r.conn, nil
	case <-ctx.Done():
		go func() {
			if r := <-done; r.err == nil {
				r.conn.Close()
			}
		}()
		return nil, fmt.Errorf("port-forward: %w", context.Cause(ctx))
	}
}

func (c *Cluster) dialPod(ctx context.Context, namespace, pod string, port int) (net.Conn, error) {
	upgrade := &upgrade{ctx: ctx}
	dialer, err := c.podDialer(upgrade, namespace, pod)
	if err != nil {
		return nil, err
	}
	tunnel, _, err := dialer.Dial(portforward.PortForwardProtocolV1Name)
	if err != nil {
		return nil, upgrade.failure(err)
	}
	conn, err := newPodConn(tunnel, pod, port)
	if err != nil {
		tunnel.Close()
		return nil, err
	}
	return conn, nil
}

// podDialer upgrades a request to SPDY inside a WebSocket or, where the server or a proxy before it does not
// know that, to plain SPDY: https://kubernetes.io/blog/2024/08/20/websockets-transition/
// A WebSocket's handshake needs SHA-1 (RFC 6455, section 4.1), over which the strict mode of FIPS 140 panics:
// there it is plain SPDY at once.
func (c *Cluster) podDialer(upgrade *upgrade, namespace, pod string) (httpstream.Dialer, error) {
	ref := Reference{Kind: "Pod", Namespace: namespace, Name: pod, Group: "v1"}
	address := c.Client.Post().AbsPath(ref.path(), "portforward").URL()
	address.RawQuery = "" // the time limit of other requests
	config := rest.CopyConfig(c.config)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return upgradeTripper{upgrade, next} })
	transport, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		return nil, err
	}
	plain := spdy.NewDialerForStreaming(upgrader, &http.Client{Transport: transport}, http.MethodPost, address)
	if fips140.Enforced() {
		return plain, nil
	}
	tunnelled, err := portforward.NewSPDYOverWebsocketDialerForStreaming(address, config)
	if err != nil {
		return nil, err
	}
	return portforward.NewFallbackDialerForStreaming(tunnelled, plain, func(err error) bool {
		return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)
	}), nil
}

// upgrade is what client-go's dialers do not take, and do not tell.
type upgrade struct {
	ctx    context.Context
	status int // of the last answer; 0 where there was none
}

// failure makes an API error of what a dialer says of an answer.
func (u *upgrade) failure(err error) error {
	if u.status < http.StatusBadRequest {
		return err
	}
	return &apierrors.StatusError{ErrStatus: metav1.Status{Status: metav1.StatusFailure, Code: int32(u.status), Message: err.Error()}}
}

type upgradeTripper struct {
	*upgrade
	next http.RoundTripper
}

func (t upgradeTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.next.RoundTrip(r.WithContext(t.ctx))
	t.status = 0
	if err == nil {
		t.status = answer.StatusCode
	}
	return answer, err
}

// podConn is the near end of a pipe, which has the deadlines that streams lack; the far end is joined to the
// stream to the pod.
type podConn struct {
	net.Conn
	failure error         // why the stream ended, once it has
	ended   chan struct{} // is closed when it has, before the far end is
}

// newPodConn opens the two streams of a connection to a port.
func newPodConn(tunnel httpstream.Connection, pod string, port int) (*podConn, error) {
	header := http.Header{}
	header.Set(corev1.PortHeader, strconv.Itoa(port))
	header.Set(corev1.PortForwardRequestIDHeader, "0") // of the one connection in this tunnel
	header.Set(corev1.StreamType, corev1.StreamTypeError)
	failures, err := tunnel.CreateStream(header)
	if err != nil {
		return nil, err
	}
	failures.Close() // nothing is written to it
	header.Set(corev1.StreamType, corev1.StreamTypeData)
	data, err := tunnel.CreateStream(header)
	if err != nil {
		return nil, err
	}
	near, far := net.Pipe()
	conn := &podConn{Conn: near, ended: make(chan struct{})}
	go func() {
		io.Copy(data, far) // until near is closed
		tunnel.Close()
	}()
	go func() {
		io.Copy(far, data) // until the pod, the kubelet or the API server ends it
		message, _ := io.ReadAll(failures)
		if len(message) > 0 {
			conn.failure = &net.OpError{Op: "dial", Net: "tcp", Addr: podAddr{pod, port}, Err: kubeletError(string(message))}
		}
		close(conn.ended)
		far.Close()
		tunnel.Close()
	}()
	return conn, nil
}

// kubeletError makes an error of what a kubelet says, which for the most frequent case is a long story.
func kubeletError(message string) error {
	if refused := "connection refused"; strings.Contains(message, refused) {
		return errors.New(refused)
	}
	return errors.New(message)
}

func (c *podConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if errors.Is(err, io.EOF) && c.failure != nil {
		err = c.failure
	}
	return n, err
}

// Write fails as Read does when the other side has ended: a pipe would say that it is closed.
func (c *podConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if !errors.Is(err, io.ErrClosedPipe) {
		return n, err
	}
	select {
	case <-c.ended:
		return n, cmp.Or(c.failure, io.ErrUnexpectedEOF)
	default: // it was this end that was closed
		return n, err
	}
}

// podAddr is a port of a pod.
type podAddr struct {
	pod  string
	port int
}

func (podAddr) Network() string  { return "tcp" }
func (a podAddr) String() string { return "pod/" + a.pod + ":" + strconv.Itoa(a.port) }
