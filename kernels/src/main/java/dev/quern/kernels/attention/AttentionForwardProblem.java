package dev.quern.kernels.attention;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.runtime.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * Scaled dot-product attention. Operands: q, k, v, the key lengths and the mask if the geometry has them, the result o, and on
 * request each row's log-sum-exp, F32 [batch, heads, queries]: log(sum over keys of exp(scale * q k^T + mask)), which the
 * backward pass needs.
 *
 * @param geometry      sizes and attributes
 * @param withLogSumExp whether the log-sum-exp is an output
 */
public record AttentionForwardProblem(AttentionGeometry geometry, boolean withLogSumExp) implements Problem {
    /** The family's name. */
    public static final String FAMILY = "attention-forward";
    static final int Q = 0;
    static final int K = 1;
    static final int V = 2;

    @Override
    public String family() {
        return FAMILY;
    }

    @Override
    public List<Operand> operands() {
        List<Operand> operands = new ArrayList<>(List.of(Operand.input("q", geometry.dtype(), geometry.queryShape()),
                Operand.input("k", geometry.dtype(), geometry.keyShape()),
                Operand.input("v", geometry.dtype(), geometry.valueShape())));
        operands.addAll(geometry.maskOperands());
        operands.add(Operand.output("o", geometry.dtype(), geometry.resultShape()));
        if (withLogSumExp) {
            operands.add(Operand.output("lse", DType.F32, geometry.rowShape()));
        }
        return List.copyOf(operands);
    }

    /** Two products over the pairs that the causal mask leaves; the exponentials are not counted. */
    @Override
    public Cost cost() {
        return Cost.of(2 * geometry.pairs() * (geometry.dim() + geometry.valueDim()), operands());
    }

    /** For example {@code attention-forward f32 2x3x10x12 dim=16,8 scale=0.25 causal lse}. */
    @Override
    public String key() {
        return FAMILY + " " + geometry.text() + (withLogSumExp ? " lse" : "");
    }
}
