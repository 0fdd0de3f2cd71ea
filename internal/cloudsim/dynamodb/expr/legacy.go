package expr

import "github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"

// AttributeUpdate is one of the AttributeUpdates of UpdateItem, which came before UpdateExpression. The AWS provider of
// Terraform still sends them.
type AttributeUpdate struct {
	Name   string
	Action string      // PUT (when empty), ADD or DELETE
	Value  *item.Value // nil only for DELETE, which then removes the attribute
}

// NewUpdate makes an update of attribute updates, of which each names another attribute.
func NewUpdate(updates []AttributeUpdate) (*Update, error) {
	out := &Update{}
	for _, a := range updates {
		path := Path{{Name: a.Name}}
		out.paths = append(out.paths, path)
		switch {
		case a.Action == "DELETE" && a.Value == nil:
			out.removes = append(out.removes, path)
		case a.Value == nil:
			return nil, item.Refuse("One or more parameter values were invalid: Only DELETE action is allowed when no attribute value is specified")
		case a.Action == "" || a.Action == "PUT":
			out.sets = append(out.sets, set{path, constant{*a.Value}})
		case a.Action == "ADD" && (a.Value.Kind == item.N || a.Value.Kind.IsSet()):
			out.adds = append(out.adds, change{path, *a.Value})
		case a.Action == "DELETE" && a.Value.Kind.IsSet():
			out.deletes = append(out.deletes, change{path, *a.Value})
		case a.Action == "ADD" || a.Action == "DELETE":
			return nil, item.Refuse("One or more parameter values were invalid: %s action is not supported for the type %s", a.Action, a.Value.Kind)
		default:
			return nil, item.Refuse("1 validation error detected: Value '%s' at 'attributeUpdates.%s.member.action' failed to satisfy constraint: Member must satisfy enum value set: [ADD, DELETE, PUT]", a.Action, a.Name)
		}
	}
	out.touched = project(out.paths)
	return out, nil
}
