package cluster

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/streaming/pkg/httpstream"
)

// failingTunnel is to a pod that fails when data ends.
type failingTunnel struct {
	httpstream.Connection
	data io.Reader
}

func (t failingTunnel) CreateStream(header http.Header) (httpstream.Stream, error) {
	if header.Get(corev1.StreamType) == corev1.StreamTypeError {
		return tunnelStream{Reader: strings.NewReader("no such port")}, nil
	}
	return tunnelStream{Reader: t.data}, nil
}

func (failingTunnel) Close() error { return nil }

type tunnelStream struct {
	httpstream.Stream
	io.Reader
}

func (s tunnelStream) Read(p []byte) (int, error)  { return s.Reader.Read(p) }
func (s tunnelStream) Write(p []byte) (int, error) { return len(p), nil }
func (s tunnelStream) Close() error                { return nil }

// TestPodConnClosed writes to a connection that this end has closed, before and after the other end fails: the
// race detector watches.
func TestPodConnClosed(t *testing.T) {
	t.Parallel()
	data, end := io.Pipe()
	conn, err := newPodConn(failingTunnel{data: data}, "web-1", 7)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if _, err := conn.Write([]byte{0}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("before the other end fails: %v", err)
	}
	end.Close()
	var failed *net.OpError
	for range 1000 {
		if _, err = conn.Write([]byte{0}); errors.As(err, &failed) {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("after the other end has failed: %v", err)
}
