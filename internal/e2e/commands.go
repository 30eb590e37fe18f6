package e2e

import "certgen/cmd"

// Programs are the commands that scripts know certgen by, which the test's own binary runs.
func Programs() map[string]func() {
	return map[string]func(){"certgen": cmd.Execute, "kubectl-certgen": cmd.Execute, "kubectl_complete-certgen": cmd.Execute}
}
