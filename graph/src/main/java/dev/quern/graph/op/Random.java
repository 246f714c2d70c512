package dev.quern.graph.op;

import dev.quern.kernels.random.Distribution;
import dev.quern.kernels.random.Distribution.Bernoulli;
import dev.quern.kernels.random.Draw;
import dev.quern.kernels.random.Philox;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * An F32 tensor of random numbers: those of the stream of (seed, purpose, step), in row-major order. Its operand is the key that
 * holds seed and step. Nothing needs to store it: readers draw the elements that they want, equal ones each time. Two nodes of
 * different purposes are never equal.
 *
 * @param distribution what the bits become
 * @param purpose      what the numbers are for, unique in its graph
 * @param shape        the extents
 */
public record Random(Distribution distribution, String purpose, Shape shape) implements Op {
    /** The name of the graph's input that holds the key of a step. */
    public static final String KEY = "random.key";

    /** What kernels take for it. */
    public Draw draw() {
        return new Draw(distribution, Philox.purpose(purpose));
    }

    @Override
    public String label() {
        return "random_" + distribution.label();
    }

    @Override
    public String attributes() {
        return "purpose=" + purpose + (distribution instanceof Bernoulli bernoulli ? " probability=" + bernoulli.probability() : "");
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1, label() + " takes the key");
        if (!inputs.getFirst().equals(new TensorType(DType.I32, Draw.KEY))) {
            throw new IllegalOperandException("key " + inputs.getFirst() + ": must be I32" + Draw.KEY);
        }
        return List.of(TensorType.f32(shape));
    }

    @Override
    public void vjp(Backward backward) {
        // Nothing flows into a key.
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.POINTWISE;
    }
}
