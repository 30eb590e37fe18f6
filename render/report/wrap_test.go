package report

import (
	"strings"
	"testing"
)

func TestWrapList(t *testing.T) {
	t.Parallel()
	words := []string{"one.example", "two.example", "b\u00fccher.example", strings.Repeat("x", 30), "z"}
	for _, test := range []struct {
		width int
		want  string
	}{
		{0, "one.example, two.example, b\u00fccher.example, " + words[3] + ", z"},
		{200, "one.example, two.example, b\u00fccher.example, " + words[3] + ", z"},
		{29, "one.example, two.example,\n    b\u00fccher.example,\n    " + words[3] + ",\n    z"},
		{28, "one.example,\n    two.example,\n    b\u00fccher.example,\n    " + words[3] + ",\n    z"},
	} {
		if got := WrapList(words, 4, test.width); got != test.want {
			t.Errorf("width %d:\n%s", test.width, got)
		}
	}
	if got := WrapList(nil, 4, 10); got != "" {
		t.Errorf("no words: %q", got)
	}
}
