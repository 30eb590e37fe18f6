package e2e

import (
	"io"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Terminal runs certgen with a terminal for all its streams, and types the answer when the prompt appears. It
// returns all that the terminal showed.
func Terminal(t *testing.T, prompt, answer string, args ...string) (shown string, err error) {
	t.Helper()
	line := []string{"'" + Certgen(t) + "'"}
	for _, arg := range args {
		line = append(line, "'"+arg+"'")
	}
	return OnTerminal(t, prompt, answer+"\n", strings.Join(line, " "))
}

// OnTerminal is terminal for a line of the shell, and for an answer that may have no end.
func OnTerminal(t *testing.T, prompt, answer, line string) (shown string, err error) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("needs the script of util-linux")
	}
	cmd := exec.CommandContext(t.Context(), Need(t, "script"), "-qefc", line, "/dev/null")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer late.Stop()
	for buffer := make([]byte, 4096); ; {
		n, readErr := stdout.Read(buffer)
		shown += string(buffer[:n])
		if prompt != "" && strings.Contains(shown, prompt) {
			time.Sleep(time.Second) // what is typed between the prompt and the end of the echo is shown
			io.WriteString(stdin, answer)
			prompt = ""
		}
		if readErr != nil {
			return shown, cmd.Wait()
		}
	}
}
