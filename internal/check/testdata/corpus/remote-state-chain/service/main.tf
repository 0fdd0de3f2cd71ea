data "terraform_remote_state" "network" {
  backend = "s3"

  config = {
    bucket = "ledger-state-eu-west-1"
    key    = "ledger/network.tfstate"
    region = var.region
  }
}

data "terraform_remote_state" "database" {
  backend = "s3"

  config = {
    bucket = "ledger-state-eu-west-1"
    key    = "ledger/database.tfstate"
    region = var.region
  }
}

data "aws_caller_identity" "current" {}

data "aws_secretsmanager_secret" "master" {
  name = "ledger/database/master"
}

data "aws_ssm_parameter" "ami" {
  name = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
}

data "aws_ssm_parameter" "licence" {
  name = "/ledger/licence"
}

resource "aws_ecs_cluster" "main" {
  name = "ledger"
}

resource "aws_ecs_task_definition" "api" {
  family                   = "ledger-api"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 512
  memory                   = 1024

  container_definitions = jsonencode([{
    name  = "api"
    image = "${data.aws_caller_identity.current.account_id}.dkr.ecr.${var.region}.amazonaws.com/ledger:latest"
    environment = [
      { name = "DATABASE_HOST", value = data.terraform_remote_state.database.outputs.endpoint },
      { name = "CACHE_HOST", value = "10.20.3.17" },
    ]
  }])

  lifecycle {
    ignore_changes = [container_definitions]
  }
}

resource "aws_ecs_service" "api" {
  name            = "ledger-api"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.api.arn
  desired_count   = 2

  network_configuration {
    subnets = data.terraform_remote_state.network.outputs.subnet_ids
  }

  lifecycle {
    ignore_changes = [desired_count]
  }
}
