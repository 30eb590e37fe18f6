package commands

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"certgen/internal/e2e"
	"certgen/internal/e2e/windows"
	"certgen/internal/testbed"
)

// recipes runs every command that pages show for PowerShell and for cmd, with cmd.exe, kubectl.exe and a real
// API server: those of one block in their order, in one folder, and in a cluster that has nothing of an
// earlier one. PowerShell itself is not to be had; its commands are such that cmd understands them.
func (w machine) recipes(t *testing.T, pages ...string) {
	bed := testbed.Start(t)
	kubectl := testbed.KubectlForWindows(t)
	kubeconfig := bed.Kubeconfig(t, "default")
	for _, page := range pages {
		for _, fence := range e2e.Fences.FindAllStringSubmatch(string(e2e.Read(t, page)), -1) {
			if language := fence[1]; language != "powershell" && language != "bat" {
				continue
			}
			bed.Kubectl(t, kubeconfig, "", "delete", "--ignore-not-found", "secret/nginxsecret", "configmap/nginxconfigmap",
				"deployment/my-nginx", "deployment/curl-deployment", "service/my-nginx")
			dir := t.TempDir()
			for name, program := range map[string]string{"certgen.exe": w.Exe, "kubectl.exe": kubectl} {
				if err := os.Symlink(program, filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
			shell := w.With("KUBECONFIG="+windows.Path(kubeconfig), "WINEPATH="+windows.Path(dir)) // the latter goes into PATH
			for line := range strings.Lines(fence[2]) {
				// A file, because quotes in an argument of cmd mean something else.
				e2e.Write(t, filepath.Join(dir, "recipe.bat"), []byte("@"+strings.TrimSpace(line)+"\r\n"))
				if r := shell.Run(t, dir, 2*time.Minute, "cmd", "/d", "/c", "recipe.bat"); r.Code != 0 || strings.Contains(r.Stderr, "error: ") {
					t.Errorf("%s: exit %d\n%s%s", line, r.Code, r.Stdout, r.Stderr)
				}
			}
		}
	}
}
