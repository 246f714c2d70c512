# The peer "pytorch-python": speaks the line protocol of dev.quern.bench.peer with PyTorch's own Python interface.
import json
import os
import sys
import time

import torch

torch.set_num_threads(len(os.sched_getaffinity(0)))


def gemm(task):
    m, n, k = task["m"], task["n"], task["k"]
    sets = [(torch.rand(m, k) * 2 - 1, torch.rand(k, n) * 2 - 1, torch.empty(m, n)) for _ in range(task["sets"])]
    turn = 0

    def run():
        nonlocal turn
        a, b, c = sets[turn]
        turn = (turn + 1) % len(sets)
        with torch.no_grad():
            torch.mm(a, b, out=c)

    return run


def train(task):
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    images = torch.rand(task["batch"], 1, 28, 28)
    labels = torch.randint(0, 10, (task["batch"],))

    def run():
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        loss.item()

    return run


work = None
for line in sys.stdin:
    question = json.loads(line)
    try:
        if "task" in question:
            work = None
            if question["task"] == "train" and question["model"] != "lenet":
                print(json.dumps({"declined": "no model " + question["model"]}), flush=True)
                continue
            work = {"gemm": gemm, "train": train}[question["task"]](question)
            answer = {"ready": "PyTorch %s (Python), %d threads" % (torch.__version__, torch.get_num_threads())}
        else:
            for _ in range(question["warm"]):
                work()
            nanos = []
            for _ in range(question["runs"]):
                start = time.perf_counter_ns()
                work()
                nanos.append(time.perf_counter_ns() - start)
            answer = {"nanos": nanos}
    except Exception as problem:
        answer = {"error": repr(problem)}
    print(json.dumps(answer), flush=True)
