package dev.quern.kernels.pointwise;

import dev.quern.kernels.KernelReference;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.pointwise.PointwiseProblem.Part;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import java.util.List;

/** Evaluates each expression as a tree, in double precision, one element at a time. */
final class PointwiseReference implements KernelReference<PointwiseProblem> {
    @Override
    public void compute(PointwiseProblem problem, List<HostTensor> operands) {
        int input = 0;
        int output = problem.parts().stream().mapToInt(part -> part.inputs().size()).sum();
        for (Part part : problem.parts()) {
            compute(part, operands.subList(input, input + part.inputs().size()),
                    operands.subList(output, output + part.results().size()));
            input += part.inputs().size();
            output += part.results().size();
        }
    }

    private static void compute(Part part, List<HostTensor> inputs, List<HostTensor> outputs) {
        double[] values = new double[inputs.size()];
        for (long element = 0; element < part.shape().elements(); element++) {
            for (int i = 0; i < values.length; i++) {
                PointwiseProblem.Input input = part.inputs().get(i);
                long index = input.offset() + offset(part, input.strides(), element);
                HostTensor tensor = inputs.get(i);
                values[i] = input.draw().map(draw -> draw.at(tensor, index)).orElseGet(() -> tensor.get(index));
            }
            for (int r = 0; r < outputs.size(); r++) {
                outputs.get(r).set(element, stored(part.types().get(r), evaluate(part.results().get(r), values)));
            }
        }
    }

    /** What an output of this type makes of a value; rounding is the tensor's own. */
    static double stored(DType dtype, double value) {
        return switch (dtype) {
            case U8 -> Math.floor(Math.clamp(Double.isNaN(value) ? 0 : value, 0, 255));
            case BOOL -> value != 0 ? 1 : 0;
            default -> value;
        };
    }

    private static long offset(Part part, List<Long> strides, long element) {
        long offset = 0;
        long rest = element;
        for (int axis = part.shape().rank() - 1; axis >= 0; axis--) {
            offset += rest % part.shape().extent(axis) * strides.get(axis);
            rest /= part.shape().extent(axis);
        }
        return offset;
    }

    static double evaluate(Expr expr, double[] inputs) {
        return switch (expr) {
            case Expr.Input input -> inputs[input.index()];
            case Expr.Constant constant -> constant.value();
            case Expr.Call call -> {
                double a = evaluate(call.arguments().get(0), inputs);
                double b = call.function().arity() > 1 ? evaluate(call.arguments().get(1), inputs) : 0;
                double c = call.function().arity() > 2 ? evaluate(call.arguments().get(2), inputs) : 0;
                yield call.function().apply(a, b, c);
            }
        };
    }
}
