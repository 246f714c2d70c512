package dev.quern.graph.op;

import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * The mean over rows of the cross-entropy between softmax(logits) and labels: logits [N, classes] F32 and labels [N] I32
 * give the loss [] and its gradient with respect to the logits. The gradient is computed, in the same launch, only where
 * something reads it.
 *
 * @param labelSmoothing the share of each target that is spread over all classes, in [0, 1]
 */
public record SoftmaxCrossEntropy(float labelSmoothing) implements Op {
    @Override
    public String label() {
        return "softmax_cross_entropy";
    }

    @Override
    public String attributes() {
        return labelSmoothing == 0 ? "" : "labelSmoothing=" + labelSmoothing;
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 2, "softmax_cross_entropy takes logits and labels");
        TensorType logits = inputs.get(0);
        TensorType labels = inputs.get(1);
        Types.f32("logits", logits);
        Types.rank("logits", logits, 2, "N, classes");
        if (labels.dtype() != DType.I32 || !labels.shape().equals(Shape.of(logits.shape().extent(0)))) {
            throw new IllegalOperandException("logits " + logits.shape() + " and labels " + labels + ": labels must be I32["
                    + logits.shape().extent(0) + "], one class number a row");
        }
        if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
            throw new IllegalOperandException("label smoothing " + labelSmoothing + " must be in [0, 1]");
        }
        if (logits.shape().elements() == 0) {
            throw new IllegalOperandException("logits " + logits.shape() + ": every extent must be at least 1");
        }
        return List.of(TensorType.f32(), logits);
    }

    @Override
    public void vjp(Backward backward) {
        if (backward.gradient(1).isPresent()) {
            throw new IllegalOperandException(label() + ": second derivatives are not supported; use logSoftmax");
        }
        if (backward.wants(0)) {
            backward.to(0, backward.emit().mul(backward.output(1), backward.gradient()));
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }
}
