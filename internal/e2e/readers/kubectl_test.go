package readers

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"certgen/internal/e2e"
	"certgen/internal/testbed"
)

// label gives a manifest to kubectl, which reads every document, adds the label x=y and prints it again.
func label(t *testing.T, manifest string) map[string]string {
	t.Helper()
	printed := e2e.Output(t, manifest, testbed.KubectlPath(t), "--kubeconfig", os.DevNull, "label", "--local", "-f", "-", "x=y", "-o", "yaml")
	// It prints nothing between the documents.
	return e2e.Documents(t, strings.ReplaceAll(printed, "\napiVersion: ", "\n---\napiVersion: "))
}

// readBack returns a manifest's documents by kind, as each reader sees them.
func readBack(t *testing.T, manifest string) map[string]map[string]string {
	t.Helper()
	return map[string]map[string]string{"sigs.k8s.io/yaml": e2e.Documents(t, manifest), "kubectl": label(t, manifest)}
}

func TestKubectlReadsEveryDocument(t *testing.T) {
	t.Parallel()
	bundles := map[string][]string{
		"":      {"Secret"},
		"nginx": {"Secret", "ConfigMap", "Deployment", "Service"},
		"curl":  {"Secret", "Deployment"},
	}
	for bundle, kinds := range bundles {
		for _, format := range []string{"yaml", "json"} {
			t.Run(bundle+"/"+format, func(t *testing.T) {
				t.Parallel()
				args := []string{"nginxsecret", "-o", format}
				if bundle != "" {
					args = append(args, "--bundle", bundle)
				}
				docs := label(t, e2e.Create(t, args...))
				if len(docs) != len(kinds) {
					t.Errorf("%d documents, want %q", len(docs), kinds)
				}
				for _, kind := range kinds {
					object := e2e.Decode[metav1.PartialObjectMetadata](t, docs[kind])
					if object.Labels["x"] != "y" || object.Labels["app.kubernetes.io/managed-by"] != "certgen" {
						t.Errorf("%s: labels %q", kind, object.Labels)
					}
				}
			})
		}
	}
}

// nasty are texts that a careless writer of YAML gives back as something else. Those of labels are
// such as Kubernetes takes for one. (Not here: "\x7f" and which kubectl reads, but cannot
// print as YAML.)
func nasty() (labels, texts []string) {
	labels = []string{
		"no", "No", "y", "on", "OFF", "yes", "true", "False", "null", "Null", "0x1f", "1e3", "0777", "0o17", "0b1", "1_000", "12", "1.5",
		"2026-01-02", "2026-01-02T03", "", "inf", "nan",
	}
	return labels, append(slices.Clone(labels),
		"~", ".inf", ".NaN", "-1", "+1", "1:30:00", "190:20:30", "=", "<<", "!tag", "&anchor", "*alias", "|", ">", "%directive", "@at", "`tick`",
		"- item", "? key", "key: value", "a: ", ": b", "#comment", "a #b", "{a: b}", "[a]", "'single'", `"double"`, `back\slash`, "---", "...",
		" leading", "trailing ", "\ttab", "tab\t", "two\nlines", "line\n", "line\n\n", "\nline", " indented\nline", "line \nline", "a\n---\nb",
		"\r", "a\r\nb", "\x00", "\x1b[31m", "\u2028", "\ufeff", "\u00a0", "naïve", "한국어", "🔒", "comma,comma",
	)
}

func TestNastyTexts(t *testing.T) {
	t.Parallel()
	labels, texts := nasty()
	args := []string{"nginxsecret", "--bundle", "nginx"}
	for i, text := range labels {
		args = append(args, "--labels", fmt.Sprintf("l%d=%s", i, text))
	}
	for i, text := range texts {
		if text != "\x00" { // no argument of a process can hold it
			args = append(args, "--annotations", fmt.Sprintf("a%d=%s", i, text))
		}
	}
	manifest := e2e.Create(t, args...)
	for reader, docs := range readBack(t, manifest) {
		secret := e2e.Decode[corev1.Secret](t, docs["Secret"])
		for i, want := range labels {
			if got, ok := secret.Labels[fmt.Sprintf("l%d", i)]; !ok || got != want {
				t.Errorf("%s: label %q, want %q", reader, got, want)
			}
		}
		for i, want := range texts {
			if got, ok := secret.Annotations[fmt.Sprintf("a%d", i)]; want != "\x00" && (!ok || got != want) {
				t.Errorf("%s: annotation %q, want %q", reader, got, want)
			}
		}
	}
}

// TestNastyConf takes as default.conf what no flag could hold either.
func TestNastyConf(t *testing.T) {
	t.Parallel()
	_, texts := nasty()
	var all string
	for _, text := range texts {
		if text != "\ufeff" && text != "a\r\nb" { // the marks of Windows, which --conf takes off
			all += text
		}
	}
	for name, conf := range map[string]string{
		"usual":            "server {\n    listen 80;\n}\n",
		"tabs":             "server {\n\tlisten 80;\n}\n",
		"no newline":       "server {\n    listen 80;\n}",
		"blank lines":      "\n\nserver {\n\n    listen 80;\n}\n\n\n",
		"trailing spaces":  "server {   \n    listen 80;  \n}  \n  ",
		"indented":         "    server {\n  listen 80;\n}\n",
		"documents":        "---\nserver {}\n---\n...\n",
		"one word":         "no",
		"everything nasty": all,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "default.conf")
			e2e.Write(t, file, []byte(conf))
			manifest := e2e.Create(t, "nginxsecret", "--bundle", "nginx", "--conf", file)
			for reader, docs := range readBack(t, manifest) {
				if got := e2e.Decode[corev1.ConfigMap](t, docs["ConfigMap"]).Data["default.conf"]; got != conf {
					t.Errorf("%s: %q, want %q", reader, got, conf)
				}
			}
		})
	}
}
