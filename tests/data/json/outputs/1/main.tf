output "a" { value = "1" }
output "b" { value = [1, "x", { y = null }] }
output "c" {
  value = { k = "v" }
  sensitive = true
}
output "num" { value = 12345678901234567890 }
output "f" { value = 1.5 }
output "t" { value = toset(["b", "a"]) }
output "mm" { value = tomap({ a = 1 }) }
output "n" { value = null }
output "empty" { value = [] }
