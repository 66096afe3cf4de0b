# The names that refined.jsonl uses: resources that do not exist yet, and what follows from them.
resource "terraform_data" "s" { input = "abc" }
resource "terraform_data" "n" { input = 5 }
resource "terraform_data" "b" { input = true }
resource "terraform_data" "l" { input = tolist(["a", "b"]) }
resource "terraform_data" "ln" { input = tolist([1, 2]) }
resource "terraform_data" "st" { input = toset(["a", "b"]) }
resource "terraform_data" "m" { input = tomap({ a = "x", b = "y" }) }
resource "terraform_data" "o" { input = { a = "x", n = 1 } }
resource "terraform_data" "tup" { input = ["a", 1] }
resource "terraform_data" "ll" { input = tolist([tolist(["a"])]) }
resource "terraform_data" "lo" { input = tolist([{ a = "x", n = 1 }]) }
resource "terraform_data" "ml" { input = tomap({ a = tolist(["a"]) }) }
resource "terraform_data" "dyn" { input = jsondecode(terraform_data.s.id) }
locals {
  id = terraform_data.s.id
  s = terraform_data.s.output
  n = terraform_data.n.output
  b = terraform_data.b.output
  l = terraform_data.l.output
  ln = terraform_data.ln.output
  st = terraform_data.st.output
  m = terraform_data.m.output
  o = terraform_data.o.output
  t = terraform_data.tup.output
  ll = terraform_data.ll.output
  lo = terraform_data.lo.output
  ml = terraform_data.ml.output
  dyn = terraform_data.dyn.output
  pre = "pre-${terraform_data.s.id}"
  pre2 = "preabc-${terraform_data.s.id}"
  accent = "ae${terraform_data.s.id}"
  nn = length(terraform_data.l.output)
  nb = terraform_data.b.output ? 1 : 5
  bb = terraform_data.s.id == "x"
  lr = terraform_data.b.output ? tolist(["a"]) : tolist(["b", "c"])
  l1 = terraform_data.b.output ? tolist(["a"]) : tolist(["b"])
  str = terraform_data.b.output ? toset(["a"]) : toset(["b", "c"])
  mr = terraform_data.b.output ? tomap({ a = "1" }) : tomap({ b = "2", c = "3" })
  lu = tolist(["a", terraform_data.s.id])
  su = toset(["a", terraform_data.s.id])
  su1 = toset([terraform_data.s.id])
  mu = tomap({ a = "x", b = terraform_data.s.id })
  ou = { a = terraform_data.s.id, n = 1 }
  tu = ["a", terraform_data.s.id, 1]
  lnu = tolist([1, terraform_data.n.output])
  lbu = tolist([true, terraform_data.b.output])
  llu = [tolist(["a"]), terraform_data.l.output]
  snull = tostring(null)
  lnull = tolist(["a", null])
  sens = sensitive(terraform_data.s.id)
}
