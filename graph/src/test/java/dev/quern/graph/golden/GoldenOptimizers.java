package dev.quern.graph.golden;

import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.graph.testing.Closeness;
import dev.quern.graph.testing.GraphRunner;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;
import java.util.Set;

/** Optimizer steps written with the graph's own ops, each state updated in place, against PyTorch's after every step. */
final class GoldenOptimizers {
    private static final Set<String> KNOWN = Set.of("optimizer", "steps", "lr", "momentum", "nesterov", "weight_decay",
            "beta1", "beta2", "epsilon", "rho", "centered");

    private final GoldenCase golden;
    private final GraphRunner.Factory runners;
    private final GraphBuilder g;
    private final Shape shape;

    GoldenOptimizers(GoldenCase golden, GraphRunner.Factory runners) {
        this.golden = golden;
        this.runners = runners;
        this.g = new GraphBuilder(golden.name());
        this.shape = golden.tensor("in.p").shape();
    }

    void compare(List<String> failures) {
        if (!KNOWN.containsAll(golden.attrs().keySet())) {
            throw new UnsupportedOperationException("optimizer with " + golden.attrs());
        }
        Value p = g.parameter("p", DType.F32, shape);
        Value gradient = g.input("grad", DType.F32, shape);
        emit(p, gradient);
        Graph graph = g.build();
        try (GraphRunner optimizer = runners.of(graph)) {
            optimizer.write("p", golden.tensor("in.p"));
            for (int step = 0; step < (int) golden.number("steps"); step++) {
                optimizer.set("grad", golden.tensor("in.grad" + step));
                if (graph.find("correction1").isPresent()) {
                    optimizer.setScalar("correction1", 1 - Math.pow(golden.number("beta1"), step + 1));
                    optimizer.setScalar("correction2", 1 - Math.pow(golden.number("beta2"), step + 1));
                }
                optimizer.run();
                String key = "out.p" + step;
                Closeness.difference(optimizer.state("p"), golden.tensor(key), 1e-5, 1e-6)
                        .ifPresent(difference -> failures.add(golden.name() + ": " + key + " " + difference));
            }
        }
    }

    private Value state(String name) {
        return g.state(name, DType.F32, shape);
    }

    private Value number(String attribute) {
        return g.constant(golden.number(attribute));
    }

    /** decay * old + (1 - decay) * now. */
    private Value average(Value old, Value now, String decay) {
        return g.add(g.mul(old, number(decay)), g.mul(now, g.constant(1 - golden.number(decay))));
    }

    private void step(Value p, Value direction) {
        g.assign(p, g.sub(p, g.mul(number("lr"), direction)));
    }

    private void emit(Value p, Value rawGradient) {
        double decay = golden.number("weight_decay", 0);
        boolean decoupled = golden.text("optimizer").equals("adamw");
        Value gradient = decay == 0 || decoupled ? rawGradient : g.add(rawGradient, g.mul(p, g.constant(decay)));
        switch (golden.text("optimizer")) {
            case "sgd" -> sgd(p, gradient);
            case "adam", "adamw" -> adam(p, gradient, decoupled ? decay : 0);
            case "rmsprop" -> rmsprop(p, gradient);
            case "adagrad" -> {
                Value sum = state("sum");
                Value next = g.add(sum, g.square(gradient));
                g.assign(sum, next);
                step(p, g.div(gradient, g.add(g.sqrt(next), number("epsilon"))));
            }
            case "adadelta" -> {
                Value square = state("square");
                Value moved = state("moved");
                Value nextSquare = average(square, g.square(gradient), "rho");
                Value delta = g.mul(g.div(g.sqrt(g.add(moved, number("epsilon"))),
                        g.sqrt(g.add(nextSquare, number("epsilon")))), gradient);
                g.assign(square, nextSquare);
                g.assign(moved, average(moved, g.square(delta), "rho"));
                step(p, delta);
            }
            default -> throw new UnsupportedOperationException(golden.text("optimizer"));
        }
    }

    private void sgd(Value p, Value gradient) {
        double momentum = golden.number("momentum", 0);
        if (momentum == 0) {
            step(p, gradient);
            return;
        }
        Value velocity = state("velocity");
        Value next = g.add(g.mul(velocity, g.constant(momentum)), gradient);
        g.assign(velocity, next);
        step(p, golden.flag("nesterov") ? g.add(gradient, g.mul(next, g.constant(momentum))) : next);
    }

    private void adam(Value p, Value gradient, double decoupledDecay) {
        Value m = state("m");
        Value v = state("v");
        Value nextM = average(m, gradient, "beta1");
        Value nextV = average(v, g.square(gradient), "beta2");
        g.assign(m, nextM);
        g.assign(v, nextV);
        Value root = g.sqrt(g.div(nextV, g.stepScalar("correction2")));
        Value direction = g.div(g.div(nextM, g.stepScalar("correction1")), g.add(root, number("epsilon")));
        Value shrunk = g.mul(p, g.constant(1 - golden.number("lr") * decoupledDecay));
        g.assign(p, g.sub(shrunk, g.mul(number("lr"), direction)));
    }

    private void rmsprop(Value p, Value gradient) {
        Value square = state("square");
        Value nextSquare = average(square, g.square(gradient), "rho");
        g.assign(square, nextSquare);
        Value variance = nextSquare;
        if (golden.flag("centered")) {
            Value mean = state("mean");
            Value nextMean = average(mean, gradient, "rho");
            g.assign(mean, nextMean);
            variance = g.sub(nextSquare, g.square(nextMean));
        }
        Value direction = g.div(gradient, g.add(g.sqrt(variance), number("epsilon")));
        double momentum = golden.number("momentum", 0);
        if (momentum == 0) {
            step(p, direction);
            return;
        }
        Value velocity = state("velocity");
        Value next = g.add(g.mul(velocity, g.constant(momentum)), direction);
        g.assign(velocity, next);
        step(p, next);
    }
}
