package listing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"certgen/render/report/inventory"
)

// rounds are lists that come one after the other, the last of them for ever.
func rounds(lists ...any) func(context.Context) (List, error) {
	next := 0
	return func(context.Context) (List, error) {
		now := lists[min(next, len(lists)-1)]
		next++
		if err, failed := now.(error); failed {
			return List{}, err
		}
		return now.(List), nil
	}
}

func named(names ...string) (l List) {
	for _, name := range names {
		l.Entries = append(l.Entries, &inventory.Entry{Kind: "Secret", Name: name})
	}
	return l
}

func names(w io.Writer, entries []*inventory.Entry) error {
	for _, e := range entries {
		fmt.Fprintln(w, e.Name)
	}
	return nil
}

// TestWatch: what is shown is fresh, fits the screen, and outlives an error that passes.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		watch := func(size func() (int, int), read func(context.Context) (List, error)) (string, error) {
			var out bytes.Buffer
			ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
			defer cancel()
			w := Watcher{Out: &out, Every: 10 * time.Second, Size: size, Title: "the cluster", Read: read, Table: names}
			err := w.Watch(ctx)
			return out.String(), err
		}
		down := errors.New("the server is \x1b[31mdown")
		screen := func() (int, int) { return 80, 8 }

		shown, err := watch(screen, rounds(named("one", "two"), down, named("three", "b", "c", "d", "e", "f")))
		frames := strings.Split(shown, home)
		if !errors.Is(err, context.DeadlineExceeded) || len(frames) != 4 || frames[0] != clearAll {
			t.Fatalf("%v, %q", err, frames)
		}
		if !strings.Contains(frames[1], "one\x1b[K\ntwo\x1b[K\n") || strings.Contains(frames[2], "one") || !strings.Contains(frames[2], "error: the server is \ufffd[31mdown") {
			t.Errorf("%q", frames)
		}
		if !strings.Contains(frames[3], "three") || strings.Contains(frames[3], "d\x1b[K\n") || !strings.Contains(frames[3], "and 3 more") || strings.Count(frames[3], "\n") >= 8 {
			t.Errorf("%q", frames[3])
		}

		changed := named("one", "two")
		changed.Entries[1].State = inventory.Due
		shown, _ = watch(nil, rounds(named("one", "two"), down, changed))
		if shown != "one\ntwo\ntwo\n" {
			t.Errorf("a pipe got %q", shown)
		}
		if _, err = watch(nil, rounds(down)); err != down {
			t.Errorf("the first list fails, and the watch ends with %v", err)
		}
	})
}
