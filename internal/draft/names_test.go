package draft_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/draft"
)

// oneSpace is a text with single spaces.
func oneSpace(text string) string { return regexp.MustCompile(` +`).ReplaceAllString(text, " ") }

// TestWhatIsDraftedFollowsTheValuesOfTheCode keeps the promise that init asks for what the code does not tell, and for nothing that it tells: the names
// of what is read follow from workspaces, files of values and what the user answered; where the states are, the plan knows itself.
func TestWhatIsDraftedFollowsTheValuesOfTheCode(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		tree      string
		answers   draft.Answers
		want, not []string
	}{
		"the workspace that a script selects": {
			tree: "-- main.tf --\ndata \"aws_ssm_parameter\" \"p\" { name = \"/shop/${terraform.workspace}/fees\" }\n" +
				"-- Makefile --\nplan:\n\tterraform workspace select prod\n",
			want: []string{`parameter "fees"`, `name = "/shop/prod/fees"` + "\n", `workspace = "prod" # guess: `},
			not:  []string{"manual"},
		},
		"files of values beside the stacks": {
			tree: "-- env/prod.tfvars --\nenv = \"prod\"\nregion = \"eu-west-3\"\n-- env/test.tfvars --\nenv = \"test\"\nregion = \"eu-west-3\"\n" +
				"-- app/main.tf --\nvariable \"env\" {}\nvariable \"region\" {}\ndata \"aws_secretsmanager_secret\" \"s\" { name = \"shop/${var.env}\" }\ndata \"aws_route53_zone\" \"z\" { name = \"${var.env}.example.org\" }\n" +
				"-- other/main.tf --\nvariable \"env\" {}\nresource \"aws_sqs_queue\" \"q\" { name = var.env }\n",
			want: []string{`name = "shop/prod"`, `var_files = ["../env/prod.tfvars"] # guess: `, `region = "eu-west-3" # guess: `, "Provide the dns zone prod.example.org"},
			not:  []string{"the value of env"},
		},
		"the user's answers": {
			tree: "-- main.tf --\nvariable \"env\" {}\nvariable \"zones\" { type = list(string) }\nvariable \"days\" { type = number }\nvariable \"code\" { type = string }\n" +
				"data \"aws_secretsmanager_secret\" \"s\" { name = \"shop/${var.env}\" }\n",
			answers: draft.Answers{Values: map[string]string{"env": "live", "zones": `["a", "b"]`, "days": "7", "code": "007"}},
			want:    []string{`name = "shop/live"` + "\n", `zones = ["a", "b"]`, `days = 7`, `code = "007"`},
		},
		"what the user has not answered": {
			tree: "-- main.tf --\nvariable \"env\" {}\ndata \"aws_secretsmanager_secret\" \"s\" { name = \"shop/${var.env}\" }\n",
			want: []string{`name = "shop/live" # fill in: it follows from var.env`},
		},
		"a name that follows the site is for a person": {
			tree: "-- main.tf --\ndata \"aws_region\" \"r\" {}\ndata \"aws_secretsmanager_secret\" \"s\" { name = \"shop/${data.aws_region.r.name}\" }\n",
			want: []string{"manual"},
			not:  []string{"\nsecret "},
		},
		"the states of others": {
			tree: "-- data/main.tf --\nterraform {\n  backend \"s3\" {}\n}\noutput \"q\" { value = \"q\" }\n" +
				"-- app/main.tf --\nvariable \"state_bucket\" { default = \"acme-states\" }\nvariable \"state_region\" {}\ndata \"terraform_remote_state\" \"d\" {\n  backend = \"s3\"\n" +
				"  config = {\n    bucket = var.state_bucket\n    key = \"live/data.tfstate\"\n    region = var.state_region\n  }\n}\n",
			answers: draft.Answers{StateBucket: "acme-states"},
			want: []string{
				`backend_key = "live/data.tfstate"`, `state_region = site.region # guess: `,
				`state_bucket = site.name == "primary" ? "acme-states" : "acme-states-${site.account}-${site.region}" # guess: `,
			},
		},
		"a variable that is secret": {
			tree:    "-- main.tf --\nvariable \"token\" { sensitive = true }\nresource \"aws_sqs_queue\" \"q\" {}\n",
			answers: draft.Answers{Values: map[string]string{"secret.token": "shop/tokens"}},
			want:    []string{`token = { secret = "shop/tokens" }` + "\n", `name = "shop/tokens"` + "\n", "from = site.vault"},
		},
		"another environment, and an example": {
			tree: "-- prod/main.tf --\ndata \"aws_secretsmanager_secret\" \"s\" { name = \"shop/prod\" }\n-- test/main.tf --\ndata \"aws_secretsmanager_secret\" \"s\" { name = \"shop/test\" }\nvariable \"only_test\" {}\n" +
				"-- mod/examples/one/main.tf --\nvariable \"shown\" {}\nresource \"aws_sqs_queue\" \"q\" {}\n",
			want: []string{`name = "shop/prod"`, "# guess: test is left out: it is another environment", "# guess: mod/examples/one is left out"},
			not:  []string{"shop/test", "only_test", "shown"},
		},
		"what else holds data, and what is not in the tree": {
			tree: "-- main.tf --\nresource \"aws_db_instance\" \"d\" {}\nmodule \"m\" { source = \"acme/tables/aws\" }\n",
			want: []string{"# aws_db_instance.d (main.tf:1:1)", "# guess: what these modules make", "acme/tables/aws"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.answers.Name = "shop"
			d := drafted(t, test.tree, test.answers)
			marked(t, d)
			text := oneSpace(d.Text)
			for _, w := range test.want {
				if !strings.Contains(text, w) {
					t.Errorf("no %q in\n%s", w, text)
				}
			}
			for _, w := range test.not {
				if strings.Contains(text, w) {
					t.Errorf("%q in\n%s", w, text)
				}
			}
		})
	}
}

// TestImagesOfRepositoriesThatTheCodeMakes keeps the promise that images come before the stack that makes their repository, whichever instance of
// which module that is, with the tags that the code will ask for.
func TestImagesOfRepositoriesThatTheCodeMakes(t *testing.T) {
	t.Parallel()
	function := "\nresource \"aws_lambda_function\" \"f\" {\n  function_name = \"f\"\n  image_uri = \"%s:${var.tag}\"\n}\nvariable \"tag\" {}\n"
	d := drafted(t, "-- base/main.tf --\nmodule \"registry\" {\n  source = \"../mod\"\n  names = [\"api\", \"jobs\"]\n}\n"+
		"-- mod/main.tf --\nvariable \"names\" {}\nresource \"aws_ecr_repository\" \"r\" {\n  for_each = toset(var.names)\n  name = \"shop/${each.key}\"\n}\n"+
		"-- app/main.tf --\ndata \"aws_ecr_repository\" \"r\" { name = \"shop/api\" }"+strings.ReplaceAll(function, "%s", "${data.aws_ecr_repository.r.repository_url}")+
		"-- own/main.tf --\nresource \"aws_ecr_repository\" \"r\" { name = \"own\" }"+strings.ReplaceAll(function, "%s", "${aws_ecr_repository.r.repository_url}")+
		"-- far/main.tf --\nvariable \"url\" {}"+strings.ReplaceAll(function, "%s", "${var.url}.dkr.ecr.eu-west-1.amazonaws.com/${var.url}"),
		draft.Answers{Values: map[string]string{"tag": "1.4"}})
	marked(t, d)
	text := oneSpace(d.Text)
	for _, want := range []string{
		"repository = \"shop/api\"\n tags = [\"1.4\"] # guess: the tags that the code names; a digest never moves\n from = [site.primary, site.vault]\n # The stack makes the repository: the images come before it, and it adopts the repository.\n in = stack.base\n address = \"module.registry.aws_ecr_repository.r[\\\"api\\\"]\"",
		"in = stack.own\n address = \"aws_ecr_repository.r\"",
		"# guess: far runs an image (far/main.tf:4:15) whose repository the code does not tell",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "shop/jobs") {
		t.Error("an image that nothing runs")
	}
}
