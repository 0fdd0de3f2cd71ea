variable "key_arn" {
  type = string
}

resource "aws_cloudwatch_log_group" "group" {
  count = 1
  name  = "/aws/group-${count.index}"
  tags  = { key = var.key_arn }
}

output "arn" {
  value = aws_cloudwatch_log_group.group[0].arn
}
