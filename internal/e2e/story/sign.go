package story

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// signRequest is the script command "sign CA REQUEST CERT [KEY=VALUE...]": it has CA.key sign a request as the
// request asks, with the certificates of CA.crt behind it, but for
//
//	days=N       ends in N days, a negative number ago (default 90); its life is a hundred days longer
//	names=HOST   other names, separated by commas; none where empty
//	cn=NAME      another subject
//	usage=client for clients only
//	sha1=true    signed with SHA-1
//	alone=true   without the CA's certificates
func signRequest(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: sign CA REQUEST CERT [KEY=VALUE...]")
	}
	options := map[string]string{"days": "90"}
	for _, arg := range args[3:] {
		key, value, _ := strings.Cut(arg, "=")
		options[key] = value
	}
	chain := []byte(ts.ReadFile(args[0] + ".crt"))
	ca, err := tls.X509KeyPair(chain, []byte(ts.ReadFile(args[0]+".key")))
	ts.Check(err)
	block, _ := pem.Decode([]byte(ts.ReadFile(args[1])))
	request, err := x509.ParseCertificateRequest(block.Bytes)
	ts.Check(err)
	days, err := strconv.Atoi(options["days"])
	ts.Check(err)
	now := time.Now().UTC() // where every day has 24 hours
	template := &x509.Certificate{
		Subject:     request.Subject,
		NotBefore:   now.AddDate(0, 0, min(0, days)-100),
		NotAfter:    now.AddDate(0, 0, days),
		DNSNames:    request.DNSNames,
		IPAddresses: request.IPAddresses,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},

		BasicConstraintsValid: true,
	}
	if names, ok := options["names"]; ok {
		template.IPAddresses, template.DNSNames = nil, slices.DeleteFunc(strings.Split(names, ","), func(name string) bool { return name == "" })
	}
	if cn := options["cn"]; cn != "" {
		template.Subject = pkix.Name{CommonName: cn}
	}
	if options["usage"] == "client" {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}
	if options["sha1"] == "true" {
		template.SignatureAlgorithm = x509.ECDSAWithSHA1
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.Leaf, request.PublicKey, ca.PrivateKey)
	ts.Check(err)
	if options["alone"] == "true" {
		chain = nil
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), chain...)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), text, 0o600))
}
