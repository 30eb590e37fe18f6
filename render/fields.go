package render

import (
	"reflect"
	"strings"
)

// field is one JSON field of a Kubernetes type: encoding/json and yaml.v3 each keep such a table to themselves.
type field struct {
	name      string
	omitEmpty bool
	inline    bool // an embedded struct without a name: its fields are the outer object's
}

// fieldOf reads the json tag of the i-th field of t. It returns false for a field that has no place in JSON.
func fieldOf(t reflect.Type, i int) (field, bool) {
	sf := t.Field(i)
	name, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
	switch {
	case !sf.IsExported() || name == "-":
		return field{}, false
	case name == "" && sf.Anonymous:
		return field{inline: true}, true
	case name == "":
		name = sf.Name
	}
	return field{name: name, omitEmpty: strings.Contains(options, "omit")}, true
}
