"""The library tftest around the program that is named first: plans, applies, reads outputs and state, destroys."""
import json
import sys

import tftest

program, directory = sys.argv[1], sys.argv[2]
tf = tftest.TerraformTest(".", basedir=directory, binary=program)
tf.setup(command="init")
plan = tf.plan(output=True)
found = {
    "version": plan.format_version,
    "outputs": {name: plan.outputs[name] for name in plan.outputs},
    "variables": dict(plan.variables),
    "resources": sorted(plan.resources),
    "modules": {name: sorted(module.resources) for name, module in plan.modules.items()},
    "changes": {address: change["change"]["actions"] for address, change in plan.resource_changes.items()},
}
tf.apply()
found["applied"] = dict(tf.output())
state = tf.state_pull()
found["state"] = sorted(resource["type"] for resource in state.resources.values())
tf.destroy()
print(json.dumps(found))
