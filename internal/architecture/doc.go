// Package architecture holds the source of this module against what docs/architecture.md and DESIGN promise of it:
// which package imports which, how long a file is, and what every package says about itself.
//
// It is a package of its own, and not a test beside the program, because it reads source alone: it builds nothing,
// starts nothing and takes two seconds. It has tests only; nothing imports it.
package architecture
