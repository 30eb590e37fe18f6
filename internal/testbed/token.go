package testbed

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Token returns a token of the service account "default" in a namespace that is good, or was, until end.
// The server hands out none for less than ten minutes, so one of its own is dated anew and signed with its key.
func (c *Cluster) Token(t testing.TB, namespace string, end time.Time) string {
	t.Helper()
	own := c.Kubectl(t, c.Kubeconfig(t, namespace), "", "create", "token", "default")
	part := strings.Split(strings.TrimSpace(own), ".")
	if len(part) != 3 {
		t.Fatal("the server's token is no JWT")
	}
	payload, err := base64.RawURLEncoding.DecodeString(part[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	start := end.Add(-time.Hour).Unix()
	claims["iat"], claims["nbf"], claims["exp"] = start, start, end.Unix()
	if payload, err = json.Marshal(claims); err != nil {
		t.Fatal(err)
	}
	signed := part[0] + "." + base64.RawURLEncoding.EncodeToString(payload)
	return signed + "." + base64.RawURLEncoding.EncodeToString(c.signES256(t, signed))
}

// signES256 signs as the server signs its tokens (RFC 7518, section 3.4).
func (c *Cluster) signES256(t testing.TB, text string) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(c.dir, "server.key"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(file)
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, parsed.(*ecdsa.PrivateKey), digest[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := make([]byte, 2*crypto.SHA256.Size())
	r.FillBytes(signature[:crypto.SHA256.Size()])
	s.FillBytes(signature[crypto.SHA256.Size():])
	return signature
}
