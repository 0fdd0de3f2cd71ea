package stack_test

import (
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/stack"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// With the real AWS provider on the drill cloud: warmed before any backend exists, applied, found as planned by a second plan.
// (What tofu needs besides, its registry's name, the tests of package terraform hold.)
func TestRealProvider(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts a provider of 700 MB")
	}
	binary := terraform.Terraform
	r := newRealm(t, binary)
	r.env[terraform.EnvMirror] = proc.OS().Env[terraform.EnvMirror]
	cfg, call := r.stack(t, `
		terraform {
		  required_providers {
		    aws = {
		      source  = "hashicorp/aws"
		      version = "~> 5.0"
		    }
		  }
		}
		provider "aws" {}
		resource "aws_iam_role" "a" {
		  name               = "a"
		  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] })
		}
		output "arn" { value = aws_iam_role.a.arn }`, false)
	tool, err := terraform.Open(t.Context(), terraform.Setup{
		Env: r.env, Runner: proc.Programs{}, Who: r.who, Wanted: binary, Dir: r.run, Project: cfg.Dir,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := tool.Warm(t.Context(), []terraform.Source{stack.Source(cfg)}, nil); err != nil {
		t.Skipf("hashicorp/aws 5 is in no mirror here: %v", err)
	}
	s, err := stack.New(stack.Deps{Tool: tool, Env: r.cloud.Clients(nil).Environment})(step.Spec{ID: "stack/blue", Config: cfg})
	if err != nil {
		t.Fatal(err)
	}
	if p, err := s.Probe(t.Context(), &call); err != nil || p.Status != step.Needed {
		t.Fatal(p, err)
	}
	out, err := s.Ensure(t.Context(), &call)
	if err != nil || !strings.Contains(out.Outputs["arn"].String(), cloudtest.Standby().Account) {
		t.Fatal(out, err)
	}
	if p, err := s.Probe(t.Context(), &call); err != nil || p.Status != step.Done {
		t.Errorf("second plan: %+v, %v", p, err)
	}
}
