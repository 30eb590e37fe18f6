package e2e

import (
	"strings"

	"certgen/secrets/service"
)

// Claims are what the findings say of who refuses, by id.
func Claims() map[string]string {
	claims := map[string]string{}
	for _, rule := range service.AllRules() {
		claims[rule.ID], _, _ = strings.Cut(rule.Breaks, ";")
	}
	return claims
}
