package testbed

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/gorilla/websocket"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"
)

// A PodDialer connects to a port of a pod that does not really run. Its error is what the kubelet says.
type PodDialer func(pod string, port int) (net.Conn, error)

// PortForwards is a [Plan] that answers port-forwards as the kubelet of a node would, and passes on the rest.
func PortForwards(dial PodDialer) Plan {
	return func(r *http.Request) Fault {
		if !strings.HasSuffix(r.URL.Path, "/portforward") {
			return nil
		}
		return PortForward(dial)
	}
}

// PortForward answers one port-forward, over SPDY in a WebSocket or without one.
func PortForward(dial PodDialer) Fault {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		parts := strings.Split(r.URL.Path, "/") // /api/v1/namespaces/NS/pods/POD/portforward
		streams := make(chan httpstream.Stream, 2)
		received := func(s httpstream.Stream, _ <-chan struct{}) error {
			streams <- s
			return nil
		}
		tunnel := upgrade(w, r, received)
		if tunnel == nil {
			return
		}
		defer tunnel.Close()
		byType := map[string]httpstream.Stream{}
		for range 2 {
			select {
			case s := <-streams:
				byType[s.Headers().Get(corev1.StreamType)] = s
			case <-tunnel.CloseChan():
				return
			}
		}
		forward(dial, parts[len(parts)-2], byType[corev1.StreamTypeData], byType[corev1.StreamTypeError])
		<-tunnel.CloseChan()
	}
}

// upgrade makes a request a tunnel of streams; nil where it is none, which the client has been told.
func upgrade(w http.ResponseWriter, r *http.Request, received httpstream.NewStreamHandler) httpstream.Connection {
	if !websocket.IsWebSocketUpgrade(r) {
		if _, err := httpstream.Handshake(r, w, []string{portforward.PortForwardProtocolV1Name}); err != nil {
			return nil
		}
		return spdy.NewResponseUpgrader().UpgradeResponse(w, r, received)
	}
	upgrader := websocket.Upgrader{Subprotocols: []string{"SPDY/3.1+" + portforward.PortForwardProtocolV1Name}}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return nil
	}
	tunnel, err := spdy.NewServerConnection(portforward.NewTunnelingConnection("testbed", conn), received)
	if err != nil {
		return nil
	}
	return tunnel
}

// forward joins a stream to the pod, and closes both streams in the kubelet's order.
func forward(dial PodDialer, pod string, data, failures httpstream.Stream) {
	defer data.Close()
	defer failures.Close()
	port, err := strconv.Atoi(data.Headers().Get(corev1.PortHeader))
	if err != nil {
		fmt.Fprint(failures, err)
		return
	}
	conn, err := dial(pod, port)
	if err != nil {
		fmt.Fprintf(failures, "error forwarding port %d to pod %s, uid : %v", port, pod, err)
		return
	}
	defer conn.Close()
	go func() {
		io.Copy(conn, data)
		conn.Close()
	}()
	io.Copy(data, conn)
}
