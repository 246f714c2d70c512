package dev.quern.graph.op;

import dev.quern.kernels.Cost;
import java.util.List;

/**
 * What a node computes. Each op is a record of its attributes and answers everything that the compiler asks about it; the
 * operands belong to the node.
 */
public sealed interface Op permits Input, Parameter, StepScalar, Constant, Pointwise, MatMul, Conv2d, Conv2dBackwardData,
        Conv2dBackwardWeights, MaxPool2d, MaxPool2dBackward, AvgPool2d, AvgPool2dBackward, Reduce, Reshape, Broadcast,
        Transpose, Softmax, SoftmaxBackward, SoftmaxCrossEntropy, Attention, AttentionBackward, Recurrent,
        RecurrentBackward, Slice, Pad, Concat, Cast, Random, BatchNorm, BatchNormBackward, GroupNorm,
        GroupNormBackward, LocalResponseNorm, LocalResponseNormBackward, Gather, ScatterAdd, Scan, ArgReduce, CustomOp,
        StopGradient, Recompute, Assign {
    /** A short lower-case name for node names and dumps: {@code conv2d}. */
    String label();

    /** The attributes for dumps, for example {@code stride=[2, 2]}; empty when there are none. */
    default String attributes() {
        return "";
    }

    /**
     * The types of the outputs.
     *
     * @param inputs the types of the operands
     * @throws IllegalOperandException if the op does not take these operands
     */
    List<TensorType> infer(List<TensorType> inputs);

    /** Emits the gradients of the wanted inputs. Called only where a gradient flows into at least one output. */
    void vjp(Backward backward);

    /** How it may be fused. */
    FusionKind fusionKind();

    /** The least work that it needs: each operand moved once. */
    default Cost cost(List<TensorType> inputs, List<TensorType> outputs) {
        return new Cost(0, Types.bytes(inputs) + Types.bytes(outputs));
    }
}
