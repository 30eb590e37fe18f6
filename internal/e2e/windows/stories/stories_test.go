package stories

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"certgen/internal/e2e"
	"certgen/internal/e2e/story"
	"certgen/internal/e2e/windows"
	"certgen/internal/testbed"
)

// 184 s measured on two cores at a load of 7, of 115 s of CPU time.
func TestMain(m *testing.M) {
	testscript.Main(testbed.M{M: m, Need: 6 * time.Minute}, e2e.Programs())
}

func TestStories(t *testing.T) {
	t.Parallel()
	programs := windows.New(t).Programs(t)

	t.Run("local", func(t *testing.T) { run(t, programs, story.Local(t, false)) })
	t.Run("cluster", func(t *testing.T) { run(t, programs, story.Cluster(t)) })
}

// run runs user stories with the Windows binary as their certgen. Their files, their API server and the programs
// beside it are this machine's.
func run(t *testing.T, programs string, stories testscript.Params) {
	t.Helper()
	setup := stories.Setup
	stories.Setup = func(env *testscript.Env) error {
		if testbed.OutOfTime(t, windows.Reserve) {
			env.T().Skip("Wine is too slow here: less than ", windows.Reserve, " of the test's time is left")
		}
		err := setup(env)
		env.Setenv("/", `\`) // in what certgen prints
		env.Setenv("PATH", programs+string(filepath.ListSeparator)+env.Getenv("PATH"))
		return err
	}
	stories.Condition = story.OnWine(true)
	testscript.RunT(again{T: t, stories: stories}, stories)
}
