package dev.quern.kernels.pointwise;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.kernels.expr.Expr;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Elementwise work: each part computes its results for every element of its own iteration shape. Parts are independent of
 * each other and run in one launch.
 *
 * <p>Operands are every part's inputs in order, then every part's outputs in order. An output may share its memory with an
 * input of the same part that is contiguous over the iteration shape; it must not overlap any other input of the launch.
 *
 * @param parts the parts, at least one
 */
public record PointwiseProblem(List<Part> parts) implements Problem {
    /** The family's name. */
    public static final String FAMILY = "pointwise";

    public PointwiseProblem {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("pointwise: needs at least one part");
        }
    }

    /** A problem of one part. */
    public static PointwiseProblem of(Part part) {
        return new PointwiseProblem(List.of(part));
    }

    /**
     * One tensor that a part reads.
     *
     * @param name    shown in generated text
     * @param dtype   its storage type: F32, I32, U8 or BOOL; converted to F32 when read
     * @param strides for each axis of the iteration shape, how many elements apart neighbours are; 0 repeats an element
     */
    public record Input(String name, DType dtype, List<Long> strides) {
        public Input {
            strides = List.copyOf(strides);
        }

        /** An input that is read in the order in which it is stored. */
        public static Input contiguous(String name, DType dtype, Shape shape) {
            List<Long> strides = new ArrayList<>();
            for (long stride : shape.strides()) {
                strides.add(stride);
            }
            return new Input(name, dtype, strides);
        }
    }

    /**
     * Results over one iteration shape.
     *
     * @param shape   the iteration shape, which is also the shape of each output
     * @param inputs  what is read; expressions refer to them by position
     * @param results the value of each output, F32
     */
    public record Part(Shape shape, List<Input> inputs, List<Expr> results) {
        public Part {
            inputs = List.copyOf(inputs);
            results = List.copyOf(results);
            if (shape.elements() == 0 || results.isEmpty()) {
                throw new IllegalArgumentException("pointwise: iteration shape " + shape + " with " + results.size()
                        + " results; it needs at least one element and one result");
            }
            for (Input input : inputs) {
                if (input.strides().size() != shape.rank() || input.strides().stream().anyMatch(stride -> stride < 0)) {
                    throw new IllegalArgumentException("pointwise: input " + input.name() + " has strides "
                            + input.strides() + " for iteration shape " + shape
                            + "; it needs one that is not negative for each axis");
                }
            }
        }

        /** How many elements of an input's memory are reached. */
        long span(Input input) {
            long last = 0;
            for (int axis = 0; axis < shape.rank(); axis++) {
                last += (shape.extent(axis) - 1) * input.strides().get(axis);
            }
            return last + 1;
        }
    }

    @Override
    public String family() {
        return FAMILY;
    }

    @Override
    public List<Operand> operands() {
        List<Operand> operands = new ArrayList<>();
        for (Part part : parts) {
            for (Input input : part.inputs()) {
                operands.add(Operand.input(input.name(), input.dtype(), Shape.of(Math.toIntExact(part.span(input)))));
            }
        }
        for (int p = 0; p < parts.size(); p++) {
            for (int r = 0; r < parts.get(p).results().size(); r++) {
                operands.add(Operand.output("y" + p + "_" + r, DType.F32, parts.get(p).shape()));
            }
        }
        return operands;
    }

    @Override
    public Cost cost() {
        double flops = 0;
        for (Part part : parts) {
            Set<Expr> calls = new HashSet<>();
            part.results().forEach(result -> collectCalls(result, calls));
            flops += (double) calls.size() * part.shape().elements();
        }
        return Cost.of(flops, operands());
    }

    private static void collectCalls(Expr expr, Set<Expr> calls) {
        if (expr instanceof Expr.Call call && calls.add(call)) {
            call.arguments().forEach(argument -> collectCalls(argument, calls));
        }
    }

    @Override
    public String key() {
        StringBuilder key = new StringBuilder(FAMILY);
        for (Part part : parts) {
            key.append(' ').append(part.shape());
            for (Input input : part.inputs()) {
                key.append(' ').append(input.dtype()).append(input.strides());
            }
            for (Expr result : part.results()) {
                key.append(' ');
                spell(result, key);
            }
        }
        return key.toString();
    }

    private static void spell(Expr expr, StringBuilder text) {
        switch (expr) {
            case Expr.Input input -> text.append('x').append(input.index());
            case Expr.Constant constant -> text.append(constant.value());
            case Expr.Call call -> {
                text.append(call.function().label()).append('(');
                for (int i = 0; i < call.arguments().size(); i++) {
                    if (i > 0) {
                        text.append(',');
                    }
                    spell(call.arguments().get(i), text);
                }
                text.append(')');
            }
        }
    }
}
