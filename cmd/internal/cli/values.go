package cli

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// ListValue is a flag that repeats and takes commas. Unlike pflag's lists it keeps an empty element,
// so that an empty host is found wrong and not overlooked.
type ListValue []string

func (l *ListValue) Set(s string) error {
	for part := range strings.SplitSeq(s, ",") {
		*l = append(*l, strings.TrimSpace(part))
	}
	return nil
}

func (l *ListValue) Type() string   { return "strings" }
func (l *ListValue) String() string { return strings.Join(*l, ",") }

// MapValue is a flag that repeats and takes KEY=VALUE pairs parted by commas. A comma that no KEY=
// follows belongs to the value. Unlike pflag's maps it changes nothing in a value: quotes and line
// breaks stay.
type MapValue map[string]string

func (m *MapValue) Set(s string) error {
	if *m == nil {
		*m = MapValue{}
	}
	key := ""
	for part := range strings.SplitSeq(s, ",") {
		if k, v, ok := strings.Cut(part, "="); ok {
			key = strings.TrimSpace(k)
			(*m)[key] = v
		} else if key == "" {
			return errors.New("must be KEY=VALUE")
		} else {
			(*m)[key] += "," + part
		}
	}
	return nil
}

func (m *MapValue) Type() string { return "key=value" }

func (m *MapValue) String() string {
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(*m)) {
		pairs = append(pairs, key+"="+(*m)[key])
	}
	return strings.Join(pairs, ",")
}
