package dynamodb

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// tableName takes a TableName parameter, which may be an ARN: a name in the caller's own account and region.
func tableName(c *sim.Call, given string) (string, error) {
	name := given
	if strings.HasPrefix(given, "arn:") {
		prefix := c.ARN("dynamodb", "table/")
		if !strings.HasPrefix(given, prefix) {
			return "", sim.Errorf("ResourceNotFoundException", "Requested resource not found: the drill cloud reaches no table of another account or region: %s", given)
		}
		name = given[len(prefix):]
	}
	return name, checkName("tableName", name)
}

// checkName refuses a name that no table or index may have.
func checkName(member, name string) error {
	rule := ""
	switch {
	case len(name) < 3:
		rule = "Member must have length greater than or equal to 3"
	case len(name) > 255:
		rule = "Member must have length less than or equal to 255"
	case strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") != "":
		rule = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
	default:
		return nil
	}
	return constraint(name, member, rule)
}

// constraint is a ValidationException about one member of the request.
func constraint(value, member, rule string) error {
	if value == "" {
		value = "null"
	} else {
		value = "'" + value + "'"
	}
	return invalid("1 validation error detected: Value %s at '%s' failed to satisfy constraint: %s", value, member, rule)
}

// add puts a table into the region, unless there is one of its name, which it gives.
func (r *region) add(t *table) (other *table) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if other = r.tables[t.name]; other != nil {
		return other
	}
	if r.tables == nil {
		r.tables = map[string]*table{}
	}
	r.tables[t.name] = t
	return nil
}

// all are the region's tables, gone ones too.
func (r *region) all() []*table {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Collect(maps.Values(r.tables))
}

// free refuses a table that something is still being done to.
func (t *table) free(now time.Time) error {
	busy := func(what string) error {
		return sim.Errorf("ResourceInUseException", "Attempt to change a resource which is still in use: Table is being %s: %s", what, t.def.Name)
	}
	switch status, _ := t.status(now); status {
	case "CREATING":
		return busy("created")
	case "UPDATING":
		return busy("updated")
	case "DELETING":
		return busy("deleted")
	}
	return nil
}

// byARN gives the table of a ResourceArn, which may name an index or a stream of it.
func (s *Service) byARN(c *sim.Call, arn string) (*table, error) {
	name, ok := strings.CutPrefix(arn, c.ARN("dynamodb", "table/"))
	if !ok {
		return nil, invalid("Invalid ResourceArn: the drill cloud has no DynamoDB resource of that ARN in this account and region: %s", arn)
	}
	name, _, _ = strings.Cut(name, "/") // an index or a stream
	if t := s.findSettled(c, name); t != nil {
		return t, nil
	}
	return nil, sim.Errorf("ResourceNotFoundException", "Requested resource not found: ResourcArn: %s not found", arn)
}

// names are the tables of the caller that are not gone, in order.
func (s *Service) names(c *sim.Call) []string {
	r := s.regions.Load().In(c.Scope)
	r.mu.RLock()
	all := slices.Sorted(maps.Keys(r.tables))
	r.mu.RUnlock()
	return slices.DeleteFunc(all, func(name string) bool { return s.find(c, name) == nil })
}
