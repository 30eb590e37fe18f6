package cli

import "testing"

// TestWindowsSameFile: case makes no other file of a name.
func TestWindowsSameFile(t *testing.T) {
	for other, want := range map[string]bool{"TLS.crt": true, `.\tls.CRT`: true, "./tls.crt": true, "tls.key": false} {
		err := Distinct([]NamedPath{{"--cert-out", "tls.crt"}, {"--key-out", other}}, nil)
		if (err != nil) != want {
			t.Errorf("tls.crt and %s: %v", other, err)
		}
	}
}
