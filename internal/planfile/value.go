package planfile

import (
	"encoding/json"
	"fmt"

	"github.com/zclconf/go-cty/cty"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// toPlan gives a known value as a plan.Value; one that carries the mark is secret.
func toPlan(v cty.Value) (plan.Value, error) {
	bare, marks := v.UnmarkDeep()
	if !bare.IsWhollyKnown() {
		return plan.Value{}, fmt.Errorf("a part of the value is not known")
	}
	p, err := plain(bare)
	if err != nil {
		return plan.Value{}, err
	}
	if len(marks) > 0 {
		return plan.OfSecret(p), nil
	}
	return plan.Of(p), nil
}

// plain gives a known, unmarked value as JSON-like data.
func plain(v cty.Value) (any, error) {
	t := v.Type()
	switch {
	case v.IsNull():
		return nil, nil //nolint:nilnil // null is a value
	case t == cty.String:
		return v.AsString(), nil
	case t == cty.Bool:
		return v.True(), nil
	case t == cty.Number:
		f := v.AsBigFloat()
		if f.IsInf() || f.MantExp(nil) > 4096 || f.MantExp(nil) < -4096 {
			return nil, fmt.Errorf("the number is out of range")
		}
		return json.Number(f.Text('f', -1)), nil
	case t.IsListType(), t.IsSetType(), t.IsTupleType():
		out := make([]any, 0, v.LengthInt())
		for _, e := range v.Elements() {
			p, err := plain(e)
			if err != nil {
				return nil, err
			}
			out = append(out, p)
		}
		return out, nil
	case t.IsMapType(), t.IsObjectType():
		out := map[string]any{}
		for k, e := range v.Elements() {
			p, err := plain(e)
			if err != nil {
				return nil, err
			}
			out[k.AsString()] = p
		}
		return out, nil
	}
	return nil, fmt.Errorf("a value of type %s cannot be used", t.FriendlyName())
}

// fromPlan gives a plan.Value to expressions; a secret one is marked.
func fromPlan(p plan.Value) (cty.Value, error) {
	v, err := rich(p.Reveal())
	if err != nil || !p.IsSecret() {
		return v, err
	}
	return v.Mark(mark{}), nil
}

func rich(p any) (cty.Value, error) {
	switch x := p.(type) {
	case nil:
		return cty.NullVal(cty.DynamicPseudoType), nil
	case string:
		return cty.StringVal(x), nil
	case bool:
		return cty.BoolVal(x), nil
	case json.Number:
		return cty.ParseNumberVal(x.String())
	case []any:
		list := make([]cty.Value, len(x))
		for i, e := range x {
			v, err := rich(e)
			if err != nil {
				return cty.NilVal, err
			}
			list[i] = v
		}
		return cty.TupleVal(list), nil
	case map[string]any:
		m := make(map[string]cty.Value, len(x))
		for k, e := range x {
			v, err := rich(e)
			if err != nil {
				return cty.NilVal, err
			}
			m[k] = v
		}
		return cty.ObjectVal(m), nil
	}
	return cty.NilVal, fmt.Errorf("a value of type %T is not JSON", p)
}
