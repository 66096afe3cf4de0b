removed {
  from = aws_iam_role.r
  lifecycle {
    destroy = false
  }
}
removed {
  from = aws_iam_role_policy.rp
  lifecycle {
    destroy = false
  }
}
removed {
  from = aws_iam_policy.p
  lifecycle {
    destroy = false
  }
}
removed {
  from = aws_iam_role_policy_attachment.a
  lifecycle {
    destroy = false
  }
}
removed {
  from = aws_iam_instance_profile.ip
  lifecycle {
    destroy = false
  }
}
removed {
  from = aws_sfn_state_machine.m
  lifecycle {
    destroy = false
  }
}
removed {
  from = aws_sfn_alias.al
  lifecycle {
    destroy = false
  }
}
removed {
  from = aws_sfn_activity.act
  lifecycle {
    destroy = false
  }
}
removed {
  from = aws_cloudwatch_log_group.l
  lifecycle {
    destroy = false
  }
}
removed {
  from = aws_dynamodb_table.t
  lifecycle {
    destroy = false
  }
}
removed {
  from = aws_dynamodb_table.t2
  lifecycle {
    destroy = false
  }
}
removed {
  from = aws_dynamodb_tag.tg
  lifecycle {
    destroy = false
  }
}
