package testbed

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// process is a server that runs until it is killed.
type process struct {
	cmd   *exec.Cmd
	log   string
	ended chan struct{}
}

// launch starts a program in a folder, where its log goes too.
func launch(dir, name, program string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(program, args...), log: filepath.Join(dir, name+".log"), ended: make(chan struct{})}
	// A file, not a pipe: nobody has to read it, and `go test` does not wait for its end.
	log, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr, p.cmd.SysProcAttr = dir, log, log, dieWithParent()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// kill ends the process at once: what it wrote is thrown away, so there is nothing to shut down in order.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.ended
}

// failure adds the end of the process's log to an error about it.
func (p *process) failure(err error) error {
	log, _ := os.ReadFile(p.log)
	return fmt.Errorf("%s %w; the end of its log:\n%s", filepath.Base(p.cmd.Path), err, log[max(0, len(log)-4000):])
}
