resource "aws_vpc" "main" {
  cidr_block = "10.20.0.0/16"
}

resource "aws_subnet" "private" {
  for_each = {
    a = { zone = "eu-west-1a", cidr = "10.20.0.0/20" }
    b = { zone = "eu-west-1b", cidr = "10.20.16.0/20" }
  }

  vpc_id            = aws_vpc.main.id
  availability_zone = each.value.zone
  cidr_block        = each.value.cidr
}

output "vpc_id" {
  value = aws_vpc.main.id
}

output "subnet_ids" {
  value = [for s in aws_subnet.private : s.id]
}
