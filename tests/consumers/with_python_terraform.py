"""The library python-terraform around the program that is named first: exit codes, outputs and workspaces."""
import json
import sys

import python_terraform

program, directory = sys.argv[1], sys.argv[2]
tf = python_terraform.Terraform(working_dir=directory, terraform_bin_path=program)
found = {"init": tf.init()[0]}
found["plan"] = tf.plan(detailed_exitcode=python_terraform.IsFlagged)[0]
code, out, _ = tf.apply(skip_plan=True)
found["apply"] = [code, "Apply complete! Resources: 4 added, 0 changed, 0 destroyed." in out]
found["again"] = tf.plan(detailed_exitcode=python_terraform.IsFlagged)[0]
found["output"] = {name: value["value"] for name, value in tf.output().items()}
found["workspace"] = [tf.create_workspace("other")[0], tf.set_workspace("default")[0], tf.show_workspace()[1].strip()]
found["destroy"] = tf.destroy(force=None, auto_approve=True)[0]
print(json.dumps(found))
