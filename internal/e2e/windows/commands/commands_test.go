package commands

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"certgen/internal/e2e"
	"certgen/internal/e2e/windows"
	"certgen/internal/testbed"
)

// 74 s measured on two cores at a load of 9, of 34 s of CPU time.
func TestMain(m *testing.M) {
	os.Exit(testbed.M{M: m, Need: 3 * time.Minute}.Run())
}

func TestBuildsForWindowsOnARM(t *testing.T) {
	t.Parallel()
	testbed.Long(t, "builds")
	e2e.Build(t, filepath.Join(t.TempDir(), "certgen.exe"), "windows", "arm64")
}

// machine is a Windows on which commands are run.
type machine struct{ *windows.Machine }

// done is a run that must succeed.
func (w machine) done(t *testing.T, dir string, args ...string) e2e.Result {
	t.Helper()
	r := w.Certgen(t, dir, args...)
	if r.Code != 0 {
		t.Fatalf("certgen %s: exit %d\n%s", strings.Join(args, " "), r.Code, r.Stderr)
	}
	return r
}

func TestWindows(t *testing.T) {
	t.Parallel()
	w := machine{windows.New(t)}

	t.Run("recipes", func(t *testing.T) { w.recipes(t, "../../../../README.md", "../../../../docs/windows.md") })

	t.Run("standard output", func(t *testing.T) {
		r := w.done(t, t.TempDir(), "create", "nginxsecret", "--bundle", "nginx")
		docs := e2e.Documents(t, r.Stdout)
		if strings.Contains(r.Stdout, "\r") || len(docs) != 4 {
			t.Errorf("%d documents:\n%q", len(docs), r.Stdout)
		}
		cert := filepath.Join(t.TempDir(), "tls.crt")
		e2e.Write(t, cert, e2e.Decode[corev1.Secret](t, docs["Secret"]).Data["tls.crt"])
		if names := e2e.Parse(t, cert)[0].DNSNames; len(names) != 4 {
			t.Errorf("names %q", names)
		}
	})

	t.Run("manifest", func(t *testing.T) {
		dir := t.TempDir()
		file := filepath.Join(dir, "secret.yaml")
		w.keeps(t, dir, []string{file}, "create", "nginxsecret", "--out", `.\secret.yaml`)
		secret := e2e.Decode[corev1.Secret](t, string(e2e.Read(t, file)))
		if secret.Name != "nginxsecret" || len(secret.Data["tls.key"]) == 0 {
			t.Errorf("secret.yaml:\n%s", e2e.Read(t, file))
		}
		private(t, file)
	})

	t.Run("PEM folder", func(t *testing.T) {
		dir := t.TempDir()
		var files []string
		for _, name := range []string{"tls.crt", "tls.key", "ca.crt"} {
			files = append(files, filepath.Join(dir, name))
		}
		w.keeps(t, dir, files, "create", "x", "--dns", "one.example", "-o", "pem", "--out", windows.Path(dir))
		private(t, files[1])
		e2e.Output(t, "", e2e.Need(t, "openssl"), "verify", "-x509_strict", "-CAfile", files[2], files[0])
		e2e.Output(t, "", e2e.Need(t, "openssl"), "pkey", "-in", files[1], "-check", "-noout")
	})

	t.Run("inputs of Windows editors", func(t *testing.T) {
		flags := e2e.NewAuthority(t, "Test Root", "ecdsa", nil).Flags(t)
		for _, file := range []string{flags[1], flags[3]} {
			e2e.Write(t, file, append([]byte("\ufeff"), bytes.ReplaceAll(e2e.Read(t, file), []byte("\n"), []byte("\r\n"))...))
		}
		dir := t.TempDir()
		w.done(t, dir, append([]string{"create", "x", "--dns", "one.example", "-o", "pem", "--out", "."}, flags...)...)
		for _, name := range []string{"tls.crt", "ca.crt"} {
			if bytes.ContainsAny(e2e.Read(t, filepath.Join(dir, name)), "\r\ufeff") {
				t.Errorf("%s has the input's line ends", name)
			}
		}
		e2e.Output(t, "", e2e.Need(t, "openssl"), "verify", "-x509_strict", "-CAfile", filepath.Join(dir, "ca.crt"), filepath.Join(dir, "tls.crt"))
	})

	t.Run("completion", func(t *testing.T) {
		// What the script of "completion powershell" asks: the last argument is the word to complete.
		r := w.done(t, t.TempDir(), "__complete", "create", "nginxsecret", "--key-al")
		if !strings.HasPrefix(r.Stdout, "--key-algorithm\t") || !strings.HasSuffix(r.Stdout, "\n:4\n") || strings.Contains(r.Stdout, "\r") {
			t.Errorf("printed %q", r.Stdout)
		}
		if script := w.done(t, t.TempDir(), "completion", "powershell").Stdout; !strings.Contains(script, "Register-ArgumentCompleter -CommandName 'certgen'") {
			t.Errorf("printed %q", script)
		}
	})

	t.Run("failed", func(t *testing.T) {
		dir := t.TempDir()
		if r := w.Certgen(t, dir, "create", "x", "--dns", "one.example", "--out", `missing\secret.yaml`); r.Code != 1 || r.Stdout != "" {
			t.Errorf("exit %d, want 1\n%s%s", r.Code, r.Stdout, r.Stderr)
		}
		nothingIn(t, dir)
	})

	t.Run("wrong usage", func(t *testing.T) {
		dir := t.TempDir()
		if r := w.Certgen(t, dir, "create", "x", "--out", "secret.yaml"); r.Code != 2 || r.Stdout != "" {
			t.Errorf("exit %d, want 2\n%s%s", r.Code, r.Stdout, r.Stderr)
		}
		nothingIn(t, dir)
	})

	t.Run("Git Bash rewrote the subject", func(t *testing.T) {
		r := w.Certgen(t, t.TempDir(), "create", "x", "--subject", "C:/Program Files/Git/CN=my-nginx")
		if r.Code != 2 && r.Code != 1 || r.Stdout != "" || !strings.Contains(r.Stderr, "Git Bash") {
			t.Errorf("exit %d\n%s%s", r.Code, r.Stdout, r.Stderr)
		}
	})
}

// keeps runs a command that writes files three times: the first makes them, the second leaves each byte and
// says so, the third is told to make new ones and does, over the old.
func (w machine) keeps(t *testing.T, dir string, files []string, args ...string) {
	t.Helper()
	contents := func() (all []byte) {
		for _, file := range files {
			all = append(all, e2e.Read(t, file)...)
		}
		return all
	}
	w.done(t, dir, args...)
	first := contents()
	if r := w.done(t, dir, args...); !strings.Contains(r.Stderr, "kept") || !bytes.Equal(contents(), first) {
		t.Errorf("the second run did not keep the first one's files:\n%s", r.Stderr)
	}
	if w.done(t, dir, append(args, "--reissue")...); bytes.Equal(contents(), first) {
		t.Error("--reissue made nothing new")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != len(files) {
		t.Errorf("left behind: %v %v", entries, err)
	}
}

// private checks a private key's file: Wine shows an access list as the bits of a Unix mode, in which the
// owner's entry stands for the group too.
func private(t *testing.T, file string) {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode&0o007 != 0 {
		t.Errorf("%s: mode %v, want it closed to others", file, mode)
	}
}

func nothingIn(t *testing.T, dir string) {
	t.Helper()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}
