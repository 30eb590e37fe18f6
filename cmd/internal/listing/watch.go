package listing

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"certgen/render"
	"certgen/render/report/inventory"
)

// Watcher shows a list again and again. On a screen each one takes the place of the last; elsewhere, as with kubectl get
// --watch, what is new or has changed follows.
type Watcher struct {
	Out   io.Writer
	Every time.Duration
	Size  func() (width, height int) // of the screen; nil where there is none
	Title string
	Read  func(context.Context) (List, error)
	Table func(w io.Writer, entries []*inventory.Entry) error
}

// Watch goes on until ctx ends, or the first list fails. That a later one fails is shown, and it tries again.
func (w Watcher) Watch(ctx context.Context) error {
	known := map[string]string{}
	for first := true; ; first = false {
		list, err := w.Read(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && first {
			return err
		}
		if w.Size != nil {
			err = w.draw(list, err, first)
		} else {
			err = w.follow(list, err, known)
		}
		if err != nil {
			return err
		}
		select {
		case <-time.After(w.Every):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// draw puts a list on the screen, as much of it as there is room for.
func (w Watcher) draw(list List, failed error, first bool) error {
	_, height := w.Size()
	var text bytes.Buffer
	fmt.Fprintf(&text, "Certificates of %s at %s, every %s\n\n", render.Printable(w.Title), time.Now().Format(time.TimeOnly), w.Every)
	if failed != nil { // what was on the screen is gone: it may not be so any more
		fmt.Fprintf(&text, "error: %s\n", render.Printable(failed.Error()))
	}
	for _, note := range list.Notes {
		fmt.Fprintf(&text, "note: %s\n", render.Printable(note))
	}
	for _, err := range list.Errors {
		fmt.Fprintf(&text, "error: %s\n", render.Printable(err.Error()))
	}
	shown := list.Entries
	if room := max(1, height-bytes.Count(text.Bytes(), []byte("\n"))-3); height > 0 && len(shown) > room { // the header, what says how many more, and the cursor's line
		shown = shown[:room]
	}
	if len(shown) > 0 {
		if err := w.Table(&text, shown); err != nil {
			return err
		}
	}
	if more := len(list.Entries) - len(shown); more > 0 {
		fmt.Fprintf(&text, "and %d more, less urgent\n", more)
	}
	_, err := io.WriteString(w.Out, frame(text.String(), first))
	return err
}

// What a terminal obeys: ECMA-48.
const (
	home, clearAll, clearLine, clearBelow = "\x1b[H", "\x1b[2J", "\x1b[K", "\x1b[J"
)

// frame writes lines over those of the frame before, so that nothing flickers.
func frame(text string, first bool) string {
	start := home
	if first {
		start = clearAll + home
	}
	return start + strings.ReplaceAll(text, "\n", clearLine+"\n") + clearBelow
}

// follow writes those entries that are not known yet as they are.
func (w Watcher) follow(list List, failed error, known map[string]string) error {
	if failed != nil {
		return nil // nothing is known to have changed
	}
	var changed []*inventory.Entry
	for i := range list.Entries {
		e := list.Entries[i]
		place := strings.Join([]string{e.Source, e.Group, e.Kind, e.Namespace, e.Name, e.Key}, "\n")
		state := fmt.Sprint(e.State, e.NotAfter, e.RenewAfter, e.Subject, e.Names, e.ManagedBy, e.UsedBy, len(e.Findings))
		if known[place] != state {
			known[place] = state
			changed = append(changed, e)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return w.Table(w.Out, changed)
}
