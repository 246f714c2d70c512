package dev.quern.graph.op;

import dev.quern.kernels.normalize.Affine;
import dev.quern.kernels.normalize.BatchNormProblem;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Batch norm in training of x [N, C, ...]: y, the batch's mean [C] and reciprocal deviation [C], and with running statistics
 * their new values. Operands x, weight [C] and bias [C] as far as they exist, running mean [C] and variance [C] as far as they
 * exist.
 *
 * @param epsilon  at least 0
 * @param momentum the share of the new statistics, in [0, 1]
 * @param affine   whether weight and bias exist
 * @param running  whether running statistics exist
 */
public record BatchNorm(float epsilon, float momentum, Affine affine, boolean running) implements Op {
    @Override
    public String label() {
        return "batch_norm";
    }

    @Override
    public String attributes() {
        return "epsilon=" + epsilon + (running ? ", momentum=" + momentum : "");
    }

    /** The problem for an input shape. */
    public BatchNormProblem problem(Shape x) {
        return new BatchNormProblem(DType.F32, x.extent(0), x.extent(1), Normalised.inner(x), epsilon, momentum, affine,
                running);
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1 + Normalised.parameters(affine) + (running ? 2 : 0), "batch_norm takes x"
                + (affine.weight() ? ", weight" : "") + (affine.bias() ? ", bias" : "")
                + (running ? ", running_mean, running_var" : ""));
        Shape x = Normalised.channels("batch_norm", inputs.getFirst());
        problem(x);
        inputs.subList(1, inputs.size()).forEach(each -> Normalised.perChannel(each, x));
        TensorType perChannel = TensorType.f32(x.extent(1));
        List<TensorType> outputs = new ArrayList<>(List.of(inputs.getFirst(), perChannel, perChannel));
        if (running) {
            outputs.addAll(List.of(perChannel, perChannel));
        }
        return List.copyOf(outputs);
    }

    @Override
    public void vjp(Backward backward) {
        Normalised.onlyFirst(backward, label(), running ? 5 : 3);
        List<Value> inputs = new ArrayList<>(List.of(backward.gradient(), backward.input(0)));
        if (affine.weight()) {
            inputs.add(backward.input(1));
        }
        inputs.add(backward.output(1));
        inputs.add(backward.output(2));
        Normalised.distribute(backward, affine, backward.emit().emit("batch_norm_backward", new BatchNormBackward(affine), inputs));
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }
}
