package dev.quern.bench.kernel;

import dev.quern.kernels.conv.Conv2dBackwardDataProblem;
import dev.quern.kernels.conv.Conv2dBackwardWeightsProblem;
import dev.quern.kernels.conv.Conv2dForwardProblem;
import dev.quern.kernels.conv.Conv2dGeometry;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Checks whole convolutions in the time of a few channels. A convolution is linear in its filter: the sum of its output
 * channels with random weights must be the convolution with the filters summed alike, which the reference computes. Each
 * element counts with a weight of its own channel, so that a wrong element and a channel in another's place both show. Sums
 * are those of a group's output channels, or of its input channels for the gradient of the input.
 */
final class ConvCheck {
    private static final int SEED = 5;

    private ConvCheck() {
    }

    static Check<Conv2dForwardProblem> of(Conv2dForwardProblem problem) {
        Conv2dGeometry g = problem.geometry();
        double[] weights = weights(g.k());
        return new ReferenceCheck<>(List.of(new ReferenceCheck.Part<>(new Conv2dForwardProblem(withOneOutput(g)),
                operands -> List.of(operands.get(0), sum(operands.get(1), 0, g.groups(), weights),
                        sum(operands.get(2), 1, g.groups(), weights)))));
    }

    static Check<Conv2dBackwardDataProblem> of(Conv2dBackwardDataProblem problem) {
        Conv2dGeometry g = problem.geometry();
        double[] weights = weights(g.groupC());
        Conv2dGeometry one = new Conv2dGeometry(g.n(), g.groups(), g.h(), g.w(), g.k(), g.r(), g.s(), g.strideH(), g.strideW(),
                g.padTop(), g.padBottom(), g.padLeft(), g.padRight(), g.dilationH(), g.dilationW(), g.groups());
        return new ReferenceCheck<>(List.of(new ReferenceCheck.Part<>(new Conv2dBackwardDataProblem(one),
                operands -> List.of(operands.get(0), sum(operands.get(1), 1, 1, weights),
                        sum(operands.get(2), 1, g.groups(), weights)))));
    }

    static Check<Conv2dBackwardWeightsProblem> of(Conv2dBackwardWeightsProblem problem) {
        Conv2dGeometry g = problem.geometry();
        double[] weights = weights(g.k());
        return new ReferenceCheck<>(List.of(new ReferenceCheck.Part<>(new Conv2dBackwardWeightsProblem(withOneOutput(g)),
                operands -> List.of(operands.get(0), sum(operands.get(1), 1, g.groups(), weights),
                        sum(operands.get(2), 0, g.groups(), weights)))));
    }

    private static Conv2dGeometry withOneOutput(Conv2dGeometry g) {
        return new Conv2dGeometry(g.n(), g.c(), g.h(), g.w(), g.groups(), g.r(), g.s(), g.strideH(), g.strideW(), g.padTop(),
                g.padBottom(), g.padLeft(), g.padRight(), g.dilationH(), g.dilationW(), g.groups());
    }

    private static double[] weights(int count) {
        return new Random(SEED).doubles(count, -1, 1).toArray();
    }

    /**
     * Sums runs of channels.
     *
     * @param axis    the axis of the channels, 0 or 1
     * @param groups  what is left of that axis
     * @param weights of the channels, or of each group's channels alike
     */
    private static HostTensor sum(HostTensor tensor, int axis, int groups, double[] weights) {
        Shape shape = tensor.shape();
        int[] extents = shape.toArray();
        int channels = extents[axis];
        int outer = axis == 0 ? 1 : extents[0];
        int inner = (int) shape.elements(axis + 1, 4);
        extents[axis] = groups;
        HostTensor summed = HostTensor.zeros(DType.F32, Shape.of(extents));
        double[] sums = new double[inner];
        for (int o = 0; o < outer; o++) {
            for (int group = 0; group < groups; group++) {
                Arrays.fill(sums, 0);
                for (int c = group * (channels / groups); c < (group + 1) * (channels / groups); c++) {
                    long from = ((long) o * channels + c) * inner;
                    for (int i = 0; i < inner; i++) {
                        sums[i] += weights[c % weights.length] * tensor.get(from + i);
                    }
                }
                for (int i = 0; i < inner; i++) {
                    summed.set(((long) o * groups + group) * inner + i, sums[i]);
                }
            }
        }
        return summed;
    }
}
