package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

func valueRules() []*Rule {
	return []*Rule{
		{
			ID: "LB404", Title: "A variable that only the build system knows", Weights: all(Medium), find: (*tree).unset,
			Why:    "Nothing in the tree gives it a value. The pipeline that did is part of what is lost, or cannot be reached that night.",
			Fix:    "Give it in the plan's stack block, or write a file of values.",
			Source: "field notes section 5: the pipeline is a dependency too", Links: []string{"https://developer.hashicorp.com/terraform/language/values/variables"},
		},
		{
			ID: "LB407", Title: "It depends on the machine that runs terraform", Weights: all(Low), find: (*tree).machine,
			Why:    "A program, a file or a network of the build machine is part of the recovery. On a laptop at night it is another one, or not there.",
			Fix:    "Make it a command step of the plan, which is tried in every drill, or have Terraform itself do it.",
			Source: "field notes section 5: the pipeline is a dependency too", Links: []string{"https://developer.hashicorp.com/terraform/language/resources/provisioners/local-exec"},
		},
		{
			ID: "LB408", Title: "A private address is a constant", Weights: away(High), find: (*tree).privateHosts,
			Why:    "Private host names in functions' environments did not resolve at the standby: a green deploy, dead at run time.",
			Fix:    "Take the address from the resource, or from a variable that the plan sets; have a verify block that calls it.",
			Source: "field notes section 5", Links: []string{"https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-private.html"},
		},
		{
			ID: "LB409", Title: "API Gateway logs, and no stack gives the account a role for it", Weights: away(High), find: (*tree).apiLogging,
			Why:    "Logging was switched on for an API whose new account has no CloudWatch role. AWS refuses that; emulators do not.",
			Fix:    "Have one stack own aws_api_gateway_account for the account and region.",
			Source: "field notes section 5; API Gateway Developer Guide, Set up CloudWatch logging", Links: []string{"https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html"},
		},
		{
			ID: "LB410", Title: "Reserved concurrency may exceed a new account's quota", Weights: away(Medium), find: (*tree).reserved,
			Why:    "New accounts start with 10 concurrent executions, and Lambda keeps some unreserved. The reserved concurrency of both colours together exceeded it.",
			Fix:    "Ask for the quota at the standby today: an increase takes hours or days. `lifeboat check --live` asks what it is.",
			Source: "field notes Q1, Q2 and section 5; Lambda quotas", Links: []string{"https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"},
		},
	}
}

func (t *tree) unset() {
	for _, s := range t.inv.Stacks {
		if t.library(s) {
			continue // its callers give them
		}
		for _, v := range s.Variables {
			if v.Default != nil || v.Value != nil || v.Overlay && len(t.planned[s.Name]) > 0 || t.gives(s.Name, v.Name) || t.set(s, v.Name) {
				continue
			}
			h := hit{at: v.At, stack: s.Name, address: "var." + v.Name, title: fmt.Sprintf("Nothing in the tree gives var.%s a value", v.Name)}
			for _, hint := range t.inv.Hints {
				if hint.Kind == survey.SetsVariable && hint.Key == v.Name && hint.At.File != nil {
					h.title = fmt.Sprintf("Only %s gives var.%s a value", hint.At.File.Path, v.Name)
				}
			}
			t.add(h)
		}
	}
}

// set tells whether a file of the tree gives the variable to some application of the stack.
func (t *tree) set(s *survey.Stack, name string) bool {
	for _, i := range s.Instances {
		for _, set := range i.Settings {
			if set.Variable == name && set.At.File != nil && valuesFile(set.At.File.Path) {
				return true
			}
		}
	}
	return false
}

func valuesFile(name string) bool {
	return strings.HasSuffix(name, ".tfvars") || strings.HasSuffix(name, ".tfvars.json") || strings.HasSuffix(name, ".hcl")
}

func (t *tree) machine() {
	t.resources(survey.Data, func(s *survey.Stack, r *survey.Resource) { t.add(at(s, r)) }, "external", "http")
	for _, s := range t.inv.Stacks {
		for _, r := range s.Resources {
			for _, p := range r.Body.Get("provisioner").All() {
				if p.Get("command") != nil { // only local-exec has one
					t.add(hit{at: keyOf(r.Body, "provisioner", p), stack: s.Name, address: r.Address})
				}
			}
		}
	}
}

// keyOf is where a block of a body is written: at its own key if the survey tells it, or at the first of the type.
func keyOf(body *survey.Value, key string, block *survey.Value) survey.Span {
	if block.Span.File != nil {
		return block.Span
	}
	return body.KeyAt(key)
}

// privateHost matches names and addresses that only one network knows. An address range is none.
var privateHost = regexp.MustCompile(
	`(?:^|[/@\s"'=])((?:[a-zA-Z0-9-]+\.)+(?:internal|local|corp|lan|intra|private)|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+)(?:$|[:/\s"',])`)

func (t *tree) privateHosts() {
	for _, s := range t.inv.Stacks {
		for _, r := range s.Resources {
			for p, leaf := range r.Body.Leaves() {
				if !environment(p) {
					continue
				}
				for part := range leaf.Written() {
					m := privateHost.FindStringSubmatchIndex(part.Text)
					if m == nil || m[1] < len(part.Text) && cidr(part.Text[m[3]:]) {
						continue
					}
					host := part.Text[m[2]:m[3]]
					t.add(hit{at: part.At.Sub(part.Text, m[2], m[3]), stack: s.Name, address: r.Address, title: "A private address is a constant: " + shorten(host)})
				}
			}
		}
	}
}

func cidr(rest string) bool {
	return len(rest) > 1 && rest[0] == '/' && rest[1] >= '0' && rest[1] <= '9'
}

// environment tells whether an attribute is what a program is started with.
func environment(p survey.Path) bool {
	if strings.HasPrefix(p.First(), "container_definitions") || strings.HasPrefix(p.First(), "user_data") {
		return true
	}
	return slices.ContainsFunc(p, func(s survey.Step) bool { return strings.HasPrefix(s.Key, "environment") })
}

func (t *tree) apiLogging() {
	if t.granted() {
		return
	}
	said := map[*survey.Stack]bool{} // the account lacks one role, whatever logs
	t.logging(func(s *survey.Stack, r *survey.Resource) {
		if !said[s] {
			said[s] = true
			t.add(at(s, r))
		}
	})
}

// logging gives the stages that log, unless a stack gives the account its role.
func (t *tree) logging(f func(*survey.Stack, *survey.Resource)) {
	if t.made("aws_api_gateway_account", nil) {
		return
	}
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		level, known := r.Body.Get("settings", "logging_level").Str()
		if r.Body.Get("access_log_settings") != nil || known && level != "OFF" {
			f(s, r)
		}
	}, "aws_api_gateway_stage", "aws_api_gateway_method_settings")
}

// granted tells whether every site that was asked has the role for logs.
func (t *tree) granted() bool {
	asked, lacks := false, false
	for _, f := range t.Live {
		if f.Topic == AskAPIRole {
			asked, lacks = true, lacks || !f.There
		}
	}
	return asked && !lacks
}

func (t *tree) reserved() {
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		if n, known := r.Body.Get("reserved_concurrent_executions").Int(); known && n > 0 {
			h := atKey(s, r, "reserved_concurrent_executions")
			h.title = fmt.Sprintf("%d concurrent executions are reserved", n)
			t.add(h)
		}
	}, "aws_lambda_function")
}
