package fleet

import (
	"strings"
	"time"

	"certgen/render/report/inventory"
)

// Filter says which entries are wanted; the zero Filter wants all.
type Filter struct {
	Before    time.Time // only what ends before; zero is no bound
	ManagedBy []string  // only what one of these keeps, in any case of letters; "none" is what nobody is known to keep
}

// NoManager in a [Filter] stands for what nobody is known to keep.
const NoManager = "none"

// Wants reports whether an entry is among them. One whose certificate cannot be read has no end, and is wanted.
func (f Filter) Wants(e *inventory.Entry) bool {
	if !f.Before.IsZero() && e.Certificates > 0 && !e.NotAfter.Before(f.Before) {
		return false
	}
	if len(f.ManagedBy) == 0 {
		return true
	}
	for _, name := range f.ManagedBy {
		if strings.EqualFold(name, e.ManagedBy) || e.ManagedBy == "" && strings.EqualFold(name, NoManager) {
			return true
		}
	}
	return false
}
