resource "aws_sns_topic" "alarms" {
  name = "bookings-alarms"
}
