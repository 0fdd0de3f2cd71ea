// Package surveytest makes trees of Terraform code for tests and benchmarks.
//
// Promise: the same size gives the same tree; what it makes looks like what people write: stacks with providers, locals, templates,
// policies, lookups of what other stacks make, modules; and the edges between its stacks are known.
package surveytest

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"
)

// LinesOfStack and FilesOfStack are how large one stack of a tree is, about.
const (
	LinesOfStack = 670
	FilesOfStack = 10
)

// Tree is a tree of about so many lines of code, in files of about 67 lines. Stack n reads a queue, a key and a table of stack n-1.
func Tree(lines int) fstest.MapFS {
	out := fstest.MapFS{}
	out["modules/bucket/main.tf"] = &fstest.MapFile{Data: []byte(bucket)}
	for n := range max(1, lines/LinesOfStack) {
		dir := fmt.Sprintf("stacks/app%04d", n)
		out[dir+"/main.tf"] = &fstest.MapFile{Data: []byte(fill(head, n, 0))}
		out[dir+"/lookups.tf"] = &fstest.MapFile{Data: []byte(fill(lookups, n, 0))}
		for f := range FilesOfStack - 2 {
			out[fmt.Sprintf("%s/part%d.tf", dir, f)] = &fstest.MapFile{Data: []byte(fill(part, n, f))}
		}
	}
	return out
}

// Write writes a tree to a folder.
func Write(dir string, tree fstest.MapFS) error {
	for name, f := range tree {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(p, f.Data, fs.FileMode(0o644)); err != nil {
			return err
		}
	}
	return nil
}

// Lines counts a tree's lines.
func Lines(tree fstest.MapFS) int {
	n := 0
	for _, f := range tree {
		n += strings.Count(string(f.Data), "\n")
	}
	return n
}

func fill(text string, stack, file int) string {
	return strings.NewReplacer("@N@", fmt.Sprintf("%04d", stack), "@P@", fmt.Sprintf("%04d", max(0, stack-1)), "@F@", fmt.Sprint(file)).Replace(text)
}

const bucket = `variable "name" {
  type = string
}

variable "versioning" {
  type    = bool
  default = true
}

resource "aws_s3_bucket" "this" {
  bucket = var.name
}

resource "aws_s3_bucket_versioning" "this" {
  count  = var.versioning ? 1 : 0
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

output "arn" {
  value = aws_s3_bucket.this.arn
}
`

const head = `terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }

  backend "s3" {
    bucket         = "company-terraform-state"
    key            = "app@N@/terraform.tfstate"
    region         = "eu-west-2"
    dynamodb_table = "terraform-locks"
  }
}

provider "aws" {
  region = var.aws_region

  default_tags {
    tags = local.tags
  }
}

provider "aws" {
  alias  = "global"
  region = "us-east-1"
}

variable "aws_region" {
  type    = string
  default = "eu-west-2"
}

variable "environment" {
  type = string
}

variable "project" {
  type    = string
  default = "company"
}

data "aws_caller_identity" "current" {}

locals {
  name = "${var.project}-${var.environment}-app@N@"
  tags = merge({ project = var.project, stack = "app@N@" }, { environment = var.environment })

  account = data.aws_caller_identity.current.account_id
}

module "bucket" {
  source = "../../modules/bucket"
  name   = "${local.name}-data-${local.account}"
}

output "bucket_arn_app@N@" {
  value = module.bucket.arn
}
`

const lookups = `data "aws_sqs_queue" "previous" {
  name = "${var.project}-${var.environment}-app@P@-events-0"
}

data "aws_kms_alias" "previous" {
  name = "alias/${var.project}-${var.environment}-app@P@-1"
}

data "aws_dynamodb_table" "previous" {
  name = "${var.project}-${var.environment}-app@P@-history-2"
}

data "aws_secretsmanager_secret" "token" {
  name = "${var.project}/app@N@/token"
}

data "terraform_remote_state" "previous" {
  backend = "s3"

  config = {
    bucket = "company-terraform-state"
    key    = "app@P@/terraform.tfstate"
    region = "eu-west-2"
  }
}
`

const part = `locals {
  functions@F@ = {
    reader = { memory = 512, timeout = 30 }
    writer = { memory = 256, timeout = 60 }
  }
}

resource "aws_kms_key" "key@F@" {
  description             = "${local.name}: data at rest"
  deletion_window_in_days = 14
  enable_key_rotation     = true
}

resource "aws_kms_alias" "key@F@" {
  name          = "alias/${local.name}-@F@"
  target_key_id = aws_kms_key.key@F@.key_id
}

resource "aws_sqs_queue" "events@F@" {
  name                       = "${local.name}-events-@F@"
  visibility_timeout_seconds = 180
  kms_master_key_id          = aws_kms_key.key@F@.arn
  tags                       = merge(local.tags, { role = "events" })
}

resource "aws_dynamodb_table" "history@F@" {
  name         = "${local.name}-history-@F@"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
}

resource "aws_lambda_function" "function@F@" {
  for_each = local.functions@F@

  function_name = "${local.name}-${each.key}-@F@"
  role          = aws_iam_role.role@F@.arn
  package_type  = "Image"
  image_uri     = "${local.account}.dkr.ecr.${var.aws_region}.amazonaws.com/company/app@N@:1.0.@F@"
  memory_size   = each.value.memory
  timeout       = each.value.timeout

  environment {
    variables = {
      QUEUE = data.aws_sqs_queue.previous.url
      TABLE = aws_dynamodb_table.history@F@.name
    }
  }
}

resource "aws_iam_role" "role@F@" {
  name = "${local.name}-role-@F@"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
      Condition = { ArnLike = { "aws:SourceArn" = "arn:aws:lambda:eu-west-2:${local.account}:function:${local.name}-*" } }
    }]
  })
}
`
