package dev.quern.kernels.pointwise;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Support;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.random.Distribution;
import dev.quern.kernels.random.Distribution.Bernoulli;
import dev.quern.kernels.random.Draw;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
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

    private static final Set<DType> TYPES = EnumSet.of(DType.F32, DType.F16, DType.BF16, DType.I32, DType.U8, DType.BOOL);

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
     * One tensor that a part reads, from memory or drawn at random. Where it is drawn, its operand is the key of the draw, and
     * offset and strides walk the tensor that is never stored.
     *
     * @param name    shown in generated text
     * @param dtype   its storage type: F32, F16, BF16, I32, U8 or BOOL; converted to F32 when read
     * @param offset  the element that belongs to the first element of the iteration shape
     * @param strides for each axis of the iteration shape, how many elements apart neighbours are; 0 repeats an element, negative
     *                ones walk backwards
     * @param draw    where the numbers come from if not from memory
     */
    public record Input(String name, DType dtype, long offset, List<Long> strides, Optional<Draw> draw) {
        public Input {
            strides = List.copyOf(strides);
            if (draw.isPresent() && dtype != DType.I32) {
                throw new IllegalArgumentException("pointwise: input " + name + " is drawn with a key of " + dtype + ", not I32");
            }
        }

        /** An input in memory whose first element comes first. */
        public Input(String name, DType dtype, List<Long> strides) {
            this(name, dtype, 0, strides, Optional.empty());
        }

        /** An input that is read in the order in which it is stored. */
        public static Input contiguous(String name, DType dtype, Shape shape) {
            return new Input(name, dtype, inOrder(shape));
        }

        /** An input whose elements are drawn in order. */
        public static Input drawn(String name, Draw draw, Shape shape) {
            return new Input(name, DType.I32, 0, inOrder(shape), Optional.of(draw));
        }

        private static List<Long> inOrder(Shape shape) {
            return Arrays.stream(shape.strides()).boxed().toList();
        }

        /** Whether it is stored and read in its own order, element by element, over a shape. */
        public boolean isContiguous(Shape shape) {
            return draw.isEmpty() && offset == 0 && strides.equals(inOrder(shape));
        }
    }

    /**
     * Results over one iteration shape.
     *
     * @param shape   the iteration shape, which is also the shape of each output
     * @param inputs  what is read; expressions refer to them by position
     * @param results the value of each output, computed in F32
     * @param types   the storage type of each output: F32, F16, BF16 (rounded to nearest even), I32, U8 (cut off towards 0, kept
     *                within the type's range, NaN becomes 0) or BOOL (whether it is not 0)
     */
    public record Part(Shape shape, List<Input> inputs, List<Expr> results, List<DType> types) {
        public Part {
            inputs = List.copyOf(inputs);
            results = List.copyOf(results);
            types = List.copyOf(types);
            if (shape.elements() == 0 || results.isEmpty()) {
                throw new IllegalArgumentException("pointwise: iteration shape " + shape + " with " + results.size()
                        + " results; it needs at least one element and one result");
            }
            if (results.size() != types.size()) {
                throw new IllegalArgumentException("pointwise: " + results.size() + " results of " + types.size() + " types");
            }
            for (Input input : inputs) {
                if (input.strides().size() != shape.rank() || first(shape, input) < 0) {
                    throw new IllegalArgumentException("pointwise: input " + input.name() + " has strides "
                            + input.strides() + " from element " + input.offset() + " on for iteration shape " + shape
                            + "; it needs one for each axis, and none may lead before element 0");
                }
            }
        }

        /** F32 results over one iteration shape. */
        public Part(Shape shape, List<Input> inputs, List<Expr> results) {
            this(shape, inputs, results, Collections.nCopies(results.size(), DType.F32));
        }

        private static long first(Shape shape, Input input) {
            long first = input.offset();
            for (int axis = 0; axis < shape.rank(); axis++) {
                first += (shape.extent(axis) - 1) * Math.min(0, input.strides().get(axis));
            }
            return first;
        }

        /** How many elements of an input's memory are reached. */
        long span(Input input) {
            long last = input.offset();
            for (int axis = 0; axis < shape.rank(); axis++) {
                last += (shape.extent(axis) - 1) * Math.max(0, input.strides().get(axis));
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
                operands.add(Operand.input(input.name(), input.dtype(),
                        input.draw().isPresent() ? Draw.KEY : Shape.of(Math.toIntExact(part.span(input)))));
            }
        }
        for (int p = 0; p < parts.size(); p++) {
            for (int r = 0; r < parts.get(p).results().size(); r++) {
                operands.add(Operand.output("y" + p + "_" + r, parts.get(p).types().get(r), parts.get(p).shape()));
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
                key.append(' ').append(input.draw().map(draw -> spell(draw.distribution()) + draw.purpose())
                        .orElse(input.dtype().toString()));
                key.append(input.offset() == 0 ? "" : "+" + input.offset()).append(input.strides());
            }
            for (int r = 0; r < part.results().size(); r++) {
                key.append(' ').append(part.types().get(r) == DType.F32 ? "" : part.types().get(r) + "=");
                spell(part.results().get(r), key);
            }
        }
        return key.toString();
    }

    private static String spell(Distribution distribution) {
        return distribution instanceof Bernoulli bernoulli ? "bernoulli" + bernoulli.threshold() + "/" : distribution.label();
    }

    /** Whether kernels read and write these storage types. */
    Support supported() {
        for (Operand operand : operands()) {
            if (!TYPES.contains(operand.dtype())) {
                return Support.no(operand.name() + " is " + operand.dtype());
            }
        }
        return Support.supported();
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
