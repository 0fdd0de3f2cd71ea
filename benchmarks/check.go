package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// The trees that are checked. A stack of the generated code is ten files with 67 lines or so each.
const (
	smallStacks = 15   // 150 files, 10,000 lines
	largeStacks = 1500 // 15,000 files, 1,000,000 lines
)

func checkFigures(ctx context.Context, b *bench) ([]figure, error) {
	figures, err := b.corpus(ctx)
	if err != nil {
		return figures, err
	}
	small, lines, err := b.tree("small", smallStacks)
	if err != nil {
		return figures, err
	}
	large, many, err := b.tree("large", largeStacks)
	if err != nil {
		return figures, err
	}
	check := []string{b.lifeboat, "check", "--fail-on", "never", "--format", "json"}
	name := fmt.Sprintf("`lifeboat check` on %d lines in %d files", lines, smallStacks*10)
	little, err := b.rounded(ctx, small, 11, check)
	if err != nil {
		return figures, err
	}
	figures = append(figures,
		figure{name: name, values: little.wall, unit: "ms", most: 150, how: "`lifeboat check --fail-on never --format json` on generated code, whole process"},
		figure{name: name + ": CPU of all cores", values: little.cpu, unit: "ms", how: "user and system time of the same processes"},
		figure{name: name + ": memory", values: little.rss, unit: "MB", most: 60, how: "largest resident size of the same processes"})
	much, err := b.rounded(ctx, large, b.rounds, check)
	if err != nil {
		return figures, err
	}
	name = fmt.Sprintf("the same on %d lines in %d files", many, largeStacks*10)
	figures = append(figures,
		figure{name: name, values: scaled(much.wall, 1e-3), unit: "s", most: 15, how: "the same, 100 times the code"},
		figure{name: name + ": CPU of all cores", values: scaled(much.cpu, 1e-3), unit: "s", how: "user and system time of the same processes"},
		figure{name: name + ": memory", values: much.rss, unit: "MB", most: 800, how: "largest resident size of the same processes"})
	alone, err := b.survey(ctx)
	return slices.Concat(figures, alone, b.others(ctx, small, check)), err
}

// survey measures a survey without a check, in one process, of other code: with modules, templates and lookups by tag.
func (b *bench) survey(ctx context.Context) ([]figure, error) {
	r, how, err := b.goBench(ctx, "./internal/survey", "BenchmarkSurvey", "1x", b.rounds)
	if err != nil {
		return nil, err
	}
	var out []figure
	for _, lines := range []string{"10000", "100000", "1000000"} {
		name := "Survey/" + lines
		title := "a survey alone of about " + lines + " lines"
		out = append(out,
			r.metric(figure{name: title, unit: "ms", how: how}, name, "ns/op", 1e-6),
			r.metric(figure{name: title + ": CPU of all cores", unit: "ms", how: "same"}, name, "cpu-ms/op", 1),
			r.metric(figure{name: title + ": memory that the process then has from the system", unit: "MB", how: "same"}, name, "MB-peak", 1))
	}
	return out, nil
}

// corpus measures recall and precision.
func (b *bench) corpus(ctx context.Context) ([]figure, error) {
	r, how, err := b.goBench(ctx, "./internal/check", "BenchmarkCorpus", "1x", 1)
	if err != nil {
		return nil, err
	}
	return []figure{
		r.metric(figure{name: "labels in the corpus: one for each finding and scenario", unit: "", how: how}, "Corpus", "labels", 1),
		r.metric(figure{name: "recall of the static rules", unit: "%", most: 95, least: true, how: "same"}, "Corpus", "%recall", 1),
		r.metric(figure{name: "precision of the static rules", unit: "%", most: 95, least: true, how: "same"}, "Corpus", "%precision", 1),
	}, nil
}

// others are the programs that are compared: in turns, so that both have the same machine. One that is not installed is skipped.
func (b *bench) others(ctx context.Context, dir string, check []string) []figure {
	var out []figure
	for _, o := range []struct {
		name  string
		times float64
		argv  []string
		from  string
	}{
		{"tflint", 30, []string{"tflint", "--recursive", "--force", "--format=json"}, "github.com/terraform-linters/tflint@v0.55.1"},
		{"tfsec", 3, []string{"tfsec", "--soft-fail", "--no-color", "--format", "json", "."}, "github.com/aquasecurity/tfsec/cmd/tfsec@v1.28.14"},
	} {
		f := figure{name: "`" + strings.Join(o.argv, " ") + "` on the small tree", unit: "ms", how: "whole process; installed with `go install " + o.from + "`"}
		x := figure{name: "how much faster Lifeboat is than " + o.name, unit: "x", most: o.times, least: true, how: "each round's ratio, in turns"}
		c := figure{name: "how much less CPU it takes", unit: "x", how: "likewise, user and system time"}
		path, err := exec.LookPath(o.name)
		if err != nil {
			out = append(out, skipped(fmt.Errorf("%s is not on PATH: `make linters` installs it", o.name), f, x, c)...)
			continue
		}
		for range b.rounds + 2 {
			var ours, theirs runs
			if ours, err = b.rounded(ctx, dir, 1, check); err == nil {
				theirs, err = b.rounded(ctx, dir, 1, append([]string{path}, o.argv[1:]...))
			}
			if err != nil {
				break
			}
			f.add(theirs.wall[0])
			x.add(theirs.wall[0] / ours.wall[0])
			c.add(theirs.cpu[0] / ours.cpu[0])
		}
		if err != nil {
			out = append(out, skipped(err, f, x, c)...)
			continue
		}
		out = append(out, f, x, c)
	}
	return out
}

// runs are what a program took each time: milliseconds, and largest resident sizes in MB.
type runs struct{ wall, cpu, rss []float64 }

// rounded runs a program several times.
func (b *bench) rounded(ctx context.Context, dir string, rounds int, argv []string) (r runs, err error) {
	for range rounds {
		c, out, err := b.command(ctx, dir, b.env, argv...)
		if err != nil {
			return r, err
		}
		start := time.Now()
		err = c.Run()
		took := time.Since(start)
		_ = out.Close()
		if err != nil {
			return r, fmt.Errorf("%s: %w: %s", filepath.Base(argv[0]), err, tail(out.Name()))
		}
		r.wall = append(r.wall, milliseconds(took))
		r.cpu = append(r.cpu, milliseconds(c.ProcessState.UserTime()+c.ProcessState.SystemTime()))
		if u, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
			r.rss = append(r.rss, float64(u.Maxrss)*1024/1e6)
		}
		if err := os.Remove(out.Name()); err != nil {
			return r, err
		}
	}
	return r, nil
}

func scaled(in []float64, by float64) []float64 {
	out := make([]float64, len(in))
	for i, v := range in {
		out[i] = v * by
	}
	return out
}

// tree writes generated code, and gives its folder and how many lines it has.
func (b *bench) tree(name string, stacks int) (dir string, lines int, err error) {
	dir = filepath.Join(b.scratch, name)
	for s := range stacks {
		folder := filepath.Join(dir, fmt.Sprintf("team%d", s/20), fmt.Sprintf("stack%d", s))
		if err := os.MkdirAll(folder, 0o750); err != nil {
			return dir, lines, err
		}
		for f := range 10 {
			text := strings.ReplaceAll(strings.ReplaceAll(service, "NN", fmt.Sprintf("%d_%d", s, f)), "PREV", fmt.Sprintf("%d_%d", max(0, s-1), f))
			if f == 0 {
				text = head + text
			}
			lines += strings.Count(text, "\n")
			if err := proc.WriteFile(filepath.Join(folder, fmt.Sprintf("service%d.tf", f)), []byte(text), 0o644); err != nil {
				return dir, lines, err
			}
		}
	}
	return dir, lines, nil
}

const head = `terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
  backend "s3" {}
}

provider "aws" {
  region = var.region
}

variable "region" {
  type = string
}

variable "environment" {
  type    = string
  default = "live"
}

data "aws_caller_identity" "current" {}
`

const service = `
# Service NN: a queue, its worker, its table, and what they may do.
locals {
  name_NN = "${var.environment}-service-NN"
}

data "aws_sqs_queue" "before_NN" {
  name = "${var.environment}-service-PREV-queue"
}

resource "aws_sqs_queue" "queue_NN" {
  name                       = "${local.name_NN}-queue"
  visibility_timeout_seconds = 60
}

resource "aws_dynamodb_table" "table_NN" {
  name         = "${local.name_NN}-table"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_iam_role" "role_NN" {
  name = "${local.name_NN}-role"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "policy_NN" {
  role = aws_iam_role.role_NN.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["sqs:*"], Resource = aws_sqs_queue.queue_NN.arn },
      { Effect = "Allow", Action = ["sqs:SendMessage"], Resource = "arn:aws:sqs:eu-west-2:111111111111:audit" },
    ]
  })
}

resource "aws_lambda_function" "worker_NN" {
  function_name = "${local.name_NN}-worker"
  role          = aws_iam_role.role_NN.arn
  runtime       = "python3.12"
  handler       = "app.handler"
  filename      = "${path.module}/worker.zip"

  environment {
    variables = {
      BEFORE = data.aws_sqs_queue.before_NN.url
      TABLE  = aws_dynamodb_table.table_NN.name
    }
  }
}
`
