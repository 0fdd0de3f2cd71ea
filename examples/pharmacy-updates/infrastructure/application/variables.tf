variable "blue_green_environment" {
  description = "blue or green: which of the two copies of the application this is."
  type        = string

  validation {
    condition     = contains(["blue", "green"], var.blue_green_environment)
    error_message = "The environment is blue or green."
  }
}

variable "image_tag" {
  description = "The release to run."
  type        = string
  default     = "1.4.2"
}

locals {
  name = "${var.environment}-${var.blue_green_environment}-pharmacy"
}
