package dev.quern.bench.kernel;

import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Suite;
import dev.quern.kernels.softmax.CrossEntropyProblem;
import dev.quern.kernels.softmax.SoftmaxBackwardProblem;
import dev.quern.kernels.softmax.SoftmaxProblem;
import java.util.List;

/**
 * The suite {@code softmax}: softmax, its logarithm, their gradients and cross-entropy with its gradient in f32. Cases are named
 * by the tensor with the axis in brackets; those from 64 MiB on are past the last-level cache by themselves.
 */
public final class SoftmaxSuite {
    private SoftmaxSuite() {
    }

    /** The suite. */
    public static Suite suite() {
        return new Suite("softmax", List.of(
                softmax(128, 1000, 1, false), softmax(16384, 1000, 1, false), softmax(2048, 8192, 1, false),
                softmax(512, 32768, 1, false), softmax(16384, 1000, 1, true), softmax(512, 32768, 1, true),
                softmax(64, 1000, 256, false), softmax(1, 512, 32768, false),
                backward(128, 1000, 1, false), backward(16384, 1000, 1, false), backward(512, 32768, 1, false),
                backward(16384, 1000, 1, true), backward(64, 1000, 256, false),
                crossEntropy(128, 1000), crossEntropy(16384, 1000), crossEntropy(512, 32768)));
    }

    private static String name(String what, int outer, int axis, int inner) {
        return what + "/" + (outer == 1 ? "" : outer + "x") + "[" + axis + "]" + (inner == 1 ? "" : "x" + inner);
    }

    private static BenchCase softmax(int outer, int axis, int inner, boolean log) {
        String function = log ? "log_softmax" : "softmax";
        return KernelCase.of(name(function, outer, axis, inner), "forward", new SoftmaxProblem(outer, axis, inner, log))
                .range("x", -8, 8)
                .script("def run(x):\n  return torch." + function + "(x, 1, None)\n",
                        "y = " + (log ? "LogSoftmax" : "Softmax") + " <axis = 1> (x0)");
    }

    private static BenchCase backward(int outer, int axis, int inner, boolean log) {
        String function = log ? "log_softmax" : "softmax";
        double least = log ? -Math.log(axis) - 1 : 0;
        double most = log ? -Math.log(axis) + 1 : 2.0 / axis;
        // 6 is PyTorch's number for 32-bit floats.
        return KernelCase.of(name(function, outer, axis, inner), "backward", new SoftmaxBackwardProblem(outer, axis, inner, log))
                .range("y", least, most)
                .script("def run(y, dy):\n  return torch._" + function + "_backward_data(dy, y, 1, 6)\n");
    }

    private static BenchCase crossEntropy(int rows, int classes) {
        return KernelCase.of(name("cross_entropy", rows, classes, 1), "both", new CrossEntropyProblem(rows, classes, 0.1f, true))
                .range("logits", -8, 8).range("labels", 0, classes)
                .script("""
                        def run(x, labels):
                          logits = leaf(x)
                          loss = torch.cross_entropy_loss(logits, torch.to(labels, 4), None, 1, -100, 0.1)
                          return loss, gradients([loss], [logits], [torch.ones_like(loss)])[0]
                        """);
    }
}
