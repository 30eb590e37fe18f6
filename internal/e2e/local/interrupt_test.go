package local

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"certgen/internal/e2e"
)

// TestInterrupt presses Ctrl-C while a key is made that takes seconds.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs signals")
	}
	for !interrupted(t) { // a key was ready before the signal came, which is rare
	}
}

// interrupted makes a key of 8192 bits, stops that half-way, and judges what is left. It reports false where the key was ready too soon.
func interrupted(t *testing.T) bool {
	dir := t.TempDir()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(e2e.Certgen(t), "create", "web", "--dns", "a.example", "--key-algorithm", "rsa", "--key-size", "8192", "--out", filepath.Join(dir, "web.yaml"))
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(700 * time.Millisecond) // the program starts in 5 ms, or a hundred times that on a busy machine; the key takes many seconds
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if cmd.ProcessState.Success() {
		return false
	}
	if code := cmd.ProcessState.ExitCode(); code != 130 || stderr.String() != "error: interrupted; nothing was written\n" || stdout.Len() > 0 {
		t.Errorf("exit %d (%v)\n%s%s", code, err, &stdout, &stderr)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	return true
}

// TestInterruptWaiting presses Ctrl-C once while certgen waits for what does not come: input, or a writer of a
// named pipe, or a server's answer.
func TestInterruptWaiting(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs signals")
	}
	fifo := filepath.Join(t.TempDir(), "fifo")
	e2e.Output(t, "", e2e.Need(t, "mkfifo"), fifo)
	const stalled = "SERVER" // which takes a connection and says nothing
	for _, args := range [][]string{
		{"verify", "-"}, {"inspect", "-"}, {"verify", fifo}, {"inspect", fifo}, {"inspect", "-", "-o", "json"}, {"sign", "-", "--allow", "*", "--ca-cert", "CA", "--ca-key", "CA"}, {"krm"}, {"verify", stalled}, {"inspect", stalled, fifo},
	} {
		t.Run(args[0]+" "+filepath.Base(args[len(args)-1]), func(t *testing.T) {
			t.Parallel()
			server, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			if err := server.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
				t.Fatal(err)
			}
			asks := slices.Index(args, stalled)
			if asks > 0 {
				args[asks] = server.Addr().String()
			}
			var stdout, stderr bytes.Buffer
			cmd := exec.Command(e2e.Certgen(t), args...)
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			stdin, err := cmd.StdinPipe() // which nobody writes to
			if err != nil {
				t.Fatal(err)
			}
			defer stdin.Close()
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			late := time.AfterFunc(30*time.Second, func() { cmd.Process.Kill() })
			defer late.Stop()
			if asks > 0 {
				conn, err := server.Accept()
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
			} else {
				time.Sleep(2 * time.Second) // nothing shows that it waits for input; long enough on a busy machine
			}
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			err = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != 130 || stderr.String() != "error: interrupted; nothing was written\n" || stdout.Len() > 0 {
				t.Errorf("exit %d (%v)\n%s%s", code, err, &stdout, &stderr)
			}
		})
	}
}

// TestInterruptPassword presses Ctrl-C when a password is asked for: certgen ends at once, and the terminal
// shows again what is typed.
func TestInterruptPassword(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keystore := filepath.Join(dir, "x.p12")
	e2e.Write(t, filepath.Join(dir, "password"), []byte("sesame\n"))
	e2e.Create(t, "x", "--dns", "one.example", "-o", "pkcs12", "--keystore-password-file", filepath.Join(dir, "password"), "--out", keystore)
	for _, command := range []string{"inspect " + keystore, "verify " + keystore, "create x --pkcs12 " + keystore} {
		t.Run(command[:6], func(t *testing.T) {
			t.Parallel()
			shown, err := e2e.OnTerminal(t, "Password of the PKCS#12 file: ", "\x03", "trap : INT; '"+e2e.Certgen(t)+"' "+command+"; echo exit $?; stty -a")
			if err != nil || !strings.Contains(shown, "exit 130") || !strings.Contains(shown, " echo ") {
				t.Errorf("%v\n%s", err, shown)
			}
		})
	}
}

// TestClosedPipe prints to a reader that has gone, as "| head -1" does: not a word about it.
func TestClosedPipe(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"create", "nginxsecret"}, {"help"}, {"version"}, {"completion", "bash"}} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		var stderr bytes.Buffer
		cmd := exec.Command(e2e.Certgen(t), args...)
		cmd.Stdout, cmd.Stderr = w, &stderr
		err = cmd.Run()
		w.Close()
		if err == nil || strings.Contains(stderr.String(), "error") || strings.Contains(stderr.String(), "goroutine") {
			t.Errorf("%v: %v\n%s", args, err, &stderr)
		}
	}
}

// TestInterruptExec presses Ctrl-C while the command of renew --exec runs: the files from before are back.
func TestInterruptExec(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs signals")
	}
	dir := t.TempDir()
	manifest, started := filepath.Join(dir, "web.yaml"), filepath.Join(dir, "started")
	e2e.Create(t, "web", "--dns", "web.example", "--out", manifest)
	before := e2e.Read(t, manifest)
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(e2e.Certgen(t), "renew", manifest, "--all", "--exec", "echo >'"+started+"'; exec sleep 60")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(started); err == nil {
			break
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 130 || !strings.HasSuffix(stderr.String(), "error: interrupted; the files from before are put back\n") || stdout.Len() > 0 {
		t.Errorf("exit %d (%v)\n%s%s", code, err, &stdout, &stderr)
	}
	if !bytes.Equal(e2e.Read(t, manifest), before) {
		t.Error("the manifest has changed")
	}
}
