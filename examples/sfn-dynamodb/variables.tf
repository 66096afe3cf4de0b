variable "table_name" {
  description = "The name of the table; the role and the state machine are named after it."
  type        = string
  default     = "hello-items"
}

variable "region" {
  description = "Where to deploy."
  type        = string
  default     = "us-east-1"
}
