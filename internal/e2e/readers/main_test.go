package readers

import (
	"os"
	"testing"
	"time"

	"certgen/internal/testbed"
)

func TestMain(m *testing.M) { os.Exit(testbed.M{M: m, Need: 5 * time.Minute}.Run()) }
