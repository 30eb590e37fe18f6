package pki

import (
	"strings"
	"testing"
)

func TestParseKeySpec(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		algorithm string
		size      int
		want      string // as String has it
		problem   string
	}{
		{"", 0, "ECDSA P-256", ""},
		{"ecdsa", 256, "ECDSA P-256", ""},
		{"ECDSA", 384, "ECDSA P-384", ""},
		{"", 521, "ECDSA P-521", ""},
		{"rsa", 0, "RSA 2048", ""},
		{"RSA", 3072, "RSA 3072", ""},
		{"rsa", 8192, "RSA 8192", ""},
		{"rsa", 2056, "RSA 2056", ""},
		{"ed25519", 0, "Ed25519", ""},
		{"Ed25519", 0, "Ed25519", ""},
		{"rsa", 1024, "", `privateKey.size "1024": an RSA key has 2048 to 8192 bits, a multiple of 8`},
		{"rsa", 2049, "", `privateKey.size "2049": an RSA key has 2048 to 8192 bits, a multiple of 8`},
		{"rsa", 8200, "", `privateKey.size "8200": an RSA key has 2048 to 8192 bits, a multiple of 8`},
		{"rsa", -2048, "", `privateKey.size "-2048": an RSA key has 2048 to 8192 bits, a multiple of 8`},
		{"ecdsa", 255, "", `privateKey.size "255": an ECDSA key has 256, 384 or 521 bits`},
		{"ecdsa", 512, "", `privateKey.size "512": an ECDSA key has 256, 384 or 521 bits`},
		{"", 2048, "", `privateKey.size "2048": an ECDSA key has 256, 384 or 521 bits`},
		{"ed25519", 256, "", `privateKey.size "256": an Ed25519 key has one size only`},
		{"dsa", 0, "", `privateKey.algorithm "dsa": the algorithms are ecdsa, rsa and ed25519`},
	} {
		got, problems := ParseKeySpec(test.algorithm, test.size)
		if problems.Error() != test.problem || test.problem == "" && got.String() != test.want {
			t.Errorf("%q %d: %v, %v; want %s, %q", test.algorithm, test.size, got, problems, test.want, test.problem)
		}
	}
	if _, problems := ParseKeySpec("", 4096); !strings.Contains(problems[0].Hint, "--key-algorithm rsa") {
		t.Errorf("an RSA size without the algorithm: hint %q", problems[0].Hint)
	}
}

// TestGenerate makes a key of each kind and describes it by its public half.
func TestGenerate(t *testing.T) {
	t.Parallel()
	for _, spec := range []KeySpec{{ECDSA, 256}, {ECDSA, 384}, {ECDSA, 521}, {RSA, 2048}, {Ed25519, 0}} {
		key, err := spec.Generate()
		if err != nil {
			t.Errorf("%s: %v", spec, err)
			continue
		}
		if got := KeySpecOf(key.Public()); got != spec {
			t.Errorf("asked for %s, got %s", spec, got)
		}
	}
	if got := KeySpecOf("no key").String(); got != "string" {
		t.Errorf("an unknown kind is %q", got)
	}
}
