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
	name  string
	log   string
	ended chan struct{}
}

// launch starts a server in a folder, where its log goes too.
func launch(dir, name string, cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, name: name, log: filepath.Join(dir, name+".log"), ended: make(chan struct{})}
	// A file, not a pipe: nobody has to read it, and `go test` does not wait for its end.
	log, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = dieWithParent()
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		cmd.Wait()
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
	return fmt.Errorf("%s %w; the end of its log:\n%s", p.name, err, log[max(0, len(log)-4000):])
}
