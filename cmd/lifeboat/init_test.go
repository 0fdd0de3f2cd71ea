package main_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The plan that init drafts for the example's code, with answers to what it asks for and to nothing else, drills green: every step succeeds
// with real terraform and the real AWS provider, and the data and the consumers' keys are among what comes back.
func TestDraftedPlanDrillsGreen(t *testing.T) { //nolint:paralleltest // it starts the AWS provider of 700 MB
	if testing.Short() {
		t.Skip("starts the AWS provider of 700 MB several times")
	}
	plan := filepath.Join(t.TempDir(), "plan")
	if err := os.CopyFS(filepath.Join(plan, "infrastructure"), os.DirFS("../../examples/pharmacy-updates/infrastructure")); err != nil {
		t.Fatal(err)
	}
	needProvider(t, plan, "api-key")
	run := drafter(t, plan)
	var drafted struct {
		Open []struct{ What, Flag string }
	}
	run(&drafted, "init", "infrastructure")
	if err := os.Remove(filepath.Join(plan, "lifeboat.hcl")); err != nil {
		t.Fatal(err)
	}
	args := []string{"init", "infrastructure"}
	for _, o := range drafted.Open {
		answer := answers()[o.Flag]
		if answer == "" {
			t.Fatalf("init asks for what nobody can answer here: %s (%s)", o.What, o.Flag)
		}
		flag, name, _ := strings.Cut(o.Flag, " ")
		args = append(args, flag, name+answer)
	}
	if run(&drafted, args...); len(drafted.Open) > 0 {
		t.Fatalf("still open: %+v", drafted.Open)
	}
	var diags struct {
		Diagnostics []struct{ Summary string }
	}
	if run(&diags, "validate"); len(diags.Diagnostics) > 0 {
		t.Errorf("the plan is not complete: %+v", diags.Diagnostics)
	}
	var report struct {
		Result string
		Steps  []struct{ ID, Status string }
		Data   []struct {
			Table string
			Lost  *int `json:"items_lost"`
		}
	}
	run(&report, "drill", "region-down", "--plain")
	did := map[string]bool{}
	for _, s := range report.Steps {
		did[s.ID] = s.Status == "succeeded"
		if !slices.Contains([]string{"succeeded", "skipped"}, s.Status) {
			t.Errorf("%s %s", s.ID, s.Status)
		}
	}
	for _, id := range []string{"stack/shared-resources", "stack/blue", "stack/blue-green-link", "table/message-history", "image/change-event", "secret/signing-key", "api_key/consumers-website"} {
		if !did[id] {
			t.Errorf("%s did nothing", id)
		}
	}
	if report.Result != "recovered" || len(report.Data) != 1 || report.Data[0].Lost == nil {
		t.Errorf("%s, data %+v", report.Result, report.Data)
	}
}

// drafter builds the program, and gives a function that runs it in a folder and reads the JSON that it writes.
func drafter(t *testing.T, dir string) func(out any, args ...string) {
	t.Helper()
	lifeboat := filepath.Join(t.TempDir(), "lifeboat")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", lifeboat, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return func(out any, args ...string) {
		t.Helper()
		c := exec.CommandContext(t.Context(), lifeboat, append(args, "--format", "json")...)
		c.Dir = dir
		var stdout, stderr bytes.Buffer
		c.Stdout, c.Stderr = &stdout, &stderr
		if err := c.Run(); err != nil {
			t.Fatalf("lifeboat %s: %v\n%s", strings.Join(args, " "), err, &stderr)
		}
		if err := json.Unmarshal(stdout.Bytes(), out); err != nil {
			t.Fatalf("lifeboat %s: %v\n%s", strings.Join(args, " "), err, &stdout)
		}
	}
}

// So does the plan for code of other habits: it makes the repository of its own image, its values are in a file for each environment beside it, it
// reads a parameter whose name follows from them, and one variable is secret.
func TestDraftOfOtherCodeDrillsGreen(t *testing.T) { //nolint:paralleltest // it starts the AWS provider of 700 MB
	if testing.Short() {
		t.Skip("starts the AWS provider of 700 MB several times")
	}
	dir := t.TempDir()
	for name, text := range otherCode() {
		file := filepath.Join(dir, "infrastructure", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	needProvider(t, dir, "bot")
	run := drafter(t, dir)
	var drafted struct{ Open []struct{ Flag string } }
	run(
		&drafted, "init", "infrastructure", "--account", "111111111111", "--standby-account", "222222222222", "--standby-region", "eu-west-1", "--vault-account", "333333333333",
		"--vault-region", "eu-central-1", "--state-bucket", "acme-states", "--recovery-time", "4h", "--recovery-point", "5m", "--value", "image_tag=1.4.2", "--value", "secret.token=bot/token",
	)
	if len(drafted.Open) > 0 {
		t.Fatalf("still open: %+v", drafted.Open)
	}
	var report struct {
		Result string
		Steps  []struct{ ID, Status string }
	}
	run(&report, "drill", "account-lost", "--plain")
	var did []string
	for _, s := range report.Steps {
		if s.Status == "succeeded" {
			did = append(did, s.ID)
		}
	}
	slices.Sort(did)
	want := []string{"image/bot-prod", "parameter/greeting", "secret/token", "stack/bot", "state_backend/site", "verify/bot-lambda-function"}
	if report.Result != "recovered" || !slices.Equal(did, want) {
		t.Errorf("%s; succeeded: %v, want %v", report.Result, did, want)
	}
}

func otherCode() map[string]string {
	return map[string]string{
		"env/prod.tfvars": "region = \"eu-west-2\"\nenv    = \"prod\"\n",
		"env/test.tfvars": "region = \"eu-west-2\"\nenv    = \"test\"\n",
		"bot/main.tf": `
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region = var.region
}

variable "region" {}
variable "env" {}
variable "image_tag" {}
variable "token" {
  sensitive = true
}

data "aws_ssm_parameter" "greeting" {
  name = "/bot/${var.env}/greeting"
}

resource "aws_ecr_repository" "bot" {
  name                 = "bot-${var.env}"
  image_tag_mutability = "IMMUTABLE"
}

resource "aws_iam_role" "bot" {
  name               = "bot-${var.env}-${var.region}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] })
}

resource "aws_lambda_function" "bot" {
  function_name = "bot-${var.env}"
  role          = aws_iam_role.bot.arn
  package_type  = "Image"
  image_uri     = "${aws_ecr_repository.bot.repository_url}:${var.image_tag}"
  environment {
    variables = { GREETING = data.aws_ssm_parameter.greeting.value, TOKEN = var.token }
  }
}

output "function" {
  value = aws_lambda_function.bot.arn
}
`,
	}
}

// answers are what a user of the example says to each question. The recovery point is generous: the drill cloud's clock runs 60 times as fast, and
// how long a busy machine takes between the export and the disaster proves nothing here.
func answers() map[string]string {
	return map[string]string{
		"--account": "111111111111", "--region": "eu-west-2", "--standby-account": "222222222222", "--standby-region": "eu-west-1",
		"--vault-account": "333333333333", "--vault-region": "eu-central-1", "--state-bucket": "pharmacy-updates-states", "--recovery-time": "4h", "--recovery-point": "2d", "--value environment=": "live",
		"--consumer": "Website,website@example.org,age10p3evqcf7mvtmp0wupwvy4jt3r2u5wnzv2avxxpvgg56wzktjckqm5thrp",
	}
}
