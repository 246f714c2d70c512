package dev.quern.user;

import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Conv2dAttributes;
import dev.quern.graph.op.Pool2dAttributes;
import dev.quern.graph.op.Value;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/** LeNet-5 as a user would write it with the graph alone, parameters named as in a PyTorch Sequential. */
public final class LeNetModel {
    private final GraphBuilder g;
    private final List<Value> parameters = new ArrayList<>();

    private LeNetModel(GraphBuilder g) {
        this.g = g;
    }

    /** A training step with momentum SGD: inputs x and labels, step scalar lr, output loss. */
    public static Graph training(int batch, double momentum) {
        GraphBuilder g = new GraphBuilder("lenet");
        LeNetModel model = new LeNetModel(g);
        Value x = g.input("x", DType.F32, Shape.of(batch, 1, 28, 28));
        Value labels = g.input("labels", DType.I32, Shape.of(batch));
        Value logits = model.logits(x);
        Value loss = g.softmaxCrossEntropy(logits, labels, 0);
        List<Value> gradients = Gradients.of(g, loss, model.parameters);
        Value rate = g.stepScalar("lr");
        for (int i = 0; i < gradients.size(); i++) {
            Value parameter = model.parameters.get(i);
            Value velocity = g.state(parameter.name() + ".momentum", DType.F32, parameter.shape());
            Value next = g.add(g.mul(velocity, g.constant(momentum)), gradients.get(i));
            g.assign(velocity, next);
            g.assign(parameter, g.sub(parameter, g.mul(rate, next)));
        }
        g.output("loss", loss);
        return g.build();
    }

    /** Evaluation: input x, output logits. */
    public static Graph evaluation(int batch) {
        GraphBuilder g = new GraphBuilder("lenet-eval");
        g.output("logits", new LeNetModel(g).logits(g.input("x", DType.F32, Shape.of(batch, 1, 28, 28))));
        return g.build();
    }

    private Value logits(Value x) {
        Value h = convolution("conv1", "0", x, 6, 1, 2);
        h = convolution("conv2", "3", h, 16, 6, 0);
        h = g.flatten(h, 1);
        h = g.relu(dense("fc1", "7", h, 400, 120));
        h = g.relu(dense("fc2", "9", h, 120, 84));
        return dense("fc3", "11", h, 84, 10);
    }

    private Value convolution(String name, String path, Value x, int out, int in, int padding) {
        try (GraphBuilder.Scope scope = g.scope(name)) {
            Value y = g.conv2d(x, parameter(path + ".weight", out, in, 5, 5), Conv2dAttributes.defaults().padding(padding));
            y = g.relu(g.add(y, g.reshape(parameter(path + ".bias", out), 1, out, 1, 1)));
            return g.maxPool2d(y, Pool2dAttributes.kernel(2));
        }
    }

    private Value dense(String name, String path, Value x, int in, int out) {
        try (GraphBuilder.Scope scope = g.scope(name)) {
            return g.add(g.matmul(x, parameter(path + ".weight", out, in), false, true), parameter(path + ".bias", out));
        }
    }

    private Value parameter(String path, int... extents) {
        Value parameter = g.parameter(path, DType.F32, Shape.of(extents));
        parameters.add(parameter);
        return parameter;
    }
}
