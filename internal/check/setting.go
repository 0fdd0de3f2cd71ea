package check

import (
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

func settingRules() []*Rule {
	restore := "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableToPointInTime.html"
	return []*Rule{
		{
			ID: "LB606", Title: "A table's setting lives outside of Terraform", Weights: all(Medium), find: (*tree).settings,
			Why:    "Somebody or something else sets it, and Terraform was told to look away. A restore brings back none of auto scaling, stream, time to live, tags and point-in-time recovery, and neither does an apply that ignores them.",
			Fix:    "Set it in the resource (capacities by aws_appautoscaling_target) and ignore it no longer, or write into the plan who sets it afterwards. What was set by hand without any trace in the code only `lifeboat check --live` can see.",
			Source: "field notes D3; DynamoDB API Reference, RestoreTableToPointInTime", Links: []string{restore},
		},
		{
			ID: "LB607", Title: "Auto scaling names its table by text", Weights: all(Medium), find: (*tree).scaling,
			Why:    "Terraform does not know then that the table comes first. Where the table is made anew, or its restore takes an hour, the scaling is registered before there is a table, and AWS refuses it: \"DynamoDB table does not exist\".",
			Fix:    "Refer to the table: resource_id = \"table/${aws_dynamodb_table.NAME.name}\".",
			Source: "field notes D3 (terraform-aws-dynamodb-table#15)", Links: []string{"https://github.com/terraform-aws-modules/terraform-aws-dynamodb-table/issues/15", "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html"},
		},
	}
}

// outside are the settings of a table that a restore does not bring back, or that a new table has not. Tags are none: organisations set
// theirs everywhere by themselves.
func outside() []string {
	return []string{"ttl", "stream_enabled", "stream_view_type", "point_in_time_recovery", "replica", "server_side_encryption", "deletion_protection_enabled", "billing_mode"}
}

func (t *tree) settings() {
	scaled := t.scaled()
	t.tables(func(s *survey.Stack, r *survey.Resource) {
		var names []string
		for _, name := range ignores(r) {
			capacity := name == "read_capacity" || name == "write_capacity"
			mode, _ := r.Body.Get("billing_mode").Str()
			if slices.Contains(outside(), name) || capacity && mode != "PAY_PER_REQUEST" && !scaled(r) {
				names = append(names, name)
			}
		}
		if len(names) > 0 {
			h := atKey(s, r, "lifecycle", "ignore_changes")
			h.title = "Set outside of Terraform, so not put back after a restore: " + strings.Join(names, ", ")
			t.add(h)
		}
	})
}

// ignores are what a resource's ignore_changes names, as it is written: tags, tags["cost"].
func ignores(r *survey.Resource) []string {
	var out []string
	if v := r.Body.Get("lifecycle", "ignore_changes"); v != nil {
		for _, leaf := range v.Leaves() {
			out = append(out, strings.TrimSuffix(strings.TrimPrefix(leaf.Show(), "${"), "}"))
		}
	}
	return out
}

// scaled gives a function that tells whether code of any stack scales a table, by reference or by the table's name.
func (t *tree) scaled() func(table *survey.Resource) bool {
	known := map[string]bool{}
	t.resources(survey.Managed, func(_ *survey.Stack, r *survey.Resource) {
		known[tableText(r)] = true
		for _, ref := range refs(r.Body.Get("resource_id")) {
			known[referred(r.Module, ref, "aws_dynamodb_table")] = true
		}
	}, "aws_appautoscaling_target")
	return func(table *survey.Resource) bool { return known[table.Address] || known[table.Body.Get("name").Show()] }
}

// tableText is the name of the table in the text of a scalable target; empty: it is no table's.
func tableText(target *survey.Resource) string {
	id, is := strings.CutPrefix(target.Body.Get("resource_id").Show(), "table/")
	if !is {
		return ""
	}
	id, _, _ = strings.Cut(id, "/index/")
	return id
}

func (t *tree) scaling() {
	type place struct{ stack, module, name string }
	tables := map[place]*survey.Resource{}
	t.tables(func(s *survey.Stack, r *survey.Resource) {
		tables[place{s.Name, r.Module, r.Body.Get("name").Show()}] = r
	})
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		v := r.Body.Get("resource_id")
		table := tables[place{s.Name, r.Module, tableText(r)}]
		if table == nil || differs(v, "aws_dynamodb_table.") || dependsOn(r, table) {
			return
		}
		h := atKey(s, r, "resource_id")
		if text := v.Span.Text(); table.ForEach == nil && r.ForEach == nil && strings.HasPrefix(text, `"table/`) && !strings.Contains(text, "/index/") && strings.HasSuffix(v.Span.File.Path, ".tf") {
			h.patch = &Patch{File: v.Span.File.Path, Start: int(v.Span.Start), End: int(v.Span.End), New: `"table/${` + table.Type + "." + table.Name + `.name}"`}
		}
		t.add(h)
	}, "aws_appautoscaling_target")
}

// dependsOn tells whether a resource says in words that it comes after another one.
func dependsOn(r, other *survey.Resource) bool {
	if v := r.Body.Get("depends_on"); v != nil {
		for _, leaf := range v.Leaves() {
			if strings.Contains(leaf.Show(), other.Type+"."+other.Name) {
				return true
			}
		}
	}
	return false
}
