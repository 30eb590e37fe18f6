package bundle

import (
	"reflect"
	"strings"
	"testing"
)

func TestDirectives(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]directive{
		"":                                      nil,
		"listen 443 ssl;":                       {{"listen", []string{"443", "ssl"}}},
		"# listen 80;\nlisten 443;":             {{"listen", []string{"443"}}},
		"listen 443; # ssl;":                    {{"listen", []string{"443"}}},
		"server{listen 80;}":                    {{"server", []string{}}, {"listen", []string{"80"}}},
		"server {\r\n\tlisten\t80 ;\r\n}\r\n":   {{"server", []string{}}, {"listen", []string{"80"}}},
		`ssl_certificate "/a b/tls.crt";`:       {{"ssl_certificate", []string{"/a b/tls.crt"}}},
		`ssl_certificate '/a;b/tls.crt';`:       {{"ssl_certificate", []string{"/a;b/tls.crt"}}},
		`ssl_certificate /a\ b/tls.crt;`:        {{"ssl_certificate", []string{"/a b/tls.crt"}}},
		`ssl_certificate /etc/${host}/tls.crt;`: {{"ssl_certificate", []string{"/etc/${host}/tls.crt"}}},
		`root "/a\"b";`:                         {{"root", []string{`/a"b`}}},
		`location ~ ^/a{2}$ { return 204; }`:    {{"location", []string{"~", "^/a"}}, {"2}$", []string{}}, {"return", []string{"204"}}},
		"a#b c;":                                {{"a#b", []string{"c"}}},
		"cut off":                               {{"cut", []string{"off"}}},
		`"cut off`:                              {{"cut off", []string{}}},
		`a ${b`:                                 {{"a", []string{"${b"}}},
	} {
		if got := directives(text); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	var certificates, ports []string
	for _, d := range directives(defaultConf) {
		switch d.name {
		case "ssl_certificate":
			certificates = append(certificates, d.args...)
		case "listen":
			ports = append(ports, d.args[0])
		}
	}
	if !reflect.DeepEqual(certificates, []string{"/etc/nginx/ssl/tls.crt"}) || !reflect.DeepEqual(ports, []string{"80", "443"}) {
		t.Errorf("default.conf: %q %q", certificates, ports)
	}
}

// FuzzDirectives: whatever a ConfigMap holds is read to its end, and no byte of it twice.
func FuzzDirectives(f *testing.F) {
	f.Add(defaultConf)
	f.Add(`a "b\" c' {} ${ \`)
	f.Fuzz(func(t *testing.T, text string) {
		n := 0
		for _, d := range directives(text) {
			n += len(d.name) + len(strings.Join(d.args, ""))
		}
		if n > len(text) {
			t.Errorf("%d bytes out of %d", n, len(text))
		}
	})
}
