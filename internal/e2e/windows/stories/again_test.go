package stories

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// again runs stories, and once more from the start one that failed: once in some 600 starts, on a loaded machine, a
// program under Wine ends with 1 and without a word. What fails twice has failed.
type again struct {
	*testing.T
	stories testscript.Params
}

// Verbose is what testscript asks beside the methods of a test.
func (again) Verbose() bool { return testing.Verbose() }

// Run runs the story of a name.
func (a again) Run(name string, story func(testscript.T)) {
	a.T.Run(name, func(t *testing.T) {
		first := &attempt{again: again{T: t}}
		done := make(chan struct{})
		go func() { // which the attempt ends where it fails
			defer close(done)
			story(first)
		}()
		<-done
		switch {
		case first.skipped != "":
			t.Skip(first.skipped)
		case first.failed:
			t.Logf("failed under Wine, so it is run once more:\n%s", first.logged.String())
			second := a.stories
			second.Dir, second.Files = "", []string{filepath.Join(a.stories.Dir, name+".txtar")}
			testscript.Run(t, second)
		default:
			t.Log(first.logged.String())
		}
	})
}

// attempt is a test that may fail.
type attempt struct {
	again
	logged  strings.Builder
	skipped string
	failed  bool
}

func (a *attempt) Log(args ...any) { fmt.Fprintln(&a.logged, args...) }

func (a *attempt) Fatal(args ...any) {
	a.Log(args...)
	a.FailNow()
}

func (a *attempt) FailNow() {
	a.failed = true
	runtime.Goexit()
}

func (a *attempt) Skip(args ...any) {
	a.skipped = fmt.Sprint(args...)
	runtime.Goexit()
}
