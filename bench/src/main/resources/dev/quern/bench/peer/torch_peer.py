# The peers "pytorch-python" and, on a CUDA device, "pytorch-cuda", "pytorch-compile" and "pytorch-graph": speaks the line protocol of
# dev.quern.bench.peer with PyTorch's own Python interface. The one argument is the mode: cpu, cuda, compile or graph.
import base64
import io
import json
import os
import re
import sys
import time

import torch

MODE = sys.argv[1]
DEVICE = "cpu" if MODE == "cpu" else "cuda"
# Runs before a CUDA graph is captured, as PyTorch's manual asks for.
WARM_BEFORE_CAPTURE = 3

torch.set_num_threads(len(os.sched_getaffinity(0)))
# Float32 is float32: Quern's kernels round nothing on the way in.
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
# Operators run as they are called, as in Python, without a profiling pass that rewrites them.
torch._C._set_graph_executor_optimize(False)

DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16, "f64": torch.float64, "i32": torch.int32,
          "i64": torch.int64, "u8": torch.uint8, "bool": torch.bool}


class Declined(Exception):
    pass


def inputs(task):
    """The tensors of a task as (dtype, shape, low, high)."""
    for text in task["inputs"].split():
        dtype, extents, low, high = re.fullmatch(r"(\w+)\[([\d,]*)\]@([^:]+):(.+)", text).groups()
        yield DTYPES[dtype], [int(extent) for extent in extents.split(",") if extent], float(low), float(high)


def random(dtype, shape, low, high):
    values = torch.rand(shape, device=DEVICE) * (high - low) + low
    return (values if dtype.is_floating_point else values.floor()).to(dtype)


def captured(work):
    """The work as a CUDA graph: a function that replays it."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM_BEFORE_CAPTURE):
            work()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return graph.replay


class Turns:
    """A function run on one of several sets of random inputs at a time."""

    def __init__(self, task, function, autograd=False):
        self.inputs = list(inputs(task))
        self.sets = [[random(*one) for one in self.inputs] for _ in range(task["sets"])]
        self.function, self.autograd, self.turn = function, autograd, 0
        if MODE == "graph":
            self.runs = [captured(lambda one=one: self.on(one)) for one in self.sets]
        else:
            self.runs = [lambda one=one: self.on(one) for one in self.sets]

    def __call__(self):
        self.turn = (self.turn + 1) % len(self.sets)
        self.runs[self.turn]()

    def on(self, arguments):
        with torch.set_grad_enabled(self.autograd):
            return self.function(*arguments)

    def outputs(self, data):
        arguments, offset = [], 0
        for dtype, shape, _, _ in self.inputs:
            empty = torch.empty(shape, dtype=dtype)
            size = empty.numel() * empty.element_size()
            arguments.append(torch.frombuffer(bytearray(data[offset:offset + size]), dtype=dtype).reshape(shape).to(DEVICE))
            offset += size
        result = self.on(arguments)
        return list(result) if isinstance(result, (list, tuple)) else [result]


def gemm(task):
    transpose_a, transpose_b = task["transpose_a"], task["transpose_b"]
    c = [torch.empty(task["m"], task["n"], device=DEVICE) for _ in range(task["sets"])]
    turn = 0

    def multiply(a, b):
        nonlocal turn
        turn = (turn + 1) % len(c)
        return torch.mm(a.t() if transpose_a else a, b.t() if transpose_b else b, out=c[turn])

    return Turns(task, torch.compile(multiply) if MODE == "compile" else multiply)


def operation(task):
    if MODE == "compile":
        raise Declined("torch.compile does not take TorchScript")
    try:
        module = torch.jit.load(io.BytesIO(base64.b64decode(task["archive"])))
    except RuntimeError as problem:
        missing = re.search(r"Unknown builtin op: \S+", str(problem))
        raise Declined("PyTorch %s: %s" % (torch.__version__, missing.group())) if missing else problem
    return Turns(task, module.forward, task["differentiates"])


def lenet():
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def mlp():
    nn = torch.nn
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))


class RowSequence(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(28, 128, batch_first=True)
        self.dense = torch.nn.Linear(128, 10)

    def forward(self, images):
        _, (last, _) = self.lstm(images.squeeze(1))
        return self.dense(last[0])


def vgg11():
    nn = torch.nn
    layers, channels = [], 3
    for width, convolutions in (64, 1), (128, 1), (256, 2), (512, 2), (512, 2):
        for _ in range(convolutions):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
            channels = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, 10))


# What makes a model, and the shape of its samples.
MODELS = {"lenet": (lenet, (1, 28, 28)), "mlp": (mlp, (1, 28, 28)), "lstm": (RowSequence, (1, 28, 28)), "vgg11": (vgg11, (3, 32, 32))}


def train(task):
    if task["model"] not in MODELS:
        raise Declined("no model " + task["model"])
    make, sample = MODELS[task["model"]]
    model = make().to(DEVICE)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    criterion = torch.nn.CrossEntropyLoss()
    images = torch.rand(task["batch"], *sample, device=DEVICE)
    labels = torch.randint(0, 10, (task["batch"],), device=DEVICE)
    forward = torch.compile(model) if MODE == "compile" else model

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(forward(images), labels)
        loss.backward()
        optimizer.step()
        return loss

    if MODE == "graph":
        kept = torch.zeros((), device=DEVICE)
        replay = captured(lambda: kept.copy_(step().detach()))

        def run():
            replay()
            kept.item()
    else:
        def run():
            step().item()

    return run


def device_times(work, runs):
    """By the device's own clock, as Quern's kernels are timed."""
    nanos = []
    for _ in range(runs):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        work()
        end.record()
        end.synchronize()
        nanos.append(int(begin.elapsed_time(end) * 1e6))
    return nanos


def times(work, warm, runs):
    for _ in range(warm):
        work()
    if DEVICE == "cuda" and isinstance(work, Turns):
        return device_times(work, runs)
    nanos = []
    for _ in range(runs):
        start = time.perf_counter_ns()
        work()
        nanos.append(time.perf_counter_ns() - start)
    return nanos


def compute(work, question):
    if not isinstance(work, Turns):
        raise Declined("the result of this task cannot be compared")
    with open(question["inputs_file"], "rb") as file:
        outputs = work.outputs(file.read())
    with open(question["outputs_file"], "wb") as file:
        for output in outputs:
            file.write(output.detach().cpu().to(torch.float64).contiguous().numpy().tobytes())
    return [output.numel() for output in outputs]


def description():
    if DEVICE == "cpu":
        return "PyTorch %s (Python), %d threads" % (torch.__version__, torch.get_num_threads())
    return "PyTorch %s (Python), %s, %s" % (torch.__version__, torch.cuda.get_device_name(), MODE)


work = None
for line in sys.stdin:
    question = json.loads(line)
    try:
        if "task" in question:
            work = None
            work = {"gemm": gemm, "operation": operation, "train": train}[question["task"]](question)
            answer = {"ready": description()}
        elif work is None:
            answer = {"error": "nothing has been prepared"}
        elif "inputs_file" in question:
            answer = {"outputs": compute(work, question)}
        else:
            answer = {"nanos": times(work, question["warm"], question["runs"])}
    except Declined as reason:
        answer = {"declined": str(reason)}
    except Exception as problem:
        answer = {"error": repr(problem)}
    print(json.dumps(answer), flush=True)
