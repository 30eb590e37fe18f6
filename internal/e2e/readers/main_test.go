package readers

import (
	"os"
	"testing"
	"time"

	"certgen/internal/testbed"
)

// 96 s measured on two cores at a load of 6, of 74 s of CPU time.
func TestMain(m *testing.M) { os.Exit(testbed.M{M: m, Need: 4 * time.Minute}.Run()) }
