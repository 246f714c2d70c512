package dev.quern.kernels.attention;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.runtime.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * The gradients of scaled dot-product attention. Operands: do (the gradient of o), q, k, v, the key lengths
 * and the mask if the geometry has them, o and its log-sum-exp as the forward pass gave them; then dq, dk and dv. With
 * p = exp(scale * q k^T + mask - lse), dv = p^T do, ds = scale * p * (do v^T - sum(do * o)), dq = ds k and dk = ds^T q (Dao
 * et al., 2022). The scores are computed anew. The mask has no gradient.
 *
 * @param geometry sizes and attributes of the forward pass
 */
public record AttentionBackwardProblem(AttentionGeometry geometry) implements Problem {
    /** The family's name. */
    public static final String FAMILY = "attention-backward";
    static final int DO = 0;
    static final int Q = 1;
    static final int K = 2;
    static final int V = 3;

    @Override
    public String family() {
        return FAMILY;
    }

    @Override
    public List<Operand> operands() {
        List<Operand> operands = new ArrayList<>(List.of(Operand.input("do", geometry.dtype(), geometry.resultShape()),
                Operand.input("q", geometry.dtype(), geometry.queryShape()),
                Operand.input("k", geometry.dtype(), geometry.keyShape()),
                Operand.input("v", geometry.dtype(), geometry.valueShape())));
        operands.addAll(geometry.maskOperands());
        operands.add(Operand.input("o", geometry.dtype(), geometry.resultShape()));
        operands.add(Operand.input("lse", DType.F32, geometry.rowShape()));
        operands.add(Operand.output("dq", geometry.dtype(), geometry.queryShape()));
        operands.add(Operand.output("dk", geometry.dtype(), geometry.keyShape()));
        operands.add(Operand.output("dv", geometry.dtype(), geometry.valueShape()));
        return List.copyOf(operands);
    }

    /** The position of o among the operands; its log-sum-exp, dq, dk and dv follow. */
    int result() {
        return V + 1 + geometry.maskOperands().size();
    }

    /** Five products over the pairs that the causal mask leaves; the exponentials are not counted. */
    @Override
    public Cost cost() {
        return Cost.of(2 * geometry.pairs() * (3.0 * geometry.dim() + 2.0 * geometry.valueDim()), operands());
    }

    /** For example {@code attention-backward f32 2x3x10x12 dim=16,8 scale=0.25 causal}. */
    @Override
    public String key() {
        return FAMILY + " " + geometry.text();
    }
}
