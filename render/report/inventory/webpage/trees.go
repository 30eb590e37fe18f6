package webpage

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"certgen/certs/pki"
	"certgen/render/report/inventory"
)

// tree is a CA, with those that it certified below it.
type tree struct {
	Name, Raw string // as it is shown, and as entries name it
	Until     string // when its certificate ends; "" where only its name is known
	Class     string
	Issued    int // how many entries name it as their issuer
	Below     []tree
}

// maxDepth bounds how deep CAs lie below each other.
const maxDepth = 10

// trees are the roots, and the CAs whose own issuer is nobody that is known; those that issued none of the entries are left out.
func trees(entries []*inventory.Entry, authorities []inventory.Authority, now time.Time) []tree {
	known := map[string]inventory.Authority{}
	for _, a := range authorities {
		known[a.Subject] = a
	}
	issued := map[string]int{}
	for i := range entries {
		if e := entries[i]; e.Certificates > 0 && !e.SelfSigned() {
			issued[e.Issuer]++
		}
	}
	for name := range issued {
		if _, ok := known[name]; !ok {
			known[name] = inventory.Authority{Subject: name}
		}
	}
	below := map[string][]string{}
	var roots []string
	for name, a := range known {
		if _, ok := known[a.Issuer]; ok && a.Issuer != name {
			below[a.Issuer] = append(below[a.Issuer], name)
		} else {
			roots = append(roots, name)
		}
	}
	placed := map[string]bool{}
	var grow func(name string, depth int) tree
	grow = func(name string, depth int) tree {
		placed[name] = true
		a := known[name]
		t := tree{Name: cmp.Or(inventory.Printable(name), "(no name)"), Raw: inventory.Printable(name), Issued: issued[name]}
		if !a.NotAfter.IsZero() {
			t.Until, t.Class = pki.FormatTime(a.NotAfter), "ok"
			if now.After(a.NotAfter) {
				t.Class = "expired"
			}
		}
		for _, child := range below[name] {
			if placed[child] || depth == maxDepth {
				continue
			}
			if b := grow(child, depth+1); b.total() > 0 {
				t.Below = append(t.Below, b)
			}
		}
		sortTrees(t.Below)
		return t
	}
	slices.Sort(roots)
	var all []tree
	for _, name := range slices.Concat(roots, slices.Sorted(maps.Keys(known))) { // the latter for CAs that certified each other
		if placed[name] {
			continue
		}
		if t := grow(name, 0); t.total() > 0 {
			all = append(all, t)
		}
	}
	sortTrees(all)
	return all
}

// sortTrees puts first who issued most.
func sortTrees(trees []tree) {
	slices.SortFunc(trees, func(a, b tree) int {
		return cmp.Or(cmp.Compare(b.total(), a.total()), strings.Compare(a.Name, b.Name))
	})
}

// total is how many entries lead to a CA.
func (t tree) total() int {
	sum := t.Issued
	for _, b := range t.Below {
		sum += b.total()
	}
	return sum
}
