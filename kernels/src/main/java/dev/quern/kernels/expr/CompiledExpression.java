package dev.quern.kernels.expr;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Expressions compiled to JVM bytecode for the host device: {@link ExprText}'s counterpart. Calls that the JIT can turn into vector
 * code share loops, so that values between them stay in registers; each other function has a loop of its own.
 * {@link HostExpression} says what is computed: results are the same bits, but for the sign of a relu's 0 and for exp, sigmoid,
 * tanh, softplus and erf, which are within 4e-7 of the result (of 1 for erf).
 *
 * <p>The class is written when a frame is first asked for.
 */
public final class CompiledExpression implements BlockExpression {
    private final LoopProgram program;
    private LoopCode code;

    /**
     * Arranges the loops.
     *
     * @param inputs   how many inputs the expressions may refer to
     * @param uniforms the inputs of which one value serves a whole block: {@link Frame#fill} sets them, they have no block
     * @param results  the expressions
     */
    public CompiledExpression(int inputs, BitSet uniforms, List<Expr> results) {
        this.program = new LoopProgram(inputs, uniforms, results);
    }

    private synchronized LoopCode code() {
        if (code == null) {
            code = new LoopBytecode(program).define();
        }
        return code;
    }

    @Override
    public BlockExpression.Frame frame() {
        return new Blocks(program, code());
    }

    /** The loops in words and the class's instructions, for reading. Equal expressions give equal text. */
    public byte[] listing() {
        return (program.text() + BytecodeListing.of(new LoopBytecode(program).bytes())).getBytes(StandardCharsets.UTF_8);
    }

    private static final class Blocks implements BlockExpression.Frame {
        private final LoopProgram program;
        private final LoopCode code;
        private final float[][] blocks;
        private final float[] uniforms;
        private final int[] exponents;
        private final float[][] results;

        Blocks(LoopProgram program, LoopCode code) {
            this.program = program;
            this.code = code;
            this.blocks = new float[program.values()][];
            this.uniforms = new float[program.inputs()];
            for (int i = 0; i < program.inputs(); i++) {
                blocks[i] = program.isUniform(i) ? null : new float[BLOCK];
            }
            boolean exponential = false;
            for (LoopProgram.Loop loop : program.loops()) {
                exponential |= loop.isExponential();
                loop.stores().forEach(id -> blocks[id] = new float[BLOCK]);
            }
            this.exponents = new int[exponential ? BLOCK : 0];
            this.results = new float[program.results().size()][];
            for (int r = 0; r < results.length; r++) {
                results[r] = switch (program.results().get(r)) {
                    case LoopProgram.Source.Constant constant -> {
                        float[] block = new float[BLOCK];
                        Arrays.fill(block, constant.value());
                        yield block;
                    }
                    case LoopProgram.Source.Value value when value.id() < program.inputs() && program.isUniform(value.id()) ->
                        new float[BLOCK];
                    case LoopProgram.Source.Value value -> blocks[value.id()];
                };
            }
        }

        @Override
        public float[] input(int index) {
            return blocks[index];
        }

        @Override
        public void fill(int index, float value) {
            if (!program.isUniform(index)) {
                Arrays.fill(blocks[index], value);
                return;
            }
            uniforms[index] = value;
            for (int r = 0; r < results.length; r++) {
                if (program.results().get(r) instanceof LoopProgram.Source.Value result && result.id() == index) {
                    Arrays.fill(results[r], value);
                }
            }
        }

        @Override
        public float[] result(int index) {
            return results[index];
        }

        @Override
        public void evaluate(int count) {
            code.evaluate(blocks, uniforms, exponents, count);
        }
    }
}
