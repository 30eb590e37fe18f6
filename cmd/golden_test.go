package cmd

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"testing/cryptotest"
	"testing/synctest"

	"certgen/cmd/internal/cli"
)

var update = flag.Bool("update", false, "write testdata/golden and docs anew")

// TestGolden holds the shape of what create prints against testdata/golden, in a bubble where the time is
// always the same and with random numbers that are. Another Go release may make other keys and signatures
// of the same numbers, so these are masked; what people see on standard error stands below the manifest.
func TestGolden(t *testing.T) {
	for name, args := range map[string][]string{
		"nginxsecret.yaml":       {"create", "nginxsecret"},
		"nginxsecret.json":       {"create", "nginxsecret", "-o", "json"},
		"nginxsecret.pem":        {"create", "nginxsecret", "-o", "pem"},
		"bundle-nginx.yaml":      {"create", "nginxsecret", "--bundle", "nginx"},
		"bundle-nginx-web.yaml":  {"create", "web-tls", "--service", "web", "-n", "shop", "--bundle", "nginx", "--ipv6", "--replicas", "3", "--service-type", "LoadBalancer"},
		"bundle-nginx.json":      {"create", "nginxsecret", "--bundle", "nginx", "-o", "json"},
		"bundle-curl.yaml":       {"create", "nginxsecret", "--bundle", "curl"},
		"labels-immutable.yaml":  {"create", "web", "--dns", "web.example", "--labels", "tier=front,on=true", "--annotations", "note=one: two", "--immutable", "--renew-before", "30d"},
		"all-kinds-of-names.pem": {"create", "web", "--dns", "*.example,bücher.example", "--ip", "2001:db8::1", "--uri", "spiffe://cluster.local/ns/x", "--email", "ops@example", "--subject", "CN=web,O=Example", "--key-algorithm", "ed25519", "--duration", "90d", "-o", "pem"},
	} {
		t.Run(name, func(t *testing.T) {
			cryptotest.SetGlobalRandom(t, 1)
			synctest.Test(t, func(t *testing.T) {
				var stdout, stderr bytes.Buffer
				if code := Main(t.Context(), args, cli.IOStreams{Out: &stdout, Err: &stderr}); code != cli.ExitDone {
					t.Fatalf("exit %d\n%s", code, &stderr)
				}
				compareGolden(t, filepath.Join("../testdata/golden", name), mask(stdout.Bytes()))
				compareGolden(t, filepath.Join("../testdata/golden", name+".stderr"), mask(stderr.Bytes()))
			})
		})
	}
}

// TestDeterministic: the same time and the same random numbers make the same output, to the byte.
func TestDeterministic(t *testing.T) {
	run := func() (out []byte) {
		t.Run("", func(t *testing.T) {
			cryptotest.SetGlobalRandom(t, 2)
			synctest.Test(t, func(t *testing.T) {
				var stdout, stderr bytes.Buffer
				if code := Main(t.Context(), []string{"create", "nginxsecret", "--bundle", "nginx"}, cli.IOStreams{Out: &stdout, Err: &stderr}); code != cli.ExitDone {
					t.Fatalf("exit %d\n%s", code, &stderr)
				}
				out = stdout.Bytes()
			})
		})
		return out
	}
	if !bytes.Equal(run(), run()) {
		t.Error("two runs differ")
	}
}

// mask takes out what the Go release decides: base64, checksums, fingerprints. The first characters of
// base64 stay: they say what kind of PEM it is.
func mask(data []byte) []byte {
	for pattern, with := range map[string]string{
		`(LS0tLS1CRUdJTi[A-Za-z0-9]{12})[A-Za-z0-9+/=]+`: "$1...",
		`(?m)^(-----BEGIN .*-----\n)[^-]+`:               "$1...\n",
		`\b[0-9a-f]{64}\b`:                               "SHA-256-in-hexadecimal",
		`\b([0-9A-F]{2}:){31}[0-9A-F]{2}\b`:              "XX:XX:...",
	} {
		data = regexp.MustCompile(pattern).ReplaceAll(data, []byte(with))
	}
	return data
}

// compareGolden fails where got is not what the file says; -update writes the file anew.
func compareGolden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test ./cmd -run %s -update writes it)", err, t.Name())
	}
	want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")) // git on Windows
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (-update writes it anew):\n%s", path, got)
	}
}
