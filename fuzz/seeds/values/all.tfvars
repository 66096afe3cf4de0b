a = 1
s = <<E
x
E
o = { a = ["x"], b = { c = false } }
m = { k = { y = null } }
