// Command promtext is Prometheus' own reader of its text format as a judge: it reads standard input, refuses what
// Prometheus would, a sample that is there twice included, and writes each sample as a JSON object on a line.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

type sample struct {
	Metric string            `json:"metric"`
	Labels map[string]string `json:"labels"`
	Value  float64           `json:"value"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "promtext:", err)
		os.Exit(1)
	}
}

func run() error {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(os.Stdin)
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	for name, family := range families {
		if family.GetHelp() == "" || family.GetType().String() != "GAUGE" {
			return fmt.Errorf("%s: no help, or no gauge", name)
		}
		seen := map[string]bool{}
		for _, metric := range family.GetMetric() {
			s := sample{Metric: name, Labels: map[string]string{}, Value: metric.GetGauge().GetValue()}
			for _, label := range metric.GetLabel() {
				s.Labels[label.GetName()] = label.GetValue()
			}
			text, err := json.Marshal(s.Labels)
			if err != nil {
				return err
			}
			if seen[string(text)] {
				return fmt.Errorf("%s%s is there twice", name, text)
			}
			seen[string(text)] = true
			if err := out.Encode(s); err != nil {
				return err
			}
		}
	}
	return nil
}
