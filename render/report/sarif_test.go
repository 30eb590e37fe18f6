package report

import "testing"

func TestFileURI(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		path     string
		absolute bool
		want     string
	}{
		{"deploy/web.yaml", false, "deploy/web.yaml"},
		{"a:b #1.pem", false, "./a:b%20%231.pem"},
		{"/etc/ssl/web.pem", true, "file:///etc/ssl/web.pem"},
		{"C:/ssl/web.pem", true, "file:///C:/ssl/web.pem"},
		{"secret/web", false, "secret/web"},
	} {
		if got := fileURI(test.path, test.absolute); got != test.want {
			t.Errorf("%s: %s, want %s", test.path, got, test.want)
		}
	}
}
