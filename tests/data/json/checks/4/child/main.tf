
variable "v" {
  type = string
  validation {
    condition = length(var.v) > 1
    error_message = "short"
  }
}
output "o" {
  value = var.v
  precondition {
    condition = length(var.v) == 2
    error_message = "two"
  }
}
check "inner" {
  assert {
    condition = var.v == "x0"
    error_message = "not x0: ${var.v}"
  }
}
resource "aws_cloudwatch_log_group" "z" {
  count = 0
  name = "z"
  lifecycle {
    precondition {
      condition = var.v != ""
      error_message = "e"
    }
  }
}
