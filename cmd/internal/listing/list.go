package listing

import "certgen/render/report/inventory"

// List is what was found.
type List struct {
	Entries     []*inventory.Entry
	Authorities []inventory.Authority
	Notes       []string // what is to be known of it
	Errors      []error  // of what could not be read
}
