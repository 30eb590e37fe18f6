package testbed

import (
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Answer answers with a status code as the API server does, and the request never reaches it. A retryAfter
// above zero is said too, in whole seconds.
func Answer(code int, retryAfter time.Duration) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		seconds := int32(retryAfter.Seconds())
		body, err := json.Marshal(metav1.Status{
			TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
			Status:   metav1.StatusFailure,
			Message:  "injected by the test bed: " + http.StatusText(code),
			Details:  &metav1.StatusDetails{RetryAfterSeconds: seconds},
			Code:     int32(code),
		})
		if err != nil {
			panic(err) // a Status has nothing that could not be written
		}
		w.Header().Set("Content-Type", "application/json")
		if seconds > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(seconds)))
		}
		w.WriteHeader(code)
		w.Write(body)
	}
}

// Reset breaks the client's connection with a TCP reset, which ends all requests that it carries.
func Reset() Fault {
	return func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		conn := r.Context().Value(connection{}).(*tls.Conn).NetConn().(*net.TCPConn)
		conn.SetLinger(0) // a plain close would end the stream in order
		conn.Close()
	}
}

// connection is the key, in a request's context, of the connection it came on.
type connection struct{}

// Stall says nothing until the client gives up.
func Stall() Fault {
	return func(_ http.ResponseWriter, r *http.Request, _ http.Handler) { <-r.Context().Done() }
}

// After passes the request on and, when the server has acted on it, has the fault happen instead of the
// answer.
func After(fault Fault) Fault {
	return func(w http.ResponseWriter, r *http.Request, server http.Handler) {
		server.ServeHTTP(httptest.NewRecorder(), r)
		fault(w, r, server)
	}
}

// Meanwhile does something, such as changing the object that a client has read and is about to write, and
// passes the request on then.
func Meanwhile(do func()) Fault {
	return func(w http.ResponseWriter, r *http.Request, server http.Handler) {
		do()
		server.ServeHTTP(w, r)
	}
}
