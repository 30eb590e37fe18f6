// Package expect turns the flags of verify into what certificates are held against, and says which findings count.
package expect
