#!/usr/bin/env python3
"""moto's AWS server on a port, with the two things that deploying and running a state machine needs and moto 5 lacks.

    moto_server.py PORT
"""
import json, logging, sys

from moto.server import DomainDispatcherApplication, create_backend_app
from moto.stepfunctions.responses import StepFunctionResponse
from werkzeug.serving import run_simple

if not hasattr(StepFunctionResponse, "list_state_machine_versions"):

    def list_state_machine_versions(self):
        return json.dumps({"stateMachineVersions": []})

    StepFunctionResponse.list_state_machine_versions = list_state_machine_versions

if not hasattr(StepFunctionResponse, "validate_state_machine_definition"):

    def validate_state_machine_definition(self):
        return json.dumps({"result": "OK", "diagnostics": []})

    StepFunctionResponse.validate_state_machine_definition = validate_state_machine_definition

logging.getLogger("werkzeug").setLevel(logging.ERROR)
run_simple("127.0.0.1", int(sys.argv[1]), DomainDispatcherApplication(create_backend_app), threaded=True)
