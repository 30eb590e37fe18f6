package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"certgen/cmd/internal/cli"
)

// console is a console without a window, as Windows Terminal makes one for each tab: what is written into it
// comes out as text with escape sequences.
type console struct {
	handle windows.Handle
	keys   *os.File // what is typed, which is nothing

	mu     sync.Mutex
	screen bytes.Buffer
}

func newConsole(t *testing.T) *console {
	t.Helper()
	var keysOut, keysIn, screenOut, screenIn windows.Handle
	if err := errors.Join(windows.CreatePipe(&keysOut, &keysIn, nil, 0), windows.CreatePipe(&screenOut, &screenIn, nil, 0)); err != nil {
		t.Fatal(err)
	}
	c := &console{keys: os.NewFile(uintptr(keysIn), "keys")}
	if err := windows.CreatePseudoConsole(windows.Coord{X: 120, Y: 40}, keysOut, screenIn, 0, &c.handle); err != nil {
		t.Fatal(err)
	}
	windows.CloseHandle(keysOut)
	windows.CloseHandle(screenIn)
	go func() { // ends when the console is closed
		screen := os.NewFile(uintptr(screenOut), "screen")
		defer screen.Close()
		buffer := make([]byte, 4096)
		for {
			n, err := screen.Read(buffer)
			c.mu.Lock()
			c.screen.Write(buffer[:n])
			c.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		windows.ClosePseudoConsole(c.handle)
		c.keys.Close()
	})
	return c
}

// text is what has been on the screen so far.
func (c *console) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.screen.String()
}

// shows waits for a text on the screen.
func (c *console) shows(t *testing.T, pattern string) {
	t.Helper()
	for range 600 {
		if regexp.MustCompile(pattern).MatchString(c.text()) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("no %q on the screen:\n%q", pattern, c.text())
}

// start starts a program in the console and returns its process.
func (c *console) start(t *testing.T, program string, args ...string) windows.Handle {
	t.Helper()
	attributes, err := windows.NewProcThreadAttributeList(1)
	if err != nil {
		t.Fatal(err)
	}
	defer attributes.Delete()
	// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-updateprocthreadattribute
	const pseudoConsole = 0x00020016
	if err := attributes.Update(pseudoConsole, *(*unsafe.Pointer)(unsafe.Pointer(&c.handle)), unsafe.Sizeof(c.handle)); err != nil {
		t.Fatal(err)
	}
	startup := windows.StartupInfoEx{ProcThreadAttributeList: attributes.List()}
	startup.Cb = uint32(unsafe.Sizeof(startup))
	startup.Flags = windows.STARTF_USESTDHANDLES // none, instead of this process's own
	line, err := windows.UTF16PtrFromString(windows.ComposeCommandLine(append([]string{program}, args...)))
	if err != nil {
		t.Fatal(err)
	}
	var process windows.ProcessInformation
	if err := windows.CreateProcess(nil, line, nil, nil, false, windows.EXTENDED_STARTUPINFO_PRESENT, nil, nil, &startup.StartupInfo, &process); err != nil {
		t.Fatal(err)
	}
	windows.CloseHandle(process.Thread)
	return process.Process
}

// The variables by which a test tells TestInConsole, which it starts in a console, what to do.
const (
	reportVariable = "CERTGEN_TEST_REPORT" // the file for the report
	eventVariable  = "CERTGEN_TEST_EVENT"  // what to send to the console, once the file with the name of the report and ".send" exists
)

// consoleReport is what a program did to its console.
type consoleReport struct {
	Code                  int
	ModeBefore, ModeAfter uint32 // of the output
}

// inConsole runs certgen in a console of its own. An event is sent when the screen shows a text.
func inConsole(t *testing.T, event, when string, args ...string) (screen string, report consoleReport) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder(t, "report", "report.send"), "report")
	t.Setenv(reportVariable, file)
	t.Setenv(eventVariable, event)
	c := newConsole(t)
	process := c.start(t, self, append([]string{"-test.run=^TestInConsole$", "--", binary(t)}, args...)...)
	defer windows.CloseHandle(process)
	if event != "" {
		c.shows(t, when)
		if err := os.WriteFile(file+".send", nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if ended, err := windows.WaitForSingleObject(process, 60_000); err != nil || ended != windows.WAIT_OBJECT_0 {
		windows.TerminateProcess(process, 1)
		t.Fatalf("does not end (%v):\n%q", err, c.text())
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v:\n%q", err, c.text())
	}
	if err := json.Unmarshal(data, &report); err != nil {
		t.Fatal(err)
	}
	c.shows(t, "all has been shown")
	return c.text(), report
}

// TestInConsole is not a test but what inConsole starts in a console: it runs the program after "--".
func TestInConsole(t *testing.T) {
	file := os.Getenv(reportVariable)
	if file == "" {
		return
	}
	signal.Notify(make(chan os.Signal, 1), os.Interrupt) // an event reaches every process of the console
	in, errIn := os.OpenFile("CONIN$", os.O_RDWR, 0)
	out, errOut := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err := errors.Join(errIn, errOut); err != nil {
		t.Fatal(err)
	}
	var report consoleReport
	mode := func(mode *uint32) error { return windows.GetConsoleMode(windows.Handle(out.Fd()), mode) }
	cmd := exec.Command(flag.Arg(0), flag.Args()[1:]...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = filepath.Dir(file), in, out, out
	if err := errors.Join(mode(&report.ModeBefore), cmd.Start()); err != nil {
		t.Fatal(err)
	}
	if event := os.Getenv(eventVariable); event != "" {
		for !exists(file + ".send") {
			time.Sleep(50 * time.Millisecond)
		}
		n, err := strconv.ParseUint(event, 10, 32)
		if err := errors.Join(err, windows.GenerateConsoleCtrlEvent(uint32(n), 0)); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	report.Code = cmd.ProcessState.ExitCode()
	if err := mode(&report.ModeAfter); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	out.WriteString("all has been shown")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// binary is certgen.exe: the one that the variable names, for a machine without Go, or a new one.
func binary(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("CERTGEN_TEST_BINARY"); path != "" {
		return path
	}
	path := filepath.Join(t.TempDir(), "certgen.exe")
	if out, err := exec.Command("go", "build", "-o", path, "certgen/cmd/certgen").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// folder is a folder in which nothing but the named files may be left. Wine 8 lacks the call by which Go
// removes the folders of t.TempDir.
func folder(t *testing.T, names ...string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "certgen-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, name := range append(names, ".") {
			if err := os.Remove(filepath.Join(dir, name)); err != nil && !os.IsNotExist(err) {
				t.Errorf("something is left behind: %v", err)
			}
		}
	})
	return dir
}

// TestWindowsInterrupts ends certgen while it makes a key that takes long.
func TestWindowsInterrupts(t *testing.T) {
	events := map[string]uint32{"Ctrl-C": windows.CTRL_C_EVENT, "Ctrl-Break": windows.CTRL_BREAK_EVENT}
	if windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil {
		delete(events, "Ctrl-Break") // Wine ends a program at once, without telling it
	}
	for name, event := range events {
		t.Run(name, func(t *testing.T) {
			screen, report := inConsole(t, strconv.Itoa(int(event)), "making an RSA 8192 key",
				"create", "web", "--dns", "a.example", "--key-algorithm", "rsa", "--key-size", "8192", "--out", "web.yaml")
			if report.Code != cli.ExitInterrupted || !regexp.MustCompile("error: interrupted; nothing was written").MatchString(screen) {
				t.Errorf("exit %d, want %d:\n%q", report.Code, cli.ExitInterrupted, screen)
			}
		})
	}
}

// TestWindowsColours: they are switched on for as long as certgen runs, and only where they are wanted.
func TestWindowsColours(t *testing.T) {
	tutorial, err := filepath.Abs("../testdata/tutorial.crt")
	if err != nil {
		t.Fatal(err)
	}
	red := regexp.MustCompile("\x1b\\[31mexpired [0-9]+ days ago\x1b\\[")
	for name, test := range map[string]struct {
		noColor string
		want    bool
	}{"wanted": {"", true}, "NO_COLOR": {"1", false}} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("NO_COLOR", test.noColor)
			screen, report := inConsole(t, "", "", "inspect", tutorial)
			if report.Code != cli.ExitDone || red.MatchString(screen) != test.want {
				t.Errorf("exit %d, red %v, want %v:\n%q", report.Code, red.MatchString(screen), test.want, screen)
			}
			if report.ModeAfter != report.ModeBefore {
				t.Errorf("the console's mode was %#x and is now %#x", report.ModeBefore, report.ModeAfter)
			}
		})
	}
}
