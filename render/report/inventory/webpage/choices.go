package webpage

import (
	"maps"
	"slices"

	"certgen/render/report/inventory"
)

// stateCount is how many entries are in a state.
type stateCount struct {
	State inventory.State
	Count int
}

func states(entries []*inventory.Entry) (counts []stateCount) {
	of := map[inventory.State]int{}
	for i := range entries {
		of[entries[i].State]++
	}
	for _, state := range inventory.States() {
		counts = append(counts, stateCount{state, of[state]})
	}
	return counts
}

// choice is what the list can be filtered by.
type choice struct{ Kinds, Namespaces, Managers []string }

func choices(entries []*inventory.Entry) choice {
	kinds, namespaces, managers := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i := range entries {
		e := entries[i]
		kinds[e.Kind] = true
		if e.Namespace != "" {
			namespaces[e.Namespace] = true
		}
		if e.ManagedBy != "" {
			managers[inventory.Printable(e.ManagedBy)] = true
		}
	}
	return choice{slices.Sorted(maps.Keys(kinds)), slices.Sorted(maps.Keys(namespaces)), slices.Sorted(maps.Keys(managers))}
}
