"""Runs MiniStack so that it ends with whoever started it, and as AWS where MiniStack alone is not enough."""
import json
import os
import shutil
import signal
import sys
import threading

from ministack.core import iam_actions
from ministack.services import autoscaling, eventbridge, ssm

GPU_IMAGE = "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id"


def end_with_the_caller():
    """The caller holds our standard input open: however it ends, we and the Lambdas we started end too."""
    sys.stdin.buffer.read()
    shutil.rmtree(os.environ["E2E_FOLDER"], ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


def publish_the_gpu_image():
    """A public parameter of AWS, which no caller may put; MiniStack publishes others of its kind."""
    ssm._PUBLIC_AMI_PARAMETERS[GPU_IMAGE] = "ami-0c2023a1b2c3d4e5f"


def let_the_harness_send_events_of_aws():
    """Only AWS itself may send events whose source begins with `aws.`; an SDK cannot send the member FromAws."""
    put_events = eventbridge._put_events
    eventbridge._put_events = lambda data: put_events(data, allow_aws_source=data.get("FromAws") is True)


def authorize_on_the_resources_that_aws_names():
    """MiniStack 1.5.33 authorizes ecs:DescribeServices on the cluster, and calls about an Auto Scaling group on an ARN with a star in it."""
    extract = iam_actions.extract_resource_arn

    def corrected(service, method, path, headers, body, *rest):
        arn = extract(service, method, path, headers, body, *rest)
        if service == "autoscaling":
            group = autoscaling._asgs.get(arn.rsplit("/", 1)[-1])
            return group["AutoScalingGroupARN"] if group else arn
        if headers.get("x-amz-target", "").endswith(".DescribeServices") and ":cluster/" in arn:
            return arn.replace(":cluster/", ":service/") + "/" + json.loads(body)["services"][0]
        return arn

    iam_actions.extract_resource_arn = corrected


os.setpgid(0, 0)
threading.Thread(target=end_with_the_caller, daemon=True).start()
publish_the_gpu_image()
let_the_harness_send_events_of_aws()
authorize_on_the_resources_that_aws_names()

from ministack.app import main  # noqa: E402  after the process group, which its children inherit

main()
