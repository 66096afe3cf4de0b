resource "aws_iam_role" "home" {
  name               = "home"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
}
resource "aws_iam_role" "home2" {
  name               = "home2"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
}
resource "aws_iam_policy" "hp" {
  name   = "hp"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = "*" }] })
}
resource "aws_iam_policy" "hq" {
  name   = "hq"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = "*" }] })
}
resource "aws_iam_role" "exr" {
  name               = "exr"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
}
resource "aws_iam_role" "r_desc" {
  name               = "r-desc"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })

}
resource "aws_iam_role" "r_desc2" {
  name               = "r-desc2"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
  description        = "x"
}
resource "aws_iam_role" "r_dur" {
  name               = "r-dur"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })

}
resource "aws_iam_role" "r_dur2" {
  name                 = "r-dur2"
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
  max_session_duration = 3600
}
resource "aws_iam_role" "r_force" {
  name                  = "r-force"
  assume_role_policy    = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
  force_detach_policies = false
}
resource "aws_iam_role" "r_bound" {
  name               = "r-bound"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })

}
resource "aws_iam_role" "r_bound2" {
  name                 = "r-bound2"
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
  permissions_boundary = ""
}
resource "aws_iam_role" "r_path" {
  name               = "r-path"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })

}
resource "aws_iam_role" "r_inl" {
  name               = "r-inl"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
  inline_policy {
    name   = "b"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:PutItem", Resource = "*" }] })
  }
}
resource "aws_iam_role" "r_inl2" {
  name               = "r-inl2"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
  inline_policy {}
}
resource "aws_iam_role" "r_inl3" {
  name               = "r-inl3"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
  inline_policy {}
}
resource "aws_iam_role" "r_inl4" {
  name               = "r-inl4"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
  inline_policy {
    name   = "a"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["dynamodb:GetItem"], Resource = "*" }] })
  }
}
resource "aws_iam_role" "r_inl_order" {
  name               = "r-inl-order"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
  inline_policy {
    name   = "b"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["c:d"], Resource = "*" }] })
  }
  inline_policy {
    name   = "a"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = "*" }] })
  }
}
resource "aws_iam_role" "r_man" {
  name                = "r-man"
  assume_role_policy  = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
  managed_policy_arns = ["arn:aws:iam::aws:policy/PowerUserAccess"]
}
resource "aws_iam_role" "r_man2" {
  name               = "r-man2"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })

}
resource "aws_iam_role" "r_man3" {
  name                = "r-man3"
  assume_role_policy  = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
  managed_policy_arns = []
}
resource "aws_iam_role" "r_man4" {
  name                = "r-man4"
  assume_role_policy  = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
  managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
}
resource "aws_iam_role" "r_both" {
  name               = "r-both"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
  inline_policy {
    name   = "q"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = "*" }] })
  }
  managed_policy_arns = ["arn:aws:iam::aws:policy/PowerUserAccess"]
}
resource "aws_iam_role" "r_tags" {
  name               = "r-tags"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })

}
resource "aws_iam_role" "r_tags2" {
  name               = "r-tags2"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
  tags               = {}
}
resource "aws_iam_role" "r_all" {
  name               = "r-all"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
  path               = "/z/"
}
resource "aws_iam_role" "r_trust" {
  name               = "r-trust"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
}
resource "aws_iam_role" "r_prefix" {
  name_prefix        = "prx-"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] })
}
resource "aws_iam_role" "r_nameless" {
  name               = "now-named"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
}
resource "aws_iam_role" "r_prefix_to_name" {
  name_prefix        = "ptn-"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.amazonaws.com" } }] })
}
resource "aws_iam_policy" "p_plain" {
  name        = "p-plain"
  policy      = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:PutItem", Resource = "*" }] })
  description = ""
}
resource "aws_iam_policy" "p_prefix" {
  name   = "pp-fixed"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "x:y", Resource = "*" }] })
}
resource "aws_iam_policy" "p_none" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = "*" }] })
  path   = "/x/"
}
resource "aws_iam_policy" "p_path" {
  name   = "p-path"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["a:b"], Resource = "*" }] })
}
resource "aws_iam_policy" "p_desc" {
  name   = "p-desc"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = "*" }] })
}
resource "aws_iam_policy" "p_tags" {
  name   = "p-tags"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = "*" }] })
}
resource "aws_iam_role_policy" "rp1" {
  role   = aws_iam_role.home.id
  name   = "rp1b"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = "*" }] })
}
resource "aws_iam_role_policy" "rp2" {
  role        = aws_iam_role.home2.name
  name_prefix = "rp2-"
  policy      = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "x:z", Resource = "*" }] })
}
resource "aws_iam_role_policy" "rp3" {
  role   = aws_iam_role.home.name
  name   = "rp3"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "x:z", Resource = "*" }] })
}
resource "aws_iam_role_policy_attachment" "ra1" {
  role       = aws_iam_role.home2.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
resource "aws_iam_policy_attachment" "pa1" {
  name       = "pa1x"
  policy_arn = aws_iam_policy.hq.arn
  roles      = [aws_iam_role.home2.name]
}
resource "aws_iam_role_policy_attachments_exclusive" "ae" {
  role_name   = aws_iam_role.exr.name
  policy_arns = []
}
resource "aws_iam_instance_profile" "ip1" {
  name = "ip1"
}
resource "aws_iam_instance_profile" "ip2" {
  path = "/x/"
}
resource "aws_iam_instance_profile" "ip3" {

}
