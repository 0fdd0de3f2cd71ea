package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

func dataRules() []*Rule {
	pitr := "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery.html"
	return []*Rule{
		{
			ID: "LB601", Title: "A table has no point-in-time recovery", Weights: inPlace(High), find: (*tree).pitr,
			Why:    "What is deleted or overwritten cannot be brought back. Even the system backup of a deleted table is only kept when point-in-time recovery was on.",
			Fix:    "Switch it on. The window begins at that moment. For a database of RDS, which the rule looks at too: set backup_retention_period.",
			Source: "field notes D1 and D6; DynamoDB Developer Guide, Point-in-time recovery", Links: []string{pitr},
		},
		{
			ID: "LB602", Title: "A table's recovery window is short", Weights: inPlace(Low), find: (*tree).window,
			Why:    "Data that was damaged before the window began cannot be brought back.",
			Fix:    "Leave recovery_period_in_days at 35.",
			Source: "field notes D1; DynamoDB Developer Guide, Point-in-time recovery", Links: []string{pitr},
		},
		{
			ID: "LB603", Title: "A table has no copy elsewhere", Weights: away(High), find: (*tree).copies,
			Why:    "Point-in-time recovery lives in the lost place, and native backups cannot be copied away. A replica is in the same account: it dies with it.",
			Fix:    "Give the plan a vault block and the table a table block (`lifeboat protect` exports it there), or copy backups to another account with AWS Backup.",
			Source: "field notes D2", Links: []string{pitr, "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.HowItWorks.html"},
		},
		{
			ID: "LB604", Title: "Deletion protection is off", Weights: inPlace(Medium), find: (*tree).protection,
			Why:    "One wrong apply, or one wrong click in a recovery, deletes the data that it was about.",
			Fix:    "Set deletion_protection_enabled (tables) or deletion_protection (databases).",
			Source: "field notes T12 and D6; DynamoDB Developer Guide, Deletion protection", Links: []string{"https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html"},
		},
		{
			ID: "LB605", Title: "The plan does not recover this table's data", Weights: all(High), find: (*tree).unplanned,
			Why:    "The apply makes a new EMPTY table under the fixed name, so that a restore can no longer use it. The run ends green, and the data is missed later.",
			Fix:    "Give it a table block, or ignore this finding and say why its data may be lost.",
			Source: "field notes section 5, D4 (tpa#4558)", Links: []string{issue("tpa#4558"), "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery.Tutorial.html"},
		},
	}
}

// tables gives every table that code makes.
func (t *tree) tables(f func(*survey.Stack, *survey.Resource)) {
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		if !lockTable(r) {
			f(s, r)
		}
	}, "aws_dynamodb_table")
}

// lockTable tells whether a table holds Terraform's locks, which nobody wants back.
func lockTable(r *survey.Resource) bool {
	key, _ := r.Body.Get("hash_key").Str()
	return key == "LockID"
}

func (t *tree) pitr() {
	t.tables(func(s *survey.Stack, r *survey.Resource) {
		block := r.Body.Get("point_in_time_recovery")
		on, known := block.Get("enabled").Bool()
		if on || block != nil && !known && !block.Get("enabled").IsNull() {
			return
		}
		h := at(s, r)
		if block != nil {
			h = atKey(s, r, "point_in_time_recovery", "enabled")
			h.at = t.argument(s, r, block.Get("enabled"), h.at)
			if v := block.Get("enabled"); v != nil && v.Span.Text() == "false" && strings.HasSuffix(v.Span.File.Path, ".tf") {
				h.patch = &Patch{File: v.Span.File.Path, Start: int(v.Span.Start), End: int(v.Span.End), New: "true"}
			}
		} else {
			h.patch = beforeEnd(r, "\n  point_in_time_recovery {\n    enabled = true\n  }\n")
		}
		t.add(h)
	})
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		v := r.Body.Get("backup_retention_period")
		if days, known := v.Int(); (v.IsNull() || known && days == 0) && r.Body.Get("replicate_source_db").IsNull() {
			h := at(s, r)
			h.title = "A database has no automated backups"
			h.why = "What is deleted or overwritten cannot be brought back: without a retention period (the provider's default is 0 days) RDS keeps no backups, and cannot restore to a point in time."
			h.fix = "Set backup_retention_period."
			t.add(h)
		}
	}, "aws_db_instance")
}

// argument is where a module's caller gives the value of an attribute that is just the module's variable; otherwise it is here.
func (t *tree) argument(s *survey.Stack, r *survey.Resource, v *survey.Value, here survey.Span) survey.Span {
	if v == nil {
		return here
	}
	name, ok := strings.CutPrefix(strings.TrimSpace(v.Span.Text()), "var.")
	if !ok || r.Module == "" {
		return here
	}
	for _, c := range s.Calls {
		if at := c.Inputs.KeyAt(name); c.Module == r.Module && at.File != nil {
			return at
		}
	}
	return here
}

func (t *tree) window() {
	t.tables(func(s *survey.Stack, r *survey.Resource) {
		v := r.Body.Get("point_in_time_recovery", "recovery_period_in_days")
		days, known := v.Int()
		if !known || days >= 35 {
			return
		}
		h := atKey(s, r, "point_in_time_recovery", "recovery_period_in_days")
		h.title = fmt.Sprintf("The table's recovery window is %d days", days)
		h.patch = rewrite(v, "35")
		t.add(h)
	})
}

// rewrite is the patch that puts another number in the place of a written one.
func rewrite(v *survey.Value, text string) *Patch {
	if v.Span.File == nil || !strings.HasSuffix(v.Span.File.Path, ".tf") || v.Span.Text() != v.Text {
		return nil
	}
	return &Patch{File: v.Span.File.Path, Start: int(v.Span.Start), End: int(v.Span.End), New: text}
}

func (t *tree) copies() {
	copied := t.made("aws_backup_plan", func(r *survey.Resource) bool { return r.Body.Get("rule", "copy_action") != nil })
	t.tables(func(s *survey.Stack, r *survey.Resource) {
		planned := t.Plan != nil && t.Plan.Vault != nil && t.planTable(t.planned[s.Name], r)
		if copied || planned || t.exported(s, r) || t.vaulted(s, r) {
			return
		}
		h := at(s, r)
		if r.Body.Get("replica") != nil {
			w := account(High)
			h.weights, h.title = &w, "A table has no copy in another account"
		}
		t.add(h)
	})
}

func (t *tree) exported(s *survey.Stack, table *survey.Resource) bool {
	for _, r := range s.Of(survey.Managed, "aws_dynamodb_table_export") {
		if differs(r.Body.Get("table_arn"), table.Type+"."+table.Name) {
			return true
		}
	}
	return false
}

func (t *tree) protection() {
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		key := "deletion_protection"
		if r.Type == "aws_dynamodb_table" {
			key = "deletion_protection_enabled"
			if lockTable(r) {
				return
			}
		}
		v := r.Body.Get(key)
		if on, known := v.Bool(); on || !known && !v.IsNull() {
			return
		}
		h := at(s, r)
		h.patch = setAttribute(r, key, "true")
		t.add(h)
	}, "aws_dynamodb_table", "aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster")
}

func (t *tree) unplanned() {
	if t.Plan == nil {
		return
	}
	t.tables(func(s *survey.Stack, r *survey.Resource) {
		if stacks := t.planned[s.Name]; len(stacks) > 0 && !t.planTable(stacks, r) {
			t.add(at(s, r))
		}
	})
}

// planTable tells whether the plan has a table block for a resource, or for an instance of it.
func (t *tree) planTable(stacks []*plan.Stack, r *survey.Resource) bool {
	keys := regexp.MustCompile(`\[[^\]]*\]`)
	return slices.ContainsFunc(t.Plan.Tables, func(tb *plan.Table) bool {
		return keys.ReplaceAllString(tb.Address, "") == r.Address && slices.ContainsFunc(stacks, func(s *plan.Stack) bool { return s.Name == tb.In })
	})
}
