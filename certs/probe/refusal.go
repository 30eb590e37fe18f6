package probe

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// patience is how long a server that asked for a certificate has to answer a request without one: those
// that insist refuse it at once, before they do any work.
const patience = 2 * time.Second

// refusal says how a server that asked for a client certificate and got none refuses to go on, "" where it
// does not. In TLS 1.3 it does so only after the handshake, and nginx always with the answer to the first
// request.
func refusal(ctx context.Context, client *tls.Conn, host string, latency time.Duration) string {
	said := make(chan reply, 1)
	go func() { said <- listen(client) }() // until client is closed
	// An alert takes one way through the network, the handshake took three.
	select {
	case r := <-said:
		if r.closed {
			return "closes the connection when it gets no client certificate"
		}
		return r.refusal
	case <-time.After(latency + 100*time.Millisecond):
	case <-ctx.Done():
		return ""
	}
	request := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/"}, Host: host, Close: true}
	if err := request.Write(client); err != nil {
		return ""
	}
	select {
	case r := <-said:
		return r.refusal // one that closes now may have wanted another protocol
	case <-time.After(patience):
	case <-ctx.Done():
	}
	return ""
}

// reply is what a server says after the handshake.
type reply struct {
	refusal string // of a client without a certificate, in words; "" where it is none
	closed  bool   // it says nothing, and ends the connection
}

func listen(client *tls.Conn) reply {
	const page = 64 << 10 // of headers and body: those that say so are short
	said := &io.LimitedReader{R: client, N: page}
	response, err := http.ReadResponse(bufio.NewReader(said), nil)
	if err != nil {
		if alert := alertIn(err); alert != "" {
			return reply{refusal: fmt.Sprintf("answers with the alert %q when it gets no client certificate", alert)}
		}
		return reply{closed: said.N > 0 && isClosed(err)}
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	if response.StatusCode/100 == 4 && bytes.Contains(bytes.ToLower(body), []byte("certificate")) {
		return reply{refusal: fmt.Sprintf("answers with %q when it gets no client certificate", response.Status)}
	}
	return reply{}
}
