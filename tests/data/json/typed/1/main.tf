
variable "a" { type = list(object({ n = string, o = optional(map(number), {}) })) }
variable "b" { type = tuple([string, number, bool]) }
variable "c" { type = any }
variable "d" {
  type = set(number)
  description = "d"
  sensitive = true
}
variable "unset" {
  type = number
  default = null
}
variable "big" {
  type = number
  default = 1e20
}
variable "dflt" {
  type = map(any)
  default = { a = [1,2], b = ["x"] }
}
output "all" {
  value = [var.a, var.b, var.c]
}
output "dd" {
  value = var.d
  sensitive = true
}
