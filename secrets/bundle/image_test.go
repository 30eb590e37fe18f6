package bundle

import (
	"strings"
	"testing"
	"unicode"
)

func TestImage(t *testing.T) {
	t.Parallel()
	digest := "@sha256:" + strings.Repeat("0a", 32)
	tests := map[string]bool{
		NginxImage: true, CurlImage: true,
		"nginx": true, "nginx" + digest: true, "nginx:1.28-alpine" + digest: true,
		"localhost:5000/nginx": true, "Registry.example/team/a_b__c--d/nginx:V1": true,
		"[fd00::1]:5000/nginx:stable": true,
		"":                            false, " nginx": false, "nginx stable": false, "nginx\n": false,
		"nginx:": false, "nginx@sha256:0": false, "Nginx": false, "nginx:sta/ble": false, "/nginx": false,
		"https://registry.example/nginx": false, "nginx:" + strings.Repeat("v", 129): false,
	}
	for image, want := range tests {
		if ps := ImageProblems(image); (len(ps) == 0) != want {
			t.Errorf("%q: accepted %t, want %t: %v", image, !want, want, ps)
		}
	}
	if hint := ImageProblems("https://registry.example/nginx")[0].Hint; !strings.Contains(hint, "scheme") {
		t.Errorf("the hint for a URL is %q", hint)
	}
}

func FuzzImage(f *testing.F) {
	for _, seed := range []string{NginxImage, "a.b:5000/c/d:e", "n@sha256:" + strings.Repeat("0", 64), "a b", "é"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, image string) {
		if len(ImageProblems(image)) > 0 {
			return
		}
		if i := strings.IndexFunc(image, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsGraphic(r) || r == ' ' }); i >= 0 {
			t.Errorf("accepted %q", image)
		}
		if _, name, slash := strings.Cut(image, "/"); slash && name == "" {
			t.Errorf("accepted %q, which names no image", image)
		}
	})
}
