data "terraform_remote_state" "network" {
  backend = "s3"

  config = {
    bucket = "ledger-state-eu-west-1"
    key    = "ledger/network.tfstate"
    region = "eu-west-1"
  }
}

resource "random_password" "master" {
  length  = 32
  special = false
}

# The name of a snapshot needs to be new each time.
resource "random_string" "snapshot" {
  length  = 8
  special = false
}

resource "aws_db_subnet_group" "main" {
  name       = "ledger"
  subnet_ids = data.terraform_remote_state.network.outputs.subnet_ids
}

resource "aws_db_instance" "main" {
  identifier                = "ledger"
  engine                    = "postgres"
  instance_class            = "db.t4g.medium"
  allocated_storage         = 50
  username                  = "ledger"
  password                  = random_password.master.result
  db_subnet_group_name      = aws_db_subnet_group.main.name
  backup_retention_period   = 14
  final_snapshot_identifier = "ledger-${random_string.snapshot.result}"

  lifecycle {
    prevent_destroy = true
    ignore_changes  = [tags]
  }
}

resource "aws_secretsmanager_secret" "master" {
  name = "ledger/database/master"
}

resource "aws_secretsmanager_secret_version" "master" {
  secret_id     = aws_secretsmanager_secret.master.id
  secret_string = random_password.master.result
}

output "endpoint" {
  value = aws_db_instance.main.address
}
