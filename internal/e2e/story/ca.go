package story

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/youmark/pkcs8"
)

// scriptsStarted dates the CAs of all scripts, so that one made twice ends at the same second.
var scriptsStarted = time.Now()

// MakeCA is the script command "ca NAME [KEY=VALUE...]": it writes NAME.crt and NAME.key. The keys are
//
//	under=CA     signed by CA.key, with the certificates of CA.crt behind its own
//	alone=true   without those
//	days=N       ends in N days, a negative number ago (default 3650)
//	permit=HOST  the only domain that it may certify
//	pathlen=N    how many CAs may stand below it
//	ca=false     not a CA at all
//	key=FILE     with the key in FILE, not a new one
//	password=W   with the key encrypted
//	rsa=N        with an RSA key of N bits
func MakeCA(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: ca NAME [KEY=VALUE...]")
	}
	options := map[string]string{"days": "3650", "ca": "true"}
	for _, arg := range args[1:] {
		key, value, _ := strings.Cut(arg, "=")
		options[key] = value
	}
	number := func(key string) int {
		n, err := strconv.Atoi(options[key])
		ts.Check(err)
		return n
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: args[0]},
		NotBefore:             scriptsStarted.AddDate(-1, 0, 0),
		NotAfter:              scriptsStarted.AddDate(0, 0, number("days")),
		KeyUsage:              x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
		IsCA:                  options["ca"] == "true",
	}
	if permit := options["permit"]; permit != "" {
		template.PermittedDNSDomainsCritical, template.PermittedDNSDomains = true, []string{permit}
	}
	if options["pathlen"] != "" {
		template.MaxPathLen = number("pathlen")
		template.MaxPathLenZero = template.MaxPathLen == 0
	}
	var key crypto.Signer
	var err error
	key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	if options["rsa"] != "" {
		key, err = rsa.GenerateKey(rand.Reader, number("rsa"))
		ts.Check(err)
	}
	if file := options["key"]; file != "" {
		block, _ := pem.Decode([]byte(ts.ReadFile(file)))
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		ts.Check(err)
		key = parsed.(crypto.Signer)
	}
	issuer, signer, above := template, any(key), ""
	if under := options["under"]; under != "" {
		above = ts.ReadFile(under + ".crt")
		pair, err := tls.X509KeyPair([]byte(above), []byte(ts.ReadFile(under+".key")))
		ts.Check(err)
		issuer, signer = pair.Leaf, pair.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, key.Public(), signer)
	ts.Check(err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	save := func(name, label string, der []byte, more string) {
		text := string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})) + more
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
	if options["alone"] == "true" {
		above = ""
	}
	save(args[0]+".crt", "CERTIFICATE", der, above)
	label := "PRIVATE KEY"
	if password := options["password"]; password != "" {
		label = "ENCRYPTED PRIVATE KEY"
		keyDER, err = pkcs8.MarshalPrivateKey(key, []byte(password), nil)
		ts.Check(err)
	}
	save(args[0]+".key", label, keyDER, "")
}
