package dev.quern.kernels.expr;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Expressions interpreted: a list of instructions over short blocks of floats, a loop each. What {@link CompiledExpression} is held
 * against, and the one to use where an expression runs too seldom to be worth a class.
 */
public final class HostExpression implements BlockExpression {
    private record Instruction(ElementwiseFunction function, int target, int a, int b, int c) {
    }

    private final int inputs;
    private final int registers;
    private final List<Instruction> instructions = new ArrayList<>();
    private final Map<Expr, Integer> places = new LinkedHashMap<>();
    private final int[] constantPlaces;
    private final float[] constantValues;
    private final int[] results;

    /**
     * Compiles expressions.
     *
     * @param inputs  how many inputs they may refer to
     * @param results the expressions
     */
    public HostExpression(int inputs, List<Expr> results) {
        this.inputs = inputs;
        for (int i = 0; i < inputs; i++) {
            places.put(new Expr.Input(i), i);
        }
        this.results = results.stream().mapToInt(this::place).toArray();
        this.registers = places.size();
        List<Integer> constants = new ArrayList<>();
        List<Float> values = new ArrayList<>();
        places.forEach((expr, place) -> {
            if (expr instanceof Expr.Constant constant) {
                constants.add(place);
                values.add(constant.value());
            }
        });
        this.constantPlaces = constants.stream().mapToInt(Integer::intValue).toArray();
        this.constantValues = new float[values.size()];
        for (int i = 0; i < constantValues.length; i++) {
            constantValues[i] = values.get(i);
        }
    }

    private int place(Expr expr) {
        Integer known = places.get(expr);
        if (known != null) {
            return known;
        }
        if (expr instanceof Expr.Input input) {
            throw new IllegalArgumentException("input " + input.index() + " of " + inputs + " inputs");
        }
        int[] arguments = new int[3];
        if (expr instanceof Expr.Call call) {
            for (int i = 0; i < call.arguments().size(); i++) {
                arguments[i] = place(call.arguments().get(i));
            }
        }
        int place = places.size();
        places.put(expr, place);
        if (expr instanceof Expr.Call call) {
            instructions.add(new Instruction(call.function(), place, arguments[0], arguments[1], arguments[2]));
        }
        return place;
    }

    @Override
    public BlockExpression.Frame frame() {
        return new Frame();
    }

    private final class Frame implements BlockExpression.Frame {
        private final float[][] blocks = new float[registers][BLOCK];

        private Frame() {
            for (int i = 0; i < constantPlaces.length; i++) {
                Arrays.fill(blocks[constantPlaces[i]], constantValues[i]);
            }
        }

        @Override
        public float[] input(int index) {
            return blocks[index];
        }

        @Override
        public float[] result(int index) {
            return blocks[results[index]];
        }

        @Override
        public void evaluate(int count) {
            for (int i = 0; i < instructions.size(); i++) {
                Instruction step = instructions.get(i);
                BlockFunctions.apply(step.function, blocks[step.target], blocks[step.a], blocks[step.b], blocks[step.c],
                        count);
            }
        }
    }
}
