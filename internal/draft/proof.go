package draft

import (
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// outputOf is the output that gives an attribute; empty if there is none.
func outputOf(st *survey.Stack, ref string) string {
	for _, o := range st.Outputs {
		if o.Sensitive || o.Value == nil {
			continue
		}
		if slices.Contains(o.Value.Refs(), ref) {
			return o.Name
		}
		for _, p := range o.Value.Parts {
			for w := p.Via; w != nil; w = w.Next {
				if w.Ref == ref && len(o.Value.Parts) > 0 {
					return o.Name
				}
			}
		}
	}
	return ""
}

// proof is a kind of resource that a verify block can look at.
type proof struct {
	typ, kind string
	attrs     []string // whose output identifies it
}

func proofs() []proof {
	return []proof{
		{"aws_lambda_function", "lambda_function", []string{"function_name", "arn", "id"}},
		{"aws_lambda_event_source_mapping", "event_source_mapping", []string{"uuid", "id"}},
		{"aws_dynamodb_table", "dynamodb_table", []string{"name", "arn", "id"}},
		{"aws_sqs_queue", "sqs_queue", []string{"url", "id", "name"}},
		{"aws_s3_bucket", "s3_bucket", []string{"bucket", "id"}},
	}
}

// verifies drafts proofs of what the stacks' outputs identify: one of each kind for each stack. A call to a URL proves more, but who may call it, and
// whether its name is known at the standby, is in no code; it is a proof only where there is no other.
func (d *drafter) verifies(order []*survey.Stack) {
	n := 0
	for _, st := range order {
		for _, p := range proofs() {
			in := d.names[st.Name]
			out := identified(st, p)
			if in == "" || out == "" {
				continue
			}
			n++
			d.guesses++
			d.comment("guess: it is there and in a state that works; a call that needs the data proves more.")
			d.line("verify %s {\nresource {\ntype = %s\nid = stack.%s.outputs.%s\n}\n}\n", quote(d.block("verify", in+"-"+strings.ReplaceAll(p.kind, "_", "-"))), quote(p.kind), in, out)
		}
	}
	for _, st := range order {
		in := d.names[st.Name]
		i := slices.IndexFunc(st.Outputs, url)
		if in == "" || i < 0 {
			continue
		}
		d.guesses++
		d.comment("guess: a call that needs the data is the best proof (%s); say what it needs, such as a header with a key.", st.Outputs[i].At)
		mark := ""
		if n > 0 {
			mark = "# "
		}
		for _, l := range []string{"verify " + quote(d.block("verify", in+"-answers")) + " {", "  http {", "    url = stack." + in + ".outputs." + st.Outputs[i].Name, "  }", "}"} {
			d.line("%s", mark+l)
		}
		d.line("")
		n++
	}
	if n == 0 {
		d.guesses++
		d.comment("guess: no output identifies anything that can be looked at. Add outputs, and a proof that the application works:")
		d.line("# verify \"answers\" {\n#   http {\n#     url = \"https://...\"\n#   }\n# }\n")
	}
}

func url(o *survey.Output) bool {
	if o.Sensitive || !strings.HasSuffix(o.Name, "url") && !strings.HasSuffix(o.Name, "endpoint") {
		return false
	}
	for _, ref := range o.Value.Refs() {
		for _, typ := range []string{"aws_api_gateway_", "aws_apigatewayv2_", "aws_lambda_function_url", "aws_cloudfront_distribution", "aws_lb."} {
			if strings.Contains(ref, typ) && !strings.Contains(ref, "data.") {
				return true
			}
		}
	}
	return false
}

// identified is the output that identifies a resource of a kind; empty if there is none.
func identified(st *survey.Stack, p proof) string {
	for _, r := range st.Of(survey.Managed, p.typ) {
		for _, a := range p.attrs {
			for _, ref := range []string{r.Address + "." + a, r.Address + "[" + firstKey(r) + "]." + a} {
				if out := outputOf(st, ref); out != "" && st.Output(out).Value.Kind != survey.Object && st.Output(out).Value.Kind != survey.List {
					return out
				}
			}
		}
	}
	return ""
}

func firstKey(r *survey.Resource) string {
	if len(r.Instances) > 0 {
		return r.Instances[0].Key
	}
	return ""
}
