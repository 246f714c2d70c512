package dev.quern.kernels.testing;

import static dev.quern.kernels.expr.Expressions.add;
import static dev.quern.kernels.expr.Expressions.constant;
import static dev.quern.kernels.expr.Expressions.greater;
import static dev.quern.kernels.expr.Expressions.input;
import static dev.quern.kernels.expr.Expressions.mul;
import static dev.quern.kernels.expr.Expressions.relu;
import static dev.quern.kernels.expr.Expressions.select;

import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Epilogue.EpilogueOperand;
import dev.quern.kernels.expr.Expr;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/** The epilogues that variants are tried with, and their meaning in double precision. */
final class SampleEpilogues {
    private SampleEpilogues() {
    }

    /** For an output of this shape: relu, biases along the last and an outer extent, full tensors, scalars, a mask. */
    static List<Epilogue> of(Shape shape) {
        Expr x = input(0);
        long elements = shape.elements();
        List<Epilogue> all = new ArrayList<>();
        all.add(epilogue(relu(x)));
        if (shape.rank() > 0) {
            long last = shape.extent(-1);
            all.add(epilogue(relu(add(x, input(1))), operand("bias", last, 1)));
            all.add(epilogue(mul(add(x, input(1)), select(greater(input(2), constant(0)), constant(1), constant(0.25))),
                    operand("bias", last, 1), operand("mask", elements, 1)));
        }
        int channels = shape.rank() > 2 ? 1 : 0;
        if (shape.rank() > 1) {
            all.add(epilogue(relu(add(x, input(1))),
                    operand("channel_bias", shape.extent(channels), shape.elements(channels + 1, shape.rank()))));
        }
        all.add(epilogue(add(x, input(1)), operand("residual", elements, 1)));
        all.add(epilogue(select(greater(input(1), constant(0)), x, constant(0)), operand("mask", elements, 1)));
        all.add(epilogue(mul(x, input(1)), operand("scale", 1, 1)));
        if (shape.rank() > 2) {
            all.add(epilogue(add(x, input(1)), operand("rows", shape.elements(shape.rank() - 2, shape.rank()), 1)));
        }
        if (shape.rank() > 1) {
            // Some channels of a tensor that has more.
            long row = shape.elements(1, shape.rank());
            all.add(epilogue(select(greater(x, constant(0)), input(1), constant(0)),
                    new EpilogueOperand("channels", DType.F32, elements, 1, new Epilogue.Rows(row / 2 + 3, row, 2 * row + 5))));
        }
        // The argument of an activation beside the activation, and something of the value as it is.
        Expr sum = add(x, input(1));
        all.add(new Epilogue(List.of(operand("residual", elements, 1)), sum, List.of(relu(sum), mul(x, constant(0.5)))));
        return all;
    }

    private static Epilogue epilogue(Expr expression, EpilogueOperand... operands) {
        return new Epilogue(List.of(operands), expression);
    }

    private static EpilogueOperand operand(String name, long count, long inner) {
        return new EpilogueOperand(name, DType.F32, count, inner);
    }

    /**
     * Applies an epilogue to a reference's result, in place.
     *
     * @return the values that it keeps
     */
    static List<HostTensor> apply(Epilogue epilogue, HostTensor output, List<HostTensor> operands) {
        List<HostTensor> kept = epilogue.kept().stream().map(each -> HostTensor.zeros(DType.F32, output.shape())).toList();
        double[] values = new double[operands.size() + 1];
        for (long i = 0; i < output.shape().elements(); i++) {
            values[0] = output.get(i);
            for (int k = 0; k < operands.size(); k++) {
                EpilogueOperand operand = epilogue.operands().get(k);
                values[k + 1] = operands.get(k).get(operand.at(i));
            }
            output.set(i, evaluate(epilogue.expression(), values));
            for (int k = 0; k < kept.size(); k++) {
                kept.get(k).set(i, evaluate(epilogue.kept().get(k), values));
            }
        }
        return kept;
    }

    private static double evaluate(Expr expr, double[] values) {
        return switch (expr) {
            case Expr.Input input -> values[input.index()];
            case Expr.Constant constant -> constant.value();
            case Expr.Call call -> {
                double[] arguments = new double[3];
                for (int i = 0; i < call.arguments().size(); i++) {
                    arguments[i] = evaluate(call.arguments().get(i), values);
                }
                yield call.function().apply(arguments[0], arguments[1], arguments[2]);
            }
        };
    }
}
