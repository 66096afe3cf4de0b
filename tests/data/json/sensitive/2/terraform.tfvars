nodefault = { a = "b" }
anyv = { z = 1 }
