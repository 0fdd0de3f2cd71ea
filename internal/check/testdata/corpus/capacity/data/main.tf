terraform {
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
  type    = string
  default = null
}

locals {
  table = "parcels"
}

resource "aws_dynamodb_table" "parcels" {
  name                        = local.table
  hash_key                    = "id"
  read_capacity               = 20
  write_capacity              = 20
  deletion_protection_enabled = true

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  # Application Auto Scaling moves them, see below.
  lifecycle {
    ignore_changes = [read_capacity, write_capacity]
  }
}

resource "aws_appautoscaling_target" "read" {
  service_namespace  = "dynamodb"
  scalable_dimension = "dynamodb:table:ReadCapacityUnits"
  resource_id        = "table/${local.table}"
  min_capacity       = 20
  max_capacity       = 400
}

resource "aws_appautoscaling_target" "write" {
  service_namespace  = "dynamodb"
  scalable_dimension = "dynamodb:table:WriteCapacityUnits"
  resource_id        = "table/${aws_dynamodb_table.parcels.name}"
  min_capacity       = 20
  max_capacity       = 400
}

resource "aws_dynamodb_table" "depots" {
  name                        = "depots"
  hash_key                    = "id"
  read_capacity               = 5
  write_capacity              = 5
  deletion_protection_enabled = true

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  # Somebody scales it by hand.
  lifecycle {
    ignore_changes = [read_capacity, write_capacity]
  }
}

resource "aws_dynamodb_table" "scans" {
  name                        = "scans"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  deletion_protection_enabled = true

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  lifecycle {
    ignore_changes = [ttl, tags["cost"]]
  }
}

resource "aws_dynamodb_table" "routes" {
  name                        = "routes"
  hash_key                    = "id"
  read_capacity               = 5
  write_capacity              = 5
  deletion_protection_enabled = true

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
}

resource "aws_appautoscaling_target" "routes" {
  service_namespace  = "dynamodb"
  scalable_dimension = "dynamodb:table:ReadCapacityUnits"
  resource_id        = "table/routes"
  min_capacity       = 5
  max_capacity       = 50

  depends_on = [aws_dynamodb_table.routes]
}

resource "aws_appautoscaling_target" "workers" {
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/parcels/workers"
  min_capacity       = 1
  max_capacity       = 4
}
