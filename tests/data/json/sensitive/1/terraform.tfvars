nodefault = { a = "b" }
anyv = ["x", 1]
