package dev.quern.graph.op;

import dev.quern.graph.expr.ExprGradient;
import dev.quern.graph.expr.ExprForm;
import dev.quern.kernels.Cost;
import dev.quern.kernels.expr.Expr;
import java.util.ArrayList;
import java.util.List;

/**
 * An expression over the corresponding elements of its operands, which broadcast as in NumPy. Computed in F32; operands may
 * also be F16, BF16, I32, U8 or BOOL, which are converted when they are read.
 *
 * @param arity      how many operands the expression may refer to
 * @param expression the value of an output element
 */
public record Pointwise(int arity, Expr expression) implements Op {
    @Override
    public String label() {
        return expression instanceof Expr.Call call && call.arguments().stream().noneMatch(Expr.Call.class::isInstance)
                ? call.function().label()
                : "pointwise";
    }

    @Override
    public String attributes() {
        return ExprForm.text(expression);
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, arity, label() + " takes " + arity);
        for (int i = 0; i < inputs.size(); i++) {
            Types.readable("operand " + i, inputs.get(i));
        }
        return List.of(TensorType.f32(Broadcasting.common(inputs.stream().map(TensorType::shape).toList())));
    }

    @Override
    public void vjp(Backward backward) {
        List<Expr> gradients = ExprGradient.of(expression, arity);
        List<Value> operands = new ArrayList<>();
        for (int i = 0; i < arity; i++) {
            operands.add(backward.input(i));
        }
        operands.add(backward.output(0));
        operands.add(backward.gradient());
        for (int i = 0; i < arity; i++) {
            Expr gradient = gradients.get(i);
            boolean none = gradient instanceof Expr.Constant constant && constant.value() == 0;
            if (backward.wants(i) && !none) {
                backward.to(i, backward.emit().apply(gradient, operands.toArray(Value[]::new)));
            }
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.POINTWISE;
    }

    @Override
    public Cost cost(List<TensorType> inputs, List<TensorType> outputs) {
        double flops = (double) outputs.getFirst().shape().elements() * ExprForm.calls(expression);
        return new Cost(flops, Types.bytes(inputs) + Types.bytes(outputs));
    }
}
